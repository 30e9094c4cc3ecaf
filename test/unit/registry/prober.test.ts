import { beforeEach, describe, expect, it } from 'vitest';
import type { ListedModel, ProbeResult } from '../../../src/backends/contract';
import { Prober } from '../../../src/registry/prober';
import type { ModelRegistry } from '../../../src/registry/registry';
import { silentLogger } from '../../../src/shared/logger';
import { FakeClock } from '../../fakes/fakeClock';
import { memoryRegistry } from '../../support/registryState';
import { fakeBackend, providerOf, serving, unreachable } from './support/fakeBackend';
import { model, row } from './support/rows';

let clock: FakeClock;
let registry: ModelRegistry;
let prober: Prober;

beforeEach(() => {
  clock = new FakeClock('2026-11-21T00:00:00Z');
  registry = memoryRegistry({ clock });
  prober = new Prober({ registry, clock, logger: silentLogger, providerOf, bootId: 'boot' });
});

describe('the schedule', () => {
  it('probes first 5 s after the start, then at each interval, and stops when it is told to', async () => {
    const backend = fakeBackend('a');
    await prober.configure({ backends: [backend], localIntervalMs: 60_000 });
    expect(clock.pending).toBe(0);
    prober.start();
    await clock.advance(4_999);
    expect(backend.probes).toBe(0);
    await clock.advance(1);
    expect(backend.probes).toBe(1);
    await clock.advance(59_999);
    expect(backend.probes).toBe(1);
    await clock.advance(1);
    expect(backend.probes).toBe(2);
    prober.stop();
    expect(clock.pending).toBe(0);
    await clock.advance(600_000);
    expect(backend.probes).toBe(2);
  });

  it('probes every 15 min where nothing else is said', async () => {
    const backend = fakeBackend('a');
    await prober.configure({ backends: [backend] });
    prober.start();
    await clock.advance(5_000 + 15 * 60_000 - 1);
    expect(backend.probes).toBe(1);
    await clock.advance(1);
    expect(backend.probes).toBe(2);
  });

  it('waits 5 s after a failure, doubling to 5 min, and starts over after a success', async () => {
    const backend = fakeBackend('a');
    backend.answer = () => Promise.resolve(unreachable);
    await prober.configure({ backends: [backend], localIntervalMs: 60_000 });
    prober.start();
    await clock.advance(5_000);
    for (const waitMs of [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]) {
      const before = backend.probes;
      expect(clock.nextDueMs).toBe(waitMs);
      await clock.advance(waitMs - 1);
      expect(backend.probes).toBe(before);
      await clock.advance(1);
      expect(backend.probes).toBe(before + 1);
    }
    backend.answer = () => Promise.resolve(serving());
    await clock.advance(300_000);
    expect(clock.nextDueMs).toBe(60_000);
    backend.answer = () => Promise.resolve(unreachable);
    await clock.advance(60_000);
    expect(clock.nextDueMs).toBe(5_000);
  });

  it('has one timer, for the earliest backend that is due', async () => {
    const [a, b] = [fakeBackend('a'), fakeBackend('b')];
    b.answer = () => Promise.resolve(unreachable);
    await prober.configure({ backends: [a, b], localIntervalMs: 60_000 });
    prober.start();
    await clock.advance(5_000);
    expect(clock.pending).toBe(1);
    expect(clock.nextDueMs).toBe(5_000);
  });

  it('is not held up by a backend that hangs', async () => {
    const [hung, fine] = [fakeBackend('hung'), fakeBackend('fine')];
    hung.answer = () => new Promise(() => undefined);
    await prober.configure({ backends: [hung, fine], localIntervalMs: 10_000 });
    prober.start();
    await clock.advance(5_000 + 20_000);
    expect(fine.probes).toBe(3);
    expect(hung.probes).toBe(1);
    expect(registry.listForBackend('fine')).toHaveLength(1);
  });

  it('goes on after a listener or the naming of providers throws', async () => {
    prober = new Prober({
      registry,
      clock,
      logger: silentLogger,
      bootId: 'boot',
      providerOf: () => {
        throw new Error('bug of the catalogue');
      },
    });
    registry.onDidChangeBackends(() => {
      throw new Error('bug of a view');
    });
    const backend = fakeBackend('a');
    await prober.configure({ backends: [backend], localIntervalMs: 10_000 });
    prober.start();
    await clock.advance(15_000);
    expect(backend.probes).toBe(2);
    expect(registry.find('a', 'local', 'qwen3:8b')).toBeDefined();
  });
});

