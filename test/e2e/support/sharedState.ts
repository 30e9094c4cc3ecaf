import { systemClock } from '../../../src/shared/clock';
import { silentLogger } from '../../../src/shared/logger';
import { SqlState } from '../../../src/storage/state/sqlState';
import type { SqlWriter } from '../../../src/storage/stateDatabase';
import { SQL_WASM } from '../../support/programs';

/** Reads or changes the state that all windows share, in one transaction, as one more window would. */
export async function inSharedState<T>(
  globalStorageFolder: string,
  change: (sql: SqlWriter) => T,
): Promise<T> {
  const options = { wasmFile: SQL_WASM, clock: systemClock, logger: silentLogger };
  const state = new SqlState({ folder: globalStorageFolder, ...options });
  await state.open();
  try {
    const result = await state.transaction('test', change);
    if (!result.ok) throw new Error(result.message);
    return result.value;
  } finally {
    await state.close();
  }
}
