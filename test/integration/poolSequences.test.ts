import fc from 'fast-check';
import { expect, it } from 'vitest';
import { normaliseModelName } from '../../src/backends/installAdapter';
import { distinctBytes } from '../../src/pool/diskUse';
import type { PoolInstallRequest } from '../../src/pool/poolInstalls';
import { readPool } from '../../src/pool/poolRows';
import type { PullRuns } from '../../src/pool/pullRuns';
import { isOver, readRuns } from '../../src/pool/pullRunRows';
import { entryKey } from '../../src/pool/poolState';
import { overBytes, promisesOn } from '../../src/pool/reservations';
import { SqlSession } from '../../src/storage/state/sqlSession';
import { nameKey, parseModelName, shortName } from '../fakes/ollama/names';
import type { ModelPackage } from '../fakes/ollama/package';
import { declaredBytes, describeModel } from '../fakes/ollama/package';
import type { FakeOllama } from '../fakes/ollama/server';
import { startFakeOllama } from '../fakes/ollama/server';
import type { StoredModel } from '../fakes/ollama/store';
import { hastyClock, keyOf, poolWindow, wanted, type PoolWindow } from '../support/poolHouse';
import { MemoryState, SharedMemory } from '../support/registryState';
import { noteFigure, rounds } from '../support/soak';
import { until } from '../unit/backends/loopback';

const GIB = 2 ** 30;
const BUDGET_GB = 100;
const SIZES = { a: 60, b: 45, c: 30, d: 20, e: 10, f: 5 } as const;
const NAMES = Object.keys(SIZES);
/** Two pulls of a minute pass in milliseconds, and so does the lease of a window that has died. */
const TIMES = 300;

const model = fc.constantFrom(...NAMES);
const window = fc.nat(1);
const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('install' as const), model, window, score: fc.nat(9) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('evict' as const), model, window }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('callBegins' as const), model }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('callEnds' as const), model, window }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rmOutside' as const), model }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), model, window }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pin' as const), model, window }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('serverDies' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('serverIsBack' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('windowDies' as const), window }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('tick' as const), window }) },
);
/** What happens, and how long after what came before, in milliseconds. */
const step = fc.tuple(operation, fc.constantFrom(0, 0, 1, 5, 15, 40));
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

type Window = PoolWindow & { readonly state: MemoryState };

/** Waits until no run waits or downloads any more; with more patience than most, for leases must end. */
async function over(pulls: PullRuns): Promise<void> {
  for (let patience = 0; patience < 12 && !pulls.queue.runs.every(isOver); patience++) {
    await until(() => pulls.queue.runs.every(isOver)).catch(() => undefined);
  }
  expect(pulls.queue.runs.filter((run) => !isOver(run))).toEqual([]);
}

/** One house with two windows, and everything that must hold of it at any moment. */
class House {
  readonly memory = new SharedMemory();
  readonly inUse = new Set<string>();
  readonly violations: string[] = [];
  deleted = 0;
  readonly #waiting: Promise<unknown>[] = [];
  readonly #windows: Window[] = [];
  readonly #dead: Window[] = [];
  #serverRuns = true;
  #opened = 0;

