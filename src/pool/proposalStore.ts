import * as z from 'zod';
import { parseJson } from '../shared/json';
import type { SqlReader, StateDatabase, StateView, TransactionResult } from '../storage/stateDatabase';
import { machineOf, microsecondsOf, type PoolScope } from './poolRows';
import { POOL_ERROR_CODES } from './poolState';
import type { Proposal } from './proposal';

const proposalSchema = z.object({
  id: z.string(),
  kind: z.enum(['add', 'swap', 'evict']),
  status: z.enum(['open', 'installing', 'approved', 'rejected', 'failed_target_missing', 'superseded']),
  target: z.object({
    backend: z.string(),
    ollamaName: z.string(),
    hfRepoId: z.string().nullable(),
    label: z.string(),
    quant: z.string(),
    family: z.exactOptional(z.string()),
    sizeBytes: z.number().nonnegative(),
    score: z.number(),
  }),
  task: z.string(),
  replaces: z.exactOptional(z.string()),
  replacesName: z.exactOptional(z.string()),
  scoreDelta: z.number(),
  diskImpactGb: z.number(),
  justification: z.object({
    summary: z.string(),
    benchmarkBasis: z.array(z.string()).readonly(),
    hardwareFit: z.string(),
    evidence: z.string(),
    freshness: z.string(),
  }),
  phase: z.enum(['installing', 'evicting']).nullable(),
  problem: z
    .object({
      code: z.enum(POOL_ERROR_CODES),
      message: z.string(),
      at: z.string(),
      attempts: z.number().int().positive(),
    })
    .nullable(),
  owner: z.string().nullable(),
  createdAt: z.string(),
  changedAt: z.string(),
});

const row = z.object({ proposal: z.string().transform(parseJson).pipe(proposalSchema) });

/** How long what is over is told of; rejections count for 90 of these days. */
export const KEPT_DAYS = 365;
const DAY_MS = 86_400_000;

export interface ProposalStoreOptions {
  readonly state: StateDatabase;
  readonly scope: PoolScope;
}

interface Seen {
  readonly proposals: readonly Proposal[];
  readonly text: string;
}

/** The proposals of this machine in the state that all windows share. */
export class ProposalStore {
  readonly #view: StateView<Seen>;

  constructor(private readonly options: ProposalStoreOptions) {
    this.#view = options.state.view<Seen>({ proposals: [], text: '' }, (sql, previous) => {
      const proposals = readProposals(sql, options.scope);
      const text = JSON.stringify(proposals);
      return text === previous.text ? previous : { proposals, text };
    });
  }

  /** Oldest first, as this window last saw them. */
  get all(): readonly Proposal[] {
    return this.#view.value.proposals;
  }

  /** Calls the listener after any window changed them; the returned function stops that. */
  onDidChange(listener: (proposals: readonly Proposal[]) => void): () => void {
    return this.#view.onDidChange(({ proposals }) => listener(proposals));
  }

  /**
   * One transaction on the newest proposals: `change` stores new ones and changed ones with `put`, and what it returns is
   * returned. It may be run again when another window was first. What ended more than a year before `nowIso` is forgotten.
   */
  update<T>(
    name: string,
    nowIso: string,
    change: (known: readonly Proposal[], put: (proposal: Proposal) => void) => T,
  ): Promise<TransactionResult<T>> {
    const { state, scope } = this.options;
    const forgotten = microsecondsOf(new Date(Date.parse(nowIso) - KEPT_DAYS * DAY_MS).toISOString());
    return state.transaction(name, (sql) => {
      const known = readProposals(sql, scope);
      const before = new Map(known.map((proposal) => [proposal.id, JSON.stringify(proposal)]));
      const value = change(known, (proposal) => {
        const text = JSON.stringify(proposal);
        if (before.get(proposal.id) === text) return;
        sql.run(
          `INSERT OR REPLACE INTO pool_proposals (id, machine, status, proposal, created_at, changed_at)
           VALUES (?, ?, ?, ?, ?, ?)`,
          [
            ...[proposal.id, machineOf(scope, proposal.target.backend), proposal.status, text],
            ...[microsecondsOf(proposal.createdAt), microsecondsOf(proposal.changedAt)],
          ],
        );
      });
      sql.run(
        `DELETE FROM pool_proposals
         WHERE machine IN ('', ?) AND changed_at < ? AND status NOT IN ('open', 'installing')`,
        [scope.hostName, forgotten],
      );
      return value;
    });
  }
}

/** A row that cannot be read is as if it were not there. */
function readProposals(sql: SqlReader, { hostName }: PoolScope): readonly Proposal[] {
  const query = `SELECT proposal FROM pool_proposals WHERE machine IN ('', ?) ORDER BY created_at, id`;
  return sql.all(query, [hostName]).flatMap((stored) => row.safeParse(stored).data?.proposal ?? []);
}
