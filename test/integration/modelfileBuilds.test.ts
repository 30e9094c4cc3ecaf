import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Agent } from 'undici';
import type { BackendConfig } from '../../src/backends/contract';
import { ModelfileBuilds } from '../../src/engine/modelfileBuilds';
import type { BackendState, RegisteredModel } from '../../src/registry/row';
import { HttpClient } from '../../src/shared/http';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';

const MODELFILE =
  'FROM base:1b\nPARAMETER num_ctx 8192\nSYSTEM You are short.\nMESSAGE user hi\nLICENSE MIT\n';

const BASE: RegisteredModel = {
  ...{ backend: 'ollama', provider: 'local', modelId: 'base:1b', displayName: 'base:1b' },
  ...{ capabilities: {}, source: 'probe', refreshedAt: 0 },
};

describe('a model made from a Modelfile', () => {
  let ollama: FakeOllama;
  let agent: Agent;
  let refreshed: string[];
  beforeEach(async () => {
    ollama = await startFakeOllama({ installed: { 'base:1b': describeModel() } });
    agent = new Agent();
    refreshed = [];
  });
  afterEach(async () => {
    await agent.close();
    await ollama.stop();
  });

  function builds(
    state: Partial<BackendState> = {},
    models: readonly RegisteredModel[] = [],
    url = ollama.url,
  ): ModelfileBuilds {
    const config: BackendConfig = {
      ...{ id: 'ollama', kind: 'ollama', host: 'local' },
      url,
      headers: {},
    };
    const backend: BackendState = {
      ...{ id: 'ollama', kind: 'ollama', url: ollama.url, host: 'local', readiness: 'ok', probing: false },
      ...state,
    };
    return new ModelfileBuilds({
      backends: {
        config: (id) => (id === config.id ? config : undefined),
        httpOf: () => new HttpClient(agent),
        hostOf: () => backend.host,
        canInstallOn: () => backend.kind === 'ollama',
      },
      registry: { backends: () => [backend], listAllByBackend: () => new Map([['ollama', models]]) },
      prober: {
        askAnew: (id) => {
          refreshed.push(id);
          return Promise.resolve({ status: 'refreshed', backend: id } as never);
        },
      },
    });
  }

  function create(
    modelfile = MODELFILE,
    signal = new AbortController().signal,
    onProgress: (message: string) => void = () => undefined,
  ): ReturnType<ModelfileBuilds['create']> {
    return builds().create({ ...{ backend: 'ollama', name: 'short', modelfile, signal }, onProgress });
  }

  it('is created with what the file says, step by step, and looked for afterwards', async () => {
    const said: string[] = [];
    expect(await create(MODELFILE, undefined, (message) => said.push(message))).toEqual({
      ...{ status: 'success', name: 'short' },
    });
    expect(said.some((line) => line.startsWith('using existing layer sha256:'))).toBe(true);
    expect(said.at(-1)).toBe('writing manifest');
    expect(refreshed).toEqual(['ollama']);
    const text = await builds().modelfileOf('ollama', 'short', new AbortController().signal);
    expect(text).toContain('SYSTEM You are short.');
    expect(text).toContain('PARAMETER num_ctx 8192');
  });

  it('is not created from a model that Ollama does not have, and the reason is its own', async () => {
    expect(await create('FROM nothing:1b\n')).toEqual({
      status: 'error',
      message: 'Ollama could not create short: pull model manifest: file does not exist.',
    });
    expect(refreshed).toEqual([]);
  });

  it('is not created once it was cancelled', async () => {
    const abort = new AbortController();
    await expect(create(MODELFILE, abort.signal, () => abort.abort())).rejects.toThrow();
    expect(ollama.store.names()).toEqual(['base:1b']);
  });

  it('is an error where the server goes away in between, or is not there', async () => {
    ollama.faults.dieMidStream = 2;
    const result = await create().catch(() => ({ status: 'thrown' }));
    expect(result).toMatchObject({ status: 'error' });
    ollama.faults.dieMidStream = null;
    await ollama.stop();
    expect(await create()).toMatchObject({
      status: 'error',
      message: expect.stringContaining('ollama serve') as unknown,
    });
  });

  it('is an error where the answer ends without a word of success, whatever stands in it', async () => {
    const lines = ['{"status":"writing manifest"}', 'no JSON', '[]', '{"status":7,"total":-1}', ''];
    const server = createServer((_request, response) => response.end(lines.join('\n')));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      const signal = new AbortController().signal;
      const result = await builds({}, [], `http://127.0.0.1:${port ?? 0}`).create({
        ...{ backend: 'ollama', name: 'short', modelfile: MODELFILE, signal, onProgress: () => undefined },
      });
      expect(result).toEqual({
        ...{ status: 'error', message: 'Ollama ended before it had created short. Try again.' },
      });
    } finally {
      await agent.close();
      agent = new Agent();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it('is planned through the server, or through its program where files are named', async () => {
    const server = { kind: 'server', backend: 'ollama', url: ollama.url };
    expect(await builds({}, [BASE]).plan(MODELFILE, undefined)).toEqual({ ...server, downloads: null });
    // What it is made from is not there: creating it downloads that first.
    expect(await builds().plan(MODELFILE, undefined)).toEqual({ ...server, downloads: 'base:1b' });
    expect(await builds().plan('FROM ./m.gguf\n', undefined)).toEqual({ kind: 'program', url: ollama.url });
    expect(await builds({ kind: 'vllm' }).plan('FROM ./m.gguf\n', undefined)).toEqual({
      kind: 'program',
      url: null,
    });
    expect(await builds().plan('SYSTEM x\n', undefined)).toEqual({
      ...{ kind: 'impossible', message: 'Ollama would refuse this Modelfile: no FROM line.' },
    });
    expect(
      await builds({ readiness: 'unreachable', message: 'Gone.', nextStep: 'Start it.' }).plan(
        MODELFILE,
        undefined,
      ),
    ).toEqual({
      ...{ kind: 'impossible', message: 'Gone. Start it.' },
    });
    expect((await builds({ host: 'far' }).plan(MODELFILE, undefined)).kind).toBe('impossible');
    expect((await builds({ kind: 'vllm' }).plan(MODELFILE, undefined)).kind).toBe('impossible');
  });

  it('is planned through its program where a file or folder of the model’s name lies beside the Modelfile', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'mpb-'));
    try {
      const kindIn = async (where: string | undefined): Promise<string> =>
        (await builds().plan('FROM base\n', where)).kind;
      expect(await kindIn(folder)).toBe('server');
      expect(await kindIn(path.join(folder, 'gone'))).toBe('server');
      writeFileSync(path.join(folder, 'base'), 'GGUF');
      expect(await builds().plan('FROM base\n', folder)).toEqual({ kind: 'program', url: ollama.url });
      expect(await kindIn(undefined)).toBe('server');
      rmSync(path.join(folder, 'base'));
      mkdirSync(path.join(folder, 'base'));
      expect(await kindIn(folder)).toBe('program');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is found among what is served, in any way of writing its name', () => {
    const model: RegisteredModel = {
      ...{
        modelId: 'short:latest',
        displayName: 'short',
        capabilities: {},
        backend: 'ollama',
        provider: 'me',
      },
      ...{ source: 'probe', refreshedAt: 0 },
    };
    const found = builds({}, [model]);
    expect(found.served('short')).toBe(model);
    expect(found.served('Short:latest', 'ollama')).toBe(model);
    expect(found.served('short', 'other')).toBeUndefined();
    expect(found.served('shorter')).toBeUndefined();
  });
});
