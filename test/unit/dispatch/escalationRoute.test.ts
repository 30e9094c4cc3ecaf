import { beforeEach, describe, expect, it } from 'vitest';
import type { BackendConfig } from '../../../src/backends/contract';
import type { BreakerView } from '../../../src/dispatch/breaker';
import type { ChatRequest } from '../../../src/dispatch/chat';
import { resolveEscalation } from '../../../src/dispatch/escalationRoute';
import type { Resolution, RouteSources } from '../../../src/dispatch/resolve';
import { resolveRoute } from '../../../src/dispatch/resolve';
import type { ModelRef } from '../../../src/shared/modelRef';
import type { EscalationSetting } from '../../../src/shared/routeSettings';
import { chatRequest } from './support/rig';
import type { RouteRig } from './support/routeRig';
import { breakerWith, NO_FAILURES, openRouteRig } from './support/routeRig';

const QWEN: ModelRef = { backend: 'ollama', provider: 'qwen', modelId: 'qwen3:8b' };
const BIG: ModelRef = { backend: 'ollama', provider: 'qwen', modelId: 'qwen3:32b' };
const GEMMA: ModelRef = { backend: 'ollama', provider: 'google', modelId: 'gemma3:12b' };
const CLAUDE: ModelRef = { backend: 'anthropic', provider: 'anthropic', modelId: 'claude-x' };
const configs: readonly BackendConfig[] = [
  { id: 'ollama', kind: 'ollama', url: 'http://127.0.0.1:11434', host: 'local', headers: {} },
  { id: 'ollama_gpubox', kind: 'ollama', url: 'http://127.0.0.1:11435', host: 'gpubox', headers: {} },
  { id: 'anthropic', kind: 'anthropic', url: 'https://127.0.0.1:9', host: '127.0.0.1', headers: {} },
];
const ADAPTIVE = { mode: 'adaptive' } as const;

let rig: RouteRig;

beforeEach(async () => {
  rig = await openRouteRig(configs);
  await rig.serve(QWEN, BIG, GEMMA, CLAUDE);
});

it('is none where none is set', () => {
  expect(escalate(null)).toBeNull();
});

describe('what the setting names', () => {
  it('is its own word, and all else is taken over and says so', async () => {
    await rig.serve({ ...QWEN, backend: 'ollama_gpubox' });
    expect(escalate({ backend: 'ollama_gpubox' }, { parameters: { thinking: ADAPTIVE } })).toMatchObject({
      ok: true,
      route: {
        ref: { ...QWEN, backend: 'ollama_gpubox' },
        thinking: ADAPTIVE,
        provenance: {
          backend: 'escalation_override',
          provider: 'inherited_from_primary',
          model: 'inherited_from_primary',
          wireFormat: 'catalog_default',
          thinking: 'inherited_from_primary',
          toolFormat: 'catalog_default',
        },
      },
    });
    expect(escalate({ model: BIG.modelId })).toMatchObject({
      route: {
        ref: BIG,
        provenance: {
          backend: 'inherited_from_primary',
          provider: 'inherited_from_primary',
          model: 'escalation_override',
          wireFormat: 'catalog_default',
        },
      },
    });
  });

  it('of thinking and context counts, and formats are inherited with model and backend', () => {
    const setting = {
      provider: 'qwen',
      thinking: ADAPTIVE,
      contextTokens: 4_096,
    } as const satisfies EscalationSetting;
    expect(escalate(setting, { parameters: { contextTokens: 8_192 } })).toMatchObject({
      ok: true,
      route: {
        ref: QWEN,
        thinking: ADAPTIVE,
        contextTokens: 4_096,
        provenance: {
          backend: 'inherited_from_primary',
          provider: 'escalation_override',
          model: 'inherited_from_primary',
          wireFormat: 'inherited_from_primary',
          toolFormat: 'inherited_from_primary',
          thinking: 'escalation_override',
          contextTokens: 'escalation_override',
        },
      },
    });
  });

  it('of retrying counts after the call and before the setting for all', () => {
    const retryWith = (setting: EscalationSetting, request: Partial<ChatRequest> = {}): unknown => {
      const result = escalate(setting, request, { retry: () => true });
      return result?.ok && result.retry;
    };
    expect(retryWith({ model: BIG.modelId })).toBe(true);
    expect(retryWith({ model: BIG.modelId, retry: false })).toBe(false);
    expect(retryWith({ model: BIG.modelId, retry: false }, { retry: { maxAttempts: 2 } })).toEqual({
      maxAttempts: 2,
    });
  });
});