describe('configure', () => {
  it('keeps the last probe time of backends that stay, and probes new ones within a second', async () => {
    const [a, b] = [fakeBackend('a'), fakeBackend('b')];
    await prober.configure({ backends: [a], localIntervalMs: 60_000 });
    prober.start();
    await clock.advance(35_000);
    await prober.configure({ backends: [a, b], localIntervalMs: 60_000 });
    await clock.advance(1_000);
    expect([a.probes, b.probes]).toEqual([1, 1]);
    expect(clock.nextDueMs).toBe(29_000);
  });

  it('counts a new interval from the last probe', async () => {
    const a = fakeBackend('a');
    await prober.configure({ backends: [a], localIntervalMs: 600_000 });
    prober.start();
    await clock.advance(25_000);
    await prober.configure({ backends: [a], localIntervalMs: 60_000 });
    expect(clock.nextDueMs).toBe(40_000);
  });

  it.each([
    ['headers', { headers: { authorization: 'Bearer new' } }],
    ['a password in its address', { url: 'http://me:new@127.0.0.1:1/a' }],
  ])('asks at once with %s that have changed, and keeps the rows', async (_what, access) => {
    const a = fakeBackend('a');
    await prober.configure({ backends: [a], localIntervalMs: 60_000 });
    await prober.refresh('a');
    await clock.advance(1);
    a.answer = () => Promise.resolve({ readiness: 'unauthorized', message: 'no key', nextStep: 'add it' });
    await prober.refresh('a');
    prober.start();
    await clock.advance(5_000);
    expect(clock.nextDueMs).toBe(10_000);
    const b = fakeBackend('a', access);
    await prober.configure({ backends: [b], localIntervalMs: 60_000 });
    expect(registry.listForBackend('a')).toHaveLength(1);
    await clock.advance(1_000);
    expect(registry.backend('a')?.readiness).toBe('ok');
  });

  it('aborts the probe of a backend that goes, ignores its late answer, and drops its rows', async () => {
    const a = fakeBackend('a');
    let answer: (result: ProbeResult) => void = () => undefined;
    await prober.configure({ backends: [a] });
    await prober.refresh('a');
    a.answer = () => new Promise((resolve) => (answer = resolve));
    const refreshed = prober.refresh('a');
    await clock.advance(0);
    await prober.configure({ backends: [] });
    expect(await refreshed).toEqual({ status: 'unknown_backend', backendId: 'a' });
    answer(serving());
    await clock.advance(0);
    expect(registry.rows()).toEqual([]);
    expect(registry.backends()).toEqual([]);
  });

  it('probes a backend anew whose address has changed', async () => {
    const a = fakeBackend('a');
    await prober.configure({ backends: [a] });
    prober.start();
    await clock.advance(5_000);
    const moved = fakeBackend('a', { url: 'http://127.0.0.1:2' });
    moved.answer = () => Promise.resolve(serving(model('llama:1b')));
    await prober.configure({ backends: [moved] });
    expect(registry.listForBackend('a')).toEqual([]);
    await clock.advance(1_000);
    expect(registry.listForBackend('a').map(({ modelId }) => modelId)).toEqual(['llama:1b']);
  });
});

