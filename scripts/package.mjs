// Builds the extension and packs it: `npm run package`. Prints the size and fails when it is over the limit.
import { statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { mustRun } from './setup/processes.mjs';
import { messageOf, seconds } from './setup/report.mjs';

const LIMIT_BYTES = 3_000_000;

/**
 * Builds the production bundles and packs them into a .vsix.
 *
 * @param {string} root the repository
 * @returns {Promise<{ vsix: string, bytes: number }>}
 * @throws {Error} when a step fails or the file is over 3 MB
 */
export async function packExtension(root) {
  const vsix = path.join(root, 'dist', 'model-pool.vsix');
  await mustRun(process.execPath, ['esbuild.mjs', '--production'], { cwd: root, timeoutMs: 120_000 });
  await packFolder(root, vsix);
  const bytes = statSync(vsix).size;
  if (bytes > LIMIT_BYTES) {
    throw new Error(`${vsix} has ${bytes} bytes; the limit is ${LIMIT_BYTES}. Look at what esbuild bundles.`);
  }
  return { vsix, bytes };
}

/**
 * Packs the extension in a folder as it is. Everything must be in its files: node_modules is not looked at.
 *
 * @param {string} folder
 * @param {string} vsix
 */
export async function packFolder(folder, vsix) {
  const vsce = fileURLToPath(import.meta.resolve('@vscode/vsce/vsce'));
  const args = [
    ...['package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links'],
    ...['--skip-license', '--out', vsix],
  ];
  await mustRun(process.execPath, [vsce, ...args], { cwd: folder, timeoutMs: 120_000 });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const begun = performance.now();
  try {
    const { vsix, bytes } = await packExtension(fileURLToPath(new URL('..', import.meta.url)));
    console.log(
      `${vsix}: ${(bytes / 1e6).toFixed(2)} MB of ${LIMIT_BYTES / 1e6} MB, ${seconds(performance.now() - begun)}`,
    );
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 1;
  }
}
