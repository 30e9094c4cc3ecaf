import { beforeEach, describe, expect, it } from 'vitest';
import type { BackendConfig, ListedCapabilities } from '../../../src/backends/contract';
import type { BreakerView } from '../../../src/dispatch/breaker';
import type { ChatRequest } from '../../../src/dispatch/chat';
import type { Resolution, RouteSources } from '../../../src/dispatch/resolve';
import { otherModels, resolveRoute } from '../../../src/dispatch/resolve';
import type { ModelRef } from '../../../src/shared/modelRef';
import { setReadiness } from '../../support/registryState';
import { chatRequest } from './support/rig';
import type { RouteRig } from './support/routeRig';
import { breakerWith, NO_FAILURES, openRouteRig } from './support/routeRig';

const QWEN: ModelRef = { backend: 'ollama', provider: 'qwen', modelId: 'qwen3:8b' };
const GEMMA: ModelRef = { backend: 'llama', provider: 'google', modelId: 'gemma-3-4b' };
const CLAUDE: ModelRef = { backend: 'anthropic', provider: 'anthropic', modelId: 'claude-opus-5' };
const EDITORS: ModelRef = { backend: 'vscode', provider: 'copilot', modelId: 'gpt-5' };
const configs: readonly BackendConfig[] = [
  { id: 'ollama', kind: 'ollama', url: 'http://user:pw@127.0.0.1:11434/base', host: 'local', headers: {} },
  { id: 'llama', kind: 'llama_server', url: 'http://127.0.0.1:8080', host: 'local', headers: {} },
  { id: 'anthropic', kind: 'anthropic', url: 'https://127.0.0.1:9', host: '127.0.0.1', headers: {} },
  { id: 'vscode', kind: 'vscode', url: '', host: 'local', headers: {} },
];
const tools = [{ name: 'f', description: '', parameters: {} }];
const OFF = { mode: 'off' } as const;
const ON = { mode: 'enabled' } as const;

let rig: RouteRig;

beforeEach(async () => {
  rig = await openRouteRig(configs);
});

describe('the model', () => {
  it('is the explicit one of the call before the pick, and the pick before the best one', async () => {
    await rig.serve({ ...QWEN, score: 10 }, { ...GEMMA, score: 20 });
    const pick = { pick: () => QWEN };
    expect(originAndModel(resolve({ model: GEMMA }, pick))).toEqual(['pipeline_input', 'gemma-3-4b']);
    expect(originAndModel(resolve({}, pick))).toEqual(['operator_pin', 'qwen3:8b']);
    expect(originAndModel(resolve({}))).toEqual(['catalog_default', 'gemma-3-4b']);
  });

  it('is the best one for a need that the call names, whatever is picked', async () => {
    await rig.serve({ ...QWEN, score: 10 }, { ...GEMMA, score: 20 });
    expect(originAndModel(resolve({ model: { best: {} } }, { pick: () => QWEN }))).toEqual([
      'catalog_default',
      'gemma-3-4b',
    ]);
  });

  it('is the best one for the task that was picked in place of a model, unless the call says another one', async () => {
    await rig.serve({ ...GEMMA, score: 1 });
    const tasks: string[] = [];
    const { candidates } = rig.sources();
    const change: Partial<RouteSources> = {
      pick: () => ({ best: { task: 'coding' } }),
      candidates: (task) => (tasks.push(task), candidates(task)),
    };
    expect(originAndModel(resolve({}, change))).toEqual(['catalog_default', 'gemma-3-4b']);
    resolve({ model: { best: { task: 'reasoning' } } }, change);
    resolve({ model: { best: {} } }, change);
    expect(tasks).toEqual(['coding', 'reasoning', 'general']);
    expect(originAndModel(resolve({ model: GEMMA }, change))).toEqual(['pipeline_input', 'gemma-3-4b']);
  });

  it('that is taken under such a pick calls tools where the call has some', async () => {
    const [able, unable] = [
      { ...QWEN, score: 10 },
      { ...GEMMA, score: 20 },
    ];
    await rig.serve(
      { ...able, capabilities: { tools: true } },
      { ...unable, capabilities: { tools: false } },
    );
    const pick = { pick: () => ({ best: { task: 'coding' } }) as const };
    const tools = [{ name: 'look', description: 'Looks.', parameters: {} }];
    expect(originAndModel(resolve({}, pick))).toEqual(['catalog_default', 'gemma-3-4b']);
    expect(originAndModel(resolve({ tools }, pick))).toEqual(['catalog_default', 'qwen3:8b']);
  });

  it('is the best one for the task of the need, else for the task that is set', async () => {
    await rig.serve({ ...GEMMA, score: 1 });
    const tasks: string[] = [];
    const { candidates } = rig.sources();
    const change: Partial<RouteSources> = {
      task: () => 'coding',
      candidates: (task) => (tasks.push(task), candidates(task)),
    };
    resolve({}, change);
    resolve({ model: { best: { task: 'reasoning' } } }, change);
    expect(tasks).toEqual(['coding', 'reasoning']);
  });

  it('comes with what the registry knows of it, and where it is', async () => {
    await rig.serve({ ...QWEN, capabilities: { digest: 'abc', contextLength: 40_960 } });
    expect(resolve({ model: QWEN })).toMatchObject({
      ok: true,
      model: { modelId: 'qwen3:8b', capabilities: { digest: 'abc' } },
      route: {
        ref: QWEN,
        kind: 'ollama',
        hosted: false,
        url: 'http://user:pw@127.0.0.1:11434/base',
        host: 'http://127.0.0.1:11434',
        wireFormat: 'ollama',
      },
    });
  });

  it('of a provider is hosted, and one of the editor has no address', async () => {
    await rig.serve(CLAUDE, EDITORS);
    expect(resolve({ model: CLAUDE })).toMatchObject({
      route: { kind: 'anthropic', hosted: true, wireFormat: 'anthropic_native' },
    });
    expect(resolve({ model: EDITORS })).toMatchObject({
      route: { kind: 'vscode', hosted: false, url: '', host: 'vscode', wireFormat: 'vscode' },
    });
  });
});

