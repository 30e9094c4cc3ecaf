import { expect, it } from 'vitest';
import type { ChatRequest } from '../../../src/dispatch/chat';
import { ollamaDialect } from '../../../src/dispatch/dialects/ollama';
import { openaiCompatDialect } from '../../../src/dispatch/dialects/openaiCompat';
import type { Route } from '../../../src/dispatch/route';
import { chatRequest, REF } from './support/rig';

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

it.each([
  ['on', true],
  ['off', false],
] as const)('says aloud that thinking is %s', (thinking, value) => {
  expect(ollamaDialect.encode(route({ thinking }), chatRequest()).json).toMatchObject({ think: value });
  expect(openaiCompatDialect.encode(route({ thinking }), chatRequest()).json).toMatchObject({
    chat_template_kwargs: { enable_thinking: value },
  });
});

function route(change: Partial<Route> = {}): Route {
  return {
    ref: REF,
    url: 'http://127.0.0.1:1',
    host: 'http://127.0.0.1:1',
    wireFormat: 'ollama',
    toolFormat: 'none',
    thinking: 'default',
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
