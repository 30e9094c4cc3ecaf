import { afterEach, describe, expect, it } from 'vitest';
import { AdvisoryInstallAdapter } from '../../src/backends/advisoryInstall';
import type { InstallAdapter } from '../../src/backends/installAdapter';
import { nullInstallAdapter } from '../../src/backends/nullInstall';
import type { InstallOutcome } from '../../src/pool/poolInstalls';
import type { PullRun } from '../../src/pool/pullRuns';
import { systemClock } from '../../src/shared/clock';
import { bytesToGib } from '../../src/shared/units';
import type { ModelPackage } from '../fakes/ollama/package';
import { declaredBytes, describeModel } from '../fakes/ollama/package';
import type { FakeOllama, FakeOllamaOptions } from '../fakes/ollama/server';
import { startFakeOllama } from '../fakes/ollama/server';
import {
  hastyClock,
  keyOf,
  poolWindow,
  wanted,
  type PoolWindow,
  type PoolWindowOptions,
} from '../support/poolHouse';
import { MemoryState, SharedMemory } from '../support/registryState';
import { until } from '../unit/backends/loopback';
import { containing } from '../unit/backends/textMatchers';

const GIB = 2 ** 30;

/** Models by name, of so many GiB in all; what they weigh is exact. */
function offered(sizes: Readonly<Record<string, number>>): Record<string, ModelPackage> {
  return Object.fromEntries(
    Object.entries(sizes).map(([name, gib]) => {
      // The small layers name the size of the weights: a guess with as many digits says how big they are.
      const guess = gib * GIB - 200;
      const small = declaredBytes(describeModel({ weightsBytes: guess, parameterSize: name })) - guess;
      return [name, describeModel({ weightsBytes: gib * GIB - small, parameterSize: name })];
    }),
  );
}

const fakes: FakeOllama[] = [];
const windows: PoolWindow[] = [];
afterEach(async () => {
  await Promise.all(windows.splice(0).map((window) => window.close()));
  await Promise.all(fakes.splice(0).map((fake) => fake.stop()));
});

interface House extends Partial<FakeOllamaOptions> {
  readonly budgetGb?: number;
  readonly sizes?: Readonly<Record<string, number>>;
  readonly window?: Partial<PoolWindowOptions>;
}

async function setUp({ budgetGb = 100, sizes = {}, window: given = {}, ...options }: House = {}) {
  const fake = await startFakeOllama({
    ...{ registry: offered(sizes), bytesPerSecond: 1e13, progressIntervalMs: 10 },
    ...options,
  });
  fakes.push(fake);
  const memory = new SharedMemory();
  const inUse = new Set<string>();
  const running = new Set<string>();
  const open = (
    owner: string,
    more: Partial<PoolWindowOptions> = {},
  ): PoolWindow & { state: MemoryState } => {
    const state = new MemoryState(memory);
    const window = poolWindow({ state, url: fake.url, owner, inUse, running, ...given, ...more });
    windows.push(window);
    return { ...window, state };
  };
  const first = open('w1');
  await first.pool.configurePool({
    ...{ diskBudgetGb: budgetGb, allowedOrgs: [], allowedFamilies: [], defaultBackend: 'ollama' },
  });
  const pulls = () => fake.requests.filter(({ path }) => path === '/api/pull').length;
  const deletes = () => fake.requests.filter(({ path }) => path === '/api/delete').length;
  const names = () => first.pool.snapshot().entries.map(({ ollamaName }) => ollamaName);
  return { ...first, fake, open, inUse, running, pulls, deletes, names, memory };
}

