import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { installOnce } from './cache.mjs';
import { findOnPath, isDebian } from './chromium.mjs';
import { mustRun, runProcess } from './processes.mjs';
import { setUp } from './report.mjs';

const SUITE = 'forky';

/**
 * The path of a real llama-server: the one on PATH, or on Debian the archive's own build in a private prefix.
 *
 * @returns {Promise<string>}
 */
export async function ensureLlamaServer() {
  return setUp('llama-server', async () => {
    const onPath = findOnPath('llama-server');
    if (onPath) return { value: onPath, note: `on PATH, ${await versionOf(onPath)}` };
    if (!isDebian() || !findOnPath('dpkg')) {
      throw new Error(
        'The tests and `npm start -- --demo` talk to a real llama-server. Install llama.cpp (macOS: ' +
          '`brew install llama.cpp`; elsewhere: its releases page) so that `llama-server` is on PATH.',
      );
    }
    const script = fileURLToPath(new URL('get-llama.sh', import.meta.url));
    const { folder, installed } = await installOnce('llama.cpp', SUITE, async (fresh) => {
      await mustRun('bash', [script, fresh, SUITE], { timeoutMs: 600_000 });
    });
    const program = path.join(folder, 'bin', 'llama-server');
    return {
      value: program,
      note: `${installed ? `installed from Debian ${SUITE}` : 'already there'}, ${await versionOf(program)}`,
    };
  });
}

/** @param {string} program */
async function versionOf(program) {
  const { output } = await runProcess(program, ['--version'], { timeoutMs: 30_000 });
  return /version: *(.+)/.exec(output)?.[1]?.trim() ?? 'version not told';
}
