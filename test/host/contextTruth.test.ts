import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { RegisteredModel } from '../../src/registry/row';
import { contextText, servedModelTooltip } from '../../src/ui/modelText';
import { writeSetting } from '../../src/ui/settingsReader';
import { eventually } from '../e2e/support/eventually';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { EXTENSION_ID } from './support/extensionUnderTest';

function model(more: Partial<RegisteredModel> = {}): RegisteredModel {
  return {
    ...{ backend: 'ollama', provider: 'qwen', modelId: 'qwen3:8b', displayName: 'qwen3:8b' },
    ...{ capabilities: { contextLength: 40_960 }, source: 'probe', refreshedAt: 0 },
    ...more,
  };
}

describe('the context on a row', () => {
  const capabilities = { contextLength: 40_960 };
  const cases: readonly (readonly [string, RegisteredModel, number | undefined, string | undefined])[] = [
    ['loaded', model({ running: { contextTokens: 16_384 } }), 16_384, 'Context 16k of 40k'],
    // Whatever was to be asked for: what its server allocated is what there is.
    ['loaded with less', model({ running: { contextTokens: 8_192 } }), 16_384, 'Context 8k of 40k'],
    [
      'served with less',
      model({ capabilities: { ...capabilities, allocatedContext: 4_096 } }),
      4_096,
      'Context 4k of 40k',
    ],
    ['to be loaded with less', model(), 16_384, 'Context 40k; the next call loads it with 16k'],
    ['to be loaded with all', model(), 40_960, 'Context 40k'],
    ['not known to be loaded with anything', model(), undefined, 'Context 40k'],
    ['of unknown length', model({ capabilities: {} }), 16_384, undefined],
    [
      'loaded, of unknown length',
      model({ capabilities: {}, running: { contextTokens: 512 } }),
      512,
      'Context 512',
    ],
  ];
  for (const [what, served, callTokens, expected] of cases) {
    it(`of a model ${what} is "${expected ?? 'not told'}"`, () => {
      assert.equal(contextText(served, callTokens), expected);
    });
  }

  it('stands in the card', () => {
    const card = servedModelTooltip(model({ running: { contextTokens: 16_384 } }), {
      ...{ host: 'this machine', reachable: true, callsTools: true, toolCalling: undefined, measured: null },
      contextTokens: 16_384,
    });
    assert.match(card.value.replaceAll('\\', ''), /Context(?: |&nbsp;)16k(?: |&nbsp;)of(?: |&nbsp;)40k/);
  });
});

describe('the context of a variant in VS Code', () => {
  let ollama: FakeOllama;

  before(async () => {
    ollama = await startFakeOllama({
      installed: {
        'tiny:1b': describeModel({ contextLength: 40_960 }),
        'tiny:1b-12k': describeModel({ contextLength: 40_960, parameters: { num_ctx: 12_288 } }),
      },
    });
    await vscode.extensions.getExtension(EXTENSION_ID)?.activate();
    await writeSetting('backends', [{ id: 'ollama', kind: 'ollama', url: ollama.url }]);
    await vscode.commands.executeCommand('modelPool.refresh');
  });
  after(async () => {
    await writeSetting('backends', undefined);
    await ollama.stop();
  });

  async function variant(): Promise<vscode.LanguageModelChat | undefined> {
    const models = await vscode.lm.selectChatModels({ vendor: 'model-pool' });
    return models.find(({ name, family }) => name === 'tiny:1b-12k' && family !== 'auto');
  }

  it('is what the chat is told, before it is loaded and when it is', async () => {
    // A quarter of it is kept for the answer.
    const limit = 12_288 * 0.75;
    const offered = await eventually('the limit of the chat', async () => {
      const found = await variant();
      return found?.maxInputTokens === limit ? found : undefined;
    });
    const response = await offered.sendRequest([
      new vscode.LanguageModelChatMessage(vscode.LanguageModelChatMessageRole.User, 'Who are you?'),
    ]);
    for await (const part of response.text) assert.equal(typeof part, 'string');
    assert.deepEqual(
      ollama.runners.list().map(({ contextTokens }) => contextTokens),
      [12_288],
    );
    assert.equal((await variant())?.maxInputTokens, limit);
  });
});