describe('the runners-up', () => {
  const all = [
    { ...QWEN, score: 10 },
    { ...GEMMA, score: 20.25 },
    { ...QWEN, modelId: 'qwen3:4b', score: 5 },
    CLAUDE,
  ];

  it('are the other models, best first, each with why it stands there', async () => {
    await rig.serve(...all);
    expect(runnersUp(resolve({}))).toEqual([
      ['qwen3:8b', '10.0 points for general use'],
      ['qwen3:4b', '5.0 points for general use'],
      ['claude-opus-5', 'not ranked for general use'],
    ]);
  });

  it('are not looked for where a model was named or picked: a call need not wait for that', async () => {
    await rig.serve(...all);
    const candidates = (): never => {
      throw new Error('Nobody chooses here.');
    };
    expect(runnersUp(resolve({ model: QWEN }, { candidates }))).toEqual([]);
    expect(runnersUp(resolve({}, { candidates, pick: () => QWEN }))).toEqual([]);
  });

  it('of a model that was named are all but that one, also where it is not there', async () => {
    await rig.serve(...all);
    const idsBeside = (ref: ModelRef): readonly string[] =>
      otherModels(ref, rig.sources(), NO_FAILURES).map(({ ref: { modelId } }) => modelId);
    expect(idsBeside(QWEN)).toEqual(['gemma-3-4b', 'qwen3:4b', 'claude-opus-5']);
    expect(idsBeside({ ...QWEN, modelId: 'gone' })).toEqual([
      'gemma-3-4b',
      'qwen3:8b',
      'qwen3:4b',
      'claude-opus-5',
    ]);
  });

  it('say when a model is left alone, and are ten at most', async () => {
    await rig.serve(...Array.from({ length: 15 }, (_, n) => ({ ...QWEN, modelId: `m${n}`, score: n })));
    const breaker = breakerWith([[{ ...QWEN, modelId: 'm14' }, 'open']]);
    expect(otherModels({ ...QWEN, modelId: 'm13' }, rig.sources(), breaker)).toHaveLength(10);
    const result = resolve({ model: { best: { host: 'local' } } }, {}, breaker);
    expect(runnersUp(result)).toHaveLength(10);
    const [, second] = runnersUp(result);
    expect(second).toEqual(['m11', '11.0 points for general use']);
    const few = await openRouteRig(configs);
    await few.serve({ ...QWEN, score: 9 }, { ...GEMMA, score: 1 });
    const left = resolveRoute(chatRequest(), few.sources(), breakerWith([[QWEN, 'open']]));
    expect(runnersUp(left)).toEqual([
      ['qwen3:8b', '9.0 points for general use, failed again and again, left alone for a while'],
    ]);
  });
});

