import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine';
import { dispatchRecordSchema } from '../../src/shared/dispatchRecord';
import type { ModelRef } from '../../src/shared/modelRef';
import { modelRefKey } from '../../src/shared/modelRef';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { testEngine } from '../support/engine';
import { hear } from '../unit/dispatch/support/rig';

const GIB = 2 ** 30;
const NEVER = new AbortController().signal;
const LIMIT_MS = 60_000;

/** Both are in the catalogue; the second one is years older. */
const INSTALLED = {
  'qwen3:8b': describeModel({ family: 'qwen3', parameterSize: '8.2B', weightsBytes: 5 * GIB }),
  'qwen:7b': describeModel({ family: 'qwen', parameterSize: '7.7B', weightsBytes: 4 * GIB }),
};

let folder: string;
let ollama: FakeOllama;
let engine: Engine;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'mp-auto-'));
  ollama = await startFakeOllama({ installed: INSTALLED });
  engine = await testEngine(folder, [{ id: 'ollama', kind: 'ollama', url: ollama.url }], {
    pick: () => ({ best: { task: 'coding' } }),
  });
  await engine.refreshAll(NEVER);
  await engine.rankings.rank('coding');
}, LIMIT_MS);
afterEach(async () => {
  await engine.dispose();
  await ollama.stop();
  rmSync(folder, { recursive: true, force: true });
});

function refOf(modelId: string): ModelRef {
  const model = engine.served.all().find((each) => each.modelId === modelId);
  if (!model) throw new Error(`${modelId} is not served`);
  return { backend: model.backend, provider: model.provider, modelId };
}

/** Which model answers a call that names none. */
async function ask(): Promise<string | undefined> {
  const { finish } = await hear(
    engine.dispatcher.dispatch({ messages: [{ role: 'user', content: 'hi there' }], sessionId: 'ask' }),
  );
  await engine.transcript.flush();
  const { records } = await engine.transcript.read({ limit: 10 });
  const parsed = records.map((each) => dispatchRecordSchema.parse(each));
  const record = parsed.find(({ recordId }) => recordId === finish.recordId);
  expect(record?.provenance).toMatchObject({ model: 'catalog_default' });
  return record?.model;
}

describe('a pick of the best model for a task', () => {
  it(
    'sends each call to the model that is best then, which its record names',
    async () => {
      expect(await ask()).toBe('qwen3:8b');
      const body = JSON.stringify({ model: 'qwen3:8b' });
      await fetch(`${ollama.url}/api/delete`, { method: 'DELETE', body });
      // A probe that runs already may have looked before that.
      await engine.refreshBackend('ollama', NEVER);
      expect(await ask()).toBe('qwen:7b');
    },
    LIMIT_MS,
  );

  it(
    'goes by the ranking of that task, which the first call waits for, and not by what is loaded',
    async () => {
      expect((await engine.trials.warm(refOf('qwen:7b'), { signal: NEVER })).ok).toBe(true);
      engine.rankings.invalidate();
      const said = engine.dispatcher.explainRoute({ messages: [], sessionId: 'explain' });
      expect(said).toMatchObject({ primary: { ref: { modelId: 'qwen:7b' } } });
      expect(said.warnings.join()).toContain('may take another one');
      expect(await ask()).toBe('qwen3:8b');
    },
    LIMIT_MS,
  );

  it('is what Explain Route and other extensions are told', () => {
    const { primary } = engine.dispatcher.explainRoute({ messages: [], sessionId: 'explain' });
    expect(primary).toMatchObject({ ok: true, ref: { modelId: 'qwen3:8b' } });
    const session = engine.registerSession('another extension');
    expect(session.resolveModel()).toMatchObject({ ok: true, model: { modelId: 'qwen3:8b' } });
    session.dispose();
  });
});

describe('stopping a loaded model', () => {
  it(
    'takes it out of memory and leaves it on the disk',
    async () => {
      const ref = refOf('qwen3:8b');
      const isLoaded = (): boolean =>
        engine.served.all().some((model) => modelRefKey(model) === modelRefKey(ref) && model.running);
      expect((await engine.trials.warm(ref, { signal: NEVER })).ok).toBe(true);
      const [loaded] = engine.served.all().filter(({ running }) => running !== undefined);
      expect(loaded && engine.trials.canUnload(loaded)).toBe(true);
      expect(isLoaded()).toBe(true);
      expect(await engine.trials.unload(ref, NEVER)).toEqual({ ok: true, isGone: true });
      expect(isLoaded()).toBe(false);
      expect(ollama.store.names()).toContain('qwen3:8b');
      for (const model of engine.served.all()) expect(engine.trials.canUnload(model)).toBe(false);
    },
    LIMIT_MS,
  );
});
