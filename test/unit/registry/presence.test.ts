import { beforeEach, describe, expect, it } from 'vitest';
import { Prober } from '../../../src/registry/prober';
import type { ModelRegistry } from '../../../src/registry/registry';
import { silentLogger } from '../../../src/shared/logger';
import { FakeClock } from '../../fakes/fakeClock';
import { memoryRegistry, MemoryState, SharedMemory } from '../../support/registryState';
import type { FakeBackend } from './support/fakeBackend';
import { fakeBackend, laterAnswer, providerOf, serving, unreachable } from './support/fakeBackend';
import { model } from './support/rows';

const NONE = { viewVisible: false, focused: false, calling: false };
const VIEW = { ...NONE, viewVisible: true };
const FOCUS = { ...NONE, focused: true };
const CALL = { ...NONE, calling: true };

let clock: FakeClock;
let memory: SharedMemory;
let registry: ModelRegistry;
let prober: Prober;
let backend: FakeBackend;

beforeEach(async () => {
  clock = new FakeClock();
  memory = new SharedMemory();
  registry = memoryRegistry({ state: new MemoryState(memory), clock });
  prober = new Prober({ registry, clock, logger: silentLogger, providerOf, bootId: 'boot' });
  backend = fakeBackend('a');
  await prober.configure({ backends: [backend] });
});

/** How often the backend was asked during some time. */
async function looksDuring(ms: number): Promise<number> {
  const before = backend.probes;
  await clock.advance(ms);
  return backend.probes - before;
}

