import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { startLlamaServer, type LlamaServer } from '../support/llamaServer';
import { repositoryRoot } from '../support/repository';
import { ggufModel } from '../support/scriptedModel';
import { useEditor, type Editor } from './support/editor';
import { eventually } from './support/eventually';
import { readRecords } from './support/records';
import type { Workbench } from './support/workbench';

/** The records of chat turns, the oldest first. */
function chatRecords(editor: Editor): ReturnType<typeof readRecords> {
  return readRecords(editor.globalStorageFolder).filter(({ sessionId }) => sessionId === 'chat');
}

const STOPPED_WITHIN_MS = 500;
/** The best of so many counts: a busy machine spoils one. */
const CANCELLED_TURNS = 3;
/** It wants to install another one. */
const INSTALLER = 'qwen3:32b';

describe("VS Code's chat in agent mode", () => {
  // Agent mode sends tens of thousands of tokens with its tools, which a real server here reads for a minute or more.
  let ollama: FakeOllama;
  const editor = useEditor(async () => {
    ollama = await startFakeOllama({
      installed: {
        'qwen3:14b': describeModel({
          ...{ family: 'qwen3', contextLength: 262_144, capabilities: ['completion', 'tools'] },
          script: { toolCall: { name: 'get_weather', arguments: { city: 'Paris' } } },
        }),
        [INSTALLER]: describeModel({
          ...{ family: 'qwen3', contextLength: 262_144, capabilities: ['completion', 'tools'] },
          script: { toolCall: { name: 'model_pool_install', arguments: { modelId: 'Qwen/Qwen3-8B' } } },
        }),
      },
    });
    return {
      settings: {
        'modelPool.backends': [{ id: 'ollama', kind: 'ollama', url: ollama.url }],
        'modelPool.hardware.override': { platform: 'nvidia', vramGb: 24, ramGb: 64, bandwidthGbps: 1008 },
      },
      moreExtensions: [path.join(repositoryRoot, 'test', 'e2e', 'weather')],
    };
  });
  beforeAll(async () => {
    const { workbench } = editor();
    await workbench.waitUntilActive();
    await workbench.runCommand('Chat: Open Chat');
    await workbench.chat.pickModel('qwen3:14b');
    await workbench.chat.chooseMode('Agent');
  });
  afterAll(() => ollama.stop());

  it('runs the tool that the model calls, hands its result back, and shows the answer', async () => {
    const { workbench, workspaceFolder } = editor();
    await workbench.chat.ask('How is the weather?');
    await workbench.chat.waitForAnswer(/word by word\./, 90_000);
    await workbench.screenshot('chat-agent-dark');
    expect(readFileSync(path.join(workspaceFolder, 'weather.jsonl'), 'utf8')).toBe('{"city":"Paris"}\n');
  });

  it('shows how much of the context the turn took', async () => {
    const { workbench } = editor();
    const ring = workbench.page.locator('.chat-context-usage-widget');
    await ring.hover();
    const details = workbench.page.locator('.chat-context-usage-details');
    await details.waitFor();
    const text = await details.innerText();
    console.log(`the chat says of the context: ${text.replaceAll(/\s+/g, ' ')}`);
    expect(text).toMatch(/\d[\d.,]*\s*K?.*\d[\d.,]*\s*K?/);
    await workbench.page.keyboard.press('Escape');
  });

  it('leaves a record of each round, with what it counted', async () => {
    const [first, second] = await eventually('both rounds on record', async () => {
      const found = chatRecords(editor());
      return found.length >= 2 ? found : undefined;
    });
    expect(first).toMatchObject({ finishReason: 'tool_calls', toolFormat: 'native', iteration: 1 });
    expect(second).toMatchObject({ finishReason: 'stop', outcome: { kind: 'served' }, iteration: 2 });
    expect(first?.usage.inputTokens).toBeGreaterThan(1_000);
  });

  it('installs nothing that a model asks for before a person has read what it means, and takes a no', async () => {
    const { workbench } = editor();
    await workbench.chat.pickModel(INSTALLER);
    await workbench.chat.chooseMode('Agent');
    await workbench.chat.ask('Who are you?');
    const session = workbench.page.locator('.interactive-session');
    await session
      .getByText(/^Install \S*qwen3\S*\?$/i)
      .first()
      .waitFor({ timeout: 90_000 });
    await workbench.screenshot('chat-install-question-dark');
    const text = await session.innerText();
    expect(text).toMatch(/Download: [\d.]+ GiB/);
    expect(text).toMatch(/Licence: /);
    expect(text).toContain('Nothing is removed.');
    await session.getByRole('button', { name: /^Skip/ }).first().click();
    await workbench.chat.waitForAnswer(/word by word\./, 90_000);
    expect(ollama.requests.some(({ path: asked }) => asked === '/api/pull')).toBe(false);
    // It was offered, and was told of the no.
    expect(
      ollama.requests.some(
        ({ body }) => body.includes('model_pool_install') && body.includes('"role":"tool"'),
      ),
    ).toBe(true);
  });
});

