import { writeSync } from 'node:fs';
import process from 'node:process';
import { systemClock } from '../../src/shared/clock';
import { silentLogger } from '../../src/shared/logger';
import { TranscriptFiles } from '../../src/storage/transcriptFiles';
import { dispatchRecord } from './dispatchRecords';

/**
 * A window that appends, for tests that run it as a process: `FOLDER WRITER COUNT PER_BATCH`. After each batch that is
 * on disk it prints how many records are; after the last one it waits to be ended.
 */
async function main([
  storageFolder = '',
  writerId = '',
  count = '',
  perBatch = '',
]: readonly string[]): Promise<void> {
  const store = new TranscriptFiles({ storageFolder, writerId, clock: systemClock, logger: silentLogger });
  for (let n = 0; n < Number(count);) {
    for (const end = Math.min(Number(count), n + Number(perBatch)); n < end; n += 1) {
      store.append(
        dispatchRecord(n, systemClock.now(), { recordId: `${writerId} ${n}`, sessionId: writerId }),
      );
    }
    await store.flush();
    writeSync(1, `${n}\n`);
  }
  setInterval(() => undefined, 60_000);
}

void main(process.argv.slice(2));
