/** One window's pool in a process of its own, on the shared state, told over IPC what to do. */
import process from 'node:process';
import type { InstallOutcome } from '../../src/pool/poolInstalls';
import type { PoolState } from '../../src/pool/poolState';
import type { PullRun } from '../../src/pool/pullRuns';
import { silentLogger } from '../../src/shared/logger';
import { SqlState } from '../../src/storage/state/sqlState';
import { hastyClock, poolWindow, wanted } from './poolHouse';

/** What a test asks of a window. */
export type PoolWindowRequest =
  | { readonly do: 'configure'; readonly budgetGb: number }
  /** Answered when it is over. */
  | { readonly do: 'install'; readonly name: string; readonly gib: number }
  | { readonly do: 'show' };

export interface PoolWindowReply {
  readonly outcome?: InstallOutcome;
  readonly pool: PoolState;
  readonly runs: readonly PullRun[];
}

const [folder = '', wasmFile = '', url = '', owner = '', times = '1'] = process.argv.slice(2);
const clock = hastyClock(Number(times));
const state = new SqlState({ folder, wasmFile, clock: hastyClock(1), logger: silentLogger });
const { pool, pulls } = poolWindow({ state, url, owner, clock });

async function serve(request: PoolWindowRequest): Promise<PoolWindowReply> {
  let outcome: InstallOutcome | undefined;
  switch (request.do) {
    case 'configure':
      await pool.configurePool({
        ...{ diskBudgetGb: request.budgetGb, allowedOrgs: [], allowedFamilies: [], defaultBackend: 'ollama' },
      });
      break;
    case 'install':
      outcome = await pool.install(wanted(request.name, request.gib));
      break;
    case 'show':
      break;
    default:
      request satisfies never;
  }
  return { pool: pool.snapshot(), runs: pulls.runs, ...(outcome ? { outcome } : {}) };
}

// A test that died must not leave its windows behind.
process.on('disconnect', () => process.exit());
process.on('message', ({ id, request }: { readonly id: number; readonly request: PoolWindowRequest }) => {
  void serve(request).then((reply) => process.send?.({ id, reply }));
});
void state.open().then(async () => process.send?.({ id: 0, reply: await serve({ do: 'show' }) }));
