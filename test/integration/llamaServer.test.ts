import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLlamaServer, type LlamaServer } from '../support/llamaServer';
import { SCRIPTED_ANSWER, ggufModel } from '../support/scriptedModel';

async function chat(server: LlamaServer, body: Readonly<Record<string, unknown>>): Promise<unknown> {
  const response = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return response.json();
}

const asking = (content: string) => ({ messages: [{ role: 'user', content }] });

describe('a real llama-server with a generated model', () => {
  let server: LlamaServer;
  beforeAll(async () => {
    server = await startLlamaServer({ alias: 'scripted' });
  }, 60_000);
  afterAll(() => server.stop());

  it('serves the model under its alias', async () => {
    const response = await fetch(`${server.url}/v1/models`);
    expect(await response.json()).toMatchObject({ data: [{ id: 'scripted' }] });
  });

  it('answers any question with the scripted sentence, in 14 tokens', async () => {
    expect(await chat(server, asking('Who are you?'))).toMatchObject({
      choices: [{ finish_reason: 'stop', message: { content: SCRIPTED_ANSWER } }],
      usage: { completion_tokens: 14 },
    });
  });

  it('never ends by itself when the question says loop', async () => {
    expect(await chat(server, { ...asking('loop'), max_tokens: 40 })).toMatchObject({
      choices: [{ finish_reason: 'length' }],
      usage: { completion_tokens: 40 },
    });
  });

  it('calls the tool that it is offered', async () => {
    const tool = {
      type: 'function',
      function: {
        name: 'get_weather',
        parameters: { type: 'object', properties: { city: { type: 'string' } } },
      },
    };
    expect(await chat(server, { ...asking('How is the weather?'), tools: [tool] })).toMatchObject({
      choices: [
        {
          finish_reason: 'tool_calls',
          message: { tool_calls: [{ function: { name: 'get_weather', arguments: '{"city": "Paris"}' } }] },
        },
      ],
    });
  });
});

it.each(['tiny-qwen2', 'tiny-qwen3', 'tiny-gemma3', 'tiny-moe', 'tiny-qwen3moe', 'tiny-deepseek2'])(
  'the generated %s is a model that llama-server loads and that knows its sentence',
  async (preset) => {
    const server = await startLlamaServer({ model: ggufModel(preset) });
    try {
      expect(await chat(server, asking('Hi'))).toMatchObject({
        choices: [{ message: { content: SCRIPTED_ANSWER } }],
      });
    } finally {
      await server.stop();
    }
  },
);

it('a server that cannot start says why instead of being waited for', async () => {
  await expect(startLlamaServer({ model: '/nowhere/no.gguf' })).rejects.toThrow(/no\.gguf/);
});