describe('how often a call is tried', () => {
  it('is the word of the call, else the setting', async () => {
    await rig.serve(QWEN);
    const retryOf = (request: Partial<ChatRequest>): unknown => {
      const result = resolve({ model: QWEN, ...request }, { retry: () => true });
      return result.ok && result.retry;
    };
    expect(retryOf({})).toBe(true);
    expect(retryOf({ retry: false })).toBe(false);
    expect(retryOf({ retry: { maxAttempts: 2 } })).toEqual({ maxAttempts: 2 });
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
    await rig.serve({ ...QWEN, modelId: 'other' });
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
    await rig.serve({ ...QWEN, provider: 'google' });
    const result = resolve({}, { pick: () => QWEN });
    expect(result).toMatchObject({ ok: false, failure: { code: 'model_missing' } });
    expect(failureText(result)).toContain('as a model of google, not of qwen');
  });

  it('when the backend was never reached, with what the probe says', async () => {
    await setReadiness(rig.registry, 'ollama', {
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
    await rig.serve(QWEN);
    await setReadiness(rig.registry, 'ollama', { readiness: 'unreachable' });
    expect(resolve({ model: QWEN })).toMatchObject({ ok: true, model: { modelId: 'qwen3:8b' } });
  });
});

describe('every field', () => {
  it.each<readonly [string, Partial<ChatRequest>, ListedCapabilities, object, object]>([
    [
      'of a plain call',
      {},
      { contextLength: 4_096 },
      { thinking: { mode: 'default' }, toolFormat: 'none', contextTokens: null },
      { thinking: 'catalog_default', toolFormat: 'catalog_default', contextTokens: 'catalog_default' },
    ],
    ['of a model of which nothing is known', {}, {}, {}, { contextTokens: 'unknown' }],
    [
      'that the call sets',
      { parameters: { thinking: OFF, contextTokens: 8_192 }, tools },
      { thinking: true, tools: true },
      { thinking: OFF, toolFormat: 'native', contextTokens: 8_192 },
      { thinking: 'pipeline_input', toolFormat: 'catalog_default', contextTokens: 'pipeline_input' },
    ],
    [
      'where thinking is unknown',
      { parameters: { thinking: ON } },
      {},
      { thinking: ON },
      { thinking: 'pipeline_input' },
    ],
    ['where tools are unknown', { tools }, {}, { toolFormat: 'native' }, {}],
    ['where the model has no tools', { tools }, { tools: false }, { toolFormat: 'none' }, {}],
    [
      'where the model does not think and is told not to',
      { parameters: { thinking: OFF } },
      { thinking: false },
      { thinking: { mode: 'default' } },
      { thinking: 'catalog_default' },
    ],
  ])('%s has its origin', async (_what, request, capabilities, route, provenance) => {
    await rig.serve({ ...QWEN, capabilities });
    expect(resolve({ model: QWEN, ...request })).toMatchObject({
      ok: true,
      route: {
        ...route,
        provenance: { model: 'pipeline_input', wireFormat: 'catalog_default', ...provenance },
      },
    });
  });

  it('says that thinking was asked of a model that cannot', async () => {
    await rig.serve({ ...QWEN, capabilities: { thinking: false } });
    expect(resolve({ model: QWEN, parameters: { thinking: ON } })).toMatchObject({
      route: { thinking: { mode: 'default' } },
      thinkingNote: 'Thinking was asked for, but qwen3:8b does not support it.',
    });
  });

  it('leaves the context to servers whose context is fixed', async () => {
    await rig.serve({ ...GEMMA, capabilities: { allocatedContext: 4_096 } });
    expect(resolve({ model: GEMMA, parameters: { contextTokens: 8_192 } })).toMatchObject({
      route: {
        wireFormat: 'openai_compat',
        contextTokens: null,
        provenance: { contextTokens: 'catalog_default' },
      },
    });
  });
});

describe('what the settings say', () => {
  it("of thinking counts where the call says nothing, and its default is nobody's word", async () => {
    await rig.serve(QWEN);
    const thinkingOf = (setting: RouteSources['thinking'], request: Partial<ChatRequest> = {}): unknown => {
      const result = resolve({ model: QWEN, ...request }, { thinking: setting });
      return result.ok && [result.route.thinking, result.route.provenance.thinking];
    };
    expect(thinkingOf(() => ({ mode: 'adaptive' }))).toEqual([{ mode: 'adaptive' }, 'operator_pin']);
    expect(thinkingOf(() => OFF)).toEqual([OFF, 'catalog_default']);
    expect(thinkingOf(() => undefined)).toEqual([{ mode: 'default' }, 'catalog_default']);
    expect(thinkingOf(() => ON, { parameters: { thinking: OFF } })).toEqual([OFF, 'pipeline_input']);
  });

  it('of thinking is noted where the model cannot, unless it is off', async () => {
    await rig.serve({ ...QWEN, capabilities: { thinking: false } });
    const noteWith = (setting: RouteSources['thinking']): unknown => {
      const result = resolve({ model: QWEN }, { thinking: setting });
      return result.ok && result.thinkingNote;
    };
    expect(noteWith(() => ON)).toContain('does not support it');
    expect(noteWith(() => OFF)).toBeUndefined();
    expect(noteWith(() => undefined)).toBeUndefined();
  });

  it.each<readonly [string, boolean | undefined, boolean | undefined, boolean | undefined, string, string]>([
    ['the rule before what was tried', true, false, false, 'native', 'operator_pin'],
    ['the rule before what is listed', false, undefined, true, 'none', 'operator_pin'],
    ['what was tried before what is listed', undefined, true, false, 'native', 'catalog_default'],
    ['what was tried against what is listed', undefined, false, true, 'none', 'catalog_default'],
    ['what is listed', undefined, undefined, false, 'none', 'catalog_default'],
    ['nothing', undefined, undefined, undefined, 'native', 'catalog_default'],
  ])('of tools: %s', async (_what, rule, tried, listed, toolFormat, origin) => {
    await rig.serve({ ...QWEN, capabilities: listed === undefined ? {} : { tools: listed } });
    const change: Partial<RouteSources> = {
      capabilityRules: () => (rule === undefined ? [] : [{ model: '*', tools: rule }]),
      toolCalling: () => tried,
    };
    expect(resolve({ model: QWEN, tools }, change)).toMatchObject({
      route: { toolFormat, provenance: { toolFormat: origin } },
    });
    expect(resolve({ model: QWEN }, change)).toMatchObject({
      route: { toolFormat: 'none', provenance: { toolFormat: 'catalog_default' } },
    });
  });

  it('of the wire format and of thinking counts before what we know', async () => {
    await rig.serve({ ...QWEN, capabilities: { thinking: false } });
    const capabilityRules: RouteSources['capabilityRules'] = () => [
      { model: 'qwen*', wireFormat: 'openai_compat', thinking: true },
    ];
    expect(
      resolve({ model: QWEN, parameters: { thinking: ON, contextTokens: 8_192 } }, { capabilityRules }),
    ).toMatchObject({
      route: {
        wireFormat: 'openai_compat',
        thinking: ON,
        contextTokens: null,
        provenance: { wireFormat: 'operator_pin', thinking: 'pipeline_input' },
      },
    });
  });
});

describe('the context', () => {
  it('is what is right for the model and holds what is needed, where the call names none', async () => {
    await rig.serve(QWEN);
    const needs: (number | undefined)[] = [];
    const contextFor: RouteSources['contextFor'] = (_model, need) => (needs.push(need), 12_288);
    expect(resolve({ model: QWEN }, { contextFor })).toMatchObject({
      route: { contextTokens: 12_288, provenance: { contextTokens: 'catalog_default' } },
    });
    expect(resolve({ model: { best: { minContext: 9_000 } } }, { contextFor })).toMatchObject({
      route: { contextTokens: 12_288 },
    });
    expect(needs).toEqual([undefined, 9_000]);
    expect(resolve({ model: QWEN, parameters: { contextTokens: 2_048 } }, { contextFor })).toMatchObject({
      route: { contextTokens: 2_048, provenance: { contextTokens: 'pipeline_input' } },
    });
  });

  it('is not chosen for a model that nobody has seen yet, nor where it cannot be asked for', async () => {
    const contextFor = (): number => 12_288;
    expect(resolve({ model: QWEN }, { contextFor })).toMatchObject({
      model: null,
      route: { contextTokens: null },
    });
    await rig.serve(GEMMA);
    expect(resolve({ model: GEMMA }, { contextFor })).toMatchObject({ route: { contextTokens: null } });
  });
});

function resolve(
  request: Partial<ChatRequest>,
  change: Partial<RouteSources> = {},
  breaker: BreakerView = NO_FAILURES,
): Resolution {
  return resolveRoute(chatRequest(request), rig.sources(change), breaker);
}

function originAndModel(resolution: Resolution): readonly unknown[] {
  return resolution.ok ? [resolution.route.provenance.model, resolution.route.ref.modelId] : [];
}

function runnersUp({ runnersUp: others }: Resolution): readonly (readonly [string, string])[] {
  return others.map(({ ref, why }) => [ref.modelId, why]);
}

function failureText(resolution: Resolution): string {
  return resolution.ok ? '' : resolution.failure.message;
}
