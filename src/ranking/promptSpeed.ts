import { acceleratorTflops, processorTflops } from './promptCompute';
import { normalizeQuantId } from './quantisation';
import type { RankHardware, SpeedBackend } from './rankTypes';

/** Tokens of a prompt where the caller does not say: some files and a question, as an editor sends. */
const TYPICAL_PROMPT_TOKENS = 4096;

/*
 * Fitted 2026-11 on `data/measurements/prompt.jsonl`, together with the compute of each class.
 */
/** Work besides the weights, as if a model had so many billions of parameters more: it is why small ones gain less. */
const FIXED_WORK_B = 0.4;
/** Tokens of prompt at which attention costs as much as the weights. */
const ATTENTION_TOKENS = 30_000;
/** TFLOPS at which tokens pass through experts, each of which sees too few of them to fill a large accelerator. */
const EXPERT_TFLOPS = 70;

/** Prompts are read in pieces of this many tokens (llama.cpp's `--ubatch-size`). */
const TOKENS_AT_A_TIME = 512;
/** GB/s at which weights in system memory are copied to a card for each such piece: what PCIe 4.0 gave in two setups. */
const COPY_GBPS = 9;

/** Beyond this the input was no model. */
const FASTEST_PLAUSIBLE_TOK_PER_SEC = 1e9;

export interface PromptSpeedInput {
  /** Parameters that a token uses, billions. */
  readonly activeB: number;
  /** All parameters, billions. */
  readonly sizeB: number;
  readonly quant: string;
  readonly hardware: RankHardware;
  readonly backend: SpeedBackend;
  /** Part of the model that lies in system memory, 0..1. */
  readonly offloadShare: number;
  /** Absent: 4,096. */
  readonly promptTokens?: number;
}

/**
 * How fast a model reads a prompt, in tokens per second; undefined where nothing like the device was measured, or the
 * numbers make no sense. Reading is bound by compute, not by bandwidth: two operations a weight and token, more with a
 * longer prompt (attention) and with experts, and each piece of it waits for the weights that have to be copied to the
 * card. One card counts where several hold the model, for they take turns. The server's other settings, and programs
 * other than llama.cpp, change it by a half; it is an estimate for "how long until the first token".
 */
export function promptTokPerSec(input: PromptSpeedInput): number | undefined {
  const { activeB, sizeB, hardware, offloadShare, promptTokens = TYPICAL_PROMPT_TOKENS } = input;
  if (!(activeB > 0 && sizeB > 0 && promptTokens > 0)) return undefined;
  const { tflops, isCpu, copies } = readersOf(hardware)[input.backend === 'cpu' ? 'cpu' : 'best'];
  if (tflops === undefined || !(tflops > 0)) return undefined;

  const usedB = Math.min(activeB, sizeB);
  const workB = usedB + (isCpu ? 0 : FIXED_WORK_B);
  const copiedB = copies ? sizeB * offloadShare : 0;
  const seconds =
    secondsFor(workB, tflops) * (1 + promptTokens / ATTENTION_TOKENS) +
    (isCpu ? 0 : secondsFor(usedB, EXPERT_TFLOPS) * (1 - usedB / sizeB)) +
    (copiedB > 0 ? secondsToCopy(copiedB, input.quant, promptTokens) : 0);
  const rate = 1 / seconds;
  return rate > 0 && rate < FASTEST_PLAUSIBLE_TOK_PER_SEC ? rate : undefined;
}

/** A token multiplies and adds once for each parameter. */
function secondsFor(paramsB: number, tflops: number): number {
  return (2 * paramsB * 1e9) / (tflops * 1e12);
}

/** For one token's share of a piece. */
function secondsToCopy(paramsB: number, quant: string, promptTokens: number): number {
  const copiedGB = (paramsB * normalizeQuantId(quant).bitsPerWeight) / 8;
  return copiedGB / COPY_GBPS / Math.min(promptTokens, TOKENS_AT_A_TIME);
}

/** What reads prompts on a machine. */
interface PromptReader {
  /** Undefined where nothing like it was measured. */
  readonly tflops: number | undefined;
  readonly isCpu: boolean;
  /** Whether weights in system memory have to come to it over a bus. */
  readonly copies: boolean;
}

interface PromptReaders {
  /** An accelerator where there is one. */
  readonly best: PromptReader;
  readonly cpu: PromptReader;
}

/** By machine: a ranking asks for thousands of models, and finding the class of a name takes longer than the rest. */
const READERS = new WeakMap<RankHardware, PromptReaders>();

function readersOf(hardware: RankHardware): PromptReaders {
  const known = READERS.get(hardware);
  if (known !== undefined) return known;
  const cpu = { tflops: cpuTflops(hardware), isCpu: true, copies: false };
  const readers = { cpu, best: acceleratorOf(hardware) ?? cpu };
  READERS.set(hardware, readers);
  return readers;
}

/** A card before graphics that share the memory, the largest before others. */
function acceleratorOf(hardware: RankHardware): PromptReader | undefined {
  const { platform, accelerators = [], gpuName, cpuName = '', vramGb, bandwidthGbps } = hardware;
  if (platform === 'cpu') return undefined;
  const [best] = [...accelerators].sort(
    (a, b) => Number(a.unified) - Number(b.unified) || b.totalGib - a.totalGib,
  );
  if (best !== undefined)
    return { tflops: acceleratorTflops(best.name, best.bandwidthGBps), isCpu: false, copies: !best.unified };
  if (!(vramGb > 0)) return undefined;
  const tflops = acceleratorTflops(gpuName ?? cpuName, bandwidthGbps);
  return { tflops, isCpu: false, copies: platform !== 'macos' };
}

function cpuTflops({ cpu }: RankHardware): number | undefined {
  if (cpu === undefined) return undefined;
  // Two threads on a core where the machine does not say.
  return processorTflops(cpu.name, cpu.physicalCores ?? cpu.logicalCores / 2);
}