describe('installing into the pool', () => {
  it('installs, reads the real size and digest back, and writes it down once', async () => {
    const { pool, fake } = await setUp({ sizes: { a: 5 }, bytesPerSecond: 50 * GIB });
    const written = new Set<string>();
    pool.onDidChange(({ entries }) => void written.add(JSON.stringify(entries)));
    const seen: PullRun[] = [];
    const outcome = await pool.install(
      wanted('a', 4.5, { family: 'llama', onEvent: (run) => void seen.push(run) }),
    );
    expect(outcome).toEqual({
      ...{ status: 'success', name: 'a', alreadyInstalled: false, evicted: [], pending: [] },
    });
    const [entry] = pool.snapshot().entries;
    expect(entry).toMatchObject({
      ...{ ollamaName: 'a', hfRepoId: 'Org/a', sizeOnDiskGb: 5, basis: 'pull', origin: 'pool' },
      ...{ currentScore: 50, family: 'llama', toolCalling: false, lastUsedAt: null },
      digest: [...fake.store.manifests.values()][0]?.digest,
    });
    expect(entry?.blobs.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(5 * GIB);
    expect(pool.snapshot().diskUsedGb).toBe(5);
    written.delete('[]');
    expect([...written]).toEqual([JSON.stringify(pool.snapshot().entries)]);
    expect(seen.at(-1)).toMatchObject({ status: 'succeeded', percent: 100 });
  });

  it('refuses one of two installs of 60 GB at once under 100 GB, before any byte', async () => {
    const { pool, open, pulls } = await setUp({ sizes: { a: 60, b: 60 } });
    const other = open('w2').pool;
    const outcomes = await Promise.all([pool.install(wanted('a', 60)), other.install(wanted('b', 60))]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['error', 'success']);
    expect(outcomes.find(({ status }) => status === 'error')).toMatchObject({
      ...{ code: 'budget_exceeded', message: containing('would exceed disk budget by 20.00 GB') },
    });
    expect(pulls()).toBe(1);
    expect(pool.snapshot().diskUsedGb).toBe(60);
  });

  it('counts what is promised to a pull that has not begun', async () => {
    const { pool, pulls } = await setUp({ sizes: { a: 60, b: 30, c: 20 }, bytesPerSecond: 60 * GIB });
    const first = pool.install(wanted('a', 60));
    const second = pool.install(wanted('b', 30));
    await until(() => pulls() > 0);
    await expect(pool.install(wanted('c', 20))).resolves.toMatchObject({
      ...{ code: 'budget_exceeded', message: containing('by 10.00 GB') },
    });
    await expect(first).resolves.toMatchObject({ status: 'success' });
    await expect(second).resolves.toMatchObject({ status: 'success' });
  });

  it('shares one pull of one model between two windows', async () => {
    const { pool, open, pulls, names } = await setUp({ sizes: { a: 60 }, bytesPerSecond: 200 * GIB });
    const other = open('w2').pool;
    const outcomes = await Promise.all([
      pool.install(wanted('a', 60)),
      other.install(wanted('A:latest', 60)),
    ]);
    expect(outcomes).toMatchObject([{ status: 'success' }, { status: 'success' }]);
    expect(pulls()).toBe(1);
    expect(names()).toHaveLength(1);
  });

  it('says that a model is there already, also where the pool has no part in it', async () => {
    const { pool, fake, pulls, names } = await setUp({ sizes: { a: 5 } });
    fake.store.install('a', describeModel());
    await expect(pool.install(wanted('a'))).resolves.toMatchObject({ alreadyInstalled: true });
    expect([pulls(), names()]).toEqual([0, []]);
  });

  it('needs a person, or the allow-list', async () => {
    const { pool, pulls } = await setUp({ sizes: { a: 5 } });
    const policy = wanted('a', 5, { consent: 'policy', hfRepoId: 'Qwen/a', family: 'qwen3' });
    await expect(pool.install(policy)).resolves.toMatchObject({ code: 'not_allowed' });
    expect(pulls()).toBe(0);
    await pool.configurePool({
      ...{ diskBudgetGb: 100, allowedOrgs: ['Qwen'], allowedFamilies: ['QWEN3'], defaultBackend: 'ollama' },
    });
    await expect(pool.install({ ...policy, family: 'other' })).resolves.toMatchObject({
      code: 'not_allowed',
    });
    await expect(pool.install(policy)).resolves.toMatchObject({ status: 'success' });
  });

  it('ends a download that turns out too big, and keeps nothing of it in the pool', async () => {
    const { pool, names, fake } = await setUp({ budgetGb: 10, sizes: { a: 60 }, bytesPerSecond: 60 * GIB });
    await expect(pool.install(wanted('a', 5))).resolves.toMatchObject({
      ...{ status: 'error', code: 'budget_exceeded', message: containing('exceed disk budget by') },
    });
    expect([names(), fake.store.names()]).toEqual([[], []]);
  });

  it('removes again what has arrived before it was known to be too big', async () => {
    const { pool, names, fake } = await setUp({ budgetGb: 10, sizes: { a: 60 } });
    await expect(pool.install(wanted('a', 5))).resolves.toMatchObject({ code: 'budget_exceeded' });
    await until(() => fake.store.names().length === 0 && names().length === 0);
  });

  it('installs what nobody knows the size of, where a person wants it and it fits', async () => {
    const { pool } = await setUp({ sizes: { a: 5 } });
    await expect(pool.install(wanted('a'))).resolves.toMatchObject({ status: 'success' });
    expect(pool.snapshot().diskUsedGb).toBe(5);
  });

  it('begins nothing that cannot fit for sure, although nobody knows how big it is', async () => {
    const freeBytes = () => Promise.resolve(4 * GIB);
    const tight = await setUp({ sizes: { a: 6 }, window: { freeBytes } });
    const asked = wanted('a', undefined, { atLeastGb: 5 });
    const refusal = {
      code: 'disk_full',
      message:
        'The disk has 4.0 GiB free, and a needs at least 5.0 GiB. Free some space, then install again.',
    };
    expect(await tight.pool.preview(asked)).toMatchObject({ sizeBytes: null, refusal });
    await expect(tight.pool.install(asked)).resolves.toEqual({ status: 'error', ...refusal });
    const small = await setUp({ budgetGb: 50, sizes: { a: 60 } });
    await expect(small.pool.install(wanted('a', undefined, { atLeastGb: 55 }))).resolves.toMatchObject({
      ...{ code: 'budget_exceeded', message: containing('by 5.00 GB') },
    });
    expect([tight.pulls(), small.pulls()]).toEqual([0, 0]);
  });

  it('plans what must go for the least that it takes', async () => {
    const { pool } = await setUp({ budgetGb: 100, sizes: { low: 60, a: 55 } });
    await pool.install(wanted('low', 60));
    const plan = async (atLeastGb: number) =>
      (await pool.preview(wanted('a', undefined, { atLeastGb }))).plan.evict.map(
        ({ ollamaName }) => ollamaName,
      );
    expect(await plan(40)).toEqual([]);
    expect(await plan(44)).toEqual(['low']);
  });

  it('ends a download at once that turns out to be more than the disk has, before it is full', async () => {
    const freeBytes = () => Promise.resolve(20 * GIB);
    const { pool, fake } = await setUp({ sizes: { a: 60 }, bytesPerSecond: GIB, window: { freeBytes } });
    await expect(pool.install(wanted('a'))).resolves.toMatchObject({
      ...{
        status: 'error',
        code: 'disk_full',
        message: containing('The disk has 20.0 GiB free, and a needs'),
      },
    });
    const written = [...fake.store.partials.values()].reduce(
      (sum, { completedBytes }) => sum + completedBytes,
      0,
    );
    expect(written).toBeLessThan(20 * GIB);
  });

  it('asks the registry for the size that the caller does not know', async () => {
    const sizeOf = () => Promise.resolve(60 * GIB);
    const { pool, pulls } = await setUp({ budgetGb: 50, sizes: { a: 60 }, window: { sizeOf } });
    await expect(pool.install(wanted('a'))).resolves.toMatchObject({ code: 'budget_exceeded' });
    expect(pulls()).toBe(0);
  });

  it('is cancelled by its signal, frees its space, and resumes from the parts', async () => {
    const {
      pool,
      pulls: requests,
      fake,
      open,
    } = await setUp({ sizes: { a: 60, b: 60 }, bytesPerSecond: 20 * GIB });
    const window = open('w2');
    const controller = new AbortController();
    const install = pool.install(wanted('a', 60, { signal: controller.signal }));
    await until(() =>
      [...fake.store.partials.values()].some(({ allocatedBytes }) => allocatedBytes > 5 * GIB),
    );
    controller.abort();
    await expect(install).resolves.toMatchObject({ status: 'error', code: 'cancelled' });
    expect(window.pulls.queue.runs).toMatchObject([{ status: 'cancelled', reservedBytes: 0 }]);
    fake.pace.bytesPerSecond = 1e13;
    await expect(window.pool.install(wanted('a', 60))).resolves.toMatchObject({ status: 'success' });
    expect(window.pulls.runs).toMatchObject([{ status: 'succeeded', attempt: 2 }]);
    expect(requests()).toBe(2);
  });

  it('says so where the state cannot be written, and begins nothing', async () => {
    const { pool, pulls, open } = await setUp({ sizes: { a: 5 } });
    const window = open('w2');
    window.state.failure = { ok: false, code: 'storage_unavailable', message: 'The folder is read-only.' };
    await expect(window.pool.install(wanted('a', 5))).resolves.toMatchObject({
      ...{ code: 'storage_unavailable', message: 'The folder is read-only.' },
    });
    expect(pulls()).toBe(0);
    expect(pool.snapshot().entries).toEqual([]);
  });

  it.each([
    [
      'nobody installs there',
      (): InstallAdapter | undefined => undefined,
      'installer_unavailable',
      'not set up',
    ],
    ['there is no installer', (): InstallAdapter => nullInstallAdapter(), 'installer_unavailable', ''],
    [
      'the tool is only advised on',
      (): InstallAdapter => new AdvisoryInstallAdapter({ backend: 'vllm' }),
      'advisory_only',
      'vllm serve',
    ],
  ] as const)('refuses where %s', async (_what, adapterFor, code, words) => {
    const { pool } = await setUp({ window: { adapterFor } });
    await expect(pool.install(wanted('a', 1))).resolves.toMatchObject({ code, message: containing(words) });
    expect(pool.snapshot().entries).toEqual([]);
  });

  it.each([
    ['a model that does not exist', { missing: true }, 'failed_target_missing'],
    ['a registry that is down', { registryDown: true }, 'installer_unavailable'],
    ['a full disk', { diskBytes: 1 * GIB }, 'disk_full'],
    ['a damaged download', { digestMismatch: true }, 'install_failed'],
  ] as const)('has lost nothing after %s', async (_what, faults, code) => {
    const { pool, fake, names, deletes } = await setUp({ budgetGb: 10, sizes: { old: 8, a: 6 } });
    await pool.install(wanted('old', 8));
    Object.assign(fake.faults, faults);
    if ('diskBytes' in faults) fake.faults.diskBytes = 8 * GIB + faults.diskBytes;
    await expect(pool.install(wanted('a', 6))).resolves.toMatchObject({ status: 'error', code });
    expect([names(), fake.store.names(), deletes()]).toEqual([['old'], ['old:latest'], 0]);
  });

  it.each([
    ['429 once', { status429: 1 }],
    ['a registry that is down twice', { registryDown: 2 }],
    ['a digest mismatch once', { digestMismatch: 1 }],
  ] as const)('gets over %s', async (_what, faults) => {
    const { pool, names } = await setUp({ sizes: { a: 6 }, faults });
    await expect(pool.install(wanted('a', 6))).resolves.toMatchObject({ status: 'success' });
    expect(names()).toEqual(['a']);
  });
});

describe('making room', () => {
  it('downloads first and evicts after, what scores worst', async () => {
    const { pool, fake, names } = await setUp({ budgetGb: 100, sizes: { low: 40, high: 50, a: 45 } });
    await pool.install(wanted('low', 40, { initialScore: 10 }));
    await pool.install(wanted('high', 50, { initialScore: 90 }));
    let most = 0;
    const watch = () => {
      most = Math.max(most, bytesToGib(fake.store.usedBytes()));
    };
    const outcome = await pool.install(wanted('a', 45, { onEvent: watch }));
    expect(outcome).toMatchObject({ status: 'success', evicted: ['low:latest'], pending: [] });
    expect(names()).toEqual(['a', 'high']);
    expect(fake.store.names()).toEqual(['a:latest', 'high:latest']);
    expect(most).toBeGreaterThan(100);
    expect(pool.snapshot().diskUsedGb).toBeCloseTo(95, 5);
  });

  it('shows the plan before, with what is kept and why, and changes nothing', async () => {
    const freeBytes = () => Promise.resolve(500 * GIB);
    const { pool, inUse, names } = await setUp({ sizes: { low: 40, high: 50 }, window: { freeBytes } });
    await pool.install(wanted('low', 40, { initialScore: 10 }));
    await pool.install(wanted('high', 50, { initialScore: 90 }));
    inUse.add(keyOf('low'));
    const preview = await pool.preview(wanted('a', 45));
    expect(preview).toMatchObject({
      ...{ sizeBytes: 45 * GIB, budgetBytes: 100 * GIB, usedBytes: 90 * GIB, afterBytes: 85 * GIB },
      ...{ evictFirst: false, refusal: null, freeBytes: 500 * GIB },
      plan: { evict: [{ ollamaName: 'high' }], freedGb: 50, remainingNeededGb: 0 },
    });
    expect(preview.plan.kept).toMatchObject([{ entry: { ollamaName: 'low' }, reason: 'in-use' }]);
    expect(names()).toEqual(['high', 'low']);
    await expect(pool.preview(wanted('b', 200))).resolves.toMatchObject({
      refusal: { code: 'budget_exceeded', message: containing('by 140.00 GB') },
    });
  });

  it('takes nothing that was not shown', async () => {
    const { pool, pulls } = await setUp({ sizes: { low: 60, a: 60 } });
    await pool.install(wanted('low', 60));
    await expect(pool.install(wanted('a', 60, { mayEvict: [] }))).resolves.toMatchObject({
      ...{ code: 'busy', message: containing('low') },
    });
    expect(pulls()).toBe(1);
    await expect(pool.install(wanted('a', 60, { mayEvict: [keyOf('low')] }))).resolves.toMatchObject({
      evicted: ['low:latest'],
    });
  });

  it('says that room would be there if a model were not in use', async () => {
    const { pool, inUse } = await setUp({ sizes: { low: 60, a: 60 } });
    await pool.install(wanted('low', 60));
    inUse.add(keyOf('low'));
    await expect(pool.install(wanted('a', 60))).resolves.toMatchObject({ code: 'in_use' });
  });

  it('evicts no model that is loaded, pinned, or the last that calls tools', async () => {
    const { pool, running, fake, pulls } = await setUp({ budgetGb: 30 });
    for (const name of ['loaded', 'pinned', 'tools']) {
      const capabilities = name === 'tools' ? ['completion', 'tools'] : ['completion'];
      fake.registry.offer(name, describeModel({ weightsBytes: 9 * GIB, parameterSize: name, capabilities }));
      await expect(pool.install(wanted(name, 9))).resolves.toMatchObject({ status: 'success' });
    }
    running.add(keyOf('loaded'));
    await pool.pin({ backend: 'ollama', ollamaName: 'pinned' }, true);
    const before = pulls();
    await expect(pool.install(wanted('a', 9))).resolves.toMatchObject({ code: 'in_use' });
    const { plan } = await pool.preview(wanted('a', 9));
    expect(Object.fromEntries(plan.kept.map(({ entry, reason }) => [entry.ollamaName, reason]))).toEqual({
      ...{ loaded: 'running', pinned: 'pinned', tools: 'last-tool-capable' },
    });
    expect(pulls()).toBe(before);
  });

  it('removes nothing before the download, unless it was told to where the disk has no room for both', async () => {
    const freeBytes = () => Promise.resolve(12 * GIB);
    const { pool, names, deletes } = await setUp({
      budgetGb: 20,
      sizes: { old: 15, a: 10 },
      window: { freeBytes },
    });
    await expect(pool.install(wanted('old', 15))).resolves.toMatchObject({ code: 'disk_full' });
    const roomy = await setUp({ budgetGb: 20, sizes: { old: 15, a: 10 } });
    await roomy.pool.install(wanted('old', 15));
    const tight = roomy.open('w2', { freeBytes });
    await expect(tight.pool.preview(wanted('a', 10))).resolves.toMatchObject({
      evictFirst: true,
      refusal: null,
    });
    await expect(tight.pool.install(wanted('a', 10))).resolves.toMatchObject({ code: 'disk_full' });
    expect([roomy.names(), roomy.deletes()]).toEqual([['old'], 0]);
    await expect(tight.pool.install(wanted('a', 10, { evictFirst: true }))).resolves.toMatchObject({
      status: 'success',
    });
    expect(roomy.names()).toEqual(['a']);
    expect([names(), deletes()]).toEqual([[], 0]);
  });

  it('does not give the room of a model to two that could both fail', async () => {
    const { pool, open, fake, names } = await setUp({ sizes: { big: 60, keep: 30, a: 20, b: 50 } });
    await pool.install(wanted('big', 60, { initialScore: 1 }));
    await pool.install(wanted('keep', 30, { initialScore: 90 }));
    await pool.pin({ backend: 'ollama', ollamaName: 'keep' }, true);
    fake.pace.bytesPerSecond = 1 * GIB;
    fake.faults.stallAfterBytes = 1;
    const first = pool.install(wanted('a', 20));
    await until(
      () => pool.snapshot().entries.length === 2 && open.length > 0 && fake.store.partials.size > 0,
    );
    // `a` has `big` promised, whose room is more than it needs; but if `a` fails, `big` stays.
    await expect(pool.install(wanted('b', 50))).resolves.toMatchObject({ code: 'budget_exceeded' });
    const run = open('w2').pulls.runs.find(({ name }) => name === 'a');
    open('w3').pulls.cancel(run?.runId ?? '');
    await expect(first).resolves.toMatchObject({ code: 'cancelled' });
    expect(names()).toEqual(['big', 'keep']);
  });

  it('counts a layer that two models share once, and frees it with the last', async () => {
    const weightsDigest = `sha256:${'ab'.repeat(32)}`;
    const tag = (parameterSize: string) =>
      describeModel({ weightsBytes: 40 * GIB, weightsDigest, parameterSize, quantization: parameterSize });
    const { pool, fake } = await setUp({
      ...{ registry: { one: tag('one'), two: tag('two') }, budgetGb: 50, bytesPerSecond: 400 * GIB },
    });
    await pool.install(wanted('one', 41));
    // Nobody knows before that it shares nearly all: so it is promised all of its bytes, or none.
    await expect(pool.install(wanted('two', 41))).resolves.toMatchObject({ evicted: ['one:latest'] });
    await pool.configurePool({
      ...{ diskBudgetGb: 100, allowedOrgs: [], allowedFamilies: [], defaultBackend: 'ollama' },
    });
    await expect(pool.install(wanted('one', 41))).resolves.toMatchObject({ status: 'success', evicted: [] });
    expect(pool.snapshot().diskUsedGb).toBeCloseTo(40, 3);
    await pool.evict({ backend: 'ollama', ollamaName: 'one' });
    expect(pool.snapshot().diskUsedGb).toBeCloseTo(40, 3);
    expect(bytesToGib(fake.store.usedBytes())).toBeCloseTo(40, 3);
  });
});

describe('removing from the pool', () => {
  it('waits until no call uses a model, in whichever window, and finds it after a restart', async () => {
    const { pool, inUse, open, names, fake } = await setUp({ sizes: { a: 5 } });
    await pool.install(wanted('a', 5));
    inUse.add(keyOf('a'));
    await expect(pool.evict({ backend: 'ollama', ollamaName: 'a' })).resolves.toMatchObject({
      ...{ status: 'pending', code: 'in_use' },
    });
    await pool.drain();
    expect(fake.store.names()).toEqual(['a:latest']);
    expect(pool.snapshot().entries).toMatchObject([{ pendingEviction: true }]);
    const restarted = open('w2').pool;
    inUse.clear();
    await restarted.drain();
    expect([names(), fake.store.names()]).toEqual([[], []]);
  });

  it('takes a model back that waits to go and is wanted again', async () => {
    const { pool, inUse, fake } = await setUp({ sizes: { a: 5 } });
    await pool.install(wanted('a', 5));
    inUse.add(keyOf('a'));
    await pool.evict({ backend: 'ollama', ollamaName: 'a' });
    await expect(pool.install(wanted('a', 5))).resolves.toMatchObject({ alreadyInstalled: true });
    inUse.clear();
    await pool.drain();
    expect(fake.store.names()).toEqual(['a:latest']);
    expect(pool.snapshot().entries[0]).not.toHaveProperty('pendingEviction');
  });

  it('takes it back too where another window has just decided that it goes', async () => {
    const { pool, inUse, fake, open } = await setUp({ sizes: { a: 5 } });
    await pool.install(wanted('a', 5));
    const late = open('w2');
    inUse.add(keyOf('a'));
    // What the other one does meanwhile this one does not see.
    late.state.status = { state: 'degraded', message: 'late' };
    await pool.evict({ backend: 'ollama', ollamaName: 'a' });
    late.state.status = { state: 'open', generation: 0 };
    expect(late.pool.snapshot().entries[0]).not.toHaveProperty('pendingEviction');
    await expect(late.pool.install(wanted('a', 5))).resolves.toMatchObject({ alreadyInstalled: true });
    inUse.clear();
    await pool.drain();
    expect(fake.store.names()).toEqual(['a:latest']);
  });

  it('installs it anew where another window was already removing it', async () => {
    const { open, fake } = await setUp({ sizes: { a: 5 } });
    // Not hasty: what the other one does meanwhile takes its real time.
    const late = open('w2', { clock: systemClock });
    let again: Promise<InstallOutcome> | undefined;
    const removing = open('w3', {
      adapterFor: () => ({
        ...nullInstallAdapter(),
        // Its last look at the mark is behind it, and the server has not heard of the removal.
        evict: async (target) => {
          again = late.pool.install(wanted('a', 5));
          await until(() => late.pool.snapshot().entries.every((entry) => !entry.pendingEviction));
          return late.adapter.evict(target);
        },
      }),
    });
    await late.pool.install(wanted('a', 5));
    await expect(removing.pool.evict({ backend: 'ollama', ollamaName: 'a' })).resolves.toMatchObject({
      status: 'success',
    });
    await expect(again).resolves.toMatchObject({ status: 'success', alreadyInstalled: false });
    expect(fake.store.names()).toEqual(['a:latest']);
    expect(late.pool.snapshot().entries).toMatchObject([{ ollamaName: 'a' }]);
    expect(late.pool.snapshot().entries[0]).not.toHaveProperty('pendingEviction');
  });

  it('says that a model is there, also while nothing can be written', async () => {
    const { pool, state } = await setUp({ sizes: { a: 5 } });
    await pool.install(wanted('a', 5));
    state.status = { state: 'degraded', message: 'no folder' };
    await expect(pool.install(wanted('a', 5))).resolves.toMatchObject({ alreadyInstalled: true });
  });

  it('says what is not in the pool, and what is just being installed', async () => {
    const { pool, pulls, fake } = await setUp({ sizes: { a: 60 }, bytesPerSecond: 60 * GIB });
    fake.store.install('outside', describeModel());
    const evict = (ollamaName: string) => pool.evict({ backend: 'ollama', ollamaName });
    await expect(evict('outside')).resolves.toMatchObject({ code: 'not_in_pool' });
    expect(fake.store.names()).toEqual(['outside:latest']);
    const install = pool.install(wanted('a', 60));
    await until(() => pulls() > 0);
    await expect(evict('a')).resolves.toMatchObject({ code: 'busy' });
    await expect(install).resolves.toMatchObject({ status: 'success' });
  });

  it('keeps what could not be removed, and removes it when the server is back', async () => {
    const { pool, fake, names } = await setUp({ sizes: { a: 5 } });
    await pool.install(wanted('a', 5));
    await fake.stop();
    await expect(pool.evict({ backend: 'ollama', ollamaName: 'a' })).resolves.toMatchObject({
      code: 'installer_unavailable',
    });
    expect(names()).toEqual(['a']);
    await fake.restart();
    await pool.drain();
    expect([names(), fake.store.names()]).toEqual([[], []]);
  });
});

describe('agreeing with the server', () => {
  it('drops what was removed outside, takes in nothing, and lists what is outside', async () => {
    const { pool, fake, names } = await setUp({ sizes: { a: 5, b: 5 } });
    await pool.install(wanted('a', 5));
    await pool.install(wanted('b', 5));
    const gone = [...fake.store.manifests.values()].find(({ name }) => name.model === 'a');
    if (gone) fake.store.remove(gone);
    fake.store.install('outside', describeModel());
    await expect(pool.reconcile('ollama')).resolves.toMatchObject({
      ...{ status: 'reconciled', dropped: ['a'], outside: [{ ollamaName: 'outside:latest' }] },
    });
    expect(names()).toEqual(['b']);
    expect(pool.snapshot().diskUsedGb).toBe(5);
  });

  it('changes nothing while the server does not answer, or where the tool is only advised on', async () => {
    const { pool, fake, names, open } = await setUp({ sizes: { a: 5 } });
    await pool.install(wanted('a', 5));
    await fake.stop();
    await expect(pool.reconcile('ollama')).resolves.toMatchObject({ status: 'unknown' });
    const advised = open('w2', { adapterFor: () => new AdvisoryInstallAdapter({ backend: 'lmstudio' }) });
    await expect(advised.pool.reconcile('ollama')).resolves.toMatchObject({ status: 'unknown' });
    await expect(open('w3', { adapterFor: () => undefined }).pool.reconcile('ollama')).resolves.toMatchObject(
      {
        status: 'unknown',
      },
    );
    expect(names()).toEqual(['a']);
  });

  it('takes the size of what was pulled anew outside', async () => {
    const { pool, fake } = await setUp({ sizes: { a: 5 } });
    await pool.install(wanted('a', 5));
    fake.store.install('a', offered({ a: 7 })['a'] ?? describeModel());
    await pool.reconcile('ollama');
    expect(pool.snapshot()).toMatchObject({ diskUsedGb: 7, entries: [{ sizeOnDiskGb: 7, basis: 'tag' }] });
  });

  it('adopts what was installed outside, within the budget, or outside of it', async () => {
    const { pool, fake } = await setUp({ budgetGb: 10 });
    fake.store.install('big', offered({ big: 40 })['big'] ?? describeModel());
    fake.store.install('small', offered({ small: 4 })['small'] ?? describeModel());
    const adopt = (ollamaName: string, origin: 'pool' | 'user') =>
      pool.adopt({ backend: 'ollama', ollamaName, hfRepoId: null, score: 7, origin });
    await expect(adopt('big', 'pool')).resolves.toMatchObject({
      ...{ code: 'budget_exceeded', message: containing('by 30.00 GB') },
    });
    await expect(adopt('small', 'pool')).resolves.toEqual({ status: 'success' });
    await expect(adopt('big', 'user')).resolves.toEqual({ status: 'success' });
    await expect(adopt('nothing', 'pool')).resolves.toMatchObject({ code: 'failed_target_missing' });
    expect(pool.snapshot()).toMatchObject({
      diskUsedGb: 4,
      entries: [{ origin: 'user' }, { origin: 'pool' }],
    });
  });
});

describe('what the pool remembers', () => {
  it('takes scores, tool calling and use, the use once in five minutes', async () => {
    const { pool, memory } = await setUp({ sizes: { a: 5 } });
    await pool.install(wanted('a', 5));
    await pool.updateScores(() => 77);
    await pool.updateToolCalling(() => true);
    const model = { backend: 'ollama', ollamaName: 'a' };
    await pool.markUsed(model, '2026-11-21T10:00:00.000Z');
    const before = memory.generation;
    await pool.markUsed(model, '2026-11-21T10:04:00.000Z');
    await pool.markUsed({ backend: 'ollama', ollamaName: 'unknown' }, '2026-11-21T10:04:00.000Z');
    expect(memory.generation).toBe(before);
    expect(pool.snapshot().entries).toMatchObject([
      { currentScore: 77, toolCalling: true, lastUsedAt: '2026-11-21T10:00:00.000Z' },
    ]);
    await pool.markUsed(model, '2026-11-21T10:05:00.000Z');
    expect(pool.snapshot().entries).toMatchObject([{ lastUsedAt: '2026-11-21T10:05:00.000Z' }]);
  });

  it('has a budget of half of the disk as if the pool were empty, 100 GiB at most, until the user sets one', async () => {
    let free = 90 * GIB;
    const freeBytes = () => Promise.resolve(free);
    const { pool } = await setUp({ sizes: { a: 5 }, window: { freeBytes } });
    const configure = async (diskBudgetGb: number | null) => {
      await pool.configurePool({
        ...{ diskBudgetGb, allowedOrgs: [], allowedFamilies: [], defaultBackend: 'ollama' },
      });
      return pool.snapshot().diskBudgetGb;
    };
    expect(await configure(null)).toBe(45);
    free = 10 * GIB;
    expect(await configure(null)).toBe(45);
    expect(await configure(12)).toBe(12);
    free = 900 * GIB;
    expect(await configure(null)).toBe(100);
  });

  it('does not pin what goes already', async () => {
    const { pool, inUse } = await setUp({ sizes: { a: 5 } });
    await pool.install(wanted('a', 5));
    inUse.add(keyOf('a'));
    await pool.evict({ backend: 'ollama', ollamaName: 'a' });
    await expect(pool.pin({ backend: 'ollama', ollamaName: 'a' }, true)).resolves.toMatchObject({
      code: 'busy',
    });
    await expect(pool.pin({ backend: 'ollama', ollamaName: 'b' }, true)).resolves.toMatchObject({
      code: 'not_in_pool',
    });
  });
});

describe('when things die in the middle of a pull', () => {
  const SLOW = { sizes: { a: 60 }, bytesPerSecond: 30 * GIB } as const;
  const patient = { adapter: { maxAttemptsWithoutBytes: 50 } };

  it('resumes from the parts where the server was stopped', async () => {
    const { pool, fake, names, pulls } = await setUp({ ...SLOW, window: patient });
    const install = pool.install(wanted('a', 60));
    await until(() =>
      [...fake.store.partials.values()].some(({ allocatedBytes }) => allocatedBytes > 10 * GIB),
    );
    await fake.stop();
    await fake.restart();
    await expect(install).resolves.toMatchObject({ status: 'success' });
    expect(names()).toEqual(['a']);
    expect(pulls()).toBeGreaterThan(1);
  });

  it.each([
    ['the window', false],
    ['the window and the server', true],
  ] as const)('is finished and written down by another window where %s died', async (_what, serverToo) => {
    const { fake, open, names } = await setUp({ ...SLOW, window: patient });
    const clock = hastyClock(200);
    const first = open('w2', { clock });
    const second = open('w3', { clock });
    void first.pool.install(wanted('a', 60, { initialScore: 66 }));
    await until(() =>
      [...fake.store.partials.values()].some(({ allocatedBytes }) => allocatedBytes > 5 * GIB),
    );
    first.state.failure = { ok: false, code: 'closed', message: 'dead' };
    await first.agent.destroy();
    if (serverToo) {
      await fake.kill();
      await fake.restart();
    }
    // Slow it was only to die in the middle.
    fake.pace.bytesPerSecond = 1e13;
    await until(() => second.pulls.runs[0]?.status === 'succeeded');
    expect(second.pulls.runs).toMatchObject([{ attempt: 2, takenOver: true, percent: 100 }]);
    expect(names()).toEqual(['a']);
    expect(second.pool.snapshot().entries).toMatchObject([{ currentScore: 66, sizeOnDiskGb: 60 }]);
  });
});
