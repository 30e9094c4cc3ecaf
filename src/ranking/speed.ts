import type { ModelArchitecture } from '../catalog/candidate';
import { BYTES_PER_GIB } from '../shared/units';
import type { SpeedCalibration } from './calibration';
import { systemMemorySeconds } from './cpuModel';
import { activeWeightsGib, decodeSeconds, decodeWork, hasTypicalCache } from './decodeModel';
import type { DecodeWork } from './decodeModel';
import { classifyDevice } from './deviceClass';
import type { ClassifiedDevice } from './deviceClass';
import { poolFor, usableMemory, usableTotalGib } from './fit';
import type { UsableMemory } from './fit';
import { promptTokPerSec } from './promptSpeed';
import type { Confidence, RankHardware, SpeedBackend, SpeedEstimate, VramEstimate } from './rankTypes';
import { rangeWidths } from './speedRange';

/**
 * Share of the memory bandwidth that decoding reaches, by backend: the peers' table. It counts where nothing better is
 * known: for vLLM, and for MLX on what is not Apple's. llama.cpp and Ollama on any accelerator and MLX on a Mac follow
 * `decodeSeconds`; system memory follows `systemMemorySeconds`.
 */
export const BACKEND_EFFICIENCY: Readonly<Record<SpeedBackend, number>> = {
  ollama: 0.55,
  'llama-cpp': 0.55,
  mlx: 0.7,
  vllm: 0.65,
  cpu: 0.35,
};

/** GB/s of system memory where the machine's own figure is not known: two channels of DDR4 or DDR5, cautiously. */
export const CPU_BANDWIDTH_FLOOR_GBPS = 60;

/** Above this share of system memory an estimate is of low confidence. */
const LOW_CONFIDENCE_OFFLOAD_SHARE = 0.5;

/** Repeated measurements of the same thing differ by 2 % in the median and 18 % at the 90th percentile (same data). */
const MEASURED_LOG_WIDTH = Math.log(1.1);
/** How far off the way from one context to another may be, as a part of it: estimates of context are this rough. */
const SHIFT_ERROR = 0.25;

/**
 * How much faster MLX decodes on a Mac than llama.cpp at the same bytes: the geometric means of measured over estimated
 * rates are 1.01 for the 16 clean rows of MLX and 0.98 for the 81 of llama.cpp (2026-11-21).
 */
const MLX_OVER_LLAMA_CPP = 1.03;

const UNCALIBRATED = { factor: 1, rangeShare: 1 } as const;

/** Beyond this the input was no model. */
const FASTEST_PLAUSIBLE_TOK_PER_SEC = 1e9;

/** GB (10^9 bytes) in a GiB: bandwidths are in GB/s. */
const GB_PER_GIB = BYTES_PER_GIB / 1e9;

/** A rate that was measured on this machine for this very file. */
interface MeasuredRate {
  readonly decodeTokPerSec: number;
  readonly promptTokPerSec?: number;
  /** What the measurement itself was, where `decodeTokPerSec` was brought from it to another context. */
  readonly atReadTokens?: number;
  readonly readTokens?: number;
}

export interface SpeedEstimateInput {
  readonly sizeB: number;
  readonly activeB?: number | undefined;
  readonly quant: string;
  readonly hardware: RankHardware;
  readonly vramEstimate: VramEstimate;
  readonly backend?: SpeedBackend | undefined;
  /** Shape of the model; layers and cache typical of its size are taken where it is unknown. */
  readonly architecture?: ModelArchitecture | undefined;
  readonly measured?: MeasuredRate | undefined;
  /** What other measurements of this machine say of such an estimate. */
  readonly calibration?: SpeedCalibration | undefined;
  /** The machine's memory, where the caller has worked it out for many models at once. */
  readonly memory?: UsableMemory;
}

/** A rate and what it was worked out from. */
interface DecodeRate {
  /** 0 for a model that does not fit, or is none. */
  readonly tokPerSec: number;
  readonly confidence: Confidence;
  readonly basis: SpeedEstimate['basis'];
  readonly backend: SpeedBackend;
  /** Part of the model in system memory, 0..1. */
  readonly share: number;
  readonly acceleratorGBps: number;
  readonly systemGBps: number;
  /** Undefined where nothing was estimated. */
  readonly work: DecodeWork | undefined;
}

