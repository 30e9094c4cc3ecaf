import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { TOOL_INPUTS } from '../../src/ui/languageModelToolInputs';
import { writeSetting } from '../../src/ui/settingsReader';
import { eventually } from '../e2e/support/eventually';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { EXTENSION_ID } from './support/extensionUnderTest';

/** What a tool answers an agent: one text of JSON. */
async function ask(name: string, input: object): Promise<unknown> {
  const result = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
  const [part, ...others] = result.content;
  assert.equal(others.length, 0);
  assert.ok(part instanceof vscode.LanguageModelTextPart);
  return JSON.parse(part.value);
}

describe('the language model tools in VS Code', () => {
  let ollama: FakeOllama;
  before(async () => {
    ollama = await startFakeOllama({ installed: { 'tiny:1b': describeModel() } });
    await vscode.extensions.getExtension(EXTENSION_ID)?.activate();
    await writeSetting('backends', [{ id: 'ollama', kind: 'ollama', url: ollama.url }]);
    await vscode.commands.executeCommand('modelPool.refresh');
  });
  after(async () => {
    await writeSetting('backends', []);
    await ollama.stop();
  });

  it('are offered to every agent, with what they take', async () => {
    const names = Object.keys(TOOL_INPUTS);
    const ours = await eventually('the tools', async () => {
      const found = vscode.lm.tools.filter(({ name }) => names.includes(name));
      return found.length === names.length && found;
    });
    for (const tool of ours) {
      assert.ok(tool.description.length > 150, tool.name);
      assert.ok(tool.inputSchema, tool.name);
    }
  });

  it('answer in JSON what is served', async () => {
    await eventually('the model', async () =>
      JSON.stringify(await ask('model_pool_list_models', {})).includes('"modelId":"tiny:1b"'),
    );
  });

  it('rank for the task that is asked for', async () => {
    const answer = await ask('model_pool_rank', { task: 'coding', limit: 2, onlyFitting: false });
    assert.deepEqual(Reflect.get(Object(answer), 'task'), 'coding');
    assert.equal(Reflect.get(Object(Reflect.get(Object(answer), 'models')), 'length'), 2);
  });

  it('explain the route of a model', async () => {
    const answer = JSON.stringify(await ask('model_pool_explain_route', { modelId: 'tiny:1b' }));
    assert.match(answer, /"goesTo":\{"backend":"ollama"/);
    assert.ok(!answer.includes(ollama.url));
  });

  it('tell a model what is wrong with its input', async () => {
    assert.match(JSON.stringify(await ask('model_pool_list_models', { limit: 0 })), /error.*limit/);
  });

  it('install nothing that is not in the ranking, and ask nobody for it', async () => {
    const answer = await ask('model_pool_install', { modelId: 'no/such' });
    assert.equal(Reflect.get(Object(answer), 'code'), 'unknown_model');
  });
});
