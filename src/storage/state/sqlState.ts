import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { SqlJsStatic } from 'sql.js';
import type { Clock } from '../../shared/clock';
import { sleep } from '../../shared/clock';
import { messageOf } from '../../shared/errors';
import { Emitter } from '../../shared/events';
import type { Logger } from '../../shared/logger';
import { systemCodeOf } from '../fileLayer';
import type {
  SqlReader,
  SqlWriter,
  StateDatabase,
  StateFailureCode,
  StateStatus,
  StateView,
  TransactionResult,
} from '../stateDatabase';
import type { Attempt } from './attempt';
import { attempt } from './attempt';
import { lastCommitOf } from './commitIdentity';
import { generationName, generationsIn, sweepGenerations, sweepTemporaries } from './generations';
import type { LockFiles } from './lockFiles';
import { properLockFiles } from './lockFiles';
import { Publisher } from './publishing';
import type { Migration } from './schema';
import { MIGRATIONS } from './schema';
import { SqlEngine } from './sqlEngine';
import type { StateFiles } from './stateFiles';
import { nodeStateFiles } from './stateFiles';
import type { Held, Newest } from './stateFolder';
import { StateFolder } from './stateFolder';
import { newestVersion } from './stateImage';
import { closedText, damageText, tooNewText, troubleText } from './stateMessages';
import { StateViews } from './stateViews';
import { StateWatch } from './stateWatch';
import { WindowLock } from './windowLock';

const LOCK_WAIT_MS = 1_000;
/** Pause before a transaction looks again, when another window was first or is still writing; jittered. */
const PAUSE_MS = 8;

export interface SqlStateOptions {
  /** The extension's storage folder; the files lie directly in it. */
  readonly folder: string;
  /** sql.js's `sql-wasm.wasm`. */
  readonly wasmFile: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly files?: StateFiles;
  readonly lockFiles?: LockFiles;
  readonly migrations?: readonly Migration[];
  readonly newId?: () => string;
  readonly random?: () => number;
  readonly lockWaitMs?: number;
}

/**
 * The state in memory as one generation, and in the folder as `state.<generation>.sqlite`. Every commit makes the file of
 * the next generation, which only one window can be the first to make (see `Publisher`). All that touches `#held` runs
 * in one queue.
 */
export class SqlState implements StateDatabase {
  readonly #files: StateFiles;
  readonly #migrations: readonly Migration[];
  readonly #newId: () => string;
  readonly #random: () => number;
  readonly #engine: SqlEngine;
  readonly #folder: StateFolder;
  readonly #publisher: Publisher;
  readonly #lock: WindowLock;
  readonly #views: StateViews;
  readonly #watch: StateWatch;
  readonly #statusChanged: Emitter<StateStatus>;
  readonly onDidChangeStatus: StateDatabase['onDidChangeStatus'];
  readonly #writer: string;
  /** Number of the last attempt to commit. No number is used twice. */
  #sequence = 0;
  #held: Held | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #lookQueued = false;
  #life: 'new' | 'open' | 'closed' = 'new';
  /** A look that succeeds ends the trouble of looks; that of writing ends with a newer generation. */
  #trouble: { readonly message: string; readonly from: 'look' | 'write' } | undefined;
  #notice: string | undefined;
  #toldStatus = '';

