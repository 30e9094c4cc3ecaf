import * as z from 'zod';
import type { Logger } from '../shared/logger';
import { LOCAL_HOST, type HostId } from '../shared/modelRef';
import type { StateDatabase } from '../storage/stateDatabase';
import { Findings } from './findings';

/** The context that a model was last loaded with on a machine. */
export interface ChosenContext {
  readonly contextTokens: number;
  readonly chosenAtMs: number;
}

export interface HostStoreOptions {
  readonly state: StateDatabase;
  /** This machine's own name: several machines may share a folder, and each calls itself `local`. */
  readonly hostName: string;
  readonly logger: Logger;
}

const MAX_CHOICES = 500;
const US_PER_MS = 1_000;

const row = z
  .object({
    host: z.string(),
    host_name: z.string(),
    subject: z.string(),
    context_tokens: z.number().int().positive(),
    chosen_at: z.number().nonnegative(),
  })
  .transform(({ host, host_name: hostName, subject, context_tokens: contextTokens, chosen_at: chosenAt }) => {
    const atMs = chosenAt / US_PER_MS;
    return { key: keyOf(host, hostName, subject), value: { contextTokens, chosenAtMs: atMs }, atMs };
  });

/** Contexts that models were loaded with, by machine and subject (`modelSubject`), for all windows. */
export class ContextStore {
  readonly #findings: Findings<ChosenContext>;

  constructor(private readonly options: HostStoreOptions) {
    this.#findings = new Findings({
      ...{ state: options.state, logger: options.logger, row, name: 'chosen_context' },
      query: `SELECT host, host_name, subject, context_tokens, chosen_at FROM chosen_contexts
        ORDER BY host, host_name, subject`,
    });
  }

  find(host: HostId, subject: string): ChosenContext | undefined {
    return this.#findings.get(keyOf(host, this.#nameOf(host), subject))?.value;
  }

  /** Never rejects. */
  async save(host: HostId, subject: string, choice: ChosenContext): Promise<void> {
    const hostName = this.#nameOf(host);
    const { contextTokens, chosenAtMs } = choice;
    const finding = { key: keyOf(host, hostName, subject), value: choice, atMs: chosenAtMs };
    await this.#findings.keep(finding, (sql) => {
      sql.run(
        `INSERT INTO chosen_contexts (host, host_name, subject, context_tokens, chosen_at) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (host, host_name, subject) DO UPDATE SET context_tokens = excluded.context_tokens,
           chosen_at = excluded.chosen_at`,
        [host, hostName, subject, contextTokens, chosenAtMs * US_PER_MS],
      );
      sql.run(
        `DELETE FROM chosen_contexts WHERE (host, host_name, subject) NOT IN
           (SELECT host, host_name, subject FROM chosen_contexts ORDER BY chosen_at DESC LIMIT ${MAX_CHOICES})`,
      );
    });
  }

  #nameOf(host: HostId): string {
    return hostNameOf(host, this.options.hostName);
  }
}

/** What tells one `local` from another; names of other machines say it themselves. */
export function hostNameOf(host: HostId, ownName: string): string {
  return host === LOCAL_HOST ? ownName : '';
}

function keyOf(host: HostId, hostName: string, subject: string): string {
  return JSON.stringify([host, hostName, subject]);
}
