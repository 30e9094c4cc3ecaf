import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { describeModel } from '../fakes/ollama/package';
import type { FakeOllama } from '../fakes/ollama/server';
import { startFakeOllama } from '../fakes/ollama/server';
import type { PoolWindowReply, PoolWindowRequest } from '../support/poolProcessWindow';
import { bundledProgram, SQL_WASM } from '../support/programs';
import { rounds } from '../support/soak';
import { until } from '../unit/backends/loopback';

const GIB = 2 ** 30;

const children = new Set<ChildProcess>();
const folders: string[] = [];
const fakes: FakeOllama[] = [];

afterEach(async () => {
  await Promise.all([...children].map(kill));
  await Promise.all(fakes.splice(0).map((fake) => fake.stop()));
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** `kill -9`, as a crash would. */
async function kill(child: ChildProcess): Promise<void> {
  children.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

async function setUp(bytesPerSecond: number) {
  const registry = Object.fromEntries(
    ['a', 'b'].map((name) => [name, describeModel({ weightsBytes: 60 * GIB, parameterSize: name })]),
  );
  const fake = await startFakeOllama({ registry, bytesPerSecond, progressIntervalMs: 10 });
  fakes.push(fake);
  const folder = await mkdtemp(path.join(tmpdir(), 'pool-'));
  folders.push(folder);
  const program = await bundledProgram('test/support/poolProcessWindow.ts');
  const open = async (owner: string, times: number) => {
    const child = fork(program, [folder, SQL_WASM, fake.url, owner, String(times)], { execArgv: [] });
    children.add(child);
    const waiting = new Map<number, (reply: PoolWindowReply) => void>();
    child.on('message', ({ id, reply }: { readonly id: number; readonly reply: PoolWindowReply }) => {
      waiting.get(id)?.(reply);
      waiting.delete(id);
    });
    await new Promise<PoolWindowReply>((resolve) => waiting.set(0, resolve));
    let requests = 0;
    const ended = once(child, 'exit');
    const ask = (request: PoolWindowRequest) =>
      Promise.race([
        new Promise<PoolWindowReply>((resolve) => {
          const id = (requests += 1);
          waiting.set(id, resolve);
          child.send({ id, request });
        }),
        ended.then(() => Promise.reject(new Error('The window ended'))),
      ]);
    return { child, ask };
  };
  const pulls = () => fake.requests.filter(({ path: asked }) => asked === '/api/pull').length;
  const halfway = () =>
    until(() => [...fake.store.partials.values()].some((part) => part.allocatedBytes > 9 * GIB));
  return { fake, open, pulls, halfway };
}

describe('the pool in windows of their own processes', () => {
  it(
    'gives 100 GB to one of two installs of 60 GB at once, and pulls one model once',
    { timeout: 30_000 + rounds(2, 20) * 10_000 },
    async () => {
      for (let round = 0; round < rounds(2, 20); round++) {
        const { fake, open, pulls } = await setUp(200 * GIB);
        const [one, two] = await Promise.all([open('w1', 1), open('w2', 1)]);
        await one.ask({ do: 'configure', budgetGb: 100 });
        const replies = await Promise.all([
          one.ask({ do: 'install', name: 'a', gib: 60.1 }),
          two.ask({ do: 'install', name: 'b', gib: 60.1 }),
        ]);
        const outcomes = replies.map(({ outcome }) =>
          outcome?.status === 'error' ? outcome.code : 'success',
        );
        expect(outcomes.sort()).toEqual(['budget_exceeded', 'success']);
        expect(pulls()).toBe(1);
        const [winner = ''] = fake.store.names().map((name) => name.replace(':latest', ''));
        const shared = await Promise.all([
          one.ask({ do: 'install', name: winner, gib: 60.1 }),
          two.ask({ do: 'install', name: winner, gib: 60.1 }),
        ]);
        expect(shared).toMatchObject([
          { outcome: { alreadyInstalled: true } },
          { outcome: { alreadyInstalled: true } },
        ]);
        expect(pulls()).toBe(1);
        expect((await two.ask({ do: 'show' })).pool.entries).toHaveLength(1);
        await Promise.all([kill(one.child), kill(two.child)]);
      }
    },
  );

  it.each([
    ['the window that pulls is killed', false],
    ['the window and the server are killed', true],
  ] as const)(
    'finishes a pull from its parts, once, where %s',
    { timeout: 60_000 },
    async (_what, serverToo) => {
      const { fake, open, pulls, halfway } = await setUp(20 * GIB);
      const [one, two] = await Promise.all([open('w1', 100), open('w2', 100)]);
      await one.ask({ do: 'configure', budgetGb: 100 });
      one.ask({ do: 'install', name: 'a', gib: 60.1 }).catch(() => undefined);
      await halfway();
      await kill(one.child);
      if (serverToo) {
        await fake.kill();
        await fake.restart();
      }
      // It shows the run, waits until the lease of the dead window is over, and goes on.
      let reply = await two.ask({ do: 'show' });
      for (let patience = 0; patience < 500 && reply.runs[0]?.status !== 'succeeded'; patience++) {
        await new Promise<void>((resolve) => setTimeout(resolve, 50));
        reply = await two.ask({ do: 'show' });
      }
      expect(reply.runs).toMatchObject([{ status: 'succeeded', attempt: 2, takenOver: true, percent: 100 }]);
      expect(reply.pool.entries).toMatchObject([{ ollamaName: 'a' }]);
      expect(fake.store.names()).toEqual(['a:latest']);
      expect(pulls()).toBeGreaterThanOrEqual(2);
    },
  );
});
