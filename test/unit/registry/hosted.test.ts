import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ProbeResult } from '../../../src/backends/contract';
import { Prober } from '../../../src/registry/prober';
import type { ProberConfiguration } from '../../../src/registry/proberConfiguration';
import type { ModelRegistry } from '../../../src/registry/registry';
import { silentLogger } from '../../../src/shared/logger';
import { FakeClock } from '../../fakes/fakeClock';
import { memoryRegistry } from '../../support/registryState';
import { fakeBackend, providerOf, serving } from './support/fakeBackend';
import { model } from './support/rows';

const DAY_MS = 24 * 3_600_000;

let clock: FakeClock;
let registry: ModelRegistry;
let prober: Prober;

beforeEach(() => {
  clock = new FakeClock();
  registry = memoryRegistry({ clock });
  prober = new Prober({ registry, clock, logger: silentLogger, providerOf, bootId: 'boot' });
});

describe('hosted backends', () => {
  const isHosted: ProberConfiguration['isHosted'] = (kind) => kind === 'llama_server';

  it('have an interval of their own', async () => {
    const [local, hosted] = [fakeBackend('local'), fakeBackend('hosted', { kind: 'llama_server' })];
    await prober.configure({ backends: [local, hosted], isHosted, hostedIntervalMs: 2 * 3_600_000 });
    prober.start();
    await clock.advance(5_000);
    await clock.advance(2 * 3_600_000 - 1);
    expect([local.probes, hosted.probes]).toEqual([8, 1]);
    await clock.advance(1);
    expect(hosted.probes).toBe(2);
  });

  it('are asked every 24 h where nothing else is said, and after 30 days where the setting says so', async () => {
    const hosted = fakeBackend('hosted', { kind: 'llama_server' });
    await prober.configure({ backends: [hosted], isHosted });
    prober.start();
    await clock.advance(5_000 + DAY_MS - 1);
    expect(hosted.probes).toBe(1);
    await clock.advance(1);
    expect(hosted.probes).toBe(2);
    await prober.configure({ hostedIntervalMs: 30 * DAY_MS });
    // Node.js would fire a timer of 30 days at once.
    expect(clock.nextDueMs).toBeLessThan(2 ** 31);
    await clock.advance(30 * DAY_MS - 1);
    expect(hosted.probes).toBe(2);
    await clock.advance(1);
    expect(hosted.probes).toBe(3);
  });

  it('keep their rows where a list is empty, or a provider is missing from it', async () => {
    const hosted = fakeBackend('hosted', { kind: 'llama_server' });
    await prober.configure({ backends: [hosted], isHosted });
    hosted.answer = () => Promise.resolve(serving(model('qwen3:8b'), model('gemma3:4b')));
    await prober.refresh('hosted');
    await clock.advance(1);
    hosted.answer = () => Promise.resolve({ readiness: 'ok', models: [] });
    expect(await prober.refresh('hosted')).toMatchObject({ state: { readiness: 'ok' } });
    expect(registry.listForBackend('hosted')).toHaveLength(2);
    hosted.answer = () => Promise.resolve(serving(model('qwen3:4b')));
    await prober.refresh('hosted');
    expect(registry.listForBackend('hosted').map(({ modelId }) => modelId)).toEqual([
      'gemma3:4b',
      'qwen3:4b',
    ]);
  });

  it('that are local instead lose what an empty list does not have', async () => {
    const local = fakeBackend('local');
    await prober.configure({ backends: [local], isHosted });
    await prober.refresh('local');
    await clock.advance(1);
    local.answer = () => Promise.resolve({ readiness: 'ok', models: [] });
    await prober.refresh('local');
    expect(registry.listForBackend('local')).toEqual([]);
    expect(registry.rows()).toMatchObject([{ provider: 'qwen', models: [] }]);
  });
});

