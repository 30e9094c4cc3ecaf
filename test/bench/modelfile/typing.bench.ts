import { build } from 'esbuild';
import process from 'node:process';
import { analyseModelfile } from '../../../src/modelfile/analysis';
import { parseModelfile } from '../../../src/modelfile/parse';
import { ModelfileServer } from '../../support/modelfileServer';
import { repositoryRoot } from '../../support/repository';
import { median, percentile, printFigure } from '../figures';

const URI = 'untitled:Modelfile';
const LINES = 500;
const KEYS = 300;
const MEGABYTE = 1_000_000;
const ROUNDS = 15;

/** spec/modelfile.md: what typing costs, how long a large file takes, and how large the server is. */
async function measure(): Promise<void> {
  await measureTyping();
  measureParsing();
  await measureBundle();
}

async function measureTyping(): Promise<void> {
  const lines = Array.from({ length: LINES }, (_, n) => `MESSAGE user question ${n} with some words in it`);
  lines[0] = 'FROM llama3.2:3b';
  lines[1] = 'TEMPLATE """{{ range .Messages }}{{ .Role }}: {{ .Content }}{{ end }}"""';
  const text = lines.join('\n');
  const server = await ModelfileServer.start();
  try {
    await server.open(URI, text);
    await server.diagnostics(URI);
    const times: number[] = [];
    for (let key = 0; key < KEYS; key += 1) {
      const version = key + 2;
      const begun = performance.now();
      await server.change(URI, version, `${text}\nPARAMETER temperature ${'9'.repeat((key % 9) + 1)}`);
      await server.diagnostics(URI, (params) => params.version === version);
      times.push(performance.now() - begun);
      server.forget(URI);
    }
    printFigure(`from a key to the findings, ${LINES} lines, median`, median(times), 'ms', 30);
    printFigure(`from a key to the findings, ${LINES} lines, p95`, percentile(times, 0.95), 'ms', 30);
  } finally {
    await server.kill();
  }
}

function measureParsing(): void {
  const piece = 'FROM llama3.2\nPARAMETER num_ctx 8192\nSYSTEM """You are kind.\nBe short."""\n# c\n';
  const text = piece.repeat(Math.ceil(MEGABYTE / piece.length)).slice(0, MEGABYTE);
  const parsing: number[] = [];
  const analysing: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    // What the rounds before have left is not this one's time.
    globalThis.gc?.();
    const begun = performance.now();
    const parsed = parseModelfile(text);
    const read = performance.now();
    analyseModelfile(parsed);
    parsing.push(read - begun);
    analysing.push(performance.now() - read);
  }
  // The best of them: what else a busy machine does in such a short time is not the parser's.
  printFigure(`parse 1 MB, best of ${ROUNDS}`, Math.min(...parsing), 'ms', 50);
  printFigure(`analyse 1 MB, best of ${ROUNDS}`, Math.min(...analysing), 'ms', 200);
}

/** As `npm run package` builds it. */
async function measureBundle(): Promise<void> {
  const { outputFiles } = await build({
    ...{
      absWorkingDir: repositoryRoot,
      entryPoints: ['src/modelfile/server.ts'],
      bundle: true,
      write: false,
    },
    ...{ platform: 'node', target: 'node22', format: 'cjs', mainFields: ['module', 'main'] },
    ...{ minify: true, keepNames: true, outfile: 'server.js' },
  });
  printFigure('bundle of the server', (outputFiles[0]?.contents.length ?? 0) / 1_000, 'kB', 600);
}

measure().then(
  () => process.exit(0),
  (thrown: unknown) => {
    console.error(thrown);
    process.exit(1);
  },
);
