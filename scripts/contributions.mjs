// Writes package.json's `contributes` from the typed tables in src/ui/manifest; with --check only compares.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.join(import.meta.dirname, '..');
const manifestPath = path.join(root, 'package.json');

const bundle = await build({
  entryPoints: [path.join(root, 'src/ui/manifest/contributes.ts')],
  bundle: true,
  format: 'esm',
  platform: 'node',
  write: false,
});
const code = Buffer.from(bundle.outputFiles[0].contents).toString('base64');
const { contributes, activationEvents } = await import(`data:text/javascript;base64,${code}`);

const before = await readFile(manifestPath, 'utf8');
// Assigning to a key that is there keeps its place, so that only these two change.
const manifest = Object.assign(JSON.parse(before), { activationEvents, contributes });
const after = `${JSON.stringify(manifest, null, 2)}\n`;

if (before === after) {
  console.log('package.json says what src/ui/manifest says');
} else if (process.argv.includes('--check')) {
  console.error('package.json differs from src/ui/manifest: run `npm run contributions`');
  process.exitCode = 1;
} else {
  await writeFile(manifestPath, after);
  console.log('package.json written');
}