  constructor(
    readonly fake: FakeOllama,
    private readonly models: Readonly<Record<string, ModelPackage>>,
  ) {
    this.memory.published.on(() => this.#check());
    const remove = fake.store.remove.bind(fake.store);
    fake.store.remove = (stored: StoredModel) => {
      const name = shortName(stored.name);
      if (this.inUse.has(keyOf(name))) this.violations.push(`${name} was deleted under a call`);
      this.deleted += 1;
      remove(stored);
    };
    this.open(0);
    this.open(1);
  }

  window(index: number): Window {
    const found = this.#windows[index];
    if (!found) throw new Error('no such window');
    return found;
  }

  open(index: number): void {
    const state = new MemoryState(this.memory);
    const owner = `w${(this.#opened += 1)}`;
    const clock = hastyClock(TIMES);
    const adapter = { maxAttemptsWithoutBytes: 3 };
    const { url } = this.fake;
    this.#windows[index] = { ...poolWindow({ state, url, owner, clock, inUse: this.inUse, adapter }), state };
  }

  /** Some models are there from the start, so that there is something to call and to make room with. */
  async furnish(): Promise<void> {
    const { pool } = this.window(0);
    for (const [score, name] of ['a', 'd', 'e'].entries()) {
      this.fake.store.install(name, this.models[name] ?? describeModel());
      const adopted = await pool.adopt({ backend: 'ollama', ollamaName: name, hfRepoId: null, score });
      expect(adopted).toEqual({ status: 'success' });
    }
  }

  async do(step: Operation): Promise<void> {
    switch (step.do) {
      case 'install': {
        const gib = SIZES[step.model as keyof typeof SIZES];
        const request: PoolInstallRequest = wanted(step.model, gib, { initialScore: step.score });
        this.#waiting.push(this.window(step.window).pool.install(request));
        break;
      }
      case 'evict':
        this.#waiting.push(
          this.window(step.window).pool.evict({ backend: 'ollama', ollamaName: step.model }),
        );
        break;
      case 'callBegins':
        this.#beginCall(step.model);
        break;
      case 'callEnds':
        this.inUse.delete(keyOf(step.model));
        this.#waiting.push(this.window(step.window).pool.drain());
        break;
      case 'rmOutside': {
        const stored = this.#stored(step.model);
        // A person who removes a model that is being used knows it; that is not ours to judge.
        if (stored && this.#serverRuns && !this.inUse.has(keyOf(step.model))) this.fake.store.remove(stored);
        break;
      }
      case 'cancel': {
        const { pulls } = this.window(step.window);
        const run = pulls.runs.find(({ name }) => name === step.model);
        if (run) pulls.cancel(run.runId);
        break;
      }
      case 'pin':
        this.#waiting.push(
          this.window(step.window).pool.pin({ backend: 'ollama', ollamaName: step.model }, true),
        );
        break;
      case 'serverDies':
        if (this.#serverRuns) await this.fake.kill();
        this.#serverRuns = false;
        break;
      case 'serverIsBack':
        await this.#startServer();
        break;
      case 'windowDies':
        await this.#kill(step.window);
        break;
      case 'tick':
        this.#tick(step.window);
        break;
      default:
        step satisfies never;
    }
  }

  /** Everything ends: the server is back, the calls are over, and each window has ticked. */
  async settle(): Promise<void> {
    await this.#startServer();
    this.inUse.clear();
    await over(this.window(0).pulls);
    await Promise.all(this.#waiting);
    for (const index of [0, 1]) {
      const { pool } = this.window(index);
      await pool.drain();
      await pool.reconcile('ollama');
    }
  }

  async end(): Promise<void> {
    const all = [...this.#windows, ...this.#dead];
    await Promise.all(all.map((each) => each.close()));
    if (this.#serverRuns) await this.fake.stop();
    // SQLite in WebAssembly has 4,096 files in all, and there are more houses than that.
    await Promise.all(all.map(({ state }) => state.close()));
    this.memory.database.close();
  }

  async #startServer(): Promise<void> {
    if (!this.#serverRuns) await this.fake.restart();
    this.#serverRuns = true;
  }

  /** A call goes to models that are there and do not leave: it says that it is there before it looks. */
  #beginCall(name: string): void {
    const key = keyOf(name);
    if (this.inUse.has(key)) return;
    this.inUse.add(key);
    const { entries } = this.window(0).pool.snapshot();
    const entry = entries.find((each) => entryKey(each) === key);
    if (!entry || entry.pendingEviction) this.inUse.delete(key);
  }

  #tick(index: number): void {
    const { pool } = this.window(index);
    this.#waiting.push(pool.drain().then(() => pool.reconcile('ollama')));
  }

  /** Its state writes no more, its connections break, and its promises are nobody's. */
  async #kill(index: number): Promise<void> {
    const killed = this.window(index);
    killed.state.failure = { ok: false, code: 'closed', message: 'dead' };
    this.#dead.push(killed);
    this.open(index);
    killed.pulls.dispose();
    await killed.agent.destroy();
  }

  #stored(name: string): StoredModel | undefined {
    const parsed = parseModelName(name);
    return parsed === null ? undefined : this.fake.store.manifests.get(nameKey(parsed));
  }