  constructor(private readonly options: SqlStateOptions) {
    const { folder, clock, logger } = options;
    this.#files = options.files ?? nodeStateFiles;
    this.#migrations = options.migrations ?? MIGRATIONS;
    this.#newId = options.newId ?? randomUUID;
    this.#random = options.random ?? Math.random;
    this.#engine = new SqlEngine(options.wasmFile);
    this.#folder = new StateFolder({
      ...{ folder, clock, logger, files: this.#files, migrations: this.#migrations },
    });
    this.#publisher = new Publisher(this.#files, folder, this.#newId);
    this.#lock = new WindowLock({
      ...{ folder, clock, logger, random: this.#random },
      ...{ waitMs: options.lockWaitMs ?? LOCK_WAIT_MS, files: options.lockFiles ?? properLockFiles },
    });
    this.#views = new StateViews(logger);
    this.#watch = new StateWatch(folder, this.#files, clock, () => this.#lookSoon());
    this.#statusChanged = new Emitter((thrown) => this.#log('error', 'state.listener.failed', thrown));
    this.onDidChangeStatus = this.#statusChanged.on;
    this.#writer = this.#newId();
  }

  get status(): StateStatus {
    if (this.#life !== 'open') return { state: 'closed' };
    if (this.#trouble !== undefined) return { state: 'degraded', message: this.#trouble.message };
    const held = this.#held;
    if (!held) return { state: 'closed' };
    const { generation, image } = held;
    const ours = newestVersion(this.#migrations);
    if (image.schemaVersion > ours)
      return { state: 'read_only', generation, message: tooNewText(image.schemaVersion, ours) };
    return { state: 'open', generation, ...(this.#notice === undefined ? {} : { notice: this.#notice }) };
  }

  async open(): Promise<void> {
    if (this.#life !== 'new') return;
    this.#life = 'open';
    this.#watch.start();
    await this.#enqueue(() => this.#firstLook());
  }

  transaction<T>(name: string, change: (sql: SqlWriter) => T): Promise<TransactionResult<T>> {
    if (this.#life === 'closed') return Promise.resolve(failure('closed', closedText()));
    return this.#enqueue(() => this.#transact(name, change));
  }

  view<T>(initial: T, read: (sql: SqlReader, previous: T) => T): StateView<T> {
    return this.#views.add(this.#held?.image, initial, read);
  }

  async close(): Promise<void> {
    this.#life = 'closed';
    this.#watch.stop();
    await this.#enqueue(async () => {
      this.#held?.image.free();
      this.#held = undefined;
    });
    this.#tellStatus();
  }

  async #firstLook(): Promise<void> {
    let newest = await this.#look();
    // What is half written is all that there is: as an empty state it would be a lie.
    while (newest?.pending === true && newest.held.generation === 0) {
      await this.#pause();
      newest = await this.#look();
    }
    if (newest?.held.image.migrated === true) {
      const { ok } = await this.#transact('migrate', () => undefined);
      if (ok) this.#log('info', 'state.migrated');
    }
    await sweepTemporaries(this.#files, this.options.folder, this.options.clock.now()).catch(() => undefined);
  }

  /** After the folder has changed, or may have. */
  #lookSoon(): void {
    if (this.#lookQueued || this.#life !== 'open') return;
    this.#lookQueued = true;
    void this.#enqueue(async () => {
      this.#lookQueued = false;
      await this.#look();
    });
  }

  async #look(): Promise<Newest | undefined> {
    if (this.#life === 'closed') return undefined;
    try {
      return await this.#refresh(await this.#engine.load());
    } catch (thrown) {
      this.#degrade('look', thrown);
      return undefined;
    }
  }

  async #transact<T>(name: string, change: (sql: SqlWriter) => T): Promise<TransactionResult<T>> {
    const release = await this.#lock.acquire();
    try {
      return await this.#commit(name, change);
    } finally {
      await release();
    }
  }

  async #commit<T>(name: string, change: (sql: SqlWriter) => T): Promise<TransactionResult<T>> {
    /** What each attempt of this transaction returned, by its number. */
    const values = new Map<number, { readonly value: T }>();
    for (;;) {
      let engine: SqlJsStatic;
      let held: Held;
      try {
        engine = await this.#engine.load();
        const newest = await this.#refresh(engine);
        held = newest.held;
        if (newest.pending || newest.lost) {
          await this.#pause();
          continue;
        }
        const landed =
          values.size > 0 && values.get(held.image.read((sql) => lastCommitOf(sql, this.#writer)));
        // An attempt that seemed to be late, or whose end we did not see, was in time.
        if (landed) return { ok: true, value: landed.value };
      } catch (thrown) {
        return this.#degrade('look', thrown, name);
      }
      const ours = newestVersion(this.#migrations);
      if (held.image.schemaVersion > ours)
        return failure('schema_too_new', tooNewText(held.image.schemaVersion, ours));
      const generation = held.generation + 1;
      const sequence = ++this.#sequence;
      const done = attempt(engine, held.image, { writer: this.#writer, sequence, generation }, change);
      if (!done.next) return { ok: true, value: done.value };
      values.set(sequence, { value: done.value });
      try {
        if (await this.#publish(held, { ...done, next: done.next })) return { ok: true, value: done.value };
      } catch (thrown) {
        return this.#degrade('write', thrown, name);
      }
      this.#log('debug', 'state.commit.again', undefined, { name, generation });
      this.#lock.noteCompany();
      await this.#pause();
    }
  }

  /** Whether the next generation is published and surely the one that all later ones come after. */
  async #publish<T>(base: Held, { next }: Required<Attempt<T>>): Promise<boolean> {
    const generation = base.generation + 1;
    let kept = false;
    try {
      const published = await this.#publisher.publish(next.bytes, generation);
      if (published.kind === 'taken' || !(await this.#followed(base, generation, published.key)))
        return false;
      kept = true;
      this.#adopt({ generation, key: published.key, image: next });
    } finally {
      if (!kept) next.free();
    }
    await sweepGenerations(this.#files, this.options.folder, generation).catch((thrown: unknown) =>
      this.#log('debug', 'state.sweep.failed', thrown),
    );
    return true;
  }

  /**
   * Whether a generation that was just published comes right after the one that it was made from. A process that was
   * stopped before its link may have published a number that others had used and swept. Their files are swept oldest
   * first, so that while the base is there, the number after it was never used before. Otherwise the newest generation
   * tells, by the commits that it carries; a late file is swept with the other old ones.
   * Without links, a process that was stopped while it wrote may find its file set aside as one that a dead window left.
   */
  async #followed(base: Held, generation: number, key: string): Promise<boolean> {
    const { folder } = this.options;
    if (generationsIn(await this.#files.names(folder))[0] !== generation) return false;
    if ((await this.#files.facts(join(folder, generationName(generation))))?.key !== key) return false;
    if (base.generation === 0) return true;
    const there = await this.#files.facts(join(folder, generationName(base.generation)));
    return there?.key === base.key;
  }

  /** Brings `#held` to the newest generation, and publishes it again where its file was lost. */
  async #refresh(engine: SqlJsStatic): Promise<Newest> {
    const newest = await this.#folder.newest(engine, this.#held);
    const { held, damages, lost } = newest;
    if (damages.length > 0) this.#notice = damageText(newest);
    if (held !== this.#held) {
      if (this.#held) this.#lock.noteCompany();
      this.#adopt(held);
    }
    if (lost) {
      const again = await this.#publisher.publish(held.image.bytes, held.generation);
      if (again.kind === 'published') {
        this.#held = { ...held, key: again.key };
        this.#log('warn', 'state.published.again', undefined, { generation: held.generation });
      }
    }
    if (this.#trouble?.from === 'look') this.#trouble = undefined;
    this.#tellStatus();
    return newest;
  }

  #adopt(held: Held): void {
    const before = this.#held;
    this.#held = held;
    if (before?.image !== held.image) before?.image.free();
    this.#trouble = undefined;
    this.#views.renew(held.image);
    this.#tellStatus();
  }

  #pause(): Promise<void> {
    return sleep(this.options.clock, PAUSE_MS * (0.5 + this.#random()));
  }

  #degrade(from: 'look' | 'write', thrown: unknown, name?: string) {
    const message = troubleText(this.options.folder, thrown);
    if (this.#trouble?.message !== message)
      this.#log('warn', 'state.unavailable', thrown, name === undefined ? {} : { name });
    this.#trouble = { message, from };
    this.#tellStatus();
    return failure('storage_unavailable', message);
  }

  #tellStatus(): void {
    const status = this.status;
    // The number changes with every commit of every window, and is no news.
    const told = JSON.stringify({ ...status, generation: undefined });
    if (told === this.#toldStatus) return;
    this.#toldStatus = told;
    this.#statusChanged.fire(status);
  }

  #enqueue<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(task);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  #log(
    level: 'debug' | 'info' | 'warn' | 'error',
    event: string,
    thrown?: unknown,
    facts: object = {},
  ): void {
    const cause = thrown === undefined ? {} : { code: systemCodeOf(thrown) ?? messageOf(thrown) };
    this.options.logger.log(level, event, { ...facts, ...cause });
  }
}

function failure(code: StateFailureCode, message: string) {
  return { ok: false, code, message } as const;
}
