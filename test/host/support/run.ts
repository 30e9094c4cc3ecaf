import { readdirSync } from 'node:fs';
import path from 'node:path';
import { writeEvent } from './events';

const TEST_LIMIT_MS = 60_000;

/**
 * Runs every bundled test file of this folder with Mocha, inside the extension host; VS Code calls it by name.
 * Tells the runner outside what happened, one event at a time, because an extension host that is killed or hangs
 * cannot say so with its exit code.
 */
export async function run(): Promise<void> {
  const { default: Mocha } = await import('mocha');
  const mocha = new Mocha({ ui: 'bdd', timeout: TEST_LIMIT_MS, color: false });
  const folder = path.join(__dirname, '..');
  for (const file of readdirSync(folder)) {
    if (file.endsWith('.test.js')) mocha.addFile(path.join(folder, file));
  }
  writeEvent({ event: 'start', pid: process.pid });
  let tests = 0;
  const failures = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on('pass', (test) => {
      tests += 1;
      writeEvent({ event: 'pass', title: test.fullTitle(), durationMs: test.duration ?? 0 });
    });
    runner.on('fail', (test, error: unknown) => {
      tests += 1;
      writeEvent({ event: 'fail', title: test.fullTitle(), message: describe(error) });
    });
  });
  writeEvent({ event: 'end', tests, failures });
  if (failures > 0) throw new Error(`${failures} of ${tests} tests failed.`);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
