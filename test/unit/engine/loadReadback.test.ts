import { describe, expect, it } from 'vitest';
import type { BackendKind, RunningModel } from '../../../src/backends/contract';
import { LoadReadback } from '../../../src/engine/loadReadback';
import type { RegisteredModel } from '../../../src/registry/row';
import type { DispatchRecord } from '../../../src/shared/dispatchRecord';
import { dispatchRecord } from '../../support/dispatchRecords';

const REF = { backend: 'served', provider: 'qwen', modelId: 'qwen3:8b' };

const UNLOADED: RegisteredModel = {
  ...{ ...REF, displayName: 'qwen3:8b', capabilities: {}, source: 'probe', refreshedAt: 0 },
};

/** One backend with one model, and how often it was asked again. */
function rig(kind: BackendKind, running?: RunningModel, after: RunningModel | undefined = running) {
  const asked: string[] = [];
  let model: RegisteredModel = { ...UNLOADED, ...(running ? { running } : {}) };
  const readback = new LoadReadback({
    registry: { find: (_backend, _provider, id) => (id === model.modelId ? model : undefined) },
    backend: (id) =>
      id === 'served' ? { id, kind, url: 'http://x', host: 'local', headers: {} } : undefined,
    refresh: (id) => {
      asked.push(id);
      model = { ...UNLOADED, ...(after ? { running: after } : {}) };
      return Promise.resolve();
    },
  });
  return { readback, asked };
}

function called(change: Partial<DispatchRecord> = {}): DispatchRecord {
  return dispatchRecord(1, 0, {
    ...{ backend: 'served', provider: 'qwen', model: 'qwen3:8b' },
    ...{ firstTokenAt: '2026-11-21T00:00:00Z', contextRequested: 8_192 },
    ...change,
  });
}

describe('what a call has made its server allocate', () => {
  it.each(['ollama', 'llama_server', 'lm_studio'] as const)(
    'is read back from %s where the model was not loaded',
    async (kind) => {
      const { readback, asked } = rig(kind, undefined, { contextTokens: 8_192 });
      await readback.note(called());
      expect(asked).toEqual(['served']);
      await readback.note(called());
      expect(asked).toHaveLength(1);
    },
  );

  it('is read back where it was loaded with another context', async () => {
    const { readback, asked } = rig('ollama', { contextTokens: 4_096 }, { contextTokens: 8_192 });
    await readback.note(called());
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['the context is the one that is listed', 'ollama', { contextTokens: 8_192 }, {}],
    ['none was asked for', 'ollama', { contextTokens: 4_096 }, { contextRequested: null }],
    ['no answer began', 'ollama', undefined, { firstTokenAt: null }],
    ['the model is not listed', 'ollama', undefined, { model: 'other' }],
    ['the backend is not set up', 'ollama', undefined, { backend: 'gone' }],
    ['its server loads nothing when it is called', 'openai', undefined, {}],
  ] as const)('is not asked for where %s', async (_why, kind, running, change) => {
    const { readback, asked } = rig(kind, running);
    await readback.note(called(change));
    expect(asked).toEqual([]);
  });

  it('is asked for once of a server that lists nothing as loaded, and again after it did', async () => {
    const { readback, asked } = rig('ollama');
    await readback.note(called());
    await readback.note(called());
    expect(asked).toHaveLength(1);
  });
});
