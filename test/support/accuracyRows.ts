import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Candidate, ModelArchitecture } from '../../src/catalog/candidate';
import { buildIdentityIndex, canonicalModelOf } from '../../src/catalog/identity';
import { decodeWork } from '../../src/ranking/decodeModel';
import { classifyDevice } from '../../src/ranking/deviceClass';
import { estimateVram } from '../../src/ranking/memory';
import type { RankHardware, SpeedBackend } from '../../src/ranking/rankTypes';
import type { SpeedEstimateInput } from '../../src/ranking/speed';
import type { FitSample } from './accuracyFit';
import { repositoryRoot } from './repository';

const optional = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? undefined);

const rowSchema = z.object({
  id: z.string(),
  hardware: z.object({
    name: z.string(),
    kind: z.enum(['nvidia', 'amd', 'apple', 'intel', 'cpu']),
    memGb: optional(z.number()),
    bandwidthGBps: optional(z.number()),
  }),
  model: z.object({
    name: z.string(),
    paramsB: z.number(),
    activeB: optional(z.number()),
    quant: optional(z.string()),
    fileGb: optional(z.number()),
  }),
  estFileGb: optional(z.number()),
  runtime: z.string(),
  contextTokens: optional(z.number()),
  decodeTokPerSec: z.number(),
  placement: z.string(),
  tier: optional(z.string()),
  trust: z.string(),
  deviceFold: optional(z.number()),
  flags: optional(z.array(z.string())),
  peers: optional(z.record(z.string(), optional(z.number()))),
});

/** One measured decode rate of `data/measurements/speed.jsonl`, and of files in the same form. */
export type SpeedRow = z.infer<typeof rowSchema>;

/** What of a model is told to the estimate: its catalogue entry's shape and the file's size, or neither. */
export type RowView = 'shape' | 'size alone';

/** Tokens in the context of rows that do not say: a short chat. */
const UNSTATED_CONTEXT = 512;
/** Where a row says that the model was all on the accelerator, memory is no question. GiB. */
const AMPLE_GIB = 1e5;
/** A namesake whose size differs more is another model. */
const SAME_SIZE = 0.12;

export function readSpeedRows(
  file = path.join(repositoryRoot, 'data', 'measurements', 'speed.jsonl'),
): readonly SpeedRow[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => rowSchema.parse(JSON.parse(line)));
}

/** Fit and judgement: benches' own figures, all on the accelerator, without a flag. */
export function isClean({ tier, trust, placement, flags = [] }: SpeedRow): boolean {
  return tier === 'A' && trust === 'bench' && placement.startsWith('gpu') && flags.length === 0;
}

export function isSparse({ model: { paramsB, activeB = paramsB } }: SpeedRow): boolean {
  return activeB < 0.95 * paramsB;
}

/** Finds the shapes of the models that rows name, in the catalogue: the product's own join, then looser spellings. */
export class ShapeLookup {
  readonly #index: ReturnType<typeof buildIdentityIndex>;
  readonly #bySpelling = new Map<string, Candidate>();

  constructor(candidates: readonly Candidate[]) {
    this.#index = buildIdentityIndex(candidates);
    for (const candidate of candidates) {
      const names = [candidate.name, candidate.hfRepoId, ...candidate.builds.map(({ repo }) => repo ?? '')];
      for (const name of [...names, ...(candidate.ollamaNames ?? [])])
        if (!this.#bySpelling.has(spelling(name))) this.#bySpelling.set(spelling(name), candidate);
    }
  }

  of({ model: { name, paramsB } }: SpeedRow): ModelArchitecture | undefined {
    const found = [
      canonicalModelOf(name, this.#index, { sizeB: paramsB }),
      this.#bySpelling.get(spelling(name)),
    ].find((candidate) => candidate && Math.abs(candidate.sizeB / paramsB - 1) < SAME_SIZE);
    return found?.architecture;
  }
}

/** Letters and digits without what names a maker, a quantisation, a format or a tuning. */
function spelling(text: string): string {
  const name = (text.toLowerCase().split('/').pop() ?? '')
    .replace(/\.gguf$/, '')
    .replace(/^(?:baidu|mistralai|microsoft|nvidia|google|ibm-granite|liquidai|meta|qwen)_/, '')
    .replace(/^meta-llama/, 'llama')
    .replace(
      /[-_.:](?:i?q\d(?:_[a-z0-9]+)*|mxfp4(?:_moe)?|4bit|8bit|gguf|mlx|awq|fp16|bf16|ud|mtp)(?=[-_.:]|$)/g,
      '',
    )
    .replace(
      /[-_.:](?:i?q\d(?:_[a-z0-9]+)*|mxfp4(?:_moe)?|4bit|8bit|gguf|mlx|awq|fp16|bf16|ud|mtp)(?=[-_.:]|$)/g,
      '',
    );
  return name.replace(/[^a-z0-9]/g, '').replace(/(?:(?:instruct|chat|base|it|hf)|\d{4})+$/, '');
}

/** What `estimateSpeed` is asked for a row; undefined where the row lacks the bandwidth. */
export function estimateInputOf(
  row: SpeedRow,
  architecture?: ModelArchitecture,
  view: RowView = 'shape',
): SpeedEstimateInput | undefined {
  const { paramsB: sizeB, activeB, quant = '?', fileGb = row.estFileGb } = row.model;
  const hardware = hardwareOf(row);
  if (hardware === undefined) return undefined;
  const known = view === 'shape';
  const shape = known ? architecture : undefined;
  return {
    ...{ sizeB, activeB, quant, hardware, backend: backendOf(row), architecture: shape },
    vramEstimate: estimateVram({
      ...{ sizeB, activeB, quant, architecture: shape },
      contextTokens: Math.max(1, row.contextTokens ?? UNSTATED_CONTEXT),
      ...(known && fileGb !== undefined ? { fileBytes: fileGb * 1e9 } : {}),
    }),
  };
}

/** The row as the fitter takes it. */
export function fitSampleOf(
  row: SpeedRow,
  architecture: ModelArchitecture | undefined,
  view: RowView,
): FitSample | undefined {
  const input = estimateInputOf(row, architecture, view);
  const device = input && classifyDevice(input.hardware);
  if (!input || !device) return undefined;
  return {
    ...{ work: decodeWork(input), device, bandwidthGBps: input.hardware.bandwidthGbps },
    seconds: 1 / row.decodeTokPerSec,
  };
}

function backendOf({ runtime, placement }: SpeedRow): SpeedBackend {
  if (placement === 'cpu') return 'cpu';
  if (runtime.includes('mlx')) return 'mlx';
  return runtime.includes('ollama') ? 'ollama' : 'llama-cpp';
}

function hardwareOf({ hardware, placement }: SpeedRow): RankHardware | undefined {
  const { name, kind, memGb = 0, bandwidthGBps = 0 } = hardware;
  if (kind === 'cpu' || placement === 'cpu')
    return {
      ...{ platform: 'cpu', vramGb: 0, ramGb: AMPLE_GIB },
      ...{ bandwidthGbps: kind === 'cpu' ? bandwidthGBps : 0, cpuName: name },
    };
  if (!(bandwidthGBps > 0)) return undefined;
  return {
    platform: kind === 'apple' ? 'macos' : kind,
    vramGb: placement.startsWith('gpu') ? AMPLE_GIB : memGb,
    ...{ ramGb: 2 * AMPLE_GIB, bandwidthGbps: bandwidthGBps, gpuName: name, cpuName: '' },
  };
}