describe('refresh', () => {
  it('says so when probing is ended under it', async () => {
    const a = fakeBackend('a');
    a.answer = () => new Promise(() => undefined);
    await prober.configure({ backends: [a] });
    const stopped = prober.refreshAll();
    await clock.advance(0);
    prober.dispose();
    expect(await stopped).toEqual([{ status: 'stopped', backendId: 'a' }]);
    expect(await prober.refresh('a')).toEqual({ status: 'stopped', backendId: 'a' });
  });

  it('asks anew when the backend is another one by then', async () => {
    const a = fakeBackend('a');
    a.answer = () => new Promise(() => undefined);
    await prober.configure({ backends: [a] });
    const moved = prober.refresh('a');
    await clock.advance(0);
    await prober.configure({ backends: [fakeBackend('a', { url: 'http://127.0.0.1:2' })] });
    expect(await moved).toMatchObject({
      status: 'probed',
      state: { readiness: 'ok', url: 'http://127.0.0.1:2' },
    });
  });

  it('joins the probe in flight, of a refresh or of the schedule', async () => {
    const a = fakeBackend('a');
    let answer: (result: ProbeResult) => void = () => undefined;
    a.answer = () => new Promise((resolve) => (answer = resolve));
    await prober.configure({ backends: [a] });
    prober.start();
    await clock.advance(5_000);
    const both = Promise.all([prober.refresh('a'), prober.refreshAll()]);
    await clock.advance(0);
    expect(registry.backend('a')).toMatchObject({ probing: true, readiness: 'unknown' });
    answer(serving());
    const [one, all] = await both;
    expect(a.probes).toBe(1);
    expect(one).toMatchObject({ status: 'probed', state: { readiness: 'ok', probing: false } });
    expect(all).toEqual([one]);
  });

  it('works without the schedule, and does not start one', async () => {
    await prober.configure({ backends: [fakeBackend('a')] });
    expect(await prober.refresh('a')).toMatchObject({ state: { lastOkAt: '2026-11-21T00:00:00.000Z' } });
    expect(clock.pending).toBe(0);
  });

  it('says of each backend how it went, also when one fails', async () => {
    const [a, b] = [fakeBackend('a'), fakeBackend('b')];
    b.answer = () => Promise.resolve(unreachable);
    await prober.configure({ backends: [a, b] });
    const heard: string[] = [];
    const results = await prober.refreshAll(undefined, (result) => {
      if (result.status === 'probed') heard.push(`${result.state.id} ${result.state.readiness}`);
    });
    expect(heard.sort()).toEqual(['a ok', 'b unreachable']);
    expect(results).toHaveLength(2);
  });

  it('says that a backend is unknown', async () => {
    expect(await prober.refresh('nope')).toEqual({ status: 'unknown_backend', backendId: 'nope' });
  });

  it('ends at once when its signal aborts, and ends the probe when nobody else waits for it', async () => {
    const a = fakeBackend('a');
    a.answer = () => new Promise(() => undefined);
    await prober.configure({ backends: [a] });
    const [first, second] = [new AbortController(), new AbortController()];
    const results = [prober.refresh('a', first.signal), prober.refresh('a', second.signal)];
    for (const result of results) result.catch(() => undefined);
    await clock.advance(0);
    first.abort(new Error('the first leaves'));
    await expect(results[0]).rejects.toThrow('the first leaves');
    expect(a.signal?.aborted).toBe(false);
    second.abort(new Error('the second leaves'));
    await expect(results[1]).rejects.toThrow('the second leaves');
    expect(a.signal?.aborted).toBe(true);
    await clock.advance(0);
    expect(registry.backend('a')).toMatchObject({ probing: false, readiness: 'unknown' });
    a.answer = () => Promise.resolve(serving());
    expect(await prober.refresh('a')).toMatchObject({ state: { readiness: 'ok' } });
    await expect(prober.refresh('a', AbortSignal.abort(new Error('at once')))).rejects.toThrow('at once');
  });

  it('runs at most ten probes at a time, and a hung one gives its place on after its deadline', async () => {
    const backends = Array.from({ length: 13 }, (_, n) => fakeBackend(`b${n}`));
    for (const backend of backends) backend.answer = () => new Promise(() => undefined);
    await prober.configure({ backends });
    const all = prober.refreshAll();
    await clock.advance(0);
    const running = (): number => backends.filter((backend) => backend.probes > 0).length;
    expect(running()).toBe(10);
    await clock.advance(29_999);
    expect(running()).toBe(10);
    await clock.advance(1);
    expect(running()).toBe(13);
    await clock.advance(30_000);
    const results = await all;
    for (const result of results) {
      expect(result).toMatchObject({
        state: {
          readiness: 'unreachable',
          message: expect.stringContaining('did not answer within 30 s') as unknown,
        },
      });
    }
    // All places are free again.
    for (const backend of backends) backend.answer = () => Promise.resolve(serving());
    expect(await prober.refreshAll()).toHaveLength(13);
  });

  it('gives up at the deadline of the backend itself where that is shorter, never where it is longer', async () => {
    const [short, long] = [
      { ...fakeBackend('short'), deadlineMs: 10_000 },
      { ...fakeBackend('long'), deadlineMs: 90_000 },
    ];
    for (const backend of [short, long]) backend.answer = () => new Promise(() => undefined);
    await prober.configure({ backends: [short, long] });
    const all = prober.refreshAll();
    await clock.advance(10_000);
    expect(registry.backend('short')?.message).toContain('did not answer within 10 s');
    expect(registry.backend('long')?.probing).toBe(true);
    await clock.advance(20_000);
    expect(registry.backend('long')?.message).toContain('did not answer within 30 s');
    await all;
  });

  it('keeps what the version of a server cannot do, also while it is down', async () => {
    const a = fakeBackend('a');
    const limits = ['It cannot call tools.'];
    a.answer = () => Promise.resolve({ readiness: 'ok', version: '0.1.0', limits, models: [] });
    await prober.configure({ backends: [a] });
    await prober.refresh('a');
    expect(registry.backend('a')).toMatchObject({ version: '0.1.0', limits });
    a.answer = () => Promise.resolve(unreachable);
    await clock.advance(1);
    await prober.refresh('a');
    expect(registry.backend('a')).toMatchObject({ readiness: 'unreachable', limits });
    a.answer = () => Promise.resolve(serving());
    await clock.advance(1);
    await prober.refresh('a');
    expect(registry.backend('a')?.limits).toBeUndefined();
  });

  it('tells no password of the address of a backend that hangs', async () => {
    const a = fakeBackend('a', { url: 'http://me:hunter22@127.0.0.1:1/x?key=abc' });
    a.answer = () => new Promise(() => undefined);
    await prober.configure({ backends: [a] });
    const refreshed = prober.refresh('a');
    await clock.advance(30_000);
    await refreshed;
    expect(registry.backend('a')?.message).toContain('at http://127.0.0.1:1 did not answer');
  });

  it('takes a backend that waits for a place out of the queue when it is cancelled', async () => {
    const backends = Array.from({ length: 11 }, (_, n) => fakeBackend(`b${n}`));
    for (const backend of backends) backend.answer = () => new Promise(() => undefined);
    await prober.configure({ backends });
    const controller = new AbortController();
    const all = prober.refreshAll(controller.signal);
    all.catch(() => undefined);
    await clock.advance(0);
    controller.abort(new Error('enough'));
    await expect(all).rejects.toThrow('enough');
    for (const backend of backends) backend.answer = () => Promise.resolve(serving());
    const again = await prober.refreshAll();
    expect(
      again.filter((result) => result.status === 'probed' && result.state.readiness === 'ok'),
    ).toHaveLength(11);
  });
});

