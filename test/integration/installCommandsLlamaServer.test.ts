import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { endProcess, startProcess } from '../../scripts/setup/processes.mjs';
import { toolPath } from '../../scripts/setup/knownTools.mjs';
import { freePort } from '../../scripts/vscode/ports.mjs';
import { AdvisoryInstallAdapter } from '../../src/backends/advisoryInstall';
import { renderInstallCommands } from '../../src/backends/installCommands';
import { startModelHub } from '../support/modelHub';
import { SCRIPTED_ANSWER, ggufModel } from '../support/scriptedModel';

const TEST_LIMIT_MS = 120_000;
const WAITING = { timeout: 60_000, interval: 50 };

const REPO = 'maker/tiny-llama-GGUF';
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Started {
  readonly url: string;
  /** The folder where the command ran. */
  readonly folder: string;
  /** What it printed until now. */
  readonly output: () => string;
}

/** Runs the very line in a real `sh`, as a user would after pasting it; only the surroundings are the test's. */
async function runInShell(line: string, hub?: string): Promise<Started> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mpic-'));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  const port = await freePort();
  const bin = path.dirname(toolPath('llamaServer'));
  const child = startProcess('sh', ['-c', line], {
    cwd: folder,
    env: {
      PATH: `${bin}${path.delimiter}${process.env['PATH'] ?? ''}`,
      HOME: folder,
      LLAMA_CACHE: path.join(folder, 'cache'),
      // The printed command has neither: the default address is the one that Model Pool looks at.
      LLAMA_ARG_HOST: '127.0.0.1',
      LLAMA_ARG_PORT: String(port),
      LLAMA_ARG_THREADS: '1',
      // Both names are in use; an address where nobody listens keeps the test off the network.
      ...{ MODEL_ENDPOINT: hub ?? 'http://127.0.0.1:1', HF_ENDPOINT: hub ?? 'http://127.0.0.1:1' },
    },
  });
  cleanUps.push(() => endProcess(child));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  }
  return { url: `http://127.0.0.1:${port}`, folder, output: () => output };
}

async function untilServed({ url, output }: Started): Promise<void> {
  const look = async (): Promise<void> => {
    const isReady = await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (!isReady) throw new Error(`no server is ready; the command printed: ${output().slice(-2_000)}`);
  };
  await vi.waitFor(look, WAITING);
}

async function json(url: string, body?: unknown): Promise<unknown> {
  const post = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
  return (await fetch(url, body === undefined ? {} : post)).json();
}

async function expectToServe(server: Started, contextTokens: number): Promise<void> {
  expect(await json(`${server.url}/props`)).toMatchObject({
    default_generation_settings: { n_ctx: contextTokens },
  });
  const question = { messages: [{ role: 'user', content: 'Who are you?' }] };
  expect(await json(`${server.url}/v1/chat/completions`, question)).toMatchObject({
    choices: [{ finish_reason: 'stop', message: { content: SCRIPTED_ANSWER } }],
  });
}

function llamaCommand(quant: string): string {
  const model = { hfRepoId: 'maker/tiny-llama', ggufRepo: REPO, quant };
  const commands = renderInstallCommands(model, { shell: 'posix', contextTokens: 1_024, gpuLayers: 999 });
  return commands.find(({ tool }) => tool === 'llamacpp')?.command ?? '';
}

describe('the llama-server command that is shown', () => {
  it(
    'gets the model of that quantisation from the hub, and serves it with the context that it names',
    async () => {
      const model = ggufModel('tiny-llama');
      const files = { 'tiny-llama-Q4_K_M.gguf': model, 'tiny-llama-Q8_0.gguf': model };
      const hub = await startModelHub(REPO, files);
      cleanUps.push(() => hub.stop());
      const command = llamaCommand('Q8_0');
      expect(command).toBe(`llama-server -hf ${REPO}:Q8_0 -c 1024 -ngl 999`);
      const server = await runInShell(command, hub.url);
      await untilServed(server);
      await expectToServe(server, 1_024);
      const downloads = hub.requests.filter((request) => /^GET .*\.gguf$/.test(request));
      expect(downloads).toHaveLength(1);
      expect(downloads[0]).toMatch(/\/tiny-llama-Q8_0\.gguf$/);
    },
    TEST_LIMIT_MS,
  );

  it(
    'asks for every part of a split file',
    async () => {
      const model = ggufModel('tiny-llama');
      const parts = ['tiny-llama-Q8_0-00001-of-00002.gguf', 'tiny-llama-Q8_0-00002-of-00002.gguf'];
      const hub = await startModelHub(REPO, Object.fromEntries(parts.map((part) => [part, model])));
      cleanUps.push(() => hub.stop());
      await runInShell(llamaCommand('Q8_0'), hub.url);
      const downloaded = (): readonly string[] =>
        hub.requests
          .filter((request) => request.startsWith('GET '))
          .flatMap((request) => path.basename(request));
      await vi.waitFor(() => expect(downloaded()).toEqual(expect.arrayContaining(parts)), WAITING);
    },
    TEST_LIMIT_MS,
  );

  it(
    'serves a file whose name is a trap for the shell, and nothing else happens',
    async () => {
      const models = mkdtempSync(path.join(tmpdir(), 'mpim-'));
      cleanUps.push(() => rmSync(models, { recursive: true, force: true }));
      const file = path.join(models, "it's; touch owned & $(touch owned) `touch owned`.gguf");
      copyFileSync(ggufModel('tiny-llama'), file);
      const adapter = new AdvisoryInstallAdapter({ backend: 'llamacpp', shell: 'posix' });
      const command = adapter.renderCommand({ name: file, contextTokens: 512, gpuLayers: 0 });
      const server = await runInShell(command);
      await untilServed(server);
      await expectToServe(server, 512);
      expect(readdirSync(server.folder)).not.toContain('owned');
    },
    TEST_LIMIT_MS,
  );
});
