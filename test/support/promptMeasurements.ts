import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { promptTokPerSec } from '../../src/ranking/promptSpeed';
import type { RankHardware } from '../../src/ranking/rankTypes';
import { repositoryRoot } from './repository';

const measurementSchema = z.object({
  device: z.string(),
  /** GB/s of an accelerator. */
  bandwidthGBps: z.exactOptional(z.number()),
  /** Physical cores, of a processor. */
  cores: z.exactOptional(z.number()),
  paramsB: z.number(),
  activeB: z.number(),
  quant: z.string(),
  promptTokens: z.number(),
  tokPerSec: z.number(),
  offloadShare: z.exactOptional(z.number()),
  source: z.string(),
  url: z.string(),
});

export type PromptMeasurement = z.infer<typeof measurementSchema>;

/** The measured prompt rates of `data/measurements/prompt.jsonl`. */
export function promptMeasurements(): readonly PromptMeasurement[] {
  const file = path.join(repositoryRoot, 'data', 'measurements', 'prompt.jsonl');
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => measurementSchema.parse(JSON.parse(line)));
}

/** LocalScore's program of 2025 is older, and its figure averages prompts of which some are very short. */
const LOCALSCORE_SHARE = 1 / 1.2;

/** Estimated over measured, as a natural logarithm; undefined where there is no estimate. */
export function promptError(row: PromptMeasurement): number | undefined {
  const estimate = promptTokPerSec({
    activeB: row.activeB,
    sizeB: row.paramsB,
    quant: row.quant,
    hardware: machineOf(row),
    backend: row.cores === undefined ? 'llama-cpp' : 'cpu',
    offloadShare: row.offloadShare ?? 0,
    promptTokens: row.promptTokens,
  });
  if (estimate === undefined) return undefined;
  const share = row.source === 'LocalScore' && row.cores === undefined ? LOCALSCORE_SHARE : 1;
  return Math.log((estimate * share) / row.tokPerSec);
}

function machineOf({ device, bandwidthGBps = 0, cores }: PromptMeasurement): RankHardware {
  const flat = { ramGb: 64, bandwidthGbps: bandwidthGBps, cpuName: device };
  if (cores !== undefined)
    return {
      ...flat,
      ...{ platform: 'cpu', vramGb: 0 },
      cpu: { name: device, logicalCores: 2 * cores, physicalCores: cores },
    };
  return { ...flat, platform: device.startsWith('Apple') ? 'macos' : 'nvidia', vramGb: 24, gpuName: device };
}
