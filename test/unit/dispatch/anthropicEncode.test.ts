import { describe, expect, it } from 'vitest';
import type { ChatMessage, ChatRequest } from '../../../src/dispatch/chat';
import { anthropicDialect } from '../../../src/dispatch/dialects/anthropic';
import type { Route } from '../../../src/dispatch/route';
import type { Thinking } from '../../../src/shared/thinking';
import { CONVERSATION, hostedRoute, TOOLS } from './support/hostedRoute';
import { chatRequest } from './support/rig';

type Json = Readonly<Record<string, unknown>>;

function encoded(modelId: string, change: Partial<Route> = {}, request: Partial<ChatRequest> = {}): Json {
  return anthropicDialect.encode(hostedRoute('anthropic', modelId, change), chatRequest(request)).json;
}

it('writes a request as the Messages API wants it', () => {
  const request = chatRequest({
    messages: CONVERSATION,
    tools: TOOLS,
    parameters: { maxTokens: 64, temperature: 0.5, seed: 7, stop: ['END'] },
  });
  expect(anthropicDialect.encode(hostedRoute('anthropic', 'claude-haiku-4-5'), request)).toEqual({
    path: '/v1/messages',
    stop: ['END'],
    headers: { accept: 'text/event-stream', 'anthropic-version': '2023-06-01' },
    json: {
      model: 'claude-haiku-4-5',
      max_tokens: 64,
      system: 'Be short.\n\nBe kind.',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
            { type: 'text', text: 'What is this?' },
            { type: 'text', text: 'And the weather there?' },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'A moment.' },
            { type: 'tool_use', id: 'call_0', name: 'get_weather', input: { city: 'Paris' } },
            { type: 'tool_use', id: 'call_1', name: 'get_time', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'call_0', content: [{ type: 'text', text: '21C' }] },
            { type: 'tool_result', tool_use_id: 'call_1', content: [{ type: 'text', text: 'noon' }] },
            { type: 'text', text: 'Quick, please.' },
          ],
        },
      ],
      stream: true,
      temperature: 0.5,
      stop_sequences: ['END'],
      tools: [
        {
          name: 'get_weather',
          description: 'Weather of a city',
          input_schema: { type: 'object', properties: { city: { type: 'string' } } },
        },
        { name: 'get_time', description: 'The time', input_schema: { type: 'object' } },
      ],
    },
  });
});

it('sends nothing that was not asked for, but the limit that it must', () => {
  expect(encoded('claude-opus-5-5')).toEqual({
    model: 'claude-opus-5-5',
    max_tokens: 32_000,
    messages: [{ role: 'user', content: [{ type: 'text', text: 'hello there' }] }],
    stream: true,
  });
});

it('sends no tools to a model that cannot use them', () => {
  expect(encoded('claude-opus-5', { toolFormat: 'none' }, { tools: TOOLS })).not.toHaveProperty('tools');
});

it('leaves out blank text and what is empty without it, and joins what it stood between', () => {
  const messages: ChatMessage[] = [
    { role: 'system', content: ' ' },
    { role: 'user', content: 'one' },
    { role: 'assistant', content: ' \n' },
    { role: 'user', content: 'two' },
    { role: 'assistant', content: '', toolCalls: [{ id: 'a', name: 'look', arguments: {} }] },
    { role: 'tool', content: '', toolCallId: 'a' },
  ];
  expect(encoded('claude-opus-5', {}, { messages })).toMatchObject({
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'one' },
          { type: 'text', text: 'two' },
        ],
      },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'look', input: {} }] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a' }] },
    ],
  });
});

it('writes ids of other providers in the characters that are taken, on both sides of a call', () => {
  const messages: ChatMessage[] = [
    { role: 'user', content: 'x' },
    { role: 'assistant', content: '', toolCalls: [{ id: 'fc:1|é', name: 'look', arguments: {} }] },
    { role: 'tool', content: 'y', toolCallId: 'fc:1|é' },
  ];
  const text = JSON.stringify(encoded('claude-opus-5', {}, { messages }));
  expect(text.match(/"fc_1__"/g)).toHaveLength(2);
});

it('hands on pictures that a tool gave', () => {
  const images = [{ mediaType: 'image/png', base64: 'iVBORw0KGgo=' }];
  const messages: ChatMessage[] = [{ role: 'tool', content: 'seen', toolCallId: 'a', images }];
  expect(encoded('claude-opus-5', {}, { messages })).toMatchObject({
    messages: [{ content: [{ type: 'tool_result', content: [{ type: 'image' }, { type: 'text' }] }] }],
  });
});

