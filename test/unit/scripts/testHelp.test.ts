import { spawnSync } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { expect, it } from 'vitest';
import { STEPS } from '../../../scripts/test/steps.mjs';
import { repositoryRoot } from '../../support/repository';

const LIMIT_MS = 60_000;

it(
  '`npm test -- --help` lists every step and runs none',
  () => {
    const script = path.join(repositoryRoot, 'scripts', 'test.mjs');
    const { status, stdout } = spawnSync(process.execPath, [script, '--help'], {
      ...{ cwd: repositoryRoot, encoding: 'utf8', timeout: LIMIT_MS },
    });
    expect(status).toBe(0);
    for (const { name } of STEPS) expect(stdout).toMatch(new RegExp(`^ +${name} `, 'm'));
    expect(STEPS.length).toBeGreaterThan(5);
    expect(stdout).not.toContain('passed');
  },
  LIMIT_MS,
);
