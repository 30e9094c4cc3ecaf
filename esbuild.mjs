// Builds what runs: `node esbuild.mjs [--production] [--watch] [extension | report | host-tests ...]`.
// Without a name: the bundles that are packed.
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const root = fileURLToPath(new URL('.', import.meta.url));
const production = process.argv.includes('--production');
const watch = process.argv.includes('--watch');
const named = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));

/** @satisfies {esbuild.BuildOptions} */
const shared = {
  absWorkingDir: root,
  bundle: true,
  sourcemap: production ? false : 'linked',
  minify: production,
  logLevel: 'warning',
};

/**
 * The extension host loads CommonJS and brings its own `vscode`. ES modules come first, so that the parts that are
 * not used fall away.
 *
 * @satisfies {esbuild.BuildOptions}
 */
const inHost = {
  ...shared,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  external: ['vscode'],
  // Errors are told apart by their names, in logs and by other extensions.
  keepNames: true,
  mainFields: ['module', 'main'],
};

/**
 * Every bundle, with the folder or file that it makes anew.
 *
 * @type {readonly { name: string, packed: boolean, output: string, options: esbuild.BuildOptions }[]}
 */
const bundles = [
  {
    name: 'extension',
    packed: true,
    output: 'dist/extension.js',
    // What activation loads; the rest is the next bundle, which it loads when it has returned.
    options: {
      ...inHost,
      entryPoints: ['src/extension.ts'],
      outfile: 'dist/extension.js',
      external: [...inHost.external, './ui/start'],
      // `import()` becomes `require`, which finds the bundle beside it without an extension.
      supported: { 'dynamic-import': false },
    },
  },
  {
    name: 'start',
    packed: true,
    output: 'dist/ui/start.js',
    options: {
      ...inHost,
      entryPoints: ['src/ui/start.ts'],
      outfile: 'dist/ui/start.js',
      // The next bundle: larger than this one, and of no use before a Modelfile is open.
      external: [...inHost.external, './languageClient'],
      supported: { 'dynamic-import': false },
    },
  },
  {
    name: 'language-client',
    packed: true,
    output: 'dist/ui/languageClient.js',
    options: {
      ...inHost,
      entryPoints: ['src/ui/modelfile/languageClient.ts'],
      outfile: 'dist/ui/languageClient.js',
    },
  },
  {
    name: 'modelfile-server',
    packed: true,
    output: 'dist/modelfileServer.js',
    // A process of its own, without the editor.
    options: {
      ...inHost,
      entryPoints: ['src/modelfile/server.ts'],
      outfile: 'dist/modelfileServer.js',
      external: [],
    },
  },
  {
    name: 'in-browser',
    packed: true,
    output: 'dist/ui/inBrowser.js',
    // What a web window loads that has no remote, in place of everything else. There is no Node.js in it.
    options: {
      ...shared,
      entryPoints: ['src/ui/inBrowser.ts'],
      outfile: 'dist/ui/inBrowser.js',
      platform: 'browser',
      target: 'es2022',
      format: 'cjs',
      external: ['vscode'],
    },
  },
  {
    name: 'transcript-worker',
    packed: true,
    output: 'dist/storage',
    // Loaded as a thread, with the first question about the records.
    options: {
      ...inHost,
      entryPoints: ['src/storage/transcriptWorker.ts'],
      outfile: 'dist/storage/transcriptWorker.js',
    },
  },
  {
    name: 'bandwidth-worker',
    packed: true,
    output: 'dist/hardware',
    // Loaded as a thread a core, when someone asks for a measurement.
    options: {
      ...inHost,
      entryPoints: ['src/hardware/bandwidthWorker.ts'],
      outfile: 'dist/hardware/bandwidthWorker.js',
    },
  },
  {
    name: 'report',
    packed: true,
    output: 'dist/webview',
    options: {
      ...shared,
      entryPoints: ['webview-ui/main.ts'],
      outfile: 'dist/webview/report.js',
      platform: 'browser',
      target: 'es2022',
      format: 'iife',
      loader: { '.ttf': 'file', '.svg': 'text' },
    },
  },
  {
    // Mocha is loaded from node_modules when they run, because it is an ES module that does not bundle.
    name: 'host-tests',
    packed: false,
    output: 'dist/test/host',
    options: {
      ...inHost,
      entryPoints: [...hostTestFiles(), 'test/host/support/run.ts', 'test/host/support/measureActivation.ts'],
      outdir: 'dist/test/host',
      outbase: 'test/host',
      sourcemap: 'inline',
      minify: false,
      external: ['vscode', 'mocha'],
    },
  },
];

const chosen = bundles.filter(({ name, packed }) => (named.length > 0 ? named.includes(name) : packed));
const unknown = named.filter((name) => !bundles.some((bundle) => bundle.name === name));
if (unknown.length > 0 || chosen.length === 0) {
  console.error(
    `No bundle is called ${unknown.join(', ')}. Known: ${bundles.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}

for (const { output } of chosen) {
  rmSync(path.join(root, output), { recursive: true, force: true });
  rmSync(path.join(root, `${output}.map`), { force: true });
}
if (chosen.some(({ packed }) => packed)) {
  // sql.js's code is in the bundles; its WASM is read as a file.
  const wasm = path.join(root, 'node_modules', 'sql.js', 'dist', 'sql-wasm.wasm');
  mkdirSync(path.join(root, 'dist'), { recursive: true });
  copyFileSync(wasm, path.join(root, 'dist', 'sql-wasm.wasm'));
}
const contexts = await Promise.all(chosen.map(({ options }) => esbuild.context(options)));
if (watch) {
  await Promise.all(contexts.map((context) => context.watch()));
  console.log('Watching for changes. Press Ctrl-C to end.');
} else {
  try {
    await Promise.all(contexts.map((context) => context.rebuild()));
  } catch {
    // esbuild has printed what is wrong.
    process.exitCode = 1;
  } finally {
    await Promise.all(contexts.map((context) => context.dispose()));
  }
}

function hostTestFiles() {
  const folder = path.join(root, 'test', 'host');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => `test/host/${file}`);
}
