import { afterEach, describe, expect, it } from 'vitest';
import { variantAdoption } from '../../src/engine/contextVariants';
import { freedBytes } from '../../src/pool/diskUse';
import { describeModel, weightsLayer } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { keyOf, poolWindow, wanted, type PoolWindow } from '../support/poolHouse';
import { MemoryState } from '../support/registryState';

const GIB = 2 ** 30;
const PARENT = describeModel({ weightsBytes: 4 * GIB });

let fake: FakeOllama;
let window: PoolWindow;
afterEach(async () => {
  await window.close();
  await fake.stop();
});

/** A pool with one model, and a variant of it that the user has made. */
async function open(): Promise<void> {
  fake = await startFakeOllama({ registry: { 'base:8b': PARENT }, bytesPerSecond: 1e13 });
  window = poolWindow({ state: new MemoryState(), url: fake.url });
  const { pool } = window;
  await pool.configurePool({
    ...{ diskBudgetGb: 10, allowedOrgs: [], allowedFamilies: [], defaultBackend: 'ollama' },
  });
  const installed = await pool.install(wanted('base:8b', 4));
  expect(installed.status).toBe('success');
  const body = { model: 'base:8b-16k', from: 'base:8b', parameters: { num_ctx: 16_384 } };
  const created = await fetch(`${fake.url}/api/create`, { method: 'POST', body: JSON.stringify(body) });
  expect(await created.text()).toContain('"success"');
  const adopted = await pool.adopt(variantAdoption(entry('base:8b'), 'base:8b-16k'));
  expect(adopted).toEqual({ status: 'success' });
}

function entry(name: string) {
  const found = window.pool
    .snapshot()
    .entries.find(({ backend, ollamaName }) => keyOf(ollamaName, backend) === keyOf(name));
  if (!found) throw new Error(`${name} is not in the pool`);
  return found;
}

/** Bytes that removing a model would free, as the pool counts. */
function freedBy(name: string): number {
  const { entries } = window.pool.snapshot();
  const leaving = entries.filter(({ backend, ollamaName }) => keyOf(ollamaName, backend) === keyOf(name));
  expect(leaving).toHaveLength(1);
  return freedBytes(entries, leaving);
}

function holdsWeights(): boolean {
  return fake.store.blobs.has(weightsLayer(PARENT)?.digest ?? '');
}

describe('a context variant of a model of the pool', () => {
  it('is the user own, outside of the budget, and the pool counts its layers once', async () => {
    await open();
    const { pool } = window;
    expect(entry('base:8b-16k')).toMatchObject({ origin: 'user', hfRepoId: 'Org/base:8b', pinned: false });
    expect(pool.snapshot().diskUsedGb).toBeCloseTo(4, 3);
    expect(freedBy('base:8b')).toBe(0);
    expect(freedBy('base:8b-16k')).toBe(0);
    const { entries } = pool.snapshot();
    expect(freedBytes(entries, entries)).toBeGreaterThanOrEqual(4 * GIB);
  });

  it('keeps the weights on the disk when the model is removed, as was said', async () => {
    await open();
    const { pool } = window;
    await expect(pool.evict({ backend: 'ollama', ollamaName: 'base:8b' })).resolves.toMatchObject({
      status: 'success',
    });
    expect(fake.store.names()).toEqual(['base:8b-16k']);
    expect(holdsWeights()).toBe(true);
    await pool.reconcile('ollama');
    expect(freedBy('base:8b-16k')).toBeGreaterThanOrEqual(4 * GIB);
  });

  it('is not taken to make room for another model: that would free nothing', async () => {
    await open();
    const { pool } = window;
    fake.registry.offer('next:8b', describeModel({ weightsBytes: 8 * GIB, parameterSize: '8B' }));
    const refused = await pool.install(wanted('next:8b', 8));
    expect(refused).toMatchObject({ status: 'error', code: 'budget_exceeded' });
    expect(fake.store.names()).toEqual(['base:8b', 'base:8b-16k']);
  });

  it('is forgotten when the user removes it, and the model frees its weights again', async () => {
    await open();
    const { pool } = window;
    await window.adapter.evict({ name: 'base:8b-16k' });
    await expect(pool.reconcile('ollama')).resolves.toMatchObject({ dropped: ['base:8b-16k'] });
    expect(freedBy('base:8b')).toBeGreaterThanOrEqual(4 * GIB);
    expect(holdsWeights()).toBe(true);
  });
});
