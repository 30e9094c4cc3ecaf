import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const catalog = fileURLToPath(new URL('../../src/catalog/', import.meta.url));

/** The product's own name parsing, lineage and file layout, so that the snapshot is built with what reads it. */
export async function loadCatalog() {
  const files = ['modelName', 'nominalSize', 'organisations', 'lineage', 'snapshotFormat'];
  const { outputFiles } = await build({
    stdin: {
      contents: files.map((file) => `export * from './${file}';`).join('\n'),
      resolveDir: path.resolve(catalog),
      loader: 'ts',
    },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
