import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readManifestBlobs, readPartials } from '../../src/pool/modelsFolder';
import { cancelledPull, pull, send } from '../fakes/ollama/client';
import { describeModel } from '../fakes/ollama/package';
import type { FakeOllama, FakeOllamaOptions } from '../fakes/ollama/server';
import { startFakeOllama } from '../fakes/ollama/server';

const MB = 1_000_000;
const MODEL = describeModel({ weightsBytes: 10 * MB, system: 'Be brief.' });
const SIBLING = describeModel({ weightsBytes: 10 * MB, system: 'Be long.' });

const POSIX = process.platform !== 'win32';

describe('The models folder that the fake Ollama keeps', () => {
  let folder: string;
  let server: FakeOllama | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'models-'));
  });
  afterEach(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function serve(options: FakeOllamaOptions = {}): Promise<FakeOllama> {
    server = await startFakeOllama({ progressIntervalMs: 2, modelsFolder: folder, ...options });
    return server;
  }

  async function blobNames(): Promise<string[]> {
    return (await readdir(path.join(folder, 'blobs'))).sort();
  }

  const fileOf = (digest: string): string => digest.replace(':', '-');

  it('holds a manifest by registry, namespace, model and tag, and a file of the right size for each layer', async () => {
    const fake = await serve({ registry: { 'hf.co/Owner/repo:Q4_K_M': MODEL, m: MODEL } });
    await pull(fake, 'hf.co/Owner/repo:Q4_K_M');
    await pull(fake, 'm');
    for (const parts of [
      ['hf.co', 'Owner', 'repo', 'Q4_K_M'],
      ['registry.ollama.ai', 'library', 'm', 'latest'],
    ]) {
      const file = path.join(folder, 'manifests', ...parts);
      expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
        ...{ schemaVersion: 2, config: { mediaType: 'application/vnd.docker.container.image.v1+json' } },
        layers: [
          { mediaType: 'application/vnd.ollama.image.model', size: 10 * MB },
          { mediaType: 'application/vnd.ollama.image.template' },
          { mediaType: 'application/vnd.ollama.image.system' },
        ],
      });
    }
    for (const { content, digest, size } of MODEL.layers) {
      const file = path.join(folder, 'blobs', fileOf(digest));
      expect((await stat(file)).size).toBe(size);
      if (content === undefined) continue;
      const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
      expect(`sha256:${hash}`).toBe(digest);
    }
  });

  it('is what the pool reads layers from, in any way of writing the name', async () => {
    await serve({ installed: { 'hf.co/Owner/repo:Q4_K_M': MODEL } });
    const expected = MODEL.layers.map(({ digest, size }) => ({ digest, bytes: size }));
    for (const name of ['hf.co/Owner/repo:Q4_K_M', 'hf.co/owner/repo:q4_k_m']) {
      expect(await readManifestBlobs(folder, name)).toEqual(expected);
    }
    expect(await readManifestBlobs(folder, 'hf.co/Owner/repo')).toBeNull();
  });

  it('keeps a layer that another tag has when one is deleted, and nothing when both are', async () => {
    const fake = await serve({ installed: { 'a:1': MODEL, 'a:2': SIBLING } });
    const shared = MODEL.layers.filter(({ digest }) =>
      SIBLING.layers.some((other) => other.digest === digest),
    );
    expect(shared.length).toBeGreaterThan(0);
    await send(fake, 'DELETE', '/api/delete', { model: 'a:1' });
    expect(await blobNames()).toEqual(SIBLING.layers.map(({ digest }) => fileOf(digest)).sort());
    expect(await readManifestBlobs(folder, 'a:1')).toBeNull();
    await send(fake, 'DELETE', '/api/delete', { model: 'a:2' });
    expect(await blobNames()).toEqual([]);
  });

  it('shows a broken download with the disk that it takes, and loses it at a start an hour later', async () => {
    let now = Date.now();
    const fake = await serve({
      ...{ registry: { m: MODEL }, faults: { stallAfterBytes: 4 * MB }, nowMs: () => now },
    });
    const kept = await cancelledPull(fake, 'm', 4);
    const [partial, ...more] = (await readPartials(folder)) ?? [];
    expect(more).toEqual([]);
    expect(partial).toMatchObject({ digest: MODEL.layers[0]?.digest });
    if (POSIX) {
      expect(partial?.bytes).toBeGreaterThanOrEqual(kept);
      expect(partial?.bytes).toBeLessThan(10 * MB);
    }
    now += 3_599_000;
    await fake.restart();
    expect(await readPartials(folder)).toHaveLength(1);
    now += 2_000;
    await fake.restart();
    expect(await readPartials(folder)).toEqual([]);
    expect(await blobNames()).toEqual([]);
  });

  it('holds a damaged manifest that nobody can read', async () => {
    const fake = await serve({ installed: { m: MODEL } });
    fake.store.corruptManifest('m', "invalid character 'b' looking for beginning of object key string");
    expect(await readManifestBlobs(folder, 'm')).toBeNull();
    expect((await send(fake, 'POST', '/api/show', { model: 'm' })).status).toBe(500);
  });
});
