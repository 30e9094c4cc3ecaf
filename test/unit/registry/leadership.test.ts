import { beforeEach, describe, expect, it } from 'vitest';
import { Prober } from '../../../src/registry/prober';
import type { ModelRegistry } from '../../../src/registry/registry';
import { silentLogger } from '../../../src/shared/logger';
import { FakeClock } from '../../fakes/fakeClock';
import { memoryRegistry, MemoryState, SharedMemory } from '../../support/registryState';
import type { FakeBackend } from './support/fakeBackend';
import { fakeBackend, laterAnswer, providerOf, serving, unreachable } from './support/fakeBackend';
import { model } from './support/rows';

interface Window {
  readonly registry: ModelRegistry;
  readonly prober: Prober;
  readonly backend: FakeBackend;
}

let clock: FakeClock;
let memory: SharedMemory;

beforeEach(() => {
  clock = new FakeClock();
  memory = new SharedMemory();
});

async function openWindow(localIntervalMs = 60_000, bootId = 'boot'): Promise<Window> {
  const registry = memoryRegistry({ state: new MemoryState(memory), clock });
  const prober = new Prober({ registry, clock, logger: silentLogger, providerOf, bootId });
  const backend = fakeBackend('a');
  await prober.configure({ backends: [backend], localIntervalMs });
  return { registry, prober, backend };
}

describe('a window that leads', () => {
  it('probes for all: the others show what it finds and ask nobody', async () => {
    const [leader, other] = [await openWindow(), await openWindow()];
    leader.prober.start();
    await clock.advance(5_000);
    expect(other.registry.backend('a')).toMatchObject({
      ...{ readiness: 'ok', version: '0.32.15', probing: false },
      lastOkAt: '2026-11-21T00:00:05.000Z',
    });
    expect(other.registry.listForBackend('a')).toHaveLength(1);
    await clock.advance(600_000);
    expect(other.backend.probes).toBe(0);
  });

  it('goes on where the one before it was, and does not ask everything again', async () => {
    const [first, second] = [await openWindow(), await openWindow()];
    first.prober.start();
    await clock.advance(35_000);
    first.prober.stop();
    second.prober.start();
    await clock.advance(29_999);
    expect(second.backend.probes).toBe(0);
    await clock.advance(1);
    expect(second.backend.probes).toBe(1);
  });

  it('goes on with the backoff of the one before it', async () => {
    const [first, second] = [await openWindow(), await openWindow()];
    for (const { backend } of [first, second]) backend.answer = () => Promise.resolve(unreachable);
    first.prober.start();
    await clock.advance(5_000 + 5_000 + 10_000);
    expect(first.backend.probes).toBe(3);
    first.prober.stop();
    second.prober.start();
    await clock.advance(19_999);
    expect(second.backend.probes).toBe(0);
    await clock.advance(1);
    expect(second.backend.probes).toBe(1);
    expect(clock.nextDueMs).toBe(40_000);
  });

  it('asks after a restart of the machine when the interval is over by the wall clock, at once where that was set back', async () => {
    const before = await openWindow();
    await before.prober.refresh('a');
    clock.stepWall(40_000);
    const after = await openWindow(60_000, 'next boot');
    after.prober.start();
    await clock.advance(20_000);
    expect(after.backend.probes).toBe(1);

    after.prober.stop();

    // A wall clock that was set back must not make it wait for its old time to come again.
    clock.stepWall(-3_600_000);
    const third = await openWindow(60_000, 'third boot');
    third.prober.start();
    await clock.advance(5_000);
    expect(third.backend.probes).toBe(1);
  });

  it('probes at once what nobody has ever probed', async () => {
    const leader = await openWindow();
    leader.prober.start();
    await clock.advance(5_000);
    expect(leader.backend.probes).toBe(1);
  });

  it('that ceases to lead ends the probes of the schedule, but not what a person waits for', async () => {
    const { prober, backend } = await openWindow();
    const { answer, give } = laterAnswer();
    backend.answer = answer;
    prober.start();
    await clock.advance(5_000);
    prober.stop();
    expect(backend.signal?.aborted).toBe(true);
    prober.start();
    await clock.advance(5_000);
    const refreshed = prober.refresh('a');
    prober.stop();
    expect(backend.signal?.aborted).toBe(false);
    give(serving());
    expect(await refreshed).toMatchObject({ status: 'probed', state: { readiness: 'ok', probing: false } });
    expect(clock.pending).toBe(0);
  });
});

describe('two windows that probe at once', () => {
  it('end with one row of each provider, of the one that asked last', async () => {
    const [a, b] = [await openWindow(), await openWindow()];
    const { answer, give } = laterAnswer();
    a.backend.answer = answer;
    b.backend.answer = () => Promise.resolve(serving(model('qwen3:4b')));
    const slow = a.prober.refresh('a');
    await clock.advance(1_000);
    await b.prober.refresh('a');
    give(serving(model('qwen3:4b'), model('gemma3:4b'), model('qwen3:vanished')));
    await slow;
    for (const { registry } of [a, b]) {
      expect(registry.find('a', 'qwen', 'qwen3:vanished')).toBeUndefined();
      expect(registry.rows().map(({ provider }) => provider)).toEqual(['qwen', 'google']);
    }
  });

  it('store rows and state of a probe in one transaction', async () => {
    const { prober } = await openWindow();
    const before = memory.generation;
    await prober.refresh('a');
    expect(memory.generation).toBe(before + 1);
  });
});

describe('a backend that hangs', () => {
  it('blocks no other one and no reader', async () => {
    const { registry, prober, backend } = await openWindow();
    await prober.refresh('a');
    const hung = fakeBackend('hung');
    hung.answer = () => new Promise(() => undefined);
    await prober.configure({ backends: [backend, hung] });
    const refreshed = prober.refresh('hung');
    await clock.advance(10_000);
    expect(registry.listForBackend('a')).toHaveLength(1);
    expect(await prober.refresh('a')).toMatchObject({ state: { readiness: 'ok' } });
    expect(registry.backend('hung')?.probing).toBe(true);
    await clock.advance(20_000);
    expect(await refreshed).toMatchObject({ state: { readiness: 'unreachable', probing: false } });
  });
});
