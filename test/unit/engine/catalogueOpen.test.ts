import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCatalogue } from '../../../src/engine/catalogueOpen';
import { noSecrets, type SecretReader } from '../../../src/engine/backendHeaders';
import { silentLogger } from '../../../src/shared/logger';
import { FakeClock } from '../../fakes/fakeClock';
import { startFakeHub, type FakeHub } from '../../fakes/huggingFace/server';

let server: FakeHub;
let agent: Agent;
let folder: string;

beforeEach(async () => {
  server = await startFakeHub({ tokens: { hf_env: [], hf_stored: [] } });
  agent = new Agent();
  folder = await mkdtemp(path.join(tmpdir(), 'catalogue-'));
});
afterEach(async () => {
  await agent.destroy();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Refreshes once, as a window with these settings does. */
async function refreshOnce(
  options: {
    readonly online?: boolean;
    readonly allowed?: readonly string[];
    readonly runsMlx?: boolean;
    readonly secrets?: SecretReader;
    readonly token?: string;
  } = {},
): Promise<void> {
  const { online = true, allowed = [], runsMlx = false, secrets = noSecrets, token } = options;
  const clock = new FakeClock();
  const opened = openCatalogue({
    ...{
      storageDir: folder,
      windowId: 'one',
      dispatcher: agent,
      secrets,
      runsMlx,
      clock,
      logger: silentLogger,
    },
    loadSnapshot: () =>
      Promise.resolve({
        snapshot: { version: 1, generatedAt: '2026-11-21', candidates: [], observations: [] },
        ...{ source: 'frozen', warnings: [] },
      }),
    env: { HF_ENDPOINT: server.url, HF_TOKEN: token },
    settings: () => ({ catalogOnline: online, poolAllowedOrgs: allowed }),
  });
  await opened.catalogue.refresh();
  await opened.dispose();
}

function tokens(): readonly unknown[] {
  return [...new Set(server.requests.map(({ headers }) => headers['authorization']))];
}

describe('the catalogue of a window', () => {
  it('asks whom the user allowed first, in two lists each, and leaves its files in the storage folder', async () => {
    await refreshOnce({ allowed: ['mine'] });
    expect(server.requests.slice(0, 2).every(({ path: asked }) => asked.includes('author=mine'))).toBe(true);
    expect(server.requests.length).toBeLessThanOrEqual(60);
    expect((await readdir(folder)).toSorted()).toEqual(['catalogue.json', 'hub-cache.json']);
  });

  it('makes no request at all while the setting is off', async () => {
    await refreshOnce({ online: false });
    expect(server.requests).toHaveLength(0);
  });

  it('says who asks with the stored token, else with that of the environment, else not at all', async () => {
    await refreshOnce();
    expect(tokens()).toEqual([undefined]);
    await rm(folder, { recursive: true });
    await refreshOnce({ token: 'hf_env' });
    expect(tokens()).toEqual([undefined, 'Bearer hf_env']);
    await rm(folder, { recursive: true });
    const secrets: SecretReader = {
      get: (name) => Promise.resolve(name === 'huggingface' ? 'hf_stored' : undefined),
    };
    await refreshOnce({ token: 'hf_env', secrets });
    expect(tokens()).toEqual([undefined, 'Bearer hf_env', 'Bearer hf_stored']);
  });

  it('goes without the stored token where secrets cannot be read', async () => {
    await refreshOnce({ token: 'hf_env', secrets: { get: () => Promise.reject(new Error('locked')) } });
    expect(tokens()).toEqual(['Bearer hf_env']);
  });

  it('looks for MLX files where they run', async () => {
    await refreshOnce({ allowed: ['mine'], runsMlx: true });
    const ofMine = server.requests.filter(({ path: asked }) => asked.includes('author=mine'));
    expect(ofMine.map(({ path: asked }) => /filter=(\w+)/.exec(asked)?.[1]).toSorted()).toEqual([
      ...['gguf', 'gguf', 'mlx', 'mlx'],
    ]);
  });
});
