import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelArchitecture } from '../../src/catalog/candidate';
import { architectureOf, parametersOf } from '../../src/catalog/ggufArchitecture';
import { readGgufModel } from '../../src/catalog/ggufHeader';
import { estimateVram, type VramEstimateInput } from '../../src/ranking/memory';
import { HttpClient } from '../../src/shared/http';
import { startLlamaServer } from '../support/llamaServer';
import { MEMORY_MODELS, writeMemoryModel, type MemoryModel } from '../support/memoryModels';
import { startRangeServer } from '../support/rangeServer';
import { noteFigure } from '../support/soak';

const MIB_PER_GIB = 1024;
const LOADED_WITHIN_MS = 30_000;
/** Of the cache: the target. Most agree to the hundredth of a MiB to which the log is rounded. */
const CACHE_TOLERANCE = 0.02;
/** Of all buffers together; the target is 5 %. */
const TOTAL_TOLERANCE = 0.03;
/** Of the compute buffer alone, or so many MiB: several slots of state space layers copy states besides. */
const COMPUTE_TOLERANCE = 0.1;
const COMPUTE_TOLERANCE_MIB = 20;

type Setting = Pick<
  VramEstimateInput,
  'kvCacheQuant' | 'parallelSlots' | 'cachePerSlot' | 'flashAttention'
> & {
  readonly contextTokens: number;
};

/** What a setting is called on the command line. `-c` is the context of all slots together. */
const SETTINGS: readonly (readonly [setting: Setting, args: readonly string[]])[] = [
  [{ contextTokens: 1_000 }, ['-np', '1', '-c', '1000']],
  [{ contextTokens: 8_192 }, ['-np', '1', '-c', '8192']],
  [{ contextTokens: 8_192, kvCacheQuant: 'q8' }, ['-np', '1', '-c', '8192', '-ctk', 'q8_0', '-ctv', 'q8_0']],
  [{ contextTokens: 8_192, kvCacheQuant: 'q4' }, ['-np', '1', '-c', '8192', '-ctk', 'q4_0', '-ctv', 'q4_0']],
  // Four slots over one cache are what llama-server does when nobody says how many.
  [{ contextTokens: 2_048, parallelSlots: 4 }, ['-c', '8192']],
  [{ contextTokens: 2_048, parallelSlots: 2, cachePerSlot: true }, ['-np', '2', '-c', '4096']],
  [{ contextTokens: 2_048, flashAttention: false }, ['-np', '1', '-c', '2048', '-fa', 'off']],
];

interface Buffers {
  readonly model: number;
  readonly cache: number;
  readonly compute: number;
}

let folder: string;
let agent: Agent;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mp-load-'));
  agent = new Agent();
});

afterAll(async () => {
  await agent.close();
  rmSync(folder, { recursive: true, force: true });
});

interface ReadModel {
  readonly file: string;
  readonly sizeB: number;
  readonly fileBytes: number;
  readonly architecture: ModelArchitecture;
}

/** Writes a model and reads its header as the product does. */
async function make(name: string, model: MemoryModel): Promise<ReadModel> {
  const file = path.join(folder, `${name.replaceAll(' ', '-')}.gguf`);
  writeMemoryModel(file, model);
  const server = await startRangeServer({ '/model.gguf': { file } });
  const result = await readGgufModel({ urls: [`${server.url}/model.gguf`], http: new HttpClient(agent) });
  if (!result.ok) throw new Error(`${result.failure.code}: ${result.failure.message}`);
  const architecture = architectureOf(result.header);
  const { bytes } = result.header.tensors;
  if (!architecture || bytes === null) throw new Error('The header says too little.');
  return { file, architecture, fileBytes: bytes, sizeB: parametersOf(result.header)?.sizeB ?? 0 };
}

/** Loads a model in llama-server as far as its buffers are allocated, and ends it in every case. MiB. */
async function loadedBuffers(file: string, args: readonly string[]): Promise<Buffers> {
  const server = await startLlamaServer({
    model: file,
    args: [...args, '--verbosity', '4', '--no-warmup', '--fit', 'off'],
    waitUntilReady: false,
  });
  try {
    const exit: { code?: number } = {};
    void server.exited.then((code) => (exit.code = code));
    const deadline = Date.now() + LOADED_WITHIN_MS;
    while (!/compute buffer size .*\n/.test(server.output())) {
      if (exit.code !== undefined || Date.now() > deadline)
        throw new Error(`It did not load.\n${server.output().slice(-2_000)}`);
      await delay(5);
    }
    const log = server.output();
    const sum = (kinds: string): number =>
      [...log.matchAll(new RegExp(`(?:${kinds}) buffer size = +([\\d.]+) MiB`, 'g'))].reduce(
        (total, [, mib]) => total + Number(mib),
        0,
      );
    return { model: sum('model'), cache: sum('KV|RS'), compute: sum('compute|output') };
  } finally {
    await server.kill();
  }
}

function share(estimated: number, logged: number): number {
  return Math.abs(estimated - logged) / logged;
}

describe('what llama-server allocates', () => {
  let worstTotal = 0;
  let worstCompute = 0;
  let loads = 0;

  it.each(Object.entries(MEMORY_MODELS))(
    'is foreseen from the header of %s',
    async (name, model) => {
      const { file, ...facts } = await make(name, model);
      for (const [setting, args] of SETTINGS) {
        const logged = await loadedBuffers(file, args);
        const estimate = estimateVram({ quant: 'F16', ...facts, ...setting });
        const what = `${name} ${args.join(' ')}`;
        const cacheMib = estimate.kvCacheGb * MIB_PER_GIB;
        const computeMib = estimate.activationsGb * MIB_PER_GIB;
        const totalError = share(
          estimate.totalGb * MIB_PER_GIB,
          logged.model + logged.cache + logged.compute,
        );
        const computeError = share(computeMib, logged.compute);

        expect(estimate.basis, what).toBe('gguf');
        expect(estimate.weightsGb * MIB_PER_GIB, `${what}: weights`).toBeCloseTo(logged.model, 1);
        // Without flash attention the values of Gemma 4's layers, which differ in width, are padded to the widest.
        if (setting.flashAttention !== false || model.arch !== 'gemma4')
          expect(share(cacheMib, logged.cache), `${what}: cache`).toBeLessThan(CACHE_TOLERANCE);
        if (Math.abs(computeMib - logged.compute) > COMPUTE_TOLERANCE_MIB)
          expect(computeError, `${what}: compute buffer`).toBeLessThan(COMPUTE_TOLERANCE);
        expect(totalError, `${what}: all buffers`).toBeLessThan(TOTAL_TOLERANCE);
        worstCompute = Math.max(worstCompute, computeError);
        worstTotal = Math.max(worstTotal, totalError);
        loads += 1;
      }
      rmSync(file);
    },
    240_000,
  );

  it('was compared for every model and setting', () => {
    expect(loads).toBe(Object.keys(MEMORY_MODELS).length * SETTINGS.length);
    noteFigure('memory: largest error of all buffers together, %', worstTotal * 100);
    noteFigure('memory: largest error of the compute buffer, %', worstCompute * 100);
  });
});
