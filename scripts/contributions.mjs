// Writes what the typed tables in src/ui/manifest say into package.json, and their texts into package.nls.json; with
// --check only compares. The texts of other languages are written by hand: `npm run l10n` checks them.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.join(import.meta.dirname, '..');

const bundle = await build({
  entryPoints: [path.join(root, 'src/ui/manifest/contributes.ts')],
  bundle: true,
  format: 'esm',
  // A module without a file can require nothing: what asks for files (l10n) has another build for browsers.
  platform: 'browser',
  write: false,
});
const code = Buffer.from(bundle.outputFiles[0].contents).toString('base64');
const { manifestWith } = await import(`data:text/javascript;base64,${code}`);

const texts = new Map();
const fields = manifestWith((key, english) => {
  if ((texts.get(key) ?? english) !== english) throw new Error(`Two texts have the key ${key}.`);
  texts.set(key, english);
  return `%${key}%`;
});

const before = await readFile(path.join(root, 'package.json'), 'utf8');
const files = {
  // Assigning to a key that is there keeps its place, so that only these fields change.
  'package.json': Object.assign(JSON.parse(before), fields),
  'package.nls.json': Object.fromEntries(texts),
};
for (const [name, content] of Object.entries(files)) {
  const file = path.join(root, name);
  const after = `${JSON.stringify(content, null, 2)}\n`;
  if (after === (await readFile(file, 'utf8').catch(() => undefined))) {
    console.log(`${name} says what src/ui/manifest says`);
  } else if (process.argv.includes('--check')) {
    console.error(`${name} differs from src/ui/manifest: run \`npm run contributions\``);
    process.exitCode = 1;
  } else {
    await writeFile(file, after);
    console.log(`${name} written`);
  }
}