describe('looks at local backends', () => {
  it('come at once and every 10 s while a view is visible, in windows that do not lead as well', async () => {
    prober.setAttention(VIEW);
    expect(await looksDuring(0)).toBe(1);
    expect(await looksDuring(9_999)).toBe(0);
    expect(await looksDuring(1)).toBe(1);
    expect(await looksDuring(60_000)).toBe(6);
  });

  it('come at once and every 60 s while the window has the focus', async () => {
    prober.setAttention(FOCUS);
    expect(await looksDuring(0)).toBe(1);
    expect(await looksDuring(59_999)).toBe(0);
    expect(await looksDuring(1)).toBe(1);
  });

  it('come every 10 s while a call runs', async () => {
    prober.setAttention(CALL);
    expect(await looksDuring(9_999)).toBe(0);
    expect(await looksDuring(20_001)).toBe(3);
  });

  it('end when nobody would notice', async () => {
    prober.setAttention({ viewVisible: true, focused: true, calling: true });
    await clock.advance(10_000);
    prober.setAttention(NONE);
    expect(clock.pending).toBe(0);
    expect(await looksDuring(600_000)).toBe(0);
  });

  it('come at once when a view or the window comes to the fore, and follow the shorter period from then', async () => {
    prober.setAttention(FOCUS);
    await clock.advance(30_000);
    prober.setAttention({ ...FOCUS, viewVisible: true });
    expect(await looksDuring(0)).toBe(1);
    expect(await looksDuring(10_000)).toBe(1);
    prober.setAttention(FOCUS);
    expect(await looksDuring(49_999)).toBe(0);
    expect(await looksDuring(10_001)).toBe(1);
    prober.setAttention(NONE);
    await clock.advance(2_000);
    prober.setAttention(FOCUS);
    expect(await looksDuring(0)).toBe(1);
  });

  it('do not pile up where the focus goes to and fro', async () => {
    for (let times = 0; times < 20; times++) {
      prober.setAttention(FOCUS);
      await clock.advance(10);
      prober.setAttention(NONE);
      await clock.advance(10);
    }
    expect(backend.probes).toBe(1);
  });

  it('are never taken at hosted ones', async () => {
    await prober.configure({ isHosted: () => true });
    prober.setAttention(VIEW);
    prober.look('a');
    expect(await looksDuring(60_000)).toBe(0);
  });

  it('come after a failed call, at that backend alone', async () => {
    const other = fakeBackend('b');
    await prober.configure({ backends: [backend, other] });
    prober.look('a');
    await clock.advance(0);
    expect([backend.probes, other.probes]).toEqual([1, 0]);
    expect(registry.backend('a')?.readiness).toBe('ok');
  });

  it('end with the window', async () => {
    prober.setAttention(VIEW);
    prober.dispose();
    prober.setAttention(FOCUS);
    prober.look();
    expect(await looksDuring(60_000)).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('join the probe in flight, and a refresh joins the look', async () => {
    const { answer, give } = laterAnswer();
    backend.answer = answer;
    prober.setAttention(VIEW);
    await clock.advance(0);
    expect(registry.backend('a')?.probing).toBe(false);
    const refreshed = prober.refresh('a');
    expect(registry.backend('a')?.probing).toBe(true);
    await clock.advance(10_000);
    expect(backend.probes).toBe(1);
    give(serving());
    expect(await refreshed).toMatchObject({ status: 'probed', state: { readiness: 'ok', probing: false } });
  });
});

describe('what a look finds', () => {
  it('is stored only where it is news: nothing is committed every 10 s', async () => {
    const running = (expiresAt: string) => ({ ...model('qwen3:8b'), running: { vramBytes: 1, expiresAt } });
    backend.answer = () => Promise.resolve(serving(running('2026-11-21T00:05:00Z'), model('gemma3:4b')));
    prober.setAttention(VIEW);
    await clock.advance(10_000);
    const generation = memory.generation;
    const row = registry.rows()[0];
    // Served in another order, and kept loaded for longer by a call: the same.
    backend.answer = () => Promise.resolve(serving(model('gemma3:4b'), running('2026-11-21T00:06:00Z')));
    expect(await looksDuring(60_000)).toBe(6);
    expect(memory.generation).toBe(generation);
    expect(registry.rows()[0]).toBe(row);

    backend.answer = () => Promise.resolve(serving(running('2026-11-21T00:06:00Z')));
    await clock.advance(10_000);
    expect(memory.generation).toBe(generation + 1);
    expect(registry.listForBackend('a').map(({ modelId }) => modelId)).toEqual(['qwen3:8b']);
  });

  it('turns a backend unreachable at once, and back', async () => {
    prober.setAttention(VIEW);
    await clock.advance(0);
    backend.answer = () => Promise.resolve(unreachable);
    await clock.advance(10_000);
    expect(registry.backend('a')).toMatchObject({ readiness: 'unreachable', failures: 1 });
    const generation = memory.generation;
    await clock.advance(60_000);
    expect(memory.generation).toBe(generation);
    backend.answer = () => Promise.resolve(serving());
    await clock.advance(10_000);
    expect(registry.backend('a')).toMatchObject({ readiness: 'ok', failures: 0 });
  });

  it('is shown by other windows as well', async () => {
    const other = memoryRegistry({ state: new MemoryState(memory), clock });
    await other.configureBackends([backend.config]);
    prober.setAttention(VIEW);
    await clock.advance(0);
    expect(other.backend('a')?.readiness).toBe('ok');
    expect(other.listForBackend('a')).toHaveLength(1);
  });

  it('of a backend that is down is at most one every 10 s, however often a call fails', async () => {
    backend.answer = () => Promise.resolve(unreachable);
    prober.look('a');
    await clock.advance(0);
    for (let second = 0; second < 30; second++) {
      prober.look('a');
      await clock.advance(1_000);
    }
    expect(backend.probes).toBe(3);
  });
});

describe('the schedule', () => {
  it('is not postponed by looks', async () => {
    await prober.configure({ localIntervalMs: 60_000 });
    prober.start();
    await clock.advance(5_000);
    prober.setAttention(VIEW);
    backend.answer = () => Promise.resolve(serving(model('qwen3:4b')));
    await clock.advance(55_000);
    const lastProbeAt = registry.backend('a')?.lastProbeAt;
    await clock.advance(5_000);
    expect(lastProbeAt).toBe('2026-11-21T00:00:05.000Z');
    expect(registry.backend('a')?.lastProbeAt).toBe('2026-11-21T00:01:05.000Z');
  });

  it('begins its backoff with a look that fails, and looks that fail do not lengthen it', async () => {
    await prober.configure({ localIntervalMs: 600_000 });
    prober.start();
    await clock.advance(5_000);
    backend.answer = () => Promise.resolve(unreachable);
    prober.setAttention(VIEW);
    await clock.advance(0);
    expect(registry.backend('a')?.failures).toBe(0);
    await clock.advance(10_000);
    // The look at 15 s was the first failure; the schedule follows after 5, 10, 20 s.
    expect(registry.backend('a')?.failures).toBe(1);
    await clock.advance(5_000);
    expect(registry.backend('a')?.failures).toBe(2);
    await clock.advance(9_999);
    expect(registry.backend('a')?.failures).toBe(2);
    await clock.advance(1);
    expect(registry.backend('a')?.failures).toBe(3);
    await clock.advance(20_000);
    expect(registry.backend('a')?.failures).toBe(4);
  });
});

describe('a look at one backend by its name', () => {
  it('comes however soon after the last probe, because a call has just failed', async () => {
    await prober.refresh('a');
    prober.look('a');
    expect(await looksDuring(0)).toBe(1);
  });

  it('waits for 10 s where the backend is known to be down', async () => {
    backend.answer = () => Promise.resolve(unreachable);
    await prober.refresh('a');
    prober.look('a');
    expect(await looksDuring(9_999)).toBe(0);
    await clock.advance(1);
    prober.look('a');
    expect(await looksDuring(0)).toBe(1);
  });
});
