import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const sourceFolder = fileURLToPath(new URL('../../src/', import.meta.url));

/** The product's own name parsing, lineage, layout and bits per weight: the snapshot is built with what reads it. */
export async function loadCatalog() {
  const files = [
    ...['modelName', 'nominalSize', 'organisations', 'lineage', 'snapshotFormat'].map(
      (name) => `catalog/${name}`,
    ),
    'ranking/quantisation',
    ...['computeWidth', 'kvCost'].map((name) => `shared/${name}`),
  ];
  const { outputFiles } = await build({
    stdin: {
      contents: files.map((file) => `export * from './${file}';`).join('\n'),
      resolveDir: sourceFolder,
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
