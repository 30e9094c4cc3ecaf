import process from 'node:process';
import { createInterface } from 'node:readline';
import { readBootId } from '../../src/shared/bootId';
import { systemClock } from '../../src/shared/clock';
import { silentLogger } from '../../src/shared/logger';
import { LeaseFiles } from '../../src/storage/leaseFiles';

/**
 * One window that holds leases, as a process of its own:
 *   node leaseWindow.cjs FOLDER WINDOW_ID BEAT_MS STALE_MS [BOOT_ID]
 * Takes `hold A,B`, `others`, `clock MS` (steps the wall clock) and `dispose` from its input, and ends with it. Answers
 * each with one line: what others hold, or `{}`.
 */
const [storageFolder = '', windowId = '', beatMs, staleMs, bootId] = process.argv.slice(2);
let offsetMs = 0;
const realNow = Date.now;
Date.now = () => realNow() + offsetMs;

const leases = readBootId().then(
  (systemBootId) =>
    new LeaseFiles({
      ...{
        storageFolder,
        windowId,
        bootId: bootId ?? systemBootId,
        clock: systemClock,
        logger: silentLogger,
      },
      ...{ beatMs: Number(beatMs), staleMs: Number(staleMs) },
    }),
);

const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const [command, value = ''] = line.split(' ');
  void leases.then(async (files) => {
    if (command === 'clock') offsetMs += Number(value);
    if (command === 'hold') files.hold(value.split(',').filter((model) => model !== ''));
    if (command === 'dispose') await files.dispose();
    process.stdout.write(`${JSON.stringify(command === 'others' ? await files.others() : {})}\n`);
  });
});
input.on('close', () => process.exit());
