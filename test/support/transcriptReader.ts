import process from 'node:process';
import { systemClock } from '../../src/shared/clock';
import { NEWEST_FIRST, NO_DISPATCH_FILTER } from '../../src/shared/dispatchQuery';
import { silentLogger } from '../../src/shared/logger';
import { TranscriptFiles } from '../../src/storage/transcriptFiles';

/** A window that asks once and has nothing else to do: `FOLDER WORKER WASM`. Prints how many records it was told of. */
async function main([storageFolder = '', workerFile = '', wasmFile = '']: readonly string[]): Promise<void> {
  const store = new TranscriptFiles({
    ...{ storageFolder, writerId: 'reader', clock: systemClock, logger: silentLogger },
    index: { workerFile, wasmFile },
  });
  store.onDidChange(() => undefined);
  const { known } = await store.query({
    ...{ filter: NO_DISPATCH_FILTER, order: NEWEST_FIRST, offset: 0, limit: 1, asOf: null, around: null },
  });
  process.stdout.write(`${known}\n`);
}

void main(process.argv.slice(2));
