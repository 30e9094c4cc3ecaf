import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../../src/dispatch/chat';
import type { Dialect, WireRequest } from '../../../src/dispatch/dialect';
import { ollamaDialect } from '../../../src/dispatch/dialects/ollama';
import { openaiCompatDialect } from '../../../src/dispatch/dialects/openaiCompat';
import type { Route, RouteThinking } from '../../../src/dispatch/route';
import { THINKING_LEVELS } from '../../../src/shared/thinking';
import { chatRequest, REF } from './support/rig';

type ThinkingLevel = (typeof THINKING_LEVELS)[number];

const conversation: ChatRequest = chatRequest({
  messages: [
    { role: 'system', content: 'Be short.' },
    { role: 'user', content: 'What is this?', images: [{ mediaType: 'image/png', base64: 'iVBORw0KGgo=' }] },
    {
      role: 'assistant',
      content: '',
      toolCalls: [{ id: 'call_1', name: 'get_weather', arguments: { city: 'Paris' } }],
    },
    { role: 'tool', content: '21C', toolCallId: 'call_1', toolName: 'get_weather' },
  ],
  tools: [{ name: 'get_weather', description: 'Weather', parameters: { type: 'object' } }],
  parameters: { maxTokens: 64, temperature: 0, seed: 7, stop: ['END'] },
});

it('writes a request for Ollama as its API wants it', () => {
  const encoded = ollamaDialect.encode(route({ toolFormat: 'native', contextTokens: 8_192 }), conversation);
  expect(encoded).toEqual({
    path: '/api/chat',
    stop: ['END'],
    headers: { accept: 'application/x-ndjson' },
    json: {
      model: 'qwen3:8b',
      messages: [
        { role: 'system', content: 'Be short.' },
        { role: 'user', content: 'What is this?', images: ['iVBORw0KGgo='] },
        {
          role: 'assistant',
          content: '',
          // An object: a string gives 400 (capture chat-tools-args-as-string).
          tool_calls: [{ id: 'call_1', function: { name: 'get_weather', arguments: { city: 'Paris' } } }],
        },
        { role: 'tool', content: '21C', tool_name: 'get_weather', tool_call_id: 'call_1' },
      ],
      stream: true,
      tools: [
        {
          type: 'function',
          function: { name: 'get_weather', description: 'Weather', parameters: { type: 'object' } },
        },
      ],
      options: { num_predict: 64, temperature: 0, seed: 7, stop: ['END'], num_ctx: 8_192 },
    },
  });
});

it('writes a request for an OpenAI-like server as its API wants it', () => {
  const encoded = openaiCompatDialect.encode(
    route({ toolFormat: 'native', contextTokens: 8_192 }),
    conversation,
  );
  expect(encoded).toEqual({
    path: '/v1/chat/completions',
    stop: ['END'],
    headers: { accept: 'text/event-stream' },
    json: {
      model: 'qwen3:8b',
      messages: [
        { role: 'system', content: 'Be short.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
          ],
        },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            {
              id: 'call_1',
              type: 'function',
              function: { name: 'get_weather', arguments: '{"city":"Paris"}' },
            },
          ],
        },
        { role: 'tool', content: '21C', tool_call_id: 'call_1' },
      ],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 64,
      temperature: 0,
      seed: 7,
      stop: ['END'],
      tools: [
        {
          type: 'function',
          function: { name: 'get_weather', description: 'Weather', parameters: { type: 'object' } },
        },
      ],
    },
  });
});

