import type { Route } from '../../../../src/dispatch/route';
import type { Thinking } from '../../../../src/shared/thinking';

/** One wish of each kind that can be said of thinking. */
export const WISHES: readonly Thinking[] = [
  { mode: 'off' },
  { mode: 'enabled' },
  { mode: 'enabled', budgetTokens: 100 },
  { mode: 'enabled', budgetTokens: 5_000 },
  { mode: 'enabled', budgetTokens: 900_000 },
  { mode: 'adaptive' },
  { mode: 'effort', level: 'minimal' },
  { mode: 'effort', level: 'low' },
  { mode: 'effort', level: 'medium' },
  { mode: 'effort', level: 'high' },
  { mode: 'effort', level: 'max' },
];

/** A route to a model of a provider's own service, about which nothing else is said. */
export function hostedRoute(
  kind: 'anthropic' | 'gemini',
  modelId: string,
  change: Partial<Route> = {},
): Route {
  return {
    ref: { backend: kind, provider: kind, modelId },
    kind,
    hosted: true,
    url: 'http://127.0.0.1:1',
    host: 'http://127.0.0.1:1',
    wireFormat: kind === 'anthropic' ? 'anthropic_native' : 'gemini',
    toolFormat: 'native',
    thinking: { mode: 'default' },
    contextTokens: null,
    provenance: {
      backend: 'unknown',
      provider: 'unknown',
      model: 'unknown',
      wireFormat: 'unknown',
      thinking: 'unknown',
      toolFormat: 'unknown',
      contextTokens: 'unknown',
    },
    ...change,
  };
}

/** A call's arguments, and what two tools said at once. */
export const CONVERSATION = [
  { role: 'system', content: 'Be short.' },
  { role: 'system', content: 'Be kind.' },
  { role: 'user', content: 'What is this?', images: [{ mediaType: 'image/png', base64: 'iVBORw0KGgo=' }] },
  { role: 'user', content: 'And the weather there?' },
  {
    role: 'assistant',
    content: 'A moment.',
    toolCalls: [
      { id: 'call_0', name: 'get_weather', arguments: { city: 'Paris' } },
      { id: 'call_1', name: 'get_time', arguments: {} },
    ],
  },
  { role: 'tool', content: '21C', toolCallId: 'call_0', toolName: 'get_weather' },
  { role: 'user', content: 'Quick, please.' },
  { role: 'tool', content: 'noon', toolCallId: 'call_1' },
] as const;

export const TOOLS = [
  {
    name: 'get_weather',
    description: 'Weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  },
  { name: 'get_time', description: 'The time', parameters: {} },
] as const;
