import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BackendConfig, ListedCapabilities } from '../../../src/backends/contract';
import type { BestModels, ModelCandidate, ModelKnowledge } from '../../../src/dispatch/bestModel';
import { bestModels } from '../../../src/dispatch/bestModel';
import type { BreakerState, BreakerView } from '../../../src/dispatch/breaker';
import type { ModelNeed } from '../../../src/dispatch/chat';
import type { BackendState } from '../../../src/registry/row';
import { NO_FAILURES } from './support/routeRig';

interface Model {
  readonly id: string;
  readonly backend?: string;
  readonly score?: number | null;
  readonly capabilities?: ListedCapabilities;
  readonly loaded?: boolean;
}

const BACKENDS: readonly (Pick<BackendConfig, 'id' | 'kind' | 'host'> & Pick<BackendState, 'readiness'>)[] = [
  { id: 'here', kind: 'ollama', host: 'local', readiness: 'ok' },
  { id: 'here_too', kind: 'llama_server', host: 'local', readiness: 'ok' },
  { id: 'there', kind: 'vllm', host: 'gpubox', readiness: 'ok' },
  { id: 'hosted', kind: 'openai', host: '127.0.0.1', readiness: 'ok' },
  { id: 'editor', kind: 'vscode', host: 'local', readiness: 'ok' },
  { id: 'unasked', kind: 'ollama', host: 'local', readiness: 'unknown' },
  { id: 'gone', kind: 'ollama', host: 'local', readiness: 'unreachable' },
];

describe('the order of models', () => {
  it('is that of their scores, those without one last', () => {
    expect(
      idsOf([
        { id: 'a', score: null },
        { id: 'b', score: 1 },
        { id: 'c', score: 2 },
      ]),
    ).toEqual(['c', 'b', 'a']);
  });

  it('puts models that fail all the time last, and before them those that are to be tried once', () => {
    const states: Readonly<Record<string, BreakerState>> = { a: 'open', b: 'half_open' };
    const models = [
      { id: 'a', score: 9 },
      { id: 'b', score: 8 },
      { id: 'c', score: null },
    ];
    expect(idsOf(models, {}, {}, states)).toEqual(['c', 'b', 'a']);
  });

  it('puts backends that were not asked yet behind, and leaves out those that do not answer', () => {
    const models = [
      { id: 'a', score: 9, backend: 'unasked' },
      { id: 'b', score: 8 },
      { id: 'c', score: 10, backend: 'gone' },
      { id: 'd', score: 10, backend: 'not_configured' },
    ];
    expect(idsOf(models)).toEqual(['b', 'a']);
  });

  it('prefers this machine, then other machines, then services and the editor, among equals', () => {
    const models = ['editor', 'hosted', 'there', 'here'].map((backend) => ({ id: backend, backend }));
    expect(idsOf(models)).toEqual(['here', 'there', 'editor', 'hosted']);
  });

  it('prefers what is loaded, then the id, among equals', () => {
    const models = [{ id: 'b' }, { id: 'a' }, { id: 'c', loaded: true }];
    expect(idsOf(models)).toEqual(['c', 'a', 'b']);
  });
});

