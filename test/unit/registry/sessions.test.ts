import { beforeEach, describe, expect, it } from 'vitest';
import { Prober } from '../../../src/registry/prober';
import type { ModelRegistry } from '../../../src/registry/registry';
import { Sessions } from '../../../src/registry/sessions';
import type { Logger } from '../../../src/shared/logger';
import { silentLogger } from '../../../src/shared/logger';
import { FakeClock } from '../../fakes/fakeClock';
import { memoryRegistry } from '../../support/registryState';
import { fakeBackend, laterAnswer, providerOf, serving } from './support/fakeBackend';
import { config, model } from './support/rows';

let clock: FakeClock;
let registry: ModelRegistry;
let lines: string[];
let sessions: Sessions;
let ids: number;

const write = { backend: 'a', provider: 'qwen', models: [model('qwen3:32b')] };

beforeEach(async () => {
  clock = new FakeClock();
  registry = memoryRegistry({ clock });
  await registry.configureBackends([config('a')]);
  lines = [];
  const logger: Logger = { log: (_level, event, facts) => lines.push(`${event} ${JSON.stringify(facts)}`) };
  ids = 0;
  sessions = new Sessions({ registry, clock, logger, bootId: 'boot', newId: () => `id-${(ids += 1)}` });
});

function served(): readonly string[] {
  return registry.listForBackend('a').map(({ modelId }) => modelId);
}

describe('a report', () => {
  it('of a live session is stored as its own, stamped with the moment of the report', async () => {
    const session = sessions.open('chat');
    await clock.advance(7);
    sessions.report(session, [write]);
    expect(served()).toEqual([]);
    await clock.advance(0);
    expect(registry.rows()).toMatchObject([{ source: 'session', bootId: 'boot', refreshedMono: 7_000 }]);
    expect(served()).toEqual(['qwen3:32b']);
    expect(lines).toEqual([]);
  });

  it('is newer than the answer of a probe that began before it, and older than one that begins after it', async () => {
    const prober = new Prober({ registry, clock, logger: silentLogger, providerOf, bootId: 'boot' });
    const backend = fakeBackend('a');
    await prober.configure({ backends: [backend] });
    const { answer, give } = laterAnswer();
    backend.answer = answer;
    const refreshed = prober.refresh('a');
    await clock.advance(1_000);
    sessions.report(sessions.open('chat'), [write]);
    await clock.advance(1_000);
    give(serving(model('qwen3:8b')));
    await refreshed;
    expect(served()).toEqual(['qwen3:32b']);
    backend.answer = () => Promise.resolve(serving(model('qwen3:8b')));
    await prober.refresh('a');
    expect(served()).toEqual(['qwen3:8b']);
  });

  it.each([
    ['copied', (session: object) => ({ ...session })],
    ['cloned', (session: object) => structuredClone(session)],
    ['inherited', (session: object) => Object.create(session) as unknown],
    ['wrapped', (session: object) => new Proxy(session, {})],
    ['forged', () => ({ id: 'id-1', name: 'chat' })],
    ['told as its id', () => 'id-1'],
    ['missing', () => undefined],
    ['null', () => null],
  ])('whose capability is %s is dropped with a line in the log', async (_how, capabilityOf) => {
    const session = sessions.open('chat');
    sessions.report(capabilityOf(session), [write]);
    await clock.advance(0);
    expect(served()).toEqual([]);
    expect(lines).toEqual(['registry.session.dropped {"why":"no session"}']);
    expect(sessions.isLive(capabilityOf(session))).toBe(false);
    expect(sessions.isLive(session)).toBe(true);
  });

  it('of a session that was closed is dropped with a line in the log; that of another one is not', async () => {
    const [first, second] = [sessions.open('first'), sessions.open('second')];
    sessions.close(first);
    sessions.close(first);
    sessions.report(first, [write]);
    await clock.advance(0);
    expect(served()).toEqual([]);
    expect(lines).toEqual(['registry.session.dropped {"why":"ended"}']);
    sessions.report(second, [write]);
    await clock.advance(0);
    expect(served()).toEqual(['qwen3:32b']);
  });

  it('that was made before its session was closed is stored', async () => {
    const session = sessions.open('chat');
    sessions.report(session, [write]);
    sessions.close(session);
    await clock.advance(0);
    expect(served()).toEqual(['qwen3:32b']);
  });

  it('is dropped when the window has closed, also of sessions that are opened then', async () => {
    const session = sessions.open('chat');
    sessions.disposeAll();
    const late = sessions.open('late');
    for (const capability of [session, late]) sessions.report(capability, [write]);
    await clock.advance(0);
    expect(served()).toEqual([]);
    expect(lines).toHaveLength(2);
    expect([session, late].map((capability) => sessions.isLive(capability))).toEqual([false, false]);
  });

  it('of a backend that is not configured is dropped alone, with a line in the log', async () => {
    sessions.report(sessions.open('chat'), [{ ...write, backend: 'elsewhere' }, write]);
    await clock.advance(0);
    expect(registry.rows()).toHaveLength(1);
    expect(lines).toEqual(['registry.session.dropped {"session":"chat","why":"no such backend"}']);
  });

  it('never throws, whatever it is, and stores what of it is valid', async () => {
    const session = sessions.open('chat');
    const trap = new Proxy(write, {
      get() {
        throw new Error('a trap');
      },
    });
    const reports = [
      null,
      7,
      'rows',
      {},
      [null],
      [trap],
      [{ ...write, models: null }],
      [{ ...write, provider: 7 }],
    ];
    for (const report of reports) sessions.report(session, report as never);
    sessions.report(session, [{ ...write, models: [null, trap, model('good')] }]);
    await clock.advance(0);
    expect(served()).toEqual(['good']);
  });

  it('never throws where the log and the storage do', async () => {
    const broken = new Sessions({
      ...{ clock, bootId: 'boot', newId: () => 'id' },
      registry: { backend: (id) => registry.backend(id), upsert: () => Promise.reject(new Error('a bug')) },
      logger: {
        log: () => {
          throw new Error('the channel is closed');
        },
      },
    });
    broken.report('forged', [write]);
    broken.report(broken.open('chat'), [write]);
    await clock.advance(0);
  });

  it('of very many rows in one turn loses those beyond 200, with a line in the log', async () => {
    const many = Array.from({ length: 250 }, (_, n) => ({ ...write, provider: `p${n}` }));
    sessions.report(sessions.open('chat'), many);
    await clock.advance(0);
    expect(registry.rows()).toHaveLength(200);
    expect(lines).toEqual(['registry.session.dropped {"session":"chat","why":"too many","rows":50}']);
  });
});

it('tells no capability to the log', () => {
  const session = sessions.open('chat');
  sessions.close(session);
  sessions.report(session, [write]);
  sessions.report({ ...session }, [write]);
  expect(lines.join()).not.toContain('id-1');
});
