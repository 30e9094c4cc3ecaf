import type * as z from 'zod';
import { Emitter } from '../shared/events';
import { messageOf } from '../shared/errors';
import type { Logger } from '../shared/logger';
import type { SqlReader, SqlWriter, StateDatabase, StateView } from '../storage/stateDatabase';

/** Something that was found out, under the key by which it is asked for. */
export interface Finding<T> {
  readonly key: string;
  readonly value: T;
  /** When it was found, milliseconds since the epoch. */
  readonly atMs: number;
}

export interface FindingsOptions<T> {
  readonly state: StateDatabase;
  readonly logger: Logger;
  /** For log lines and transactions. */
  readonly name: string;
  /** Its rows, all of them. */
  readonly query: string;
  /** A row; what does not parse is as if it were not there. */
  readonly row: z.ZodType<Finding<T>>;
}

interface Stored<T> {
  readonly byKey: ReadonlyMap<string, Finding<T>>;
  /** The rows as they were read, by which unchanged ones are known. */
  readonly texts: string;
}

/**
 * One table of findings as all windows share it. What cannot be stored is kept for this window; of two findings under one
 * key the younger one counts.
 */
export class Findings<T> {
  readonly #stored: StateView<Stored<T>>;
  readonly #kept = new Map<string, Finding<T>>();
  readonly #changed: Emitter<void>;
  /** Calls the listener when something was found, in this window or another one. */
  readonly onDidChange: (listener: () => void) => () => void;

  constructor(private readonly options: FindingsOptions<T>) {
    const { state, logger, name } = options;
    this.#changed = new Emitter((thrown) =>
      logger.log('error', `${name}.listener.failed`, { error: messageOf(thrown) }),
    );
    this.onDidChange = this.#changed.on;
    const nothing: Stored<T> = { byKey: new Map(), texts: '' };
    this.#stored = state.view(nothing, (sql, previous) => this.#read(sql, previous));
    this.#stored.onDidChange(() => this.#changed.fire());
  }

  get(key: string): Finding<T> | undefined {
    const stored = this.#stored.value.byKey.get(key);
    const kept = this.#kept.get(key);
    if (!stored || !kept) return stored ?? kept;
    return kept.atMs > stored.atMs ? kept : stored;
  }

  /** Every finding, the newest of each key; those of this window that are not stored included. */
  all(): readonly Finding<T>[] {
    const keys = new Set([...this.#stored.value.byKey.keys(), ...this.#kept.keys()]);
    return [...keys].flatMap((key) => this.get(key) ?? []);
  }

  /** Keeps a finding: at once in this window, and for all as soon as `change` is stored. Never rejects. */
  async keep(finding: Finding<T>, change: (sql: SqlWriter) => void): Promise<void> {
    const { state, logger, name } = this.options;
    this.#kept.set(finding.key, finding);
    this.#changed.fire();
    const result = await state.transaction(name, change);
    // What is stored is read from there: it may be dropped there one day, and must not come back from here.
    if (result.ok) {
      if (this.#kept.get(finding.key) === finding) this.#kept.delete(finding.key);
    } else logger.log('warn', `${name}.not_stored`, { code: result.code });
  }

  #read(sql: SqlReader, previous: Stored<T>): Stored<T> {
    const rows = sql.all(this.options.query);
    const texts = JSON.stringify(rows);
    if (texts === previous.texts) return previous;
    const findings = rows.flatMap((row) => {
      const parsed = this.options.row.safeParse(row);
      return parsed.success ? [parsed.data] : [];
    });
    return { byKey: new Map(findings.map((finding) => [finding.key, finding])), texts };
  }
}