it('sends nothing that was not asked for', () => {
  const messages = [{ role: 'user', content: 'hello there' }];
  expect(ollamaDialect.encode(route(), chatRequest()).json).toEqual({
    model: 'qwen3:8b',
    messages,
    stream: true,
  });
  expect(openaiCompatDialect.encode(route(), chatRequest()).json).toEqual({
    model: 'qwen3:8b',
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
});

it('sends no tools to a model that cannot use them', () => {
  for (const dialect of [ollamaDialect, openaiCompatDialect]) {
    expect(dialect.encode(route({ toolFormat: 'none' }), conversation).json).not.toHaveProperty('tools');
  }
});

describe('thinking', () => {
  const said = (dialect: Dialect, kind: Route['kind'], thinking: RouteThinking): object => {
    const known = dialect.encode(route({ kind }), chatRequest()).json;
    const { json } = dialect.encode(route({ kind, thinking }), chatRequest());
    return Object.fromEntries(Object.entries(json).filter(([name]) => !Object.hasOwn(known, name)));
  };
  const effort = (level: ThinkingLevel): RouteThinking => ({ mode: 'effort', level });

  it.each([
    [{ mode: 'default' }, {}],
    [{ mode: 'off' }, { think: false }],
    [{ mode: 'enabled' }, { think: true }],
    [{ mode: 'enabled', budgetTokens: 100 }, { think: true }],
    [{ mode: 'adaptive' }, { think: true }],
    [effort('minimal'), { think: 'low' }],
    [effort('low'), { think: 'low' }],
    [effort('medium'), { think: 'medium' }],
    [effort('high'), { think: 'high' }],
    [effort('max'), { think: 'high' }],
  ] as const)('asked for as %j is %j for Ollama', (thinking, fields) => {
    expect(said(ollamaDialect, 'ollama', thinking)).toEqual(fields);
  });

  const template = (thinks: boolean): object => ({
    chat_template_kwargs: { enable_thinking: thinks, thinking: thinks },
  });

  it.each([
    ['llama_server', { mode: 'default' }, {}],
    ['llama_server', { mode: 'off' }, template(false)],
    ['llama_server', { mode: 'adaptive' }, template(true)],
    [
      'llama_server',
      { mode: 'enabled', budgetTokens: 64 },
      { ...template(true), thinking_budget_tokens: 64 },
    ],
    ['llama_server', effort('max'), { ...template(true), reasoning_effort: 'high' }],
    ['vllm', { mode: 'off' }, template(false)],
    ['vllm', { mode: 'enabled', budgetTokens: 64 }, template(true)],
    ['vllm', effort('low'), { ...template(true), reasoning_effort: 'low' }],
    ['lm_studio', { mode: 'off' }, { reasoning_effort: 'none' }],
    ['lm_studio', { mode: 'enabled' }, {}],
    ['lm_studio', effort('medium'), { reasoning_effort: 'medium' }],
    ['openai_compatible', { mode: 'off' }, {}],
    ['openai_compatible', { mode: 'enabled' }, {}],
    ['openai_compatible', { mode: 'adaptive' }, {}],
    ['openai_compatible', effort('minimal'), { reasoning_effort: 'low' }],
  ] as const)('for %s asked for as %j is %j', (kind, thinking, fields) => {
    expect(said(openaiCompatDialect, kind, thinking)).toEqual(fields);
  });

  it.each([
    // model, off, on, minimal, low, medium, high, max
    ['gpt-4.1', '- - - - - - -'],
    ['chatgpt-4o-latest', '- - - - - - -'],
    ['o3-mini', 'low - low low medium high high'],
    ['o4-mini-2025-04-16', 'low - low low medium high high'],
    ['gpt-5', 'minimal - minimal low medium high high'],
    ['gpt-5-nano-2025-08-07', 'minimal - minimal low medium high high'],
    ['gpt-5-chat-latest', '- - - - - - -'],
    ['gpt-5-pro', 'high - high high high high high'],
    ['gpt-5.1', 'none medium low low medium high high'],
    ['gpt-5.1-chat-latest', '- - - - - - -'],
    ['gpt-5.2', 'none medium low low medium high xhigh'],
    ['gpt-5.4-mini', 'none medium low low medium high xhigh'],
    ['gpt-5.6-terra', 'none - low low medium high xhigh'],
    ['gpt-6-astra', 'low - low low medium high xhigh'],
    ['gpt-6-sol', 'none - low low medium high xhigh'],
    ['ft:gpt-6.1-sol:org::id', 'none - low low medium high xhigh'],
  ])('of %s at OpenAI itself is %s', (modelId, words) => {
    const asked: readonly RouteThinking[] = [
      { mode: 'off' },
      { mode: 'enabled', budgetTokens: 100 },
      ...THINKING_LEVELS.map(effort),
    ];
    const sent = asked.map((thinking) => openai(modelId, { thinking })['reasoning_effort'] ?? '-');
    expect(sent).toEqual(words.split(' '));
    expect(openai(modelId)).not.toHaveProperty('reasoning_effort');
  });
});

describe('a request for OpenAI itself', () => {
  const parameters = { maxTokens: 64, temperature: 0.5, seed: 7, stop: ['END'] };

  it('has max_completion_tokens for every model', () => {
    for (const modelId of ['gpt-3.5-turbo', 'gpt-4.1', 'o3', 'gpt-6-sol']) {
      const json = openai(modelId, {}, { parameters });
      expect(json).toMatchObject({ max_completion_tokens: 64, seed: 7 });
      expect(json).not.toHaveProperty('max_tokens');
    }
  });

  it.each([
    ['gpt-4.1', { mode: 'default' }, ['temperature', 'stop']],
    ['gpt-5-chat-latest', { mode: 'default' }, ['temperature', 'stop']],
    ['o3', { mode: 'default' }, []],
    ['gpt-5', { mode: 'off' }, []],
    ['gpt-5.1', { mode: 'default' }, ['temperature']],
    ['gpt-5.1', { mode: 'off' }, ['temperature']],
    ['gpt-5.1', { mode: 'effort', level: 'low' }, []],
    ['gpt-5.6', { mode: 'default' }, []],
    ['gpt-5.6', { mode: 'off' }, ['temperature']],
    ['gpt-6-astra', { mode: 'off' }, []],
  ] as const)('of %s that thinks as %j keeps %j', (modelId, thinking, kept) => {
    const json = openai(modelId, { thinking }, { parameters });
    expect(json['stop'] ?? []).toEqual(wireOf(modelId, { thinking }, { parameters }).stop);
    expect(['temperature', 'stop'].filter((name) => Object.hasOwn(json, name))).toEqual(kept);
  });

  it.each([
    ['gpt-4.1', undefined],
    ['gpt-5.1', 'high'],
    ['gpt-5.4', 'none'],
    ['gpt-5.6', 'none'],
    ['gpt-6-sol', 'none'],
    ['gpt-6-astra', 'high'],
  ])('of %s with tools says the effort %s, for newer models refuse any other', (modelId, effort) => {
    const thinking = { mode: 'effort', level: 'high' } as const;
    const json = openai(modelId, { thinking, toolFormat: 'native' }, { tools: conversation.tools ?? [] });
    expect(json['reasoning_effort']).toBe(effort);
    expect(json).toHaveProperty('tools');
  });

  it('with tools that asks for nothing turns reasoning off only where it would be refused', () => {
    const tools = conversation.tools ?? [];
    const sent = ['gpt-5', 'gpt-5.4', 'gpt-5.6'].map(
      (modelId) => openai(modelId, { toolFormat: 'native' }, { tools })['reasoning_effort'],
    );
    expect(sent).toEqual([undefined, 'none', 'none']);
    // Without the tools themselves there is nothing to refuse.
    expect(openai('gpt-5.6', { toolFormat: 'none' }, { tools })).not.toHaveProperty('reasoning_effort');
  });
});

function openai(
  modelId: string,
  change: Partial<Route> = {},
  request: Partial<ChatRequest> = {},
): Readonly<Record<string, unknown>> {
  return wireOf(modelId, change, request).json;
}

function wireOf(modelId: string, change: Partial<Route>, request: Partial<ChatRequest>): WireRequest {
  const to = route({ kind: 'openai', hosted: true, ref: { ...REF, modelId }, ...change });
  return openaiCompatDialect.encode(to, chatRequest(request));
}

function route(change: Partial<Route> = {}): Route {
  return {
    ref: REF,
    kind: 'openai_compatible',
    hosted: false,
    url: 'http://127.0.0.1:1',
    host: 'http://127.0.0.1:1',
    wireFormat: 'ollama',
    toolFormat: 'none',
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
