import { expect, it } from 'vitest';
import type { BackendKind } from '../../../src/backends/contract';
import type { Route, RouteThinking } from '../../../src/dispatch/route';
import { untoldThinking } from '../../../src/dispatch/thinkingNote';
import type { WireFormat } from '../../../src/shared/routeSettings';

const OFF = { mode: 'off' } as const;
const ON = { mode: 'enabled' } as const;
const BUDGET = { mode: 'enabled', budgetTokens: 500 } as const;
const HIGH = { mode: 'effort', level: 'high' } as const;

function note(
  kind: BackendKind,
  wireFormat: WireFormat,
  thinking: RouteThinking,
  { modelId = 'm', hasTools = false, origin = 'pipeline_input' } = {},
): string | undefined {
  const route = {
    ...{ kind, wireFormat, thinking, ref: { backend: 'b', provider: 'p', modelId } },
    provenance: { thinking: origin },
  } as Route;
  return untoldThinking(route, hasTools);
}

it.each([
  ['openai_compatible', 'openai_compat', OFF, /no common word/],
  ['openai_compatible', 'openai_compat', ON, /no common word/],
  ['openai_compatible', 'openai_compat', HIGH, undefined],
  ['lm_studio', 'openai_compat', ON, /unless told not to/],
  ['lm_studio', 'openai_compat', OFF, undefined],
  ['llama_server', 'openai_compat', BUDGET, undefined],
  ['llama_server', 'openai_compat', OFF, undefined],
  ['vllm', 'openai_compat', BUDGET, /budget .* is not sent/],
  ['vllm', 'openai_compat', ON, undefined],
  ['ollama', 'ollama', BUDGET, /budget .* is not sent/],
  ['ollama', 'ollama', OFF, undefined],
  ['vscode', 'vscode', OFF, /editor's own models/],
  ['anthropic', 'anthropic_native', BUDGET, undefined],
] as const)(
  'of a model of %s over %s that is asked to think as %j',
  (kind, wireFormat, thinking, expected) => {
    const said = note(kind, wireFormat, thinking);
    if (expected === undefined) expect(said).toBeUndefined();
    else expect(said).toMatch(expected);
  },
);

it.each([
  ['gpt-4.1', ON, false, /does not think/],
  ['gpt-4.1', OFF, false, undefined],
  ['o3', OFF, false, /cannot be kept from thinking/],
  ['gpt-5', OFF, false, /as little as it takes/],
  ['gpt-5.1', OFF, false, undefined],
  ['gpt-5.4', HIGH, true, /where it may call tools/],
  ['gpt-5.4', HIGH, false, undefined],
  ['gpt-5.1', BUDGET, false, /budget/],
] as const)(
  'of %s at OpenAI that is asked to think as %j, with tools: %j',
  (modelId, thinking, hasTools, expected) => {
    const said = note('openai', 'openai_compat', thinking, { modelId, hasTools });
    if (expected === undefined) expect(said).toBeUndefined();
    else expect(said).toMatch(expected);
  },
);

it('says nothing where nobody asked', () => {
  expect(note('openai_compatible', 'openai_compat', OFF, { origin: 'catalog_default' })).toBeUndefined();
  expect(note('openai_compatible', 'openai_compat', { mode: 'default' })).toBeUndefined();
});
