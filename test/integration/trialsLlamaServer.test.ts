import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ModelRef } from '../../src/shared/modelRef';
import type { LlamaServer } from '../support/llamaServer';
import { startLlamaServer } from '../support/llamaServer';
import { ggufModel } from '../support/scriptedModel';
import { openTrialHouse, type TrialHouse } from '../support/trialHouse';

const NEVER = new AbortController().signal;
const TINY: ModelRef = { backend: 'served', provider: 'local', modelId: 'tiny' };

function openHouse(
  server: LlamaServer,
  kind: 'llama_server' | 'vllm' = 'llama_server',
  leads = false,
): Promise<TrialHouse> {
  return openTrialHouse({
    configs: [{ id: 'served', kind, url: server.url, host: 'local', headers: {} }],
    leads,
  });
}

function find({ registry }: TrialHouse) {
  const model = registry.find(TINY.backend, TINY.provider, TINY.modelId);
  if (!model) throw new Error('not listed');
  return model;
}

describe('trials on a real llama-server', () => {
  let server: LlamaServer;
  let house: TrialHouse;
  beforeAll(async () => {
    server = await startLlamaServer({ args: ['--ctx-size', '2048', '--parallel', '1'] });
    house = await openHouse(server);
  }, 60_000);
  afterAll(async () => {
    // First what would outlive a failed test.
    await server.stop();
    await house.close();
  });

  it('find that the model calls tools', async () => {
    const verdict = await house.trials.probeToolCalling(TINY, NEVER);
    expect(verdict).toMatchObject({ result: 'yes', how: 'tried' });
    expect(house.trials.toolCalling(find(house))).toBe(true);
  });

  it('find that its only model is loaded already', async () => {
    const warmed = await house.trials.warm(TINY, { signal: NEVER });
    expect(warmed).toMatchObject({ ok: true, loaded: false, loadMs: null, keptMinutes: null });
    expect(warmed.ok && warmed.contextTokens).toBe(2_048);
  });

  it('measure it by the server clock, with prompts that no cache knows, time after time', async () => {
    for (const times of [1, 2]) {
      const before = house.records.length;
      const result = await house.trials.measure(TINY, { signal: NEVER });
      expect(result).toMatchObject({
        ok: true,
        measuredBy: 'server',
        runs: 3,
        answerTokens: 128,
        loadMs: null,
      });
      if (!result.ok) throw new Error(result.message);
      expect(result.promptTokens).toBeGreaterThan(400);
      const records = house.records.slice(before);
      const rates = records.slice(1).map((record) => record.timings?.decodeTokPerSec ?? 0);
      expect(records).toHaveLength(4);
      expect(result.decodeTokPerSec).toBe([...rates].sort((a, b) => a - b)[1]);
      // The server's own clock around the whole call bounds what it can have been.
      for (const { timings, durationMs } of records.slice(1)) {
        expect(timings?.decodeMs).toBeLessThan(durationMs);
        expect(timings?.decodeTokPerSec).toBeGreaterThan((127 / durationMs) * 1_000);
      }
      for (const { usage } of records) expect(usage.cachedTokens ?? 0).toBeLessThan(50);
      expect(result.promptTokPerSec).toBeGreaterThan(0);
      expect(result.measurement).toMatchObject({ contextTokens: 2_048, from: 'measure', hostId: 'local' });
      expect(house.trials.measurements()).toHaveLength(times);
    }
  }, 60_000);
});

describe('trials on a llama-server whose model', () => {
  let server: LlamaServer | undefined;
  let house: TrialHouse | undefined;
  afterEach(async () => {
    await server?.stop();
    await house?.close();
    [house, server] = [undefined, undefined];
  });

  it('only writes when it is offered a tool find that it does not call tools', async () => {
    // A template that knows no tools, whatever the caller offers.
    const folder = mkdtempSync(path.join(tmpdir(), 'template-'));
    const template = path.join(folder, 'plain.jinja');
    writeFileSync(
      template,
      "{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{%- endfor %}{{- '<|im_start|>assistant\\n' }}",
    );
    try {
      server = await startLlamaServer({ args: ['--ctx-size', '2048', '--chat-template-file', template] });
      house = await openHouse(server);
      const verdict = await house.trials.probeToolCalling(TINY, NEVER);
      expect(verdict.result).toBe('no');
      expect(house.trials.toolCalling(find(house))).toBe(false);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 60_000);

  it('has too little context for the prompt say so', async () => {
    server = await startLlamaServer({ args: ['--ctx-size', '256', '--parallel', '1'] });
    house = await openHouse(server);
    const result = await house.trials.measure(TINY, { signal: NEVER });
    expect(result).toMatchObject({ ok: false });
    expect(result.ok ? '' : result.message).toMatch(/context/);
    expect(house.trials.measurements()).toEqual([]);
  }, 60_000);
});

describe('a loaded model of which nobody knows whether it calls tools', () => {
  let server: LlamaServer;
  beforeAll(async () => {
    server = await startLlamaServer();
  }, 60_000);
  afterAll(() => server.stop());

  it('is tried once by the window that leads, and by no other', async () => {
    // In the place of a vLLM, whose list does not say it: what is asked of both is the same.
    const other = await openHouse(server, 'vllm');
    const house = await openHouse(server, 'vllm', true);
    try {
      await vi.waitFor(() => expect(house.trials.toolCalling(find(house))).toBe(true), 10_000);
      await house.refresh('served');
      expect(house.records.map(({ sessionId }) => sessionId)).toEqual(['probe']);
      expect(other.records).toEqual([]);
    } finally {
      await other.close();
      await house.close();
    }
  }, 60_000);
});

describe('a llama-server that serves many models', () => {
  let folder: string;
  let server: LlamaServer;
  let house: TrialHouse;
  const ref = (modelId: string): ModelRef => ({ ...TINY, modelId });
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'router-'));
    symlinkSync(ggufModel('tiny-llama'), path.join(folder, 'first.gguf'));
    symlinkSync(ggufModel('tiny-qwen3'), path.join(folder, 'second.gguf'));
    writeFileSync(path.join(folder, 'broken.gguf'), 'no model');
    server = await startLlamaServer({
      args: ['--models-dir', folder, '--models-max', '1', '--ctx-size', '2048'],
    });
    house = await openHouse(server);
  }, 60_000);
  afterAll(async () => {
    // First what would outlive a failed test.
    await server.stop();
    await house.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('loads one when it is told to, and puts out the one that was there', async () => {
    const first = await house.trials.warm(ref('first'), { signal: NEVER });
    expect(first).toMatchObject({ ok: true, loaded: true, keptMinutes: null, displaced: [] });
    expect(first.ok && first.loadMs).toBeGreaterThan(0);
    expect(house.registry.find('served', 'local', 'first')?.running).toBeDefined();
    const plan = house.trials.planWarm(ref('second'));
    expect(plan.ok && plan.mayDisplace.map(({ modelId }) => modelId)).toEqual(['first']);
    const second = await house.trials.warm(ref('second'), { signal: NEVER });
    expect(second.ok && second.displaced.map(({ modelId }) => modelId)).toEqual(['first']);
    const again = await house.trials.warm(ref('second'), { signal: NEVER });
    // With the server's words where it does not.
    expect(again.ok ? again.loaded : again.message).toBe(false);
  }, 60_000);

  it('says that a file is no model', async () => {
    const warmed = await house.trials.warm(ref('broken'), { signal: NEVER });
    expect(warmed).toMatchObject({ ok: false });
    expect(warmed.ok ? '' : warmed.message).toMatch(
      /could not load broken: its process ended \(exit code \d+\)/,
    );
  }, 60_000);
});