describe('the provider that is not named', () => {
  it("is the only one that serves the model there, where the first route's does not", () => {
    expect(escalate({ backend: 'anthropic', model: 'claude-x' })).toMatchObject({
      ok: true,
      route: {
        ref: CLAUDE,
        hosted: true,
        wireFormat: 'anthropic_native',
        provenance: {
          backend: 'escalation_override',
          provider: 'catalog_default',
          model: 'escalation_override',
        },
      },
    });
    expect(escalate({ model: GEMMA.modelId })).toMatchObject({
      route: { ref: GEMMA, provenance: { backend: 'inherited_from_primary', provider: 'catalog_default' } },
    });
  });

  it('is that of the first route where that one serves it, whoever else does', async () => {
    await rig.serve({ ...BIG, provider: 'acme' });
    expect(escalate({ model: BIG.modelId })).toMatchObject({
      route: { ref: BIG, provenance: { provider: 'inherited_from_primary' } },
    });
  });

  it('is not guessed among several', async () => {
    await rig.serve({ ...GEMMA, provider: 'acme' });
    const result = escalate({ model: GEMMA.modelId });
    expect(result).toMatchObject({ ok: false, failure: { code: 'no_route' }, origin: 'escalation_override' });
    expect(failureText(result)).toMatch(
      /^ollama serves gemma3:12b of several providers: (acme, google|google, acme)\. Name one/,
    );
  });

  it('is taken over where nobody has asked the backend yet', async () => {
    expect(escalate({ backend: 'ollama_gpubox' })).toMatchObject({
      ok: true,
      model: null,
      route: {
        ref: { ...QWEN, backend: 'ollama_gpubox' },
        provenance: { provider: 'inherited_from_primary' },
      },
    });
  });

  it('that is named and serves another model is an error', () => {
    expect(failureText(escalate({ model: GEMMA.modelId, provider: 'qwen' }))).toContain(
      'as a model of google, not of qwen',
    );
  });
});

describe('the context that is not named', () => {
  const contextFor: RouteSources['contextFor'] = ({ modelId }) => (modelId === BIG.modelId ? 8_192 : 32_768);

  it('is the one that the call asked for', () => {
    expect(
      escalate({ model: BIG.modelId }, { parameters: { contextTokens: 2_048 } }, { contextFor }),
    ).toMatchObject({
      route: { contextTokens: 2_048, provenance: { contextTokens: 'inherited_from_primary' } },
    });
  });

  it('is not the one that was chosen for the other model', () => {
    expect(escalate({ model: BIG.modelId }, {}, { contextFor })).toMatchObject({
      route: { contextTokens: 8_192, provenance: { contextTokens: 'catalog_default' } },
    });
  });

  it('holds what the call needs', () => {
    const needs: (number | undefined)[] = [];
    escalate(
      { model: BIG.modelId },
      { model: { best: { minContext: 5_000 } } },
      { contextFor: (_model, need) => (needs.push(need), 8_192) },
    );
    expect(needs).toEqual([5_000, 5_000]);
  });
});

describe('thinking that is not named', () => {
  it('is what was asked for, also where the first model cannot think', async () => {
    await rig.serve({ ...QWEN, capabilities: { thinking: false } });
    expect(escalate({ model: BIG.modelId }, { parameters: { thinking: ADAPTIVE } })).toMatchObject({
      route: { thinking: ADAPTIVE, provenance: { thinking: 'inherited_from_primary' } },
    });
  });

  it('is noted where this model cannot think', async () => {
    await rig.serve({ ...BIG, capabilities: { thinking: false } });
    expect(escalate({ model: BIG.modelId }, { parameters: { thinking: ADAPTIVE } })).toMatchObject({
      thinkingNote: 'Thinking was asked for, but qwen3:32b does not support it.',
      route: { thinking: { mode: 'default' }, provenance: { thinking: 'catalog_default' } },
    });
  });

  it('is nothing where nothing was asked', () => {
    expect(escalate({ model: BIG.modelId })).toMatchObject({
      route: { thinking: { mode: 'default' }, provenance: { thinking: 'catalog_default' } },
    });
  });
});

describe('an escalation that leads nowhere', () => {
  it.each<readonly [string, EscalationSetting, RegExp]>([
    [
      'the very same route',
      { model: QWEN.modelId },
      /the very route that has failed.*modelPool\.route\.escalation/,
    ],
    ['a backend that is not configured', { backend: 'nowhere' }, /backend nowhere .* is not configured/],
    ['a model that is not there', { model: 'gone' }, /ollama does not have the model gone/],
  ])('says so: %s', (_what, setting, text) => {
    const result = escalate(setting);
    expect(result).toMatchObject({ ok: false });
    expect(failureText(result)).toMatch(text);
  });

  it('says so where its model failed again and again, and not while it is to be tried once', () => {
    const setting = { model: BIG.modelId };
    const open = escalate(setting, {}, {}, breakerWith([[BIG, 'open']]));
    expect(failureText(open)).toMatch(/qwen3:32b failed again and again/);
    expect(escalate(setting, {}, {}, breakerWith([[BIG, 'half_open']]))).toMatchObject({ ok: true });
  });

  it('is not one that asks the same model otherwise', () => {
    expect(escalate({ model: QWEN.modelId, thinking: ADAPTIVE })).toMatchObject({ ok: true });
    expect(escalate({ model: QWEN.modelId, contextTokens: 2_048 })).toMatchObject({ ok: true });
  });
});

function escalate(
  setting: EscalationSetting | null,
  request: Partial<ChatRequest> = {},
  change: Partial<RouteSources> = {},
  breaker: BreakerView = NO_FAILURES,
): Resolution | null {
  const sources = rig.sources({ escalation: () => setting, ...change });
  const asked = chatRequest({ model: QWEN, ...request });
  const primary = resolveRoute(asked, sources, breaker);
  if (!primary.ok) throw new Error(primary.failure.message);
  return resolveEscalation(primary, asked, sources, breaker);
}

function failureText(resolution: Resolution | null): string {
  return resolution?.ok === false ? resolution.failure.message : '';
}
