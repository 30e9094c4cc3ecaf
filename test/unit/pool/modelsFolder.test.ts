import { chmodSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readManifestBlobs, readPartials } from '../../../src/pool/modelsFolder';

const HEX = 'a'.repeat(64);
const OTHER_HEX = 'b'.repeat(64);

describe('the models folder of Ollama', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'mp-models-'));
    mkdirSync(path.join(folder, 'blobs'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function manifest(where: readonly string[], text: string): void {
    const file = path.join(folder, 'manifests', ...where);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const two = JSON.stringify({
    schemaVersion: 2,
    config: {
      mediaType: 'application/vnd.docker.container.image.v1+json',
      digest: `sha256:${OTHER_HEX}`,
      size: 7,
    },
    layers: [
      { mediaType: 'application/vnd.ollama.image.model', digest: `sha256:${HEX}`, size: 4_000_000_000 },
    ],
  });
  const blobs = [
    { digest: `sha256:${HEX}`, bytes: 4_000_000_000 },
    { digest: `sha256:${OTHER_HEX}`, bytes: 7 },
  ];

  it.each([
    ['qwen3:8b', ['registry.ollama.ai', 'library', 'qwen3', '8b']],
    ['Qwen3:8B', ['registry.ollama.ai', 'library', 'qwen3', '8b']],
    ['mistral', ['registry.ollama.ai', 'library', 'mistral', 'latest']],
    ['someone/model:tag', ['registry.ollama.ai', 'someone', 'model', 'tag']],
    ['hf.co/unsloth/Qwen3-GGUF:Q4_K_M', ['hf.co', 'unsloth', 'Qwen3-GGUF', 'Q4_K_M']],
  ])('tells the layers of %s, its small ones too', async (name, where) => {
    manifest(where, two);
    expect(await readManifestBlobs(folder, name)).toEqual(blobs);
  });

  it.each([
    ['another name', 'other:8b'],
    ['a name that leads out of the folder', '../../qwen3:8b'],
    ['a name of nothing', ''],
    ['a name with too many parts', 'a/b/c/d:e'],
  ])('tells nothing for %s', async (_what, name) => {
    manifest(['registry.ollama.ai', 'library', 'qwen3', '8b'], two);
    expect(await readManifestBlobs(folder, name)).toBeNull();
  });

  it.each([
    ['a broken manifest', '{broken'],
    ['a manifest of another shape', '{"layers":[{"digest":"../../etc/passwd","size":1}]}'],
  ])('tells nothing for %s', async (_what, text) => {
    manifest(['registry.ollama.ai', 'library', 'qwen3', '8b'], text);
    expect(await readManifestBlobs(folder, 'qwen3:8b')).toBeNull();
  });

  it('lists what unfinished downloads really take, not how long their files claim to be', async () => {
    const file = path.join(folder, 'blobs', `sha256-${HEX}-partial`);
    writeFileSync(file, Buffer.alloc(1_000_000, 1));
    truncateSync(file, 4_000_000_000);
    writeFileSync(`${file}-0`, '{}');
    writeFileSync(path.join(folder, 'blobs', `sha256-${OTHER_HEX}`), 'done');
    const [partial, ...others] = (await readPartials(folder)) ?? [];
    expect(others).toEqual([]);
    expect(partial?.digest).toBe(`sha256:${HEX}`);
    // Whole blocks of the file system.
    expect(partial?.bytes).toBeGreaterThanOrEqual(1_000_000);
    expect(partial?.bytes).toBeLessThan(1_100_000);
    expect(Date.parse(partial?.modifiedAt ?? '')).toBeGreaterThan(0);
  });

  it('says that it cannot know where the folder is not there or may not be read', async () => {
    expect(await readPartials(path.join(folder, 'nowhere'))).toBeNull();
    expect(await readManifestBlobs(path.join(folder, 'nowhere'), 'qwen3:8b')).toBeNull();
    manifest(['registry.ollama.ai', 'library', 'qwen3', '8b'], two);
    const file = path.join(folder, 'manifests', 'registry.ollama.ai', 'library', 'qwen3', '8b');
    chmodSync(file, 0o000);
    // To root every file is open.
    const isRoot = process.getuid?.() === 0;
    expect(await readManifestBlobs(folder, 'qwen3:8b')).toEqual(isRoot ? blobs : null);
  });
});
