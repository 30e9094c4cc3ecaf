import { expect, it } from 'vitest';
import type { ChatMessage, ChatRequest } from '../../../src/dispatch/chat';
import { geminiDialect } from '../../../src/dispatch/dialects/gemini';
import type { Route } from '../../../src/dispatch/route';
import type { Thinking } from '../../../src/shared/thinking';
import { CONVERSATION, hostedRoute, TOOLS } from './support/hostedRoute';
import { chatRequest } from './support/rig';

function encoded(
  modelId: string,
  change: Partial<Route> = {},
  request: Partial<ChatRequest> = {},
): Readonly<Record<string, unknown>> {
  return geminiDialect.encode(hostedRoute('gemini', modelId, change), chatRequest(request)).json;
}

it('writes a request as streamGenerateContent wants it', () => {
  const request = chatRequest({
    messages: CONVERSATION,
    tools: TOOLS,
    parameters: { maxTokens: 64, temperature: 0, seed: 7, stop: ['END'] },
  });
  expect(geminiDialect.encode(hostedRoute('gemini', 'gemini-2.5-flash'), request)).toEqual({
    path: '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    stop: ['END'],
    headers: { accept: 'text/event-stream' },
    json: {
      systemInstruction: { parts: [{ text: 'Be short.' }, { text: 'Be kind.' }] },
      contents: [
        {
          role: 'user',
          parts: [
            { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } },
            { text: 'What is this?' },
            { text: 'And the weather there?' },
          ],
        },
        {
          role: 'model',
          parts: [
            { text: 'A moment.' },
            { functionCall: { id: 'call_0', name: 'get_weather', args: { city: 'Paris' } } },
            { functionCall: { id: 'call_1', name: 'get_time', args: {} } },
          ],
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { id: 'call_0', name: 'get_weather', response: { output: '21C' } } },
            { functionResponse: { id: 'call_1', name: 'get_time', response: { output: 'noon' } } },
          ],
        },
        { role: 'user', parts: [{ text: 'Quick, please.' }] },
      ],
      tools: [
        {
          functionDeclarations: [
            {
              name: 'get_weather',
              description: 'Weather of a city',
              parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } } },
            },
            { name: 'get_time', description: 'The time', parametersJsonSchema: { type: 'object' } },
          ],
        },
      ],
      generationConfig: { maxOutputTokens: 64, temperature: 0, seed: 7, stopSequences: ['END'] },
    },
  });
});

it('sends nothing that was not asked for', () => {
  expect(encoded('gemini-3.8-flash')).toEqual({
    contents: [{ role: 'user', parts: [{ text: 'hello there' }] }],
  });
});

it('sends no tools to a model that cannot use them', () => {
  expect(encoded('gemini-3.8-flash', { toolFormat: 'none' }, { tools: TOOLS })).not.toHaveProperty('tools');
});

it.each([
  ['qwen3:8b', '/v1beta/models/qwen3%3A8b:streamGenerateContent?alt=sse'],
  ['models/gemini-2.5-pro', '/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse'],
  ['../../secrets?x#y', '/v1beta/models/..%2F..%2Fsecrets%3Fx%23y:streamGenerateContent?alt=sse'],
])('writes the id %s into the path as %s', (modelId, path) => {
  expect(geminiDialect.encode(hostedRoute('gemini', modelId), chatRequest()).path).toBe(path);
});

it('signs the first call of each answer for models that refuse one without a signature, and no other', () => {
  const call = (id: string): NonNullable<ChatMessage['toolCalls']>[number] => ({
    ...{ id, name: 'look', arguments: {} },
  });
  const messages: ChatMessage[] = [
    { role: 'user', content: 'x' },
    { role: 'assistant', content: 'so', toolCalls: [call('a'), call('b')] },
    { role: 'tool', content: '1', toolCallId: 'a' },
    { role: 'tool', content: '2', toolCallId: 'b' },
    { role: 'assistant', content: '', toolCalls: [call('c')] },
    { role: 'tool', content: '3', toolCallId: 'c' },
  ];
  const signed = (modelId: string): unknown =>
    JSON.parse(
      JSON.stringify(encoded(modelId, {}, { messages })['contents'], (key, value: unknown) =>
        key === 'functionCall' ? 'call' : value,
      ),
    );
  const signature = { thoughtSignature: 'skip_thought_signature_validator' };
  expect(signed('gemini-3-pro-preview')).toMatchObject([
    {},
    { parts: [{ text: 'so' }, { functionCall: 'call', ...signature }, { functionCall: 'call' }] },
    {},
    { parts: [{ functionCall: 'call', ...signature }] },
    {},
  ]);
  expect(JSON.stringify(signed('gemini-3-pro-preview')).match(/skip_/g)).toHaveLength(2);
  expect(JSON.stringify(signed('gemini-2.5-pro'))).not.toContain('skip_');
});