describe('a configuration', () => {
  it.each([
    ['localIntervalMs', { localIntervalMs: 9_999 }, '9999'],
    ['localIntervalMs', { localIntervalMs: Number.NaN }, 'NaN'],
    ['localIntervalMs', { localIntervalMs: 31 * DAY_MS }, String(31 * DAY_MS)],
    ['hostedIntervalMs', { hostedIntervalMs: 3_599_999 }, '3599999'],
    ['backends[0].id', { backends: [fakeBackend('Not An Id')] }, 'Not An Id'],
    ['backends[1].id', { backends: [fakeBackend('b'), fakeBackend('b')] }, '"b" is used twice'],
  ])('with a bad %s is refused as a whole, with the key and the value', async (key, bad, value) => {
    const a = fakeBackend('a');
    await prober.configure({ backends: [a], localIntervalMs: 60_000 });
    prober.start();
    await clock.advance(5_000);
    const result = await prober.configure({ backends: [], localIntervalMs: 30_000, ...bad });
    expect(result).toMatchObject({
      ok: false,
      problems: [{ key, message: expect.stringContaining(value) as unknown }],
    });
    expect(registry.backends()).toHaveLength(1);
    expect(clock.nextDueMs).toBe(60_000);
    await clock.advance(120_000);
    expect(a.probes).toBe(3);
  });

  it('names everything that is wrong with it', async () => {
    const result = await prober.configure({ localIntervalMs: 0, hostedIntervalMs: Number.POSITIVE_INFINITY });
    expect(result.ok ? [] : result.problems.map(({ key }) => key)).toEqual([
      'localIntervalMs',
      'hostedIntervalMs',
    ]);
  });

  it('keeps what it does not speak of', async () => {
    const a = fakeBackend('a');
    await prober.configure({ backends: [a], localIntervalMs: 60_000 });
    prober.start();
    await clock.advance(25_000);
    expect(await prober.configure({ hostedIntervalMs: DAY_MS })).toEqual({ ok: true });
    expect(clock.nextDueMs).toBe(40_000);
    expect(registry.backends()).toHaveLength(1);
  });
});

it('whatever a backend does, it is a failure with backoff or a list, and the schedule goes on', async () => {
  const garbage = fc.oneof(
    fc.anything({ withDate: true, withMap: true, withNullPrototype: true, withBigInt: true }),
    fc.record({ readiness: fc.constant('ok'), models: fc.anything() }),
    fc.record({ readiness: fc.constant('ok'), models: fc.array(fc.anything({ withNullPrototype: true })) }),
    fc.record({ readiness: fc.constant('ok'), models: fc.array(fc.record({ modelId: fc.anything() })) }),
    fc.constant({
      readiness: 'ok',
      models: [
        {
          get modelId() {
            throw new Error('a getter');
          },
        },
      ],
    }),
  );
  await fc.assert(
    fc.asyncProperty(garbage, fc.constantFrom('return', 'resolve', 'reject', 'throw'), async (value, how) => {
      const fresh = memoryRegistry({ clock });
      const own = new Prober({ registry: fresh, clock, logger: silentLogger, providerOf, bootId: 'boot' });
      const [bad, good] = [fakeBackend('bad'), fakeBackend('good')];
      const answer = (): unknown => {
        if (how === 'throw') throw value;
        if (how === 'return') return value;
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
        return how === 'resolve' ? Promise.resolve(value) : Promise.reject(value);
      };
      bad.answer = answer as () => Promise<ProbeResult>;
      await own.configure({ backends: [bad, good], localIntervalMs: 10_000 });
      own.start();
      await clock.advance(15_000);
      const state = fresh.backend('bad');
      expect(['ok', 'bad_response']).toContain(state?.readiness);
      expect(bad.probes).toBe(2);
      if (state?.readiness !== 'ok') expect(state?.failures).toBe(2);
      expect(good.probes).toBe(2);
      own.dispose();
      fresh.dispose();
    }),
    { numRuns: 40 },
  );
}, 30_000);
