import { beforeEach, describe, expect, it } from 'vitest';
import type { BackendConfig, ListedCapabilities } from '../../../src/backends/contract';
import { wireFormatOf } from '../../../src/dispatch/capabilityTable';
import type { ChatRequest } from '../../../src/dispatch/chat';
import type { Resolution, RouteSources } from '../../../src/dispatch/resolve';
import { resolveRoute } from '../../../src/dispatch/resolve';
import type { ModelRegistry } from '../../../src/registry/registry';
import type { ModelRef } from '../../../src/shared/modelRef';
import { memoryRegistry, setReadiness } from '../../support/registryState';
import { chatRequest } from './support/rig';

const QWEN: ModelRef = { backend: 'ollama', provider: 'qwen', modelId: 'qwen3:8b' };
const GEMMA: ModelRef = { backend: 'llama', provider: 'google', modelId: 'gemma-3-4b' };
const configs: readonly BackendConfig[] = [
  { id: 'ollama', kind: 'ollama', url: 'http://user:pw@127.0.0.1:11434/base', host: 'local', headers: {} },
  { id: 'llama', kind: 'llama_server', url: 'http://127.0.0.1:8080', host: 'local', headers: {} },
];
const tools = [{ name: 'f', description: '', parameters: {} }];

let registry: ModelRegistry;

beforeEach(async () => {
  registry = memoryRegistry();
  await registry.configureBackends(configs);
});

describe('the model', () => {
  it('is the explicit one of the call before the pick, and the pick before the best one', async () => {
    await serve(QWEN);
    await serve(GEMMA);
    const sources = { pick: () => QWEN, bestModel: () => GEMMA };
    expect(originAndModel(resolve({ model: GEMMA }, sources))).toEqual(['pipeline_input', 'gemma-3-4b']);
    expect(originAndModel(resolve({}, sources))).toEqual(['operator_pin', 'qwen3:8b']);
    expect(originAndModel(resolve({}, { bestModel: () => GEMMA }))).toEqual([
      'catalog_default',
      'gemma-3-4b',
    ]);
  });

  it('is the best one for the task that is set', async () => {
    await serve(GEMMA);
    const tasks: string[] = [];
    resolve({}, { task: () => 'coding', bestModel: (task) => (tasks.push(task), GEMMA) });
    expect(tasks).toEqual(['coding']);
  });

  it('comes with what the registry knows of it, and where it is', async () => {
    await serve(QWEN, { digest: 'abc', contextLength: 40_960 });
    expect(resolve({ model: QWEN })).toMatchObject({
      ok: true,
      model: { modelId: 'qwen3:8b', capabilities: { digest: 'abc' } },
      route: {
        ref: QWEN,
        url: 'http://user:pw@127.0.0.1:11434/base',
        host: 'http://127.0.0.1:11434',
        wireFormat: 'ollama',
      },
    });
  });
});

describe('no route', () => {
  it('when nothing is picked and nothing is installed', () => {
    expect(resolve({})).toMatchObject({ ok: false, ref: null, failure: { code: 'no_route' } });
    expect(failureText(resolve({}))).toMatch(/no model to ask.*Install a recommended model/);
  });

  it('when the backend is not configured', () => {
    const result = resolve({ model: { ...QWEN, backend: 'gone' } });
    expect(result).toMatchObject({ ok: false, failure: { code: 'no_route' }, origin: 'pipeline_input' });
    expect(failureText(result)).toContain('The backend gone of the model qwen3:8b is not configured.');
  });

  it('when the backend answers and does not have the model', async () => {
    await serve({ ...QWEN, modelId: 'other' });
    const result = resolve({}, { pick: () => QWEN });
    expect(result).toMatchObject({
      ok: false,
      failure: { code: 'model_missing' },
      ref: QWEN,
      origin: 'operator_pin',
    });
    expect(failureText(result)).toBe(
      'ollama does not have the model qwen3:8b. Install it, or pick another model.',
    );
  });

  it('when the model belongs to another provider than the pick says, and says which', async () => {
    await serve({ ...QWEN, provider: 'google' });
    const result = resolve({}, { pick: () => QWEN });
    expect(result).toMatchObject({ ok: false, failure: { code: 'model_missing' } });
    expect(failureText(result)).toContain('as a model of google, not of qwen');
  });

  it('when nobody here speaks as its backend does, unless the user says how to', () => {
    const claude = { backend: 'anthropic', provider: 'anthropic', modelId: 'claude-opus-5' };
    const config = {
      id: 'anthropic',
      kind: 'anthropic',
      url: 'https://api',
      host: 'x',
      headers: {},
    } as const;
    const result = resolve({ model: claude }, { backend: () => config });
    expect(result).toMatchObject({ ok: false, failure: { code: 'no_route' } });
    expect(failureText(result)).toBe(
      'Model Pool lists the models of anthropic, but cannot talk to them yet. Pick a model of another backend.',
    );
    const capabilityRules = [{ model: '*', wireFormat: 'openai_compat' as const }];
    expect(resolve({ model: claude }, { backend: () => config, capabilityRules })).toMatchObject({
      ok: true,
      route: { wireFormat: 'openai_compat' },
    });
  });

  it('when the backend was never reached, with what the probe says', async () => {
    await setReadiness(registry, 'ollama', {
      readiness: 'unreachable',
      message: 'Nothing answers at 127.0.0.1:11434.',
      nextStep: 'Start Ollama.',
    });
    const result = resolve({ model: QWEN });
    expect(result).toMatchObject({ ok: false, failure: { code: 'no_route' } });
    expect(failureText(result)).toBe('Nothing answers at 127.0.0.1:11434. Start Ollama.');
  });

  it('is not said while the backend has not been probed, nor of a stale row', async () => {
    expect(resolve({ model: QWEN })).toMatchObject({ ok: true, model: null });
    await serve(QWEN);
    await setReadiness(registry, 'ollama', { readiness: 'unreachable' });
    expect(resolve({ model: QWEN })).toMatchObject({ ok: true, model: { modelId: 'qwen3:8b' } });
  });
});

