import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ModelsFolderQuery } from '../../../src/pool/diskSpace';
import { freeBytes, isLoopback, ollamaModelsFolder } from '../../../src/pool/diskSpace';

const QUERY: ModelsFolderQuery = {
  backend: { url: 'http://127.0.0.1:11434', host: 'local' },
  env: {},
  platform: 'darwin',
  homeFolder: '/Users/ada',
  exists: () => Promise.resolve(false),
};

describe('ollamaModelsFolder', () => {
  it('is what OLLAMA_MODELS says', async () => {
    await expect(ollamaModelsFolder({ ...QUERY, env: { OLLAMA_MODELS: '/big/models' } })).resolves.toBe(
      '/big/models',
    );
  });

  it('is in the home folder where nothing else is said', async () => {
    await expect(ollamaModelsFolder(QUERY)).resolves.toBe('/Users/ada/.ollama/models');
    await expect(ollamaModelsFolder({ ...QUERY, env: { OLLAMA_MODELS: ' ' } })).resolves.toBe(
      '/Users/ada/.ollama/models',
    );
    const windows: ModelsFolderQuery = { ...QUERY, platform: 'win32', homeFolder: 'C:\\Users\\ada' };
    await expect(ollamaModelsFolder(windows)).resolves.toBe('C:\\Users\\ada\\.ollama\\models');
  });

  it("is the service's own on Linux where Ollama runs as one", async () => {
    const linux: ModelsFolderQuery = { ...QUERY, platform: 'linux', homeFolder: '/home/ada' };
    await expect(ollamaModelsFolder(linux)).resolves.toBe('/home/ada/.ollama/models');
    const service: ModelsFolderQuery = {
      ...linux,
      exists: (folder) => Promise.resolve(folder === '/usr/share/ollama'),
    };
    await expect(ollamaModelsFolder(service)).resolves.toBe('/usr/share/ollama/.ollama/models');
  });

  it('is unknown for a server on another machine, a tunnel on loopback too', async () => {
    const env = { OLLAMA_MODELS: '/big/models' };
    const remote = { url: 'http://gpubox:11434', host: 'local' };
    await expect(ollamaModelsFolder({ ...QUERY, env, backend: remote })).resolves.toBeNull();
    const tunnel = { url: 'http://127.0.0.1:11435', host: 'gpubox' };
    await expect(ollamaModelsFolder({ ...QUERY, env, backend: tunnel })).resolves.toBeNull();
  });
});

describe('freeBytes', () => {
  it("is what the volume has for this user, in the order of the system's own figure", async () => {
    const free = await freeBytes(tmpdir());
    const volume = statfsSync(tmpdir());
    // Others write to this disk while the test runs.
    expect(Math.abs((free ?? 0) - volume.bavail * volume.bsize)).toBeLessThan(10 * 2 ** 30);
    expect(free).toBeGreaterThan(0);
  });

  it('judges a folder that is not there yet by the nearest one above it', async () => {
    expect(await freeBytes(path.join(tmpdir(), 'not', 'there', 'yet'))).toBeGreaterThan(0);
  });
});

describe('isLoopback', () => {
  it.each([
    ['http://127.0.0.1:11434', true],
    ['http://127.9.8.7', true],
    ['http://localhost:1', true],
    ['http://ollama.localhost', true],
    ['http://[::1]:11434', true],
    ['http://127.0.0.1.example.com', false],
    ['http://localhost.example.com', false],
    ['http://10.0.0.1', false],
    ['nonsense', false],
  ])('%s: %s', (url, expected) => {
    expect(isLoopback(url)).toBe(expected);
  });
});