describe('thinking', () => {
  const off: Thinking = { mode: 'off' };
  const on: Thinking = { mode: 'enabled' };
  const budget: Thinking = { mode: 'enabled', budgetTokens: 5_000 };
  const adaptive: Thinking = { mode: 'adaptive' };
  const minimal: Thinking = { mode: 'effort', level: 'minimal' };
  const max: Thinking = { mode: 'effort', level: 'max' };
  const shown = { thinking: { type: 'adaptive', display: 'summarized' } };
  const disabled = { thinking: { type: 'disabled' } };
  const withBudget = (budget_tokens: number): object => ({ thinking: { type: 'enabled', budget_tokens } });
  const effort = (word: string): object => ({ output_config: { effort: word } });

  it.each<readonly [string, Thinking, object]>([
    ['claude-3-haiku-20240307', on, {}],
    ['claude-3-haiku-20240307', off, {}],
    ['claude-3-5-sonnet-20241022', max, {}],
    ['claude-3-7-sonnet-20250219', off, disabled],
    ['claude-3-7-sonnet-20250219', budget, withBudget(5_000)],
    ['claude-opus-4-20250514', { mode: 'enabled', budgetTokens: 90_000 }, withBudget(30_976)],
    ['claude-opus-4-1', { mode: 'enabled', budgetTokens: 3 }, withBudget(1_024)],
    ['claude-sonnet-4-5', on, withBudget(8_192)],
    ['claude-sonnet-4-5', adaptive, withBudget(8_192)],
    ['claude-haiku-4-5-20251001', minimal, withBudget(1_024)],
    ['claude-haiku-4-5-20251001', max, withBudget(24_576)],
    ['claude-opus-4-6', off, disabled],
    ['claude-opus-4-6', on, shown],
    ['claude-opus-4-6', budget, withBudget(5_000)],
    ['anthropic/claude-sonnet-4.6', max, { ...shown, ...effort('max') }],
    ['claude-opus-4-7', off, {}],
    ['claude-opus-4-8', budget, shown],
    ['claude-opus-4-7', minimal, { ...shown, ...effort('low') }],
    ['claude-opus-5', off, disabled],
    ['claude-sonnet-5', off, disabled],
    ['claude-haiku-5-5', off, disabled],
    ['claude-haiku-5-5', adaptive, shown],
    ['claude-sonnet-5-5', off, { thinking: { type: 'between_tools' } }],
    ['claude-sonnet-5-5-20260928', on, shown],
    ['claude-opus-5-5', off, effort('low')],
    ['claude-opus-5-5', budget, shown],
    ['claude-fable-5', off, effort('low')],
    ['claude-mythos-5-1', off, effort('low')],
    ['claude-mythos-preview', off, effort('low')],
    ['claude-opus-7', on, shown],
    ['qwen3:8b', off, disabled],
    ['qwen3:8b', budget, withBudget(5_000)],
  ])('%s is told %j in its own words', (modelId, thinking, fields) => {
    const { thinking: type, output_config: config } = encoded(modelId, { thinking });
    expect({ ...(type ? { thinking: type } : {}), ...(config ? { output_config: config } : {}) }).toEqual(
      fields,
    );
  });

  it('gets its budget on top of the limit for the answer, as far as the model goes', () => {
    const parameters = { maxTokens: 1_000 };
    expect(encoded('claude-haiku-4-5', { thinking: budget }, { parameters })['max_tokens']).toBe(6_000);
    const large: Thinking = { mode: 'enabled', budgetTokens: 30_000 };
    expect(encoded('claude-opus-4-1', { thinking: large })['max_tokens']).toBe(32_000);
    expect(
      encoded('claude-opus-4-1', { thinking: large }, { parameters: { maxTokens: 40_000 } })['max_tokens'],
    ).toBe(40_000);
  });

  it.each([
    ['claude-haiku-4-5', { mode: 'default' }, 1.5, 1],
    ['claude-haiku-4-5', off, 0, 0],
    ['claude-haiku-4-5', on, 0.5, undefined],
    ['claude-opus-4-7', { mode: 'default' }, 0.5, undefined],
    ['claude-opus-5', off, 0.5, undefined],
    ['qwen3:8b', on, 1.5, 1.5],
  ] as const)('of %s with %j leaves the temperature %d as %s', (modelId, thinking, temperature, sent) => {
    expect(encoded(modelId, { thinking }, { parameters: { temperature } })['temperature']).toBe(sent);
  });

  it.each([
    ['llama_server', off, false],
    ['vllm', minimal, true],
  ] as const)('is said to the chat template of %s too', (kind, thinking, enabled) => {
    expect(encoded('tiny', { kind, thinking })['chat_template_kwargs']).toEqual({ enable_thinking: enabled });
    expect(encoded('tiny', { kind })).not.toHaveProperty('chat_template_kwargs');
  });
});

it.each([
  ['claude-3-opus-20240229', 4_096],
  ['claude-3-5-haiku-20241022', 8_192],
  ['claude-3-7-sonnet-20250219', 32_000],
  ['claude-opus-4-20250514', 32_000],
  ['claude-instant-1.2', 4_096],
  ['claude-opus-latest', 32_000],
  ['MiniMax-M2', 8_192],
])('gives %s a limit of %d where the call has none', (modelId, tokens) => {
  expect(encoded(modelId)['max_tokens']).toBe(tokens);
});