describe('every field', () => {
  it.each<readonly [string, Partial<ChatRequest>, ListedCapabilities, object, object]>([
    [
      'of a plain call',
      {},
      { contextLength: 4_096 },
      { thinking: 'default', toolFormat: 'none', contextTokens: null },
      { thinking: 'catalog_default', toolFormat: 'catalog_default', contextTokens: 'catalog_default' },
    ],
    ['of a model of which nothing is known', {}, {}, {}, { contextTokens: 'unknown' }],
    [
      'that the call sets',
      { parameters: { thinking: 'off', contextTokens: 8_192 }, tools },
      { thinking: true, tools: true },
      { thinking: 'off', toolFormat: 'native', contextTokens: 8_192 },
      { thinking: 'pipeline_input', toolFormat: 'catalog_default', contextTokens: 'pipeline_input' },
    ],
    [
      'where thinking is unknown',
      { parameters: { thinking: 'on' } },
      {},
      { thinking: 'on' },
      { thinking: 'pipeline_input' },
    ],
    ['where tools are unknown', { tools }, {}, { toolFormat: 'native' }, {}],
    ['where the model has no tools', { tools }, { tools: false }, { toolFormat: 'none' }, {}],
    [
      'where the model does not think and is told not to',
      { parameters: { thinking: 'off' } },
      { thinking: false },
      { thinking: 'default' },
      { thinking: 'catalog_default' },
    ],
  ])('%s has its origin', async (_what, request, capabilities, route, provenance) => {
    await serve(QWEN, capabilities);
    expect(resolve({ model: QWEN, ...request })).toMatchObject({
      ok: true,
      route: {
        ...route,
        provenance: { model: 'pipeline_input', wireFormat: 'catalog_default', ...provenance },
      },
    });
  });

  it('says that thinking was asked of a model that cannot', async () => {
    await serve(QWEN, { thinking: false });
    expect(resolve({ model: QWEN, parameters: { thinking: 'on' } })).toMatchObject({
      route: { thinking: 'default' },
      thinkingNote: 'Thinking was asked for, but qwen3:8b does not support it.',
    });
  });

  it('leaves the context to servers whose context is fixed', async () => {
    await serve(GEMMA, { allocatedContext: 4_096 });
    expect(resolve({ model: GEMMA, parameters: { contextTokens: 8_192 } })).toMatchObject({
      route: {
        wireFormat: 'openai_compat',
        contextTokens: null,
        provenance: { contextTokens: 'catalog_default' },
      },
    });
  });
});

describe('the wire format', () => {
  it.each([
    ['ollama', 'qwen3:8b', 'ollama'],
    ['llama_server', '/models/x.gguf', 'openai_compat'],
    ['something_new', 'x', 'openai_compat'],
  ] as const)('of a model of %s is %s', (kind, id, format) => {
    expect(wireFormatOf(kind, id)).toBe(format);
  });

  it.each([
    ['hf.co/*', 'hf.co/unsloth/x:Q4', true],
    ['HF.co/*:q4', 'hf.co/unsloth/x:Q4', true],
    ['*:Q?', 'a:Q4', true],
    ['*:Q?', 'a:Q42', false],
    ['qwen3:8b', 'qwen3:8b', true],
    ['qwen3.8b', 'qwen3:8b', false],
    ['*', '', true],
    ['?', '', false],
    ['*a*b*c*', 'xxaxxbxxc', true],
    [`${'*a'.repeat(30)}b`, 'a'.repeat(5_000), false],
  ])('follows the first user rule that matches: %s on %s', (glob, id, matches) => {
    const rules = [{ model: glob, wireFormat: 'openai_compat' as const }];
    expect(wireFormatOf('ollama', id, rules)).toBe(matches ? 'openai_compat' : 'ollama');
  });

  it('is not taken from a rule for another kind of backend', () => {
    const rules = [{ backendKind: 'llama_server', model: '*', wireFormat: 'openai_compat' as const }];
    expect(wireFormatOf('ollama', 'x', rules)).toBe('ollama');
  });
});

async function serve(ref: ModelRef, capabilities: ListedCapabilities = {}): Promise<void> {
  await registry.upsert([
    {
      ...{ backend: ref.backend, provider: ref.provider, source: 'probe' as const },
      ...{ refreshedAt: 1, refreshedMono: 1, bootId: 'boot' },
      models: [{ modelId: ref.modelId, displayName: ref.modelId, capabilities }],
    },
  ]);
  await setReadiness(registry, ref.backend, { readiness: 'ok' });
}

function resolve(request: Partial<ChatRequest>, change: Partial<RouteSources> = {}): Resolution {
  return resolveRoute(chatRequest(request), {
    registry,
    backend: (id) => configs.find((config) => config.id === id),
    pick: () => undefined,
    task: () => 'general',
    bestModel: () => undefined,
    ...change,
  });
}

function originAndModel(resolution: Resolution): readonly unknown[] {
  return resolution.ok ? [resolution.route.provenance.model, resolution.route.ref.modelId] : [];
}

function failureText(resolution: Resolution): string {
  return resolution.ok ? '' : resolution.failure.message;
}
