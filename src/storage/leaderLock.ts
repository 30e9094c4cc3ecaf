import { mkdir, readFile, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Clock } from '../shared/clock';
import { messageOf } from '../shared/errors';
import { Emitter } from '../shared/events';
import type { Logger } from '../shared/logger';
import { systemCodeOf } from './fileLayer';
import type { Leadership } from './leadership';
import { replaceFile } from './replaceFile';

const BEAT_MS = 5_000;
/**
 * A follower takes the lock when it has looked this often in turn and found the same beat: 20 s. With the look that first
 * saw it, a dead leader is followed after 25.25 s at the latest; the contract allows 30.
 */
const STALE_LOOKS = 4;
/** What a lock says that cannot be read now; no text of ours is empty. */
const UNREADABLE = '';
/** Part of a beat after which a new leader looks whether the lock is still its own: 250 ms. */
const SETTLE_SHARE = 0.05;

export interface LeaderLockOptions {
  /** The extension's storage folder, which all windows share. */
  readonly folder: string;
  /** Letters, digits, `_` and `-`; no two windows share it. */
  readonly windowId: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Time between two beats of the leader and two looks of a follower; every other time follows from it. */
  readonly beatMs?: number;
}

/**
 * The leader is whom `leader.lock` names. A window takes the lock by writing its own text over it, which is one atomic
 * replacement, and does so only where there is none or where the one there no longer beats. Before each beat the leader
 * reads the lock: a text that is not its last one means that another window wrote after it, and it steps down. So
 * whatever windows race, sleep or are stopped and continued, the last writer is the only leader one beat later.
 *
 * No clock is read at all: a follower counts its own looks, which monotonic timers space, and compares the text with that
 * of the look before. A wall clock that steps can neither keep a dead leader nor end a living one, and a machine that
 * slept counts as one look. This is why the lock is not proper-lockfile's: that one compares a modification time with
 * `Date.now()`.
 *
 * Where the lock cannot be written the window leads alone, for the work must go on, and tries again with every beat.
 */
export class LeaderLock implements Leadership {
  readonly #file: string;
  readonly #beatMs: number;
  readonly #changed: Emitter<boolean>;
  readonly onDidChange: Leadership['onDidChange'];
  #leads = false;
  #state: 'new' | 'running' | 'stopped' = 'new';
  #cancelTurn: (() => void) | undefined;
  #turn: Promise<void> = Promise.resolve();
  /** The text that we last wrote, while the lock was ours at the last look. */
  #mine: string | undefined;
  #beats = 0;
  /** What the lock said when a follower last looked, and how often in turn it had said so before. */
  #seen: string | undefined;
  #sameLooks = 0;
  #alone = false;

  constructor(private readonly options: LeaderLockOptions) {
    this.#file = path.join(options.folder, 'leader.lock');
    this.#beatMs = options.beatMs ?? BEAT_MS;
    this.#changed = new Emitter((thrown) =>
      options.logger.log('error', 'leader.listener.failed', { error: messageOf(thrown) }),
    );
    this.onDidChange = this.#changed.on;
  }

  get leads(): boolean {
    return this.#leads;
  }

  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'running';
    this.#schedule(0);
  }

  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#cancelTurn?.();
    this.#become(false);
    await this.#turn;
    const mine = this.#mine;
    this.#mine = undefined;
    if (mine === undefined) return;
    try {
      if ((await this.#read()) === mine) await rm(this.#file, { force: true });
    } catch (thrown) {
      // The next leader finds it without a beat.
      this.options.logger.log('warn', 'leader.release.failed', { error: causeOf(thrown) });
    }
  }

  #schedule(delayMs: number): void {
    this.#cancelTurn = this.options.clock.after(delayMs, () => {
      this.#turn = this.#takeTurn();
    });
  }

  /** One beat of a leader, or one look of a follower, and the time of the next. */
  async #takeTurn(): Promise<void> {
    let nextMs = this.#beatMs;
    try {
      nextMs = await this.#step();
      this.#alone = false;
    } catch (thrown) {
      this.#leadAlone(thrown);
    }
    if (this.#state === 'running') this.#schedule(nextMs);
  }

  /** Returns in how many milliseconds the next step is due. Rejects when the lock cannot be written. */
  async #step(): Promise<number> {
    const text = await this.#read();
    if (text === undefined) return this.#take('free');
    if (text === this.#mine) {
      this.#sameLooks = 0;
      this.#become(true);
      await this.#write();
      return this.#beatMs;
    }
    // One that cannot be read, as when a virus scanner holds it, tells nothing new: neither a beat nor another leader.
    if (text !== UNREADABLE) {
      this.#mine = undefined;
      if (text !== this.#seen) {
        this.#seen = text;
        this.#sameLooks = 0;
        this.#become(false);
        return this.#beatMs;
      }
    }
    this.#sameLooks += 1;
    return this.#sameLooks < STALE_LOOKS ? this.#beatMs : this.#take('stale');
  }

  /** Leads only after the next look, so that of several windows that take it at one moment only the last does. */
  async #take(because: 'free' | 'stale'): Promise<number> {
    if (this.#state === 'stopped') return this.#beatMs;
    await this.#write();
    this.#seen = undefined;
    this.#sameLooks = 0;
    this.options.logger.log('debug', 'leader.lock.taken', { because });
    return this.#beatMs * SETTLE_SHARE;
  }

  async #write(): Promise<void> {
    const { folder, windowId } = this.options;
    this.#beats += 1;
    // The random part tells our text from that of an earlier leader of the same name.
    const text = `${JSON.stringify({ windowId, beat: this.#beats, id: randomUUID() })}\n`;
    await mkdir(folder, { recursive: true });
    await replaceFile(this.#file, text, windowId);
    this.#mine = text;
  }

  /** The lock's text; undefined where there is none. */
  async #read(): Promise<string | undefined> {
    try {
      return await readFile(this.#file, 'utf8');
    } catch (thrown) {
      const code = systemCodeOf(thrown);
      return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : UNREADABLE;
    }
  }

  #leadAlone(thrown: unknown): void {
    if (this.#state === 'stopped') return;
    if (!this.#alone) {
      const facts = { folder: this.options.folder, error: causeOf(thrown) };
      this.options.logger.log('warn', 'leader.alone', facts);
    }
    this.#alone = true;
    this.#become(true);
  }

  #become(leads: boolean): void {
    if (leads === this.#leads || (leads && this.#state === 'stopped')) return;
    this.#leads = leads;
    this.options.logger.log('info', leads ? 'leader.began' : 'leader.ended', {
      windowId: this.options.windowId,
    });
    this.#changed.fire(leads);
  }
}

function causeOf(thrown: unknown): string {
  return systemCodeOf(thrown) ?? messageOf(thrown);
}