/**
 * The rate of `estimateSpeed` and how sure it is, without what is shown beside it: all that a score needs, and a ranking
 * asks for thousands.
 */
export function decodeRate(input: SpeedEstimateInput): DecodeRate {
  const { hardware, vramEstimate: vram, measured } = input;
  const memory = input.memory ?? usableMemory(hardware);
  const onCpu = memory.pools.length === 0;
  const backend = input.backend ?? defaultBackend(hardware.platform, onCpu);
  const pool = poolFor(memory, vram.totalGb);
  const share = onCpu || backend === 'cpu' ? 1 : offloadShare(vram.totalGb, pool?.totalGib ?? 0);
  const acceleratorGBps = pool?.bandwidthGBps ?? 0;
  const systemGBps =
    memory.systemBandwidthGBps ?? ((memory.unified && acceleratorGBps) || CPU_BANDWIDTH_FLOOR_GBPS);
  const read = { backend, share, acceleratorGBps, systemGBps, work: undefined };
  if (measured !== undefined && isPlausibleRate(measured.decodeTokPerSec))
    return { ...read, tokPerSec: measured.decodeTokPerSec, confidence: 'high', basis: 'measured' };

  const none = { ...read, tokPerSec: 0, confidence: 'low', basis: 'estimated' } as const;
  if (!(vram.totalGb <= usableTotalGib(memory))) return none;
  const work = decodeWork(input);
  const device = classifyDevice(hardware);
  let seconds = share === 1 ? 0 : (1 - share) * acceleratorSeconds(work, device, acceleratorGBps, backend);
  if (share > 0) {
    const bytesGB = (work.weightsGB + work.cacheGB) * share;
    seconds += systemMemorySeconds({ bytesGB, systemGBps, share, threads: hardware.cpu?.physicalCores });
  }
  const tokPerSec = (input.calibration ?? UNCALIBRATED).factor / seconds;
  if (!(work.weightsGB > 0) || !isPlausibleRate(tokPerSec)) return none;
  const confidence = confidenceOf(share, onCpu || backend === 'cpu', vram.quantWarning === undefined);
  return { tokPerSec, confidence, basis: 'estimated', backend, share, acceleratorGBps, systemGBps, work };
}

/**
 * How fast a loaded model writes, in tokens per second, with the range in which 80 % of such estimates fall.
 *
 * Each token reads the active weights and the cache once and runs through the layers one after the other. What lies on
 * accelerators (`decodeSeconds`) and what lies in system memory (`systemMemorySeconds`) takes its own time, and the times
 * add up; `effectiveBandwidthGbps` is the bandwidth that comes out of that before any efficiency. A model that does not
 * fit, and numbers that make no sense, give 0 tok/s of low confidence. A measured rate stands instead of the estimate;
 * measurements of other models on this machine scale it (`calibration`). With backend `cpu` all is read by the processor.
 */
export function estimateSpeed(input: SpeedEstimateInput): SpeedEstimate {
  const { hardware, sizeB, activeB, vramEstimate: vram, measured, calibration } = input;
  const rate = decodeRate(input);
  const { tokPerSec, confidence, basis, backend, share, acceleratorGBps, systemGBps, work } = rate;
  const activeWeightsGb = activeWeightsGib(vram, sizeB, activeB);
  const common = { tokPerSec, partialOffloadFraction: share, activeWeightsGb, backend, confidence, basis };

  if (basis === 'measured' && measured !== undefined) {
    const { promptTokPerSec, readTokens, atReadTokens = tokPerSec } = measured;
    const width = MEASURED_LOG_WIDTH + Math.abs(Math.log(tokPerSec / atReadTokens)) * SHIFT_ERROR;
    const estimate: Building = {
      ...common,
      range: rangeAround(tokPerSec, width, width),
      effectiveBandwidthGbps: tokPerSec * (activeWeightsGb + vram.kvCacheGb) * GB_PER_GIB,
    };
    if (readTokens !== undefined) estimate.measured = { tokPerSec: atReadTokens, readTokens };
    return withPromptRate(estimate, promptTokPerSec ?? promptRate(input, backend, share));
  }
  if (work === undefined)
    return { ...common, range: [0, 0], effectiveBandwidthGbps: 0, partialOffloadFraction: 1 };

  const memory = input.memory ?? usableMemory(hardware);
  const device = classifyDevice(hardware);
  const { factor, rangeShare } = calibration ?? UNCALIBRATED;
  const { below, above } = rangeWidths({
    sparse: work.sparse,
    shapeKnown: input.architecture?.layers !== undefined && !hasTypicalCache(vram, sizeB),
    deviceKnown: device?.deviceClass !== undefined && follows(backend, device),
    quantKnown: vram.quantWarning === undefined,
    offloadShare: share,
    systemKnown: memory.systemBandwidthGBps !== undefined || memory.unified,
  });
  const estimate: Building = {
    ...common,
    range: rangeAround(tokPerSec, below * rangeShare, above * rangeShare),
    effectiveBandwidthGbps: combinedBandwidth(share, acceleratorGBps, systemGBps),
  };
  if (calibration !== undefined) estimate.calibration = { factor, measurements: calibration.measurements };
  return withPromptRate(estimate, promptRate(input, backend, share));
}

