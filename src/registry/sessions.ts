import type { Clock } from '../shared/clock';
import { messageOf } from '../shared/errors';
import type { Logger } from '../shared/logger';
import type { ModelRegistry } from './registry';
import type { RowWrite } from './row';
import type { Stamp } from './stamp';
import { stampOf } from './stamp';

/** Most rows of one session that wait to be stored; a session that reports more in one turn loses the rest. */
const MAX_WAITING_ROWS = 200;

/** The permission to report, as an object: nothing that it holds lets anybody else make one that counts. */
export interface SessionCapability {
  /** For records; knowing it is no permission. */
  readonly id: string;
  readonly name: string;
}

/** All models of one provider that a session sees on a backend, still to be validated. */
export interface SessionWrite {
  readonly backend: unknown;
  readonly provider: unknown;
  readonly models: readonly unknown[];
}

export interface SessionsOptions {
  readonly registry: Pick<ModelRegistry, 'upsert' | 'backend'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Names the origin of the clock's monotonic time, as for probes. */
  readonly bootId: string;
  /** Unguessable, and new at each call. */
  readonly newId: () => string;
}

interface Live {
  readonly name: string;
  readonly waiting: { readonly write: SessionWrite; readonly seen: Stamp }[];
}

/**
 * Who may report what a backend serves: consumers that hold the very object that `open` gave them, until it is closed.
 * Reports that come with anything else are dropped with a line in the log.
 */
export class Sessions {
  readonly #live = new Map<object, Live>();
  /** Only to tell what is wrong with a report. */
  readonly #ended = new WeakSet();
  #disposed = false;

  constructor(private readonly options: SessionsOptions) {}

  /** Opens a session; dead from the start when the window closes already. `name` stands in the log. */
  open(name: string): SessionCapability {
    const capability = Object.freeze({ id: this.options.newId(), name });
    if (this.#disposed) this.#ended.add(capability);
    else this.#live.set(capability, { name, waiting: [] });
    return capability;
  }

  isLive(capability: unknown): boolean {
    return this.#liveOf(capability) !== undefined;
  }

  /**
   * Takes what a session sees, stamped with this moment, and returns at once: it is checked and stored after the caller
   * is done. Never throws. Rows of backends that are not configured, and rows that are not valid, are dropped.
   */
  report(capability: unknown, writes: readonly SessionWrite[]): void {
    try {
      const live = this.#liveOf(capability);
      if (!live) {
        this.#drop({ why: isObject(capability) && this.#ended.has(capability) ? 'ended' : 'no session' });
        return;
      }
      const seen = stampOf(this.options.clock, this.options.bootId);
      if (writes.length === 0) return;
      if (live.waiting.length === 0) this.options.clock.after(0, () => void this.#store(live));
      const room = MAX_WAITING_ROWS - live.waiting.length;
      for (const write of writes.slice(0, room)) live.waiting.push({ write, seen });
      if (writes.length > room)
        this.#drop({ session: live.name, why: 'too many', rows: writes.length - room });
    } catch (thrown) {
      this.#drop({ why: 'failed', error: messageOf(thrown) });
    }
  }

  /** Ends a session; what it reported before is stored all the same. Idempotent. */
  close(capability: unknown): void {
    if (isObject(capability) && this.#live.delete(capability)) this.#ended.add(capability);
  }

  /** Ends all of them, and every one that is opened later. */
  disposeAll(): void {
    this.#disposed = true;
    for (const capability of [...this.#live.keys()]) this.close(capability);
  }

  async #store({ name, waiting }: Live): Promise<void> {
    const { registry } = this.options;
    const rows: RowWrite[] = [];
    for (const { write, seen } of waiting.splice(0)) {
      try {
        const { backend, provider, models } = write;
        if (typeof backend !== 'string' || typeof provider !== 'string' || !registry.backend(backend)) {
          this.#drop({ session: name, why: 'no such backend' });
          continue;
        }
        rows.push({ backend, provider, source: 'session', ...seen, models });
      } catch (thrown) {
        this.#drop({ session: name, why: 'failed', error: messageOf(thrown) });
      }
    }
    try {
      await registry.upsert(rows);
    } catch (thrown) {
      this.#drop({ session: name, why: 'failed', error: messageOf(thrown) });
    }
  }

  #liveOf(capability: unknown): Live | undefined {
    return isObject(capability) ? this.#live.get(capability) : undefined;
  }

  #drop(facts: Readonly<Record<string, unknown>>): void {
    try {
      this.options.logger.log('warn', 'registry.session.dropped', facts);
    } catch {
      // The log is closed before the last session is.
    }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
