import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { Agent } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { architectureOf, parametersOf } from '../../src/catalog/ggufArchitecture';
import { readGgufModel, type GgufHeader } from '../../src/catalog/ggufHeader';
import { originOfFile } from '../../src/catalog/ggufShape';
import { capabilitiesOfTemplate } from '../../src/catalog/chatTemplate';
import { candidateFromRepo } from '../../src/catalog/candidateFromRepo';
import type { HubModel } from '../../src/catalog/hub';
import { buildIdentityIndex } from '../../src/catalog/identity';
import { filesForHeader, sortRepoFiles } from '../../src/catalog/repoFiles';
import { estimateVram } from '../../src/ranking/memory';
import { computeWidthOf } from '../../src/shared/computeWidth';
import { HttpClient } from '../../src/shared/http';
import { presets } from '../support/gguf/shapes.mjs';
import { architectureOfPreset } from '../support/memoryRows';
import { startRangeServer } from '../support/rangeServer';
import { noteFigure } from '../support/soak';

const run = promisify(execFile);
let folder: string;
let agent: Agent;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'gguf-header-'));
  agent = new Agent();
});

afterAll(async () => {
  await agent.close();
  await rm(folder, { recursive: true, force: true });
});

interface Made {
  readonly file: string;
  readonly parameters: number;
  readonly tensors: number;
  readonly tensorBytes: number;
  readonly fileBytes: number;
  readonly vocabulary: number;
}

async function make(preset: string, ...options: readonly string[]): Promise<Made> {
  const file = path.join(folder, `${preset}${options.join('')}.gguf`);
  const { stdout } = await run(process.execPath, [
    ...['test/support/makeGguf.mjs', preset, file, '--fill', 'zero'],
    ...options,
  ]);
  return JSON.parse(stdout) as Made;
}

async function read(
  file: string,
): Promise<{ readonly header: GgufHeader; readonly sentBytes: number; readonly ranges: number }> {
  const server = await startRangeServer({ '/model.gguf': { file } });
  const result = await readGgufModel({ urls: [`${server.url}/model.gguf`], http: new HttpClient(agent) });
  if (!result.ok) throw new Error(`${result.failure.code}: ${result.failure.message}`);
  return { header: result.header, sentBytes: server.sentBytes, ranges: server.requests.length };
}

/** Bytes per token and window by hand: layers that keep everything and layers that keep the window. */
const CACHES: Readonly<Record<string, Record<string, number | string>>> = {
  'tiny-llama': { rule: 'full', fullBytesPerTokenF16: 2 * 2 * 64 * 2 },
  'tiny-qwen2': { rule: 'full', fullBytesPerTokenF16: 512 },
  'tiny-qwen3': { rule: 'full', fullBytesPerTokenF16: 512 },
  'tiny-gemma3': { rule: 'iswa', fullBytesPerTokenF16: 256, windowBytesPerTokenF16: 1_280, windowTokens: 64 },
  'tiny-moe': { rule: 'full', fullBytesPerTokenF16: 512 },
  'tiny-qwen3moe': { rule: 'full', fullBytesPerTokenF16: 512 },
  'tiny-deepseek2': { rule: 'mla', fullBytesPerTokenF16: 3 * 96 * 2 },
  'llama-3.2-1b': { rule: 'full', fullBytesPerTokenF16: 32_768 },
  'llama-3.1-8b': { rule: 'full', fullBytesPerTokenF16: 131_072 },
  'qwen2.5-0.5b': { rule: 'full', fullBytesPerTokenF16: 12_288 },
  'qwen3-0.6b': { rule: 'full', fullBytesPerTokenF16: 114_688 },
  'gemma-3-1b': {
    rule: 'iswa',
    fullBytesPerTokenF16: 4_096,
    windowBytesPerTokenF16: 22_528,
    windowTokens: 512,
  },
  'gemma-3-4b': {
    rule: 'iswa',
    fullBytesPerTokenF16: 20_480,
    windowBytesPerTokenF16: 118_784,
    windowTokens: 1_024,
  },
  'qwen3-30b-a3b': { rule: 'full', fullBytesPerTokenF16: 98_304 },
  'deepseek-v2-lite': { rule: 'mla', fullBytesPerTokenF16: 31_104 },
  'gpt-oss-20b': {
    rule: 'iswa',
    fullBytesPerTokenF16: 24_576,
    windowBytesPerTokenF16: 24_576,
    windowTokens: 128,
  },
  'bench-50m': { rule: 'full', fullBytesPerTokenF16: 16_384 },
  'bench-200m': { rule: 'full', fullBytesPerTokenF16: 43_008 },
  'bench-1g': { rule: 'full', fullBytesPerTokenF16: 98_304 },
};

