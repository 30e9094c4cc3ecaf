import { describe, expect, it } from 'vitest';
import { InstallError, type InstallAdapter } from '../../../src/backends/installAdapter';
import { nullInstallAdapter } from '../../../src/backends/nullInstall';
import { PoolUses, type PoolUsesOptions } from '../../../src/engine/poolUses';
import { entryKey } from '../../../src/pool/poolState';
import type { RegisteredModel } from '../../../src/registry/row';
import { modelRefKey } from '../../../src/shared/modelRef';
import type { Lease } from '../../../src/storage/leaseStore';
import { poolEntry } from '../../support/poolEntries';

const QWEN = poolEntry('qwen3:8b', { digest: 'aa' });
const LLAMA = poolEntry('llama3', { digest: 'bb' });

function row(modelId: string, digest?: string): RegisteredModel {
  return {
    ...{ backend: 'ollama', provider: 'qwen', modelId, displayName: modelId },
    ...{ capabilities: digest === undefined ? {} : { digest }, source: 'probe', refreshedAt: 0 },
  };
}

function uses(given: {
  readonly rows?: readonly RegisteredModel[];
  readonly called?: string;
  readonly others?: readonly Lease[];
  readonly loaded?: () => Promise<readonly string[]>;
  readonly adapter?: InstallAdapter | null;
}): PoolUses {
  const { rows = [row('qwen3:8b', 'aa'), row('llama3:latest', 'bb')], called, others = [] } = given;
  const adapter = { ...nullInstallAdapter(), loaded: given.loaded ?? (() => Promise.resolve([])) };
  const options: PoolUsesOptions = {
    registry: { listForBackend: () => rows },
    inUse: { has: ({ modelId }) => modelId === called },
    others: () => Promise.resolve(others),
    adapterFor: () => (given.adapter === undefined ? adapter : (given.adapter ?? undefined)),
  };
  return new PoolUses(options);
}

async function keysOf(pool: PoolUses): Promise<{ inUse: readonly string[]; running: readonly string[] }> {
  const { inUse, running } = await pool.now([QWEN, LLAMA]);
  return { inUse: [...inUse], running: [...running] };
}

describe('which models of the pool must stay now', () => {
  it('names none where nobody calls and nothing is loaded', async () => {
    expect(await keysOf(uses({}))).toEqual({ inUse: [], running: [] });
  });

  it('names the one that this window calls, and another name of the same file', async () => {
    expect((await keysOf(uses({ called: 'llama3:latest' }))).inUse).toEqual([entryKey(LLAMA)]);
    const rows = [row('qwen3:8b', 'aa'), row('my-variant:latest', 'aa')];
    expect((await keysOf(uses({ rows, called: 'my-variant:latest' }))).inUse).toEqual([entryKey(QWEN)]);
  });

  it('names the one that another window calls, by its name or by its digest alone', async () => {
    const ref = { backend: 'ollama', provider: 'qwen', modelId: 'qwen3:8b' };
    const byName = uses({ others: [{ windowId: 'w2', models: [modelRefKey(ref)] }] });
    expect((await keysOf(byName)).inUse).toEqual([entryKey(QWEN)]);
    const byDigest = uses({ rows: [], others: [{ windowId: 'w2', models: ['bb'] }] });
    expect((await keysOf(byDigest)).inUse).toEqual([entryKey(LLAMA)]);
  });

  it('names all where it cannot be read what another window calls', async () => {
    const unknown = uses({ others: [{ windowId: 'unknown', models: 'unknown' }] });
    expect((await keysOf(unknown)).inUse).toEqual([entryKey(QWEN), entryKey(LLAMA)]);
  });

  it('names what the server has loaded, whatever spelling it uses', async () => {
    const loaded = uses({ loaded: () => Promise.resolve(['llama3:latest']) });
    expect(await keysOf(loaded)).toEqual({ inUse: [], running: [entryKey(LLAMA)] });
  });

  it.each([
    ['does not answer', { loaded: () => Promise.reject(new InstallError('installer_unavailable', 'gone')) }],
    ['answers with something else', { loaded: () => Promise.reject(new TypeError('odd')) }],
    ['is not set up any more', { adapter: null }],
    ['does not say what it has loaded', { adapter: nullInstallAdapter() }],
  ])('counts all models as in use of a server that %s', async (_what, given) => {
    expect((await keysOf(uses(given))).inUse).toEqual([entryKey(QWEN), entryKey(LLAMA)]);
  });
});
