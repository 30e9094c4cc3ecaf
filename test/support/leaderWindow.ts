import process from 'node:process';
import { createInterface } from 'node:readline';
import { systemClock } from '../../src/shared/clock';
import { silentLogger } from '../../src/shared/logger';
import { LeaderLock } from '../../src/storage/leaderLock';

/**
 * One window that stands for leader, as a process of its own:
 *   node leaderWindow.cjs FOLDER WINDOW_ID [BEAT_MS]
 * Prints `{"leads": …, "atMs": …}` with each change, on the monotonic clock that all processes share. Takes `stop` and
 * `clock MS` (steps the wall clock) from its input and ends with it.
 */
const [folder = '', windowId = '', beatMs] = process.argv.slice(2);
let offsetMs = 0;
const realNow = Date.now;
Date.now = () => realNow() + offsetMs;

const lock = new LeaderLock({
  ...{ folder, windowId, clock: systemClock, logger: silentLogger },
  ...(beatMs === undefined ? {} : { beatMs: Number(beatMs) }),
});
lock.onDidChange((leads) => say({ leads, atMs: systemClock.monotonicMs() }));
lock.start();

const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const [command, value] = line.split(' ');
  if (command === 'clock') offsetMs += Number(value);
  if (command === 'stop') void lock.stop().then(() => say({ stopped: true }));
});
input.on('close', () => process.exit());
say({ ready: true });

function say(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