/** An estimate to which optional parts are still added. */
type Building = { -readonly [Key in keyof SpeedEstimate]: SpeedEstimate[Key] };

function withPromptRate(estimate: Building, rate: number | undefined): SpeedEstimate {
  if (rate !== undefined) estimate.promptTokPerSec = rate;
  return estimate;
}

function promptRate(
  { sizeB, activeB = sizeB, quant, hardware }: SpeedEstimateInput,
  backend: SpeedBackend,
  offloadShare: number,
): number | undefined {
  return promptTokPerSec({ activeB, sizeB, quant, hardware, backend, offloadShare });
}

function acceleratorSeconds(
  work: DecodeWork,
  device: ClassifiedDevice | undefined,
  bandwidthGBps: number,
  backend: SpeedBackend,
): number {
  if (follows(backend, device)) {
    const { launch, weights, cache } = decodeSeconds(work, device, bandwidthGBps);
    return (launch + weights + cache) / (backend === 'mlx' ? MLX_OVER_LLAMA_CPP : 1);
  }
  return (work.weightsGB + work.cacheGB) / (bandwidthGBps * BACKEND_EFFICIENCY[backend]);
}

/** Whether the fitted model stands for this pair: it was fitted on llama.cpp, Ollama and, on Macs, MLX. */
function follows(backend: SpeedBackend, device: ClassifiedDevice | undefined): device is ClassifiedDevice {
  if (device === undefined || backend === 'vllm') return false;
  return backend !== 'mlx' || device.vendor === 'apple';
}

function isPlausibleRate(tokPerSec: number): boolean {
  return tokPerSec > 0 && tokPerSec < FASTEST_PLAUSIBLE_TOK_PER_SEC;
}

/** The peers' defaults: MLX on a Mac, llama.cpp on other accelerators, else the CPU. */
function defaultBackend(platform: RankHardware['platform'], onCpu: boolean): SpeedBackend {
  if (onCpu) return 'cpu';
  return platform === 'macos' ? 'mlx' : 'llama-cpp';
}

/** Share of a model that does not find room on the accelerators, 0..1. */
function offloadShare(totalGb: number, acceleratorGib: number): number {
  if (!(totalGb > acceleratorGib)) return 0;
  return acceleratorGib <= 0 ? 1 : (totalGb - acceleratorGib) / totalGb;
}

function combinedBandwidth(share: number, acceleratorGBps: number, systemGBps: number): number {
  if (share === 0) return acceleratorGBps;
  if (share === 1) return systemGBps;
  return 1 / ((1 - share) / acceleratorGBps + share / systemGBps);
}

function confidenceOf(share: number, onCpu: boolean, quantKnown: boolean): Confidence {
  if (onCpu || !quantKnown || share > LOW_CONFIDENCE_OFFLOAD_SHARE) return 'low';
  return share > 0 ? 'medium' : 'high';
}

function rangeAround(rate: number, below: number, above: number): readonly [number, number] {
  return [rate * Math.exp(-below), rate * Math.exp(above)];
}