describe('where tools are called', () => {
  const models: readonly Model[] = [
    { id: 'no', score: 99, capabilities: { tools: false } },
    { id: 'perhaps', score: 74 },
    { id: 'yes', score: 70, capabilities: { tools: true } },
  ];

  it('models that are known not to do so are left out, for agentic tasks as well', () => {
    expect(idsOf(models)).toEqual(['no', 'perhaps', 'yes']);
    expect(idsOf(models, { requireToolCalling: true })).toEqual(['yes', 'perhaps']);
    expect(idsOf(models, { task: 'agentic' })).toEqual(['yes', 'perhaps']);
    expect(idsOf(models, {}, { task: () => 'agentic' })).toEqual(['yes', 'perhaps']);
  });

  it('those that may or may not stand behind those that do, unless they are clearly better', () => {
    const [no, , yes] = models;
    if (!no || !yes) throw new Error('no models');
    expect(idsOf([{ id: 'perhaps', score: 75 }, yes], { requireToolCalling: true })).toEqual([
      'yes',
      'perhaps',
    ]);
    expect(idsOf([{ id: 'perhaps', score: 75.1 }, yes], { requireToolCalling: true })).toEqual([
      'perhaps',
      'yes',
    ]);
    const unranked = [{ id: 'a' }, { id: 'b', capabilities: { tools: true } }];
    expect(idsOf(unranked, { requireToolCalling: true })).toEqual(['b', 'a']);
    expect(reasons(bestModels({ requireToolCalling: true }, knowledge([{ id: 'a' }]), NO_FAILURES))).toEqual([
      'not ranked for general use, not known to have what is needed',
    ]);
  });

  it('the user knows best, then what was tried', () => {
    const tried: Partial<ModelKnowledge> = { toolCalling: ({ modelId }) => modelId !== 'yes' };
    expect(idsOf(models, { requireToolCalling: true }, tried)).toEqual(['no', 'perhaps']);
    const ruled: Partial<ModelKnowledge> = {
      ...tried,
      capabilityRules: () => [
        { model: 'no', tools: false },
        { model: 'yes', tools: true },
      ],
    };
    expect(idsOf(models, { requireToolCalling: true }, ruled)).toEqual(['perhaps', 'yes']);
  });
});

describe('where images are looked at', () => {
  const models: readonly Model[] = [
    { id: 'blind', score: 99, capabilities: { vision: false } },
    { id: 'perhaps', score: 50 },
    { id: 'sees', score: 70, capabilities: { vision: true } },
  ];

  it('models that are known not to take any are left out', () => {
    expect(idsOf(models, { task: 'vision' })).toEqual(['sees', 'perhaps']);
    expect(idsOf(models, { task: 'coding' })).toEqual(['blind', 'sees', 'perhaps']);
  });
});

describe('where a long context is needed', () => {
  it.each<readonly [string, ListedCapabilities, string, boolean]>([
    ['long enough', { contextLength: 8_192 }, 'here', true],
    ['too short', { contextLength: 8_191 }, 'here', false],
    ['unknown', {}, 'here', true],
    [
      'allocated too short where it can be loaded anew',
      { contextLength: 8_192, allocatedContext: 4_096 },
      'here',
      true,
    ],
    [
      'allocated too short where it is fixed',
      { contextLength: 8_192, allocatedContext: 4_096 },
      'there',
      false,
    ],
    ['allocated long enough', { allocatedContext: 8_192 }, 'there', true],
  ])('a model is left out or not: %s', (_what, capabilities, backend, stays) => {
    const need: ModelNeed = { minContext: 8_192 };
    expect(idsOf([{ id: 'a', backend, capabilities }], need)).toEqual(stays ? ['a'] : []);
  });

  it('what is known to be long enough stands before what is not known', () => {
    const models = [
      { id: 'a', score: 50 },
      { id: 'b', score: 46, capabilities: { contextLength: 8_192 } },
    ];
    expect(idsOf(models, { minContext: 8_192 })).toEqual(['b', 'a']);
    expect(idsOf(models)).toEqual(['a', 'b']);
  });
});

describe('where there is none', () => {
  const some: readonly Model[] = [{ id: 'a', capabilities: { tools: false, contextLength: 4_096 } }];

  it.each<readonly [string, readonly Model[], ModelNeed, RegExp]>([
    ['at all', [], {}, /There is no model to ask.*Install a recommended model/],
    ['that answers', [{ id: 'a', backend: 'gone' }], {}, /There is no model to ask/],
    [
      'on that machine',
      some,
      { host: 'gpubox' },
      /No chat model is served on gpubox\. Start a model server there/,
    ],
    ['on this machine', [{ id: 'a', backend: 'there' }], { host: 'local' }, /served on this machine/],
    [
      'that takes images',
      [{ id: 'a', capabilities: { vision: false } }],
      { task: 'vision' },
      /takes images is needed.*Install one that does/,
    ],
    [
      'that calls tools',
      some,
      { requireToolCalling: true },
      /A model that calls tools is needed.*modelPool\.route\.capabilities/,
    ],
    ['with that context', some, { minContext: 5_000 }, /A context of 5000 tokens is needed/],
  ])('it says what is missing: %s', (_what, models, need, sentences) => {
    const result = bestModels(need, knowledge(models), NO_FAILURES);
    expect(result.ok ? '' : result.sentences.join(' ')).toMatch(sentences);
  });

  it('only machines that are asked for count', () => {
    const models = [
      { id: 'a', score: 1, backend: 'there' },
      { id: 'b', score: 2 },
    ];
    expect(idsOf(models, { host: 'gpubox' })).toEqual(['a']);
  });
});

