import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { editorChat } from '../../src/ui/editorChat';
import { writeSetting } from '../../src/ui/settingsReader';
import { eventually } from '../e2e/support/eventually';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { EXTENSION_ID } from './support/extensionUnderTest';

const ANSWER = 'Hello from one tiny model whose weights hold this answer, word by word.';
/** One red pixel. VS Code looks into pictures before it hands them on, so it must be a real one. */
const PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const VENDOR = 'model-pool';
const user = (content: string | vscode.LanguageModelInputPart[]): vscode.LanguageModelChatMessage =>
  new vscode.LanguageModelChatMessage(vscode.LanguageModelChatMessageRole.User, content);

describe('the models in VS Code', () => {
  let ollama: FakeOllama;

  before(async () => {
    ollama = await startFakeOllama({
      installed: {
        'qwen3:14b': describeModel({
          family: 'qwen3',
          contextLength: 40_960,
          capabilities: ['completion', 'tools'],
        }),
        'gemma3:4b': describeModel({ family: 'gemma3', capabilities: ['completion', 'vision'] }),
        'nomic-embed-text:latest': describeModel({ capabilities: ['embedding'] }),
      },
    });
    await vscode.extensions.getExtension(EXTENSION_ID)?.activate();
    await writeSetting('backends', [{ id: 'ollama', kind: 'ollama', url: ollama.url }]);
    await eventually('both models', async () => {
      await vscode.commands.executeCommand('modelPool.refresh');
      return (await offered()).length === 2;
    });
  });
  after(async () => {
    await writeSetting('backends', undefined);
    await ollama.stop();
  });

  /** The models by themselves, without those entries that take the best one. */
  async function offered(): Promise<readonly vscode.LanguageModelChat[]> {
    const models = await vscode.lm.selectChatModels({ vendor: VENDOR });
    return models.filter(({ family }) => family !== 'auto');
  }

  async function model(name: string): Promise<vscode.LanguageModelChat> {
    const models = await vscode.lm.selectChatModels({ vendor: VENDOR });
    const found = models.find((candidate) => candidate.name === name);
    assert.ok(found, `${name} among ${models.map((candidate) => candidate.name).join(', ')}`);
    return found;
  }

  function lastRequest(): Record<string, unknown> {
    const body = ollama.requests.findLast(({ path }) => path === '/api/chat')?.body ?? '{}';
    return JSON.parse(body) as Record<string, unknown>;
  }

  it('are the chat models that backends serve, with what is known of them', async () => {
    const qwen = await model('qwen3:14b');
    assert.equal(qwen.id, 'ollama/qwen/qwen3:14b');
    assert.equal(qwen.family, 'qwen3');
  });

  it('have the limits of the context that they are called with', async () => {
    const qwen = await model('qwen3:14b');
    const response = await qwen.sendRequest([user('Who are you?')]);
    for await (const part of response.text) assert.equal(typeof part, 'string');
    const { options } = lastRequest() as { readonly options?: { readonly num_ctx?: number } };
    // Ollama's smallest default where this machine cannot hold more, or its memory is not known.
    const context = options?.num_ctx ?? 4_096;
    assert.ok(context <= 40_960 && context % 4_096 === 0, `${context} tokens`);
    // A quarter of its context is kept for the answer.
    assert.equal((await model('qwen3:14b')).maxInputTokens, context * 0.75);
  });

  it('stand beside entries that take the best one for a task at each call', async () => {
    const entries = (await vscode.lm.selectChatModels({ vendor: VENDOR, family: 'auto' })).map(
      ({ id }) => id,
    );
    assert.deepEqual(
      entries.toSorted(),
      ['agentic', 'coding', 'general', 'reasoning', 'small', 'vision'].map((task) => `auto/${task}`),
    );
    const [agentic] = await vscode.lm.selectChatModels({ vendor: VENDOR, id: 'auto/agentic' });
    assert.ok(agentic);
    const response = await agentic.sendRequest([user('Who are you?')]);
    for await (const part of response.text) assert.equal(typeof part, 'string');
    // The one that calls tools.
    assert.equal(lastRequest()['model'], 'qwen3:14b');
    await writeSetting('chatAutoEntries', false);
    try {
      await eventually(
        'no such entry',
        async () => (await vscode.lm.selectChatModels({ vendor: VENDOR, family: 'auto' })).length === 0,
      );
    } finally {
      await writeSetting('chatAutoEntries', undefined);
    }
  });

  it('are left to the extension of Ollama where the user wants that', async () => {
    await writeSetting('chatIncludePlainOllama', false);
    try {
      await eventually('no model of Ollama', async () => (await offered()).length === 0);
    } finally {
      await writeSetting('chatIncludePlainOllama', undefined);
    }
    await eventually('both models again', async () => (await offered()).length === 2);
  });

  it('count tokens without asking a server, by what it counted before', async () => {
    const gemma = await model('gemma3:4b');
    // What looks whether the server is there comes by itself.
    const looks = ['/api/version', '/api/tags', '/api/ps', '/api/show'];
    const asked = (): number => ollama.requests.filter(({ path }) => !looks.includes(path)).length;
    const before = asked();
    assert.equal(await gemma.countTokens('x'.repeat(400)), 100);
    assert.equal(await gemma.countTokens(user('x'.repeat(401))), 101);
    assert.equal(asked(), before);
    // The fake counts four characters a token and some for the template.
    const response = await gemma.sendRequest([user('y'.repeat(2_000))]);
    for await (const part of response.text) assert.equal(typeof part, 'string');
    const learnt = await gemma.countTokens('x'.repeat(2_000));
    assert.ok(learnt > 500 && learnt < 520, `${learnt} tokens`);
  });

  it('answer, word by word', async () => {
    const response = await (await model('qwen3:14b')).sendRequest([user('Who are you?')]);
    const parts: string[] = [];
    for await (const part of response.text) parts.push(part);
    assert.equal(parts.join(''), ANSWER);
    assert.ok(parts.length > 1, 'it came in one piece');
    assert.deepEqual(lastRequest()['messages'], [{ role: 'user', content: 'Who are you?' }]);
  });

  it('call the tools that they are offered', async () => {
    const inputSchema = { type: 'object', properties: { city: { type: 'string' } } };
    const weather = { name: 'weather', description: 'Says the weather', inputSchema };
    const response = await (await model('qwen3:14b')).sendRequest([user('How is it?')], { tools: [weather] });
    const calls: unknown[] = [];
    for await (const part of response.stream) calls.push(part);
    const call = calls.find((part) => part instanceof vscode.LanguageModelToolCallPart);
    assert.deepEqual([call?.name, call?.input], ['weather', { city: 'Paris' }]);
  });

  it('get images', async () => {
    const picture = vscode.LanguageModelDataPart.image(Buffer.from(PICTURE, 'base64'), 'image/png');
    const question = user([new vscode.LanguageModelTextPart('What is this?'), picture]);
    const response = await (await model('gemma3:4b')).sendRequest([question]);
    for await (const part of response.text) assert.equal(typeof part, 'string');
    assert.deepEqual(lastRequest()['messages'], [
      { role: 'user', content: 'What is this?', images: [PICTURE] },
    ]);
  });

  it('say in a sentence why they did not answer, and what to do', async () => {
    // As often as it is asked: one try and two more.
    ollama.faults.busy = 3;
    await assert.rejects(
      async () => {
        const response = await (await model('qwen3:14b')).sendRequest([user('Who are you?')]);
        for await (const part of response.text) assert.equal(part, '');
      },
      (error: unknown) => {
        assert.ok(error instanceof Error);
        assert.match(error.message, /^ollama .*\(status 503\).* (try again|Wait) /i);
        assert.doesNotMatch(error.message, /Who are you/);
        return true;
      },
    );
  });

  it('are not asked any more where the call was cancelled while they were looked for', async () => {
    const before = ollama.requests.length;
    const cancelling = new AbortController();
    const request = { messages: [{ role: 'user', content: 'Who are you?' }] } as const;
    const answer = editorChat.send('ollama/qwen/qwen3:14b', request, cancelling.signal);
    const first = answer[Symbol.asyncIterator]().next();
    cancelling.abort();
    await assert.rejects(first, { name: 'AbortError' });
    assert.deepEqual(
      ollama.requests.slice(before).filter(({ path }) => path === '/api/chat'),
      [],
    );
  });

  it('stop when the turn is cancelled', async () => {
    const cancelling = new vscode.CancellationTokenSource();
    // So slow that the word to stop, which goes through VS Code, is there long before that many parts are.
    ollama.settings.tokenIntervalMs = 50;
    const response = await (
      await model('gemma3:4b')
    ).sendRequest([user('loop')], undefined, cancelling.token);
    let parts = 0;
    const read = async (): Promise<void> => {
      for await (const part of response.text) {
        assert.notEqual(part, '');
        parts += 1;
        if (parts === 5) cancelling.cancel();
      }
    };
    // Whether the rest is left out or the stream breaks off is VS Code's affair; that it ends is ours.
    await read().catch((thrown: unknown) => assert.ok(thrown instanceof Error));
    assert.ok(parts >= 5 && parts < 200, `${parts} parts came`);
    cancelling.dispose();
    ollama.settings.tokenIntervalMs = 1;
  });
});
