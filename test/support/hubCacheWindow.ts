import process from 'node:process';
import { createInterface } from 'node:readline';
import { HubCache } from '../../src/catalog/hubCache';
import { systemClock } from '../../src/shared/clock';
import { createLogger } from '../../src/shared/logger';

/**
 * One window that keeps answers of the Hub, as a process of its own: node hubCacheWindow.cjs FOLDER WRITER_ID
 * Takes `set KEY TEXT`, `get KEY`, `flush` and `storm COUNT` (so many values, each written at once) from its input, and
 * ends with it. Answers each with one line: the value or null, or the warnings so far.
 */
const [folder = '', writerId = ''] = process.argv.slice(2);
const warnings: string[] = [];
const logger = createLogger((_level, line) => warnings.push(line));
const cache = new HubCache({ folder, writerId, clock: systemClock, logger, maxEntries: 50 });
let turn: Promise<unknown> = Promise.resolve();

const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  turn = turn.then(async () => process.stdout.write(`${JSON.stringify(await answer(line))}\n`));
});
input.on('close', () => process.exit());

async function answer(line: string): Promise<unknown> {
  const [command = '', key = '', text = ''] = line.split(' ');
  if (command === 'get') return (await cache.get(key))?.json ?? null;
  if (command === 'set') await cache.set(key, text);
  if (command === 'flush') await cache.flush();
  for (let index = 0; command === 'storm' && index < Number(key); index++) {
    await cache.set(`${writerId}/${index % 40}`, 'x'.repeat(2_000 + index));
    await cache.flush();
  }
  return warnings;
}