describe('any models', () => {
  const model = fc.record({
    backend: fc.constantFrom(...BACKENDS.map(({ id }) => id)),
    score: fc.option(fc.integer({ min: 0, max: 20 }), { nil: null }),
    loaded: fc.boolean(),
    state: fc.constantFrom<BreakerState>('closed', 'half_open', 'open'),
    tools: fc.constantFrom(undefined, true, false),
    contextLength: fc.constantFrom(undefined, 4_096, 32_768),
  });
  const models = fc.array(model, { minLength: 1, maxLength: 8 }).map((each) =>
    each.map(({ tools, contextLength, ...rest }, n) => ({
      ...rest,
      id: `m${n}`,
      capabilities: {
        ...(tools === undefined ? {} : { tools }),
        ...(contextLength === undefined ? {} : { contextLength }),
      },
    })),
  );
  const need = fc.record({ requireToolCalling: fc.boolean(), minContext: fc.constantFrom(1, 8_192) });

  it('stand in the same order in whatever order they came', () => {
    const shuffled = models.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(shuffled, need, ([list, other], needed) => {
        const states = Object.fromEntries(list.map(({ id, state }) => [id, state]));
        expect(idsOf(other, needed, {}, states)).toEqual(idsOf(list, needed, {}, states));
      }),
    );
  });

  it('never rank lower for a higher score, all else equal', () => {
    fc.assert(
      fc.property(models, need, fc.nat(7), fc.integer({ min: 1, max: 20 }), (list, needed, at, more) => {
        const states = Object.fromEntries(list.map(({ id, state }) => [id, state]));
        const raised = list[at % list.length];
        if (!raised) throw new Error('no models');
        const before = idsOf(list, needed, {}, states).indexOf(raised.id);
        const better = list.map((each) =>
          each === raised ? { ...each, score: (each.score ?? -1) + more } : each,
        );
        expect(idsOf(better, needed, {}, states).indexOf(raised.id)).toBeLessThanOrEqual(before);
      }),
    );
  });
});

function knowledge(models: readonly Model[], change: Partial<ModelKnowledge> = {}): ModelKnowledge {
  const configs = BACKENDS.map((each): BackendConfig => ({ ...each, url: '', headers: {} }));
  const candidates = models.map(
    ({ id, backend = 'here', score = null, capabilities = {}, loaded }): ModelCandidate => ({
      model: {
        ...{ backend, provider: 'maker', modelId: id, displayName: id, capabilities },
        ...{ source: 'probe', refreshedAt: 1 },
        ...(loaded === true ? { running: {} } : {}),
      },
      host: configs.find((config) => config.id === backend)?.host ?? 'local',
      score,
    }),
  );
  return {
    registry: {
      backend: (id) => {
        const backend = BACKENDS.find((each) => each.id === id);
        return backend && { ...backend, url: '', probing: false };
      },
    },
    backend: (id) => configs.find((config) => config.id === id),
    isHosted: (kind) => kind === 'openai',
    task: () => 'general',
    candidates: () => candidates,
    capabilityRules: () => [],
    toolCalling: () => undefined,
    ...change,
  };
}

function idsOf(
  models: readonly Model[],
  need: ModelNeed = {},
  change: Partial<ModelKnowledge> = {},
  states: Readonly<Record<string, BreakerState>> = {},
): readonly string[] {
  const breaker: BreakerView = { stateOf: ({ modelId }) => states[modelId] ?? 'closed' };
  const result = bestModels(need, knowledge(models, change), breaker);
  return result.ok ? result.models.map(({ ref }) => ref.modelId) : [];
}

function reasons(result: BestModels): readonly string[] {
  return result.ok ? result.models.map(({ why }) => why) : [];
}