describe("VS Code's chat on a real llama-server", () => {
  let server: LlamaServer;
  const editor = useEditor(async () => {
    server = await startLlamaServer({
      model: ggufModel('tiny-llama', ['--ctx', '131072']),
      // Leaves the other core to the editor.
      args: ['--ctx-size', '65536', '--parallel', '1', '-t', '1'],
    });
    return {
      settings: {
        'modelPool.backends': [{ id: 'llama_server', kind: 'llama_server', url: server.url }],
        'chat.agent.enabled': false,
      },
    };
  });
  beforeAll(async () => {
    const { workbench } = editor();
    await workbench.waitUntilActive();
    await workbench.runCommand('Chat: Open Chat');
    await workbench.chat.pickModel('tiny');
  });
  afterAll(() => server.stop());

  it('stops the server within half a second when the turn is cancelled', async () => {
    let stoppedMs = Infinity;
    for (let turn = 0; turn < CANCELLED_TURNS && stoppedMs >= STOPPED_WITHIN_MS; turn += 1) {
      stoppedMs = await msToStop(editor().workbench, server);
      console.log(`the server stopped ${stoppedMs.toFixed(0)} ms after the click`);
    }
    expect(stoppedMs).toBeLessThan(STOPPED_WITHIN_MS);
    const record = await eventually('the record', async () => {
      const found = chatRecords(editor()).at(-1);
      return found?.outcome.kind === 'cancelled' ? found : undefined;
    });
    expect(record.finishReason).toBe('cancelled');
  });

  it('says in the chat what is wrong, and what to do', async () => {
    const { workbench } = editor();
    await server.stop();
    await workbench.chat.ask('Are you there?');
    const text = await workbench.chat.waitForAnswer(/cannot be reached/, 90_000);
    expect(text).toMatch(/Start that server, or correct its address/);
    expect(text).not.toMatch(/ at .*\.js:\d+/);
    await workbench.screenshot('chat-error-dark');
  });
});

/** From the click that ends a turn to the server's own word that it has stopped. */
async function msToStop(workbench: Workbench, server: LlamaServer): Promise<number> {
  await workbench.chat.ask('loop');
  await workbench.chat.waitForAnswer(/tick-tock/, 90_000);
  // The answer may be that of the turn before.
  await eventually('the server at work', () => isGenerating(server), 90_000);
  await workbench.chat.cancel();
  const begun = performance.now();
  // More often than others ask: the time between two questions would be counted as well.
  await expect.poll(() => isGenerating(server), { interval: 5, timeout: 5_000 }).toBe(false);
  return performance.now() - begun;
}

/** Whether a slot of the server works, as the server itself says. */
async function isGenerating(server: LlamaServer): Promise<boolean> {
  const slots = (await (await fetch(`${server.url}/slots`)).json()) as readonly {
    readonly is_processing: boolean;
  }[];
  return slots.some(({ is_processing: works }) => works);
}