  /** After every commit of every window. */
  #check(): void {
    const { scope } = this.window(0).store;
    const sql = new SqlSession(this.memory.database);
    const pool = readPool(sql, scope);
    const promises = promisesOn({ pool, runs: readRuns(sql, scope), scope, backend: 'ollama' });
    const over = overBytes(promises, 0);
    if (over > 0) this.violations.push(`the budget is exceeded by ${over} bytes`);
  }
}

it(
  'holds its budget, deletes nothing under a call, and ends as the server is, whatever happens in which order',
  { timeout: 120_000 + rounds(100, 10_000) * 3_000 },
  async () => {
    const began = performance.now();
    const registry = Object.fromEntries(
      Object.entries(SIZES).map(([name, gib]) => {
        const guess = gib * GIB - 200;
        const small = declaredBytes(describeModel({ weightsBytes: guess, parameterSize: name })) - guess;
        return [name, describeModel({ weightsBytes: gib * GIB - small, parameterSize: name })];
      }),
    );
    const seen = { installed: 0, deleted: 0, takenOver: 0 };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 24, size: 'max' }), async (steps) => {
        const house = new House(
          await startFakeOllama({ registry, bytesPerSecond: 1_500 * GIB, progressIntervalMs: 2 }),
          registry,
        );
        try {
          await house.window(0).pool.configurePool({
            ...{ diskBudgetGb: BUDGET_GB, allowedOrgs: [], allowedFamilies: [], defaultBackend: 'ollama' },
          });
          await house.furnish();
          for (const [operated, afterMs] of steps) {
            await new Promise<void>((resolve) => setTimeout(resolve, afterMs));
            await house.do(operated);
          }
          await house.settle();
          expect(house.violations).toEqual([]);
          const { entries } = house.window(0).pool.snapshot();
          const { runs } = house.window(0).pulls.queue;
          expect(distinctBytes(entries)).toBeLessThanOrEqual(BUDGET_GB * GIB);
          expect(runs.reduce((sum, run) => sum + run.reservedBytes, 0)).toBe(0);
          // What a person cancelled, or what failed in the last moment, may be there outside the pool.
          const outside = new Set(
            runs.filter(({ status }) => status !== 'succeeded').map(({ name }) => `${name}:latest`),
          );
          const inPool = entries.map(({ ollamaName }) => normaliseModelName(ollamaName));
          const onServer = house.fake.store.names();
          expect(onServer).toEqual(expect.arrayContaining(inPool));
          expect(onServer.filter((name) => !inPool.includes(name) && !outside.has(name))).toEqual([]);
          seen.installed += runs.filter(({ status }) => status === 'succeeded').length;
          seen.deleted += house.deleted;
          seen.takenOver += runs.filter(({ takenOver }) => takenOver).length;
        } finally {
          await house.end();
        }
      }),
      { numRuns: rounds(100, 10_000), endOnFailure: true },
    );
    // The sequences must have done something, or nothing was tested.
    expect(Math.min(seen.installed, seen.deleted)).toBeGreaterThan(rounds(20, 2_000));
    noteFigure(`pool: ${rounds(100, 10_000)} sequences, ms`, Math.round(performance.now() - began));
    noteFigure('pool: installed, deleted, taken over', JSON.stringify(seen));
  },
);
