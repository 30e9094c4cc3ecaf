import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { runProcess } from '../../../scripts/setup/processes.mjs';
import { trusted } from '../../../scripts/test/steps.mjs';

const SOUND = { code: 0, signal: null };

describe('the counts of a step', () => {
  it('are kept where they agree with how it ended', () => {
    expect(trusted({ passed: 3, failed: 0 }, SOUND)).toMatchObject({ passed: 3, failed: 0 });
    expect(trusted({ passed: 3, failed: 2 }, { code: 1, signal: null })).toMatchObject({ failed: 2 });
  });

  it('have a failure where it ended badly, or nothing ran', () => {
    expect(trusted({ passed: 3, failed: 0 }, { code: 1, signal: null })).toMatchObject({ failed: 1 });
    expect(trusted({ passed: 0, failed: 0 }, SOUND)).toMatchObject({ failed: 1 });
  });

  it('say how a step ended that wrote none', async () => {
    const crashed = await runProcess(process.execPath, ['-e', 'process.kill(process.pid, "SIGSEGV")']);
    expect(trusted(undefined, crashed)).toEqual({
      ...{ passed: 0, failed: 1 },
      failures: ['It ended by SIGSEGV, and wrote no results.'],
    });
    const failed = await runProcess(process.execPath, ['-e', 'process.exit(7)']);
    expect(trusted(undefined, failed).failures).toEqual(['It ended with code 7, and wrote no results.']);
  });
});
