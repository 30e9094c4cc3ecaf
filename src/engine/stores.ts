import path from 'node:path';
import type { Clock } from '../shared/clock';
import type { Logger } from '../shared/logger';
import { LeaderLock } from '../storage/leaderLock';
import { LeaseFiles } from '../storage/leaseFiles';
import { SqlState } from '../storage/state/sqlState';
import { TranscriptFiles } from '../storage/transcriptFiles';

/** Files that ship with the extension and are loaded on first use. */
export interface ShippedPrograms {
  /** sql.js's `sql-wasm.wasm`. */
  readonly sqlWasm: string;
  /** The bundle of `storage/transcriptWorker.ts`. */
  readonly transcriptWorker: string;
  /** The bundle of `hardware/bandwidthWorker.ts`. */
  readonly bandwidthWorker: string;
}

export interface StoresOptions {
  /** Folder for what must outlive a window; made on first write. */
  readonly storageDir: string;
  readonly programs: ShippedPrograms;
  /** Letters, digits, `_` and `-`; no two windows share it, nor two starts of one. */
  readonly windowId: string;
  readonly bootId: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Everything that is stored, and shared with the other windows. */
export interface Stores {
  readonly state: SqlState;
  readonly transcript: TranscriptFiles;
  readonly leases: LeaseFiles;
  readonly leadership: LeaderLock;
}

/** The stores of a window; nothing is read or written before each is first used. */
export function openStores(options: StoresOptions): Stores {
  const { storageDir: folder, windowId, bootId, clock, logger } = options;
  const { sqlWasm: wasmFile, transcriptWorker: workerFile } = options.programs;
  return {
    state: new SqlState({ folder, wasmFile, clock, logger }),
    transcript: new TranscriptFiles({
      ...{ storageFolder: folder, writerId: windowId, clock, logger },
      index: { workerFile, wasmFile },
    }),
    leases: new LeaseFiles({ storageFolder: folder, windowId, bootId, clock, logger }),
    leadership: new LeaderLock({ folder, windowId, clock, logger }),
  };
}

/** Where the transcript's files lie. */
export function transcriptFolder(storageDir: string): string {
  return path.join(storageDir, 'transcript');
}

/** Writes what waits, hands the lead on, and lets the files go. The calls must have ended before. */
export async function closeStores({ state, transcript, leases, leadership }: Stores): Promise<void> {
  // The lead first: another window can follow while this one still writes.
  await leadership.stop();
  await Promise.all([transcript.dispose(), leases.dispose(), state.close()]);
}