it('finds the name of a result by the latest call of that id', () => {
  const turn = (name: string): ChatMessage[] => [
    { role: 'assistant', content: '', toolCalls: [{ id: 'call_0', name, arguments: {} }] },
    { role: 'tool', content: `of ${name}`, toolCallId: 'call_0' },
  ];
  const messages: ChatMessage[] = [{ role: 'user', content: 'x' }, ...turn('first'), ...turn('second')];
  const names = JSON.stringify(encoded('gemini-2.5-pro', {}, { messages })).match(
    /"functionResponse":\{"id":"call_0","name":"\w+","response":\{"output":"of \w+"/g,
  );
  expect(names).toEqual([
    '"functionResponse":{"id":"call_0","name":"first","response":{"output":"of first"',
    '"functionResponse":{"id":"call_0","name":"second","response":{"output":"of second"',
  ]);
});

it('joins neighbours of one role, leaves out what is blank, and hands on pictures that a tool gave', () => {
  const images = [{ mediaType: 'image/png', base64: 'iVBORw0KGgo=' }];
  const messages: ChatMessage[] = [
    { role: 'user', content: 'one' },
    { role: 'assistant', content: ' ' },
    { role: 'user', content: 'two' },
    { role: 'assistant', content: '', toolCalls: [{ id: 'a', name: 'look', arguments: {} }] },
    { role: 'tool', content: 'seen', toolCallId: 'a', images },
  ];
  expect(encoded('gemini-2.5-pro', {}, { messages })['contents']).toEqual([
    { role: 'user', parts: [{ text: 'one' }, { text: 'two' }] },
    { role: 'model', parts: [{ functionCall: { id: 'a', name: 'look', args: {} } }] },
    {
      role: 'user',
      parts: [
        { functionResponse: { id: 'a', name: 'look', response: { output: 'seen' } } },
        { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } },
      ],
    },
  ]);
});

const shown = { includeThoughts: true };
it.each<readonly [string, Thinking, object | undefined]>([
  ['gemini-2.0-flash', { mode: 'enabled' }, undefined],
  ['gemma-4-27b-it', { mode: 'off' }, undefined],
  ['gemini-2.5-flash', { mode: 'off' }, { thinkingBudget: 0 }],
  ['gemini-2.5-flash-lite', { mode: 'off' }, { thinkingBudget: 0 }],
  ['gemini-2.5-pro', { mode: 'off' }, { thinkingBudget: 128 }],
  ['gemini-2.5-pro', { mode: 'enabled' }, { ...shown, thinkingBudget: -1 }],
  ['gemini-2.5-flash', { mode: 'adaptive' }, { ...shown, thinkingBudget: -1 }],
  ['gemini-2.5-flash', { mode: 'enabled', budgetTokens: 300 }, { ...shown, thinkingBudget: 300 }],
  ['gemini-2.5-flash-lite', { mode: 'enabled', budgetTokens: 300 }, { ...shown, thinkingBudget: 512 }],
  ['gemini-2.5-pro', { mode: 'enabled', budgetTokens: 90_000 }, { ...shown, thinkingBudget: 32_768 }],
  ['gemini-2.5-flash', { mode: 'effort', level: 'minimal' }, { ...shown, thinkingBudget: 1_024 }],
  ['gemini-2.5-flash', { mode: 'effort', level: 'medium' }, { ...shown, thinkingBudget: 8_192 }],
  ['gemini-2.5-flash', { mode: 'effort', level: 'max' }, { ...shown, thinkingBudget: 24_576 }],
  ['gemini-3-flash-preview', { mode: 'off' }, { thinkingLevel: 'MINIMAL' }],
  ['gemini-3.1-flash-lite', { mode: 'off' }, { thinkingLevel: 'MINIMAL' }],
  ['gemini-3-pro-preview', { mode: 'off' }, { thinkingLevel: 'LOW' }],
  ['gemini-3.8-flash', { mode: 'off' }, { thinkingLevel: 'LOW' }],
  ['gemini-3.8-flash', { mode: 'enabled' }, shown],
  ['gemini-3.8-flash', { mode: 'adaptive' }, shown],
  ['gemini-3.8-flash', { mode: 'effort', level: 'minimal' }, { ...shown, thinkingLevel: 'LOW' }],
  ['gemini-3-pro-preview', { mode: 'effort', level: 'medium' }, { ...shown, thinkingLevel: 'HIGH' }],
  ['gemini-3.1-pro-preview', { mode: 'effort', level: 'medium' }, { ...shown, thinkingLevel: 'MEDIUM' }],
  ['gemini-pro-latest', { mode: 'effort', level: 'max' }, { ...shown, thinkingLevel: 'HIGH' }],
  ['gemini-flash-latest', { mode: 'enabled', budgetTokens: 1_000 }, { ...shown, thinkingLevel: 'LOW' }],
  ['gemini-10-pro', { mode: 'enabled', budgetTokens: 8_000 }, { ...shown, thinkingLevel: 'MEDIUM' }],
  ['gemini-3.8-flash', { mode: 'enabled', budgetTokens: 8_193 }, { ...shown, thinkingLevel: 'HIGH' }],
])('tells %s of %j in its own words', (modelId, thinking, thinkingConfig) => {
  expect(encoded(modelId, { thinking })['generationConfig']).toEqual(thinkingConfig && { thinkingConfig });
});
