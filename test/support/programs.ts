import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import * as esbuild from 'esbuild';
import { repositoryRoot } from './repository';

/** The WASM module of sql.js, as `SqlState` and the index worker load it. */
export const SQL_WASM = path.join(repositoryRoot, 'node_modules', 'sql.js', 'dist', 'sql-wasm.wasm');

let folder: string | undefined;

/**
 * Bundles a TypeScript file of the repository into one CommonJS file that a plain Node process or worker can run, and
 * returns its path. It is deleted when this process ends.
 */
export async function bundledProgram(entry: string): Promise<string> {
  folder ??= temporaryFolder();
  const outfile = path.join(folder, `${path.basename(entry, '.ts')}.cjs`);
  await esbuild.build({
    ...{ absWorkingDir: repositoryRoot, entryPoints: [entry], outfile, bundle: true, logLevel: 'warning' },
    ...{
      platform: 'node',
      target: 'node22',
      format: 'cjs',
      mainFields: ['module', 'main'],
      sourcemap: 'inline',
    },
  });
  return outfile;
}

function temporaryFolder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'mpp-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  return made;
}
