import { appendFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import type { z } from 'zod';
import { systemClock } from '../../src/shared/clock';
import { silentLogger } from '../../src/shared/logger';
import { MIGRATIONS } from '../../src/storage/state/schema';
import { newestVersion } from '../../src/storage/state/stateImage';
import { SqlState } from '../../src/storage/state/sqlState';
import type { StateFiles } from '../../src/storage/state/stateFiles';
import { nodeStateFiles } from '../../src/storage/state/stateFiles';
import { AwakeTime } from './awakeTime';
import { windowTask } from './stateWindowTask';
import { counter, halfTransaction, mixedChange } from './stateWorkload';

async function run(task: z.output<typeof windowTask>): Promise<void> {
  let publishing = 0;
  const stopOnce = async (): Promise<void> => {
    if (publishing !== task.stopBefore) return;
    publishing = -1;
    await send({ kind: 'stopping' });
    process.kill(process.pid, 'SIGSTOP');
  };
  const files: StateFiles = {
    ...nodeStateFiles,
    async link(from, to) {
      if (task.withoutLinks) throw Object.assign(new Error('no links here'), { code: 'EPERM' });
      await stopOnce();
      await nodeStateFiles.link(from, to);
    },
    async create(file) {
      const created = await nodeStateFiles.create(file);
      if (!task.withoutLinks || file.endsWith('.tmp')) return created;
      // In two parts, so that others meet half a file.
      return {
        ...created,
        async write(bytes) {
          const half = Math.floor(bytes.length / 2);
          await created.write(bytes.subarray(0, half));
          await pause(1);
          await stopOnce();
          await created.write(bytes.subarray(half));
        },
      };
    },
  };
  const newer = {
    version: newestVersion(MIGRATIONS) + 1,
    apply: (sql: { run(text: string): number }) => void sql.run('CREATE TABLE newer (x) '),
  };
  const state = new SqlState({
    ...{ folder: task.folder, wasmFile: task.wasmFile, clock: systemClock, logger: silentLogger, files },
    migrations: task.newer ? [...MIGRATIONS, newer] : MIGRATIONS,
  });
  const halves: string[] = [];
  let seen = 0;
  const total = state.view(-1, (sql) => {
    seen += 1;
    const half = halfTransaction(sql);
    if (half !== undefined) halves.push(half);
    return counter(sql, 'all');
  });
  state.onDidChangeStatus((status) => void send({ kind: status.state }));
  await state.open();
  await send({ kind: 'ready' });
  const failures: string[] = [];
  let longestMs = 0;
  let mostOvertaken = 0;
  const began = performance.now();
  const awake = new AwakeTime();
  for (let n = 1; n <= task.count; n++) {
    publishing = n;
    const startedMs = awake.ms;
    const before = total.value;
    const result = await state.transaction('mixed', mixedChange(task.name, n));
    if (result.ok && n > 1) mostOvertaken = Math.max(mostOvertaken, total.value - before - 1);
    // A window that got no turn was not kept waiting by the others.
    longestMs = Math.max(longestMs, awake.ms - startedMs);
    if (!result.ok) failures.push(result.code);
    else if (task.acknowledged !== undefined) appendFileSync(task.acknowledged, `${result.value}\n`);
  }
  awake.stop();
  const tookMs = performance.now() - began;
  if (task.count === 0) await new Promise<void>((resolve) => process.once('message', () => resolve()));
  await send({
    ...{ kind: 'report', longestMs, mostOvertaken, tookMs, failures, seen, halves: halves.slice(0, 5) },
    status: state.status.state,
  });
  await state.close();
}

function send(message: object): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, () => resolve());
  });
}

// The test that started it is gone.
process.once('disconnect', () => process.exit(0));
const task = windowTask.parse(JSON.parse(process.argv[2] ?? ''));
const realNow = Date.now;
Date.now = () => realNow() + task.clockShiftMs;
void run(task).then(() => process.disconnect());
