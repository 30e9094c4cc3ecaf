import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PoolDiskReader } from '../../../src/engine/poolDiskReader';
import type { BackendConfig } from '../../../src/backends/contract';
import { startFakeOllama } from '../../fakes/ollama/server';
import { describeModel } from '../../fakes/ollama/package';

const LOCAL = { id: 'ollama', kind: 'ollama', url: 'http://127.0.0.1:11434', host: 'local' } as const;

describe('what can be seen of the disk', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'mp-disk-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function reader(config: Pick<BackendConfig, 'kind' | 'url' | 'host'> | undefined): PoolDiskReader {
    const backends = { config: () => config };
    return new PoolDiskReader({ backends, env: { OLLAMA_MODELS: folder } });
  }

  it('is the free space of the volume that has the models', async () => {
    expect(await reader(LOCAL).freeBytes('ollama')).toBeGreaterThan(0);
  });

  it('is that of this machine where no server is set up yet: the first budget is made from it', async () => {
    expect(await reader(undefined).freeBytes('')).toBeGreaterThan(0);
  });

  it.each([
    ['another machine', { ...LOCAL, host: 'gpubox', url: 'http://192.0.2.7:11434' }],
    ['another address than this machine has', { ...LOCAL, url: 'http://192.0.2.7:11434' }],
    ['another kind of server', { ...LOCAL, kind: 'vllm' }],
  ] as const)('is nothing for %s', async (_what, config) => {
    const disk = reader(config);
    expect(await disk.freeBytes('x')).toBeNull();
    expect(await disk.partials('x')).toBeNull();
    expect(await disk.manifestBlobs('x', 'qwen3:8b')).toBeNull();
  });

  it('is the layers of each model as the server itself keeps them', async () => {
    const model = describeModel({ weightsBytes: 1_000_000 });
    const ollama = await startFakeOllama({ installed: { 'qwen3:8b': model }, modelsFolder: folder });
    try {
      const blobs = await reader(LOCAL).manifestBlobs('ollama', 'qwen3:8b');
      expect(new Set(blobs?.map(({ digest, bytes }) => `${digest} ${bytes}`))).toEqual(
        new Set(model.layers.map(({ digest, size }) => `${digest} ${size}`)),
      );
      expect(await reader(LOCAL).partials('ollama')).toEqual([]);
    } finally {
      await ollama.stop();
    }
  });
});