describe('results', () => {
  it('are grouped by provider, one row each with the stamps of the moment of asking', async () => {
    const a = fakeBackend('a');
    a.answer = async () => {
      clock.stepWall(7_000);
      return Promise.resolve(serving(model('qwen3:8b'), model('gemma3:4b'), model('qwen3:4b')));
    };
    await prober.configure({ backends: [a] });
    await prober.refresh('a');
    expect(
      registry.rows().map(({ provider, models }) => [provider, models.map((one) => one.modelId)]),
    ).toEqual([
      ['qwen', ['qwen3:8b', 'qwen3:4b']],
      ['google', ['gemma3:4b']],
    ]);
    const asked = Date.parse('2026-11-21T00:00:00Z') * 1_000;
    for (const stored of registry.rows()) {
      expect(stored).toMatchObject({ source: 'probe', bootId: 'boot', refreshedAt: asked, refreshedMono: 0 });
    }
  });

  it('do not overwrite what was reported while the probe ran', async () => {
    const a = fakeBackend('a');
    let answer: (result: ProbeResult) => void = () => undefined;
    a.answer = () => new Promise((resolve) => (answer = resolve));
    await prober.configure({ backends: [a] });
    const refreshed = prober.refresh('a');
    await clock.advance(1_000);
    await registry.upsert([
      row({ backend: 'a', source: 'session', refreshedMono: 500_000, models: [model('qwen3:32b')] }),
    ]);
    answer(serving(model('qwen3:8b')));
    await refreshed;
    expect(registry.listForBackend('a').map(({ modelId }) => modelId)).toEqual(['qwen3:32b']);
  });

  it('are the truth: models and providers that vanish disappear, and an older write does not bring them back', async () => {
    const a = fakeBackend('a');
    a.answer = () => Promise.resolve(serving(model('qwen3:8b'), model('qwen3:4b'), model('gemma3:4b')));
    await prober.configure({ backends: [a] });
    await prober.refresh('a');
    const old = registry.rows();
    await clock.advance(1_000);
    a.answer = () => Promise.resolve(serving(model('qwen3:4b')));
    await prober.refresh('a');
    expect(registry.listForBackend('a').map(({ modelId }) => modelId)).toEqual(['qwen3:4b']);
    expect([...registry.listAllByProvider().keys()]).toEqual(['qwen']);
    expect(registry.rows().map(({ provider, models }) => `${provider} ${models.length}`)).toEqual([
      'qwen 1',
      'google 0',
    ]);
    await registry.upsert(old);
    expect(registry.listForBackend('a').map(({ modelId }) => modelId)).toEqual(['qwen3:4b']);
  });

  it('go on after the wall clock was set back by an hour', async () => {
    const a = fakeBackend('a');
    await prober.configure({ backends: [a], localIntervalMs: 60_000 });
    prober.start();
    await clock.advance(5_000);
    clock.stepWall(-3_600_000);
    a.answer = () => Promise.resolve(serving(model('qwen3:4b')));
    await clock.advance(60_000);
    expect(registry.listForBackend('a').map(({ modelId }) => modelId)).toEqual(['qwen3:4b']);
    expect(registry.backend('a')?.lastProbeAt).toBe('2026-11-20T23:01:05.000Z');
  });

  it('that are failures keep the rows and say what is wrong, with the time of the last good one', async () => {
    const a = fakeBackend('a');
    await prober.configure({ backends: [a] });
    await prober.refresh('a');
    await clock.advance(60_000);
    a.answer = () => Promise.resolve(unreachable);
    await prober.refresh('a');
    expect(registry.listForBackend('a')).toHaveLength(1);
    expect(registry.backend('a')).toMatchObject({
      readiness: 'unreachable',
      message: 'nothing there',
      nextStep: 'start it',
      version: '0.32.15',
      lastOkAt: '2026-11-21T00:00:00.000Z',
      lastProbeAt: '2026-11-21T00:01:00.000Z',
    });
    await clock.advance(1);
    a.answer = () => Promise.resolve(serving());
    await prober.refresh('a');
    expect(registry.backend('a')?.message).toBeUndefined();
  });

  it.each([
    ['nothing', () => Promise.resolve(undefined)],
    ['null', () => Promise.resolve(null)],
    ['a number', () => Promise.resolve(7)],
    ['no list', () => Promise.resolve({ readiness: 'ok', models: 'none' })],
    ['a list of null', () => Promise.resolve({ readiness: 'ok', models: [null] })],
    ['another readiness', () => Promise.resolve({ readiness: 'fine', models: [] })],
    ['no promise', () => 'ok'],
    ['a rejection', () => Promise.reject(new Error('bug of a backend'))],
    [
      'a throw',
      () => {
        throw new Error('bug of a backend');
      },
    ],
  ])('of a wrong shape (%s) are failures with backoff, never a crash', async (_what, answer) => {
    const a = fakeBackend('a');
    a.answer = answer as unknown as () => Promise<ProbeResult>;
    await prober.configure({ backends: [a] });
    prober.start();
    await clock.advance(5_000);
    expect(registry.backend('a')).toMatchObject({
      readiness: 'bad_response',
      nextStep: expect.stringContaining('modelPool.backends') as unknown,
    });
    expect(clock.nextDueMs).toBe(5_000);
  });

  it('with one bad model are stored without it', async () => {
    const a = fakeBackend('a');
    const noId = { displayName: 'x', capabilities: {} } as unknown as ListedModel;
    a.answer = () => Promise.resolve(serving(noId, model('qwen3:8b')));
    await prober.configure({ backends: [a] });
    await prober.refresh('a');
    expect(registry.listForBackend('a').map(({ modelId }) => modelId)).toEqual(['qwen3:8b']);
  });
});
