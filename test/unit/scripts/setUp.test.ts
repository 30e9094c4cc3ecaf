import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { adviceFor } from '../../../scripts/setup/advice.mjs';
import { setUp } from '../../../scripts/setup/report.mjs';
import { repositoryRoot } from '../../support/repository';

const LIMIT_MS = 60_000;
const SCRIPTS = path.join(repositoryRoot, 'scripts');

describe('a piece of the set-up that failed', () => {
  it.each([
    ['npm error code ENOSPC\nnpm error syscall write', /disk is full/],
    ['npm error EAI_AGAIN\nnpm error nospc ENOSPC: no space left on device, write', /disk is full/],
    ["E: You don't have enough free space in /var/cache/apt/archives/.", /disk is full/],
    ['npm error code EAI_AGAIN\nnpm error syscall getaddrinfo', /could not be reached/],
    ["W: Failed to fetch http://a/b  Temporary failure resolving 'a'", /could not be reached/],
    ['npm error code SELF_SIGNED_CERT_IN_CHAIN', /not trusted here/],
    ["EACCES: permission denied, mkdir '/home/ann/.cache'", /could not be written/],
  ])('says what to do about %j', async (message, advice) => {
    const failed = setUp('a piece', () => Promise.reject(new Error(message)));
    await expect(failed).rejects.toThrow(advice);
    await expect(failed).rejects.toThrow(message);
  });

  it('says nothing more where the reason is not known', () => {
    expect(adviceFor('The packages hold no libllama.')).toBeUndefined();
  });
});

describe('Ctrl-C', () => {
  it(
    'removes the folders of a script, after what it started has ended',
    async () => {
      const { folder, child } = await startScript();
      try {
        expect(existsSync(folder)).toBe(true);
        child.kill('SIGINT');
        await expect(once(child, 'exit')).resolves.toEqual([null, 'SIGINT']);
        expect(existsSync(folder)).toBe(false);
      } finally {
        child.kill('SIGKILL');
      }
    },
    LIMIT_MS,
  );
});

/** A script that starts a program which writes to the script's folder again and again, also while it is asked to end. */
async function startScript() {
  const writer =
    "const fs = require('fs'); process.on('SIGTERM', () => setTimeout(() => process.exit(), 300)); let n = 0;" +
    "setInterval(() => fs.writeFileSync(process.argv[1] + '/' + n++, ''), 1);";
  const program = `
    import { startProcess } from ${JSON.stringify(urlOf('setup/processes.mjs'))};
    import { temporaryFolder } from ${JSON.stringify(urlOf('setup/temporaryFolder.mjs'))};
    const folder = temporaryFolder('mpu-');
    startProcess(process.execPath, ['-e', ${JSON.stringify(writer)}, folder]);
    console.log(folder);
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const folder of createInterface(child.stdout)) return { folder, child };
  throw new Error('The script ended before it named its folder.');
}

function urlOf(script: string): string {
  return pathToFileURL(path.join(SCRIPTS, script)).href;
}
