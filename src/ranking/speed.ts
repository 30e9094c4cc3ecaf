import { BYTES_PER_GIB } from '../shared/units';
import { poolFor, usableMemory, usableTotalGib } from './fit';
import type { UsableMemory } from './fit';
import { normalizeQuantId } from './quantisation';
import type { Confidence, RankHardware, SpeedBackend, SpeedEstimate, VramEstimate } from './rankTypes';

/** Share of the memory bandwidth that decoding reaches, by backend, where nothing better is known: the peers' table. */
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

/**
 * Half-width of the stated range (10th to 90th percentile) as a natural logarithm, by confidence. The best published
 * predictor with one efficiency per backend misses clean GPU measurements by 23 % in the median and 60 % at the 90th
 * percentile (377 rows, 2026-11), which puts about 80 % of them within a factor of 1.45; partly offloaded and CPU rows
 * are worse and get 1.6 and 2. Issue 6 replaces this by fitted ranges.
 */
const RANGE_LOG_WIDTH: Readonly<Record<Confidence, number>> = {
  high: Math.log(1.45),
  medium: Math.log(1.6),
  low: Math.log(2),
};
/** Repeated measurements of the same thing differ by 2 % in the median and 18 % at the 90th percentile (same data). */
const MEASURED_LOG_WIDTH = Math.log(1.1);

/** Beyond this the input was no model. */
const FASTEST_PLAUSIBLE_TOK_PER_SEC = 1e9;

/** GB (10^9 bytes) in a GiB: bandwidths are in GB/s. */
const GB_PER_GIB = BYTES_PER_GIB / 1e9;

/** A rate that was measured on this machine for this very file. */
interface MeasuredRate {
  readonly decodeTokPerSec: number;
  readonly promptTokPerSec?: number;
}

export interface SpeedEstimateInput {
  readonly sizeB: number;
  readonly activeB?: number | undefined;
  readonly quant: string;
  readonly hardware: RankHardware;
  readonly vramEstimate: VramEstimate;
  readonly backend?: SpeedBackend | undefined;
  readonly measured?: MeasuredRate | undefined;
  /** The machine's memory, where the caller has worked it out for many models at once. */
  readonly memory?: UsableMemory;
}

/**
 * How fast a loaded model writes, in tokens per second, with the range in which 80 % of such estimates fall.
 *
 * Each token reads the active weights and the whole cache once. The bytes on accelerators and those in system memory
 * take their own time, and the times add up; `effectiveBandwidthGbps` is what comes out of that before the backend's
 * efficiency. A model that does not fit, and numbers that make no sense, give 0 tok/s of low confidence. A measured
 * rate stands instead of the estimate.
 */
export function estimateSpeed(input: SpeedEstimateInput): SpeedEstimate {
  const memory = input.memory ?? usableMemory(input.hardware);
  const vram = input.vramEstimate;
  const onCpu = memory.pools.length === 0;
  const backend = input.backend ?? defaultBackend(input.hardware.platform, onCpu);
  const pool = poolFor(memory, vram.totalGb);
  const activeWeightsGb = vram.weightsGb * activeShare(input.sizeB, input.activeB);

  if (input.measured !== undefined && isPlausibleRate(input.measured.decodeTokPerSec)) {
    const rate = input.measured.decodeTokPerSec;
    return {
      tokPerSec: rate,
      range: rangeAround(rate, MEASURED_LOG_WIDTH),
      ...(input.measured.promptTokPerSec === undefined
        ? {}
        : { promptTokPerSec: input.measured.promptTokPerSec }),
      effectiveBandwidthGbps: rate * (activeWeightsGb + vram.kvCacheGb) * GB_PER_GIB,
      partialOffloadFraction: offloadShare(vram.totalGb, pool?.totalGib ?? 0),
      activeWeightsGb,
      backend,
      confidence: 'high',
      basis: 'measured',
    };
  }

  const nothing: SpeedEstimate = {
    tokPerSec: 0,
    range: [0, 0],
    effectiveBandwidthGbps: 0,
    partialOffloadFraction: 1,
    activeWeightsGb,
    backend,
    confidence: 'low',
    basis: 'estimated',
  };
  if (!(vram.totalGb <= usableTotalGib(memory))) return nothing;

  const share = offloadShare(vram.totalGb, pool?.totalGib ?? 0);
  const acceleratorGBps = pool?.bandwidthGBps ?? 0;
  const systemGBps = memory.systemBandwidthGBps ?? CPU_BANDWIDTH_FLOOR_GBPS;
  const bytesGB = (activeWeightsGb + vram.kvCacheGb) * GB_PER_GIB;
  const efficiency = BACKEND_EFFICIENCY[backend];
  const seconds =
    bytesGB * timePerGB(1 - share, acceleratorGBps * efficiency) +
    bytesGB * timePerGB(share, systemGBps * BACKEND_EFFICIENCY.cpu);
  const tokPerSec = 1 / seconds;
  if (!(bytesGB > 0) || !isPlausibleRate(tokPerSec)) return nothing;

  const confidence = confidenceOf(share, onCpu || backend === 'cpu', normalizeQuantId(input.quant).known);
  return {
    ...nothing,
    tokPerSec,
    range: rangeAround(tokPerSec, RANGE_LOG_WIDTH[confidence]),
    effectiveBandwidthGbps: combinedBandwidth(share, acceleratorGBps, systemGBps),
    partialOffloadFraction: share,
    confidence,
  };
}

function isPlausibleRate(tokPerSec: number): boolean {
  return tokPerSec > 0 && tokPerSec < FASTEST_PLAUSIBLE_TOK_PER_SEC;
}

/** The peers' defaults: MLX on a Mac, llama.cpp on other accelerators, else the CPU. */
function defaultBackend(platform: RankHardware['platform'], onCpu: boolean): SpeedBackend {
  if (onCpu) return 'cpu';
  return platform === 'macos' ? 'mlx' : 'llama-cpp';
}

/** Share of the weights that one token reads: all of a dense model, the active part of a mixture of experts. */
function activeShare(sizeB: number, activeB: number | undefined): number {
  if (activeB === undefined || !(activeB > 0) || !(sizeB > 0)) return 1;
  return Math.min(1, activeB / sizeB);
}

/** Share of a model that does not find room on the accelerators, 0..1. */
function offloadShare(totalGb: number, acceleratorGib: number): number {
  if (!(totalGb > acceleratorGib)) return 0;
  return acceleratorGib <= 0 ? 1 : (totalGb - acceleratorGib) / totalGb;
}

function timePerGB(share: number, gbPerSecond: number): number {
  return share === 0 ? 0 : share / gbPerSecond;
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

function rangeAround(rate: number, logWidth: number): readonly [number, number] {
  return [rate * Math.exp(-logWidth), rate * Math.exp(logWidth)];
}