describe('readGgufModel on files of real shapes', () => {
  it('has an expected cache for every preset', () => {
    expect(Object.keys(CACHES).toSorted()).toEqual([...presets.keys()].toSorted());
  });

  it.each([...presets])('reads every fact of %s', async (name, { shape }) => {
    const made = await make(name, '--type', 'mixed');
    const { header, sentBytes } = await read(made.file);
    const mla = shape.arch === 'deepseek2';

    expect(header).toMatchObject({ version: 3, littleEndian: true, fileBytes: made.fileBytes });
    expect(header.tensors).toEqual({
      count: made.tensors,
      elements: made.parameters,
      expertElements: expertsOf(shape),
      bytes: made.tensorBytes,
      complete: true,
    });
    expect(made.fileBytes - header.dataOffset).toBeGreaterThanOrEqual(made.tensorBytes);
    expect(made.fileBytes - header.dataOffset - made.tensorBytes).toBeLessThan(32 * made.tensors);
    expect(architectureOf(header)).toEqual({
      arch: shape.arch,
      layers: shape.layers,
      heads: shape.heads,
      kvHeads: mla ? shape.heads : shape.kv,
      headDimK: mla ? (shape.nope ?? 0) + (shape.rope ?? 0) : shape.hd,
      headDimV: mla ? shape.vmla : shape.hd,
      hidden: shape.embd,
      feedForward: shape.ff,
      ...(shape.ffexp && { expertFeedForward: shape.ffexp }),
      // Held to a real server's log by llamaLoadLog.test.ts.
      computeWidth: computeWidthOf(architectureOfPreset(name) ?? {}),
      vocab: made.vocabulary,
      contextMax: shape.ctx,
      ...(shape.experts && { experts: shape.experts, expertsUsed: shape.used }),
      kv: CACHES[name],
    });
    const origin = originOfFile(header);
    expect(origin).toMatchObject({ name, type: 'model', quant: 'Q8_0', baseModels: [] });
    expect(capabilitiesOfTemplate(origin.chatTemplate)).toEqual({ tools: true, thinking: true });
    expect(header.fetchedBytes).toBe(sentBytes);
    await rm(made.file);
  });

  it('counts the parameters that the makers state', async () => {
    const counts = new Map<string, unknown>();
    for (const name of ['qwen3-30b-a3b', 'llama-3.1-8b', 'gpt-oss-20b']) {
      const made = await make(name, '--type', 'q8_0');
      counts.set(name, parametersOf((await read(made.file)).header));
      await rm(made.file);
    }
    expect(counts.get('qwen3-30b-a3b')).toEqual({ sizeB: 30.532, activeB: 3.353 });
    expect(counts.get('llama-3.1-8b')).toEqual({ sizeB: 8.03 });
    expect(counts.get('gpt-oss-20b')).toEqual({ sizeB: 20.915, activeB: 4.187 });
  });

  it('makes a repository that nobody has seen before a candidate whose memory is known from its file', async () => {
    const made = await make('qwen3-30b-a3b', '--type', 'q4_k');
    const file = { path: 'Brand-New-30B-A3B-Q4_K_M.gguf', sizeBytes: made.fileBytes };
    const repo: HubModel = { id: 'someone/Brand-New-30B-A3B-GGUF', tags: ['gguf'], files: [file] };
    const [asked] = filesForHeader(sortRepoFiles(repo));
    expect(asked).toBe(file);
    const { header } = await read(made.file);
    const result = candidateFromRepo({ repo, header, known: buildIdentityIndex([]) });
    if (result.kind !== 'new') throw new Error(result.kind);
    const { candidate } = result;
    expect(candidate).toMatchObject({
      ...{ hfRepoId: 'someone/Brand-New-30B-A3B', sizeB: 30.532, activeB: 3.353 },
      architecture: { contextMax: 40_960, experts: 128, expertsUsed: 8 },
      capabilities: { tools: true, thinking: true, vision: null },
      builds: [{ quant: 'Q4_K_M', sizeBytes: made.fileBytes, sizeBasis: 'exact' }],
    });
    const { architecture, sizeB } = candidate;
    const estimate = estimateVram({ sizeB, quant: 'Q4_K_M', architecture, fileBytes: made.fileBytes });
    expect(estimate).toMatchObject({ basis: 'gguf', kvCacheBytesPerToken: 98_304 });
    await rm(made.file);
  });

  it('reads a header of 262,144 tokens in growing ranges, and under 8 MiB of it', async () => {
    const made = await make('gemma-3-4b');
    const { header, sentBytes, ranges } = await read(made.file);
    noteFigure('GGUF header of gemma-3-4b, bytes', header.dataOffset);
    noteFigure('fetched for it, bytes', sentBytes);
    expect(header.dataOffset).toBeGreaterThan(4 * 1024 * 1024);
    expect(sentBytes).toBeLessThan(8 * 1024 * 1024);
    expect(ranges).toBeGreaterThan(3);
    expect(ranges).toBeLessThan(9);
    // The vocabulary is counted, not kept.
    expect(header.metadata.has('tokenizer.ggml.tokens')).toBe(false);
    expect(header.arrayLengths.get('tokenizer.ggml.tokens')).toBe(262_208);
    await rm(made.file);
  });
});

function expertsOf({
  layers,
  dense = 0,
  experts = 0,
  ffexp = 0,
  embd,
  arch,
}: {
  layers: number;
  dense?: number;
  experts?: number;
  ffexp?: number;
  embd: number;
  arch: string;
}): number {
  const biases = arch === 'gpt-oss' ? 2 * ffexp + embd : 0;
  return (layers - dense) * experts * (3 * embd * ffexp + biases);
}
