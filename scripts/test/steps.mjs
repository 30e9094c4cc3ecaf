import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { packExtension } from '../package.mjs';
import { runProcess } from '../setup/processes.mjs';
import { temporaryFolder } from '../setup/temporaryFolder.mjs';
import { findLeaks } from './leaks.mjs';

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {readonly string[]} [failures] each with its file, its name and the begin of what was wrong
 * @property {string} [output] what is still to be printed
 */

/**
 * @typedef {object} StepContext
 * @property {string} root the repository
 * @property {NodeJS.ProcessEnv} env with the tools' paths
 * @property {readonly string[]} filters what is left of the command line: parts of the names of test files
 * @property {number} timeoutMs
 * @property {string} evidence a folder with a folder of each step of this run that leaves evidence
 */

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string} what for the summary
 * @property {readonly import('../setup/tools.mjs').ToolName[]} tools
 * @property {readonly string[]} after steps that must have run before, chosen or not
 * @property {boolean} [isGate] it keeps one core busy, and leaves what it printed to its caller: two such run at once
 * @property {boolean} [leavesEvidence] what its tests log, record and store is kept for the steps that scan it
 * @property {boolean} [scansEvidence] it runs after any step that leaves evidence, and never without one
 * @property {number} limitMs
 * @property {(context: StepContext) => Promise<Counts>} run
 */

const MINUTE_MS = 60_000;

/** Every step of `npm test`, in order. A gate counts as one test. */
export const STEPS = /** @type {readonly Step[]} */ ([
  gate('format', 'Prettier', (root) => [[packageProgram(root, 'prettier'), '--check', '.']]),
  gate('lint', 'ESLint: types, import boundaries, sizes', (root) => [
    [packageProgram(root, 'eslint'), '.', '--max-warnings', '0'],
  ]),
  gate('types', 'TypeScript', (root) =>
    ['.', 'webview-ui', 'scripts', 'test/e2e', 'test/bench/ui']
      .filter((folder) => existsSync(path.join(root, folder, 'tsconfig.json')))
      .map((folder) => [packageProgram(root, 'typescript', 'tsc'), '--noEmit', '--project', folder]),
  ),
  gate('dead-exports', 'knip', (root) => [[packageProgram(root, 'knip')]]),
  gate('contributions', 'package.json agrees with its typed source', () => [
    ['scripts/contributions.mjs', '--check'],
  ]),
  gate('l10n', 'every text has its German', () => [['scripts/l10n.mjs', '--check']]),
  vitest('unit', { limitMs: 10 * MINUTE_MS, tools: [] }),
  vitest('integration', { limitMs: 12 * MINUTE_MS, tools: ['llamaServer', 'mbw', 'openssl', 'procps'] }),
  {
    name: 'package',
    what: 'production build, .vsix under its size limit',
    tools: [],
    after: [],
    limitMs: 4 * MINUTE_MS,
    run: async ({ root }) => {
      const { vsix, bytes } = await packExtension(root);
      console.log(`${vsix}: ${(bytes / 1e6).toFixed(2)} MB`);
      return { passed: 1, failed: 0 };
    },
  },
  {
    name: 'start',
    what: '`npm start` shows the extension',
    tools: ['codeServer', 'chromium'],
    after: ['package'],
    limitMs: 4 * MINUTE_MS,
    run: async ({ root, env, timeoutMs }) => {
      const { code } = await runProcess(process.execPath, ['scripts/start.mjs', '--check'], {
        ...{ cwd: root, env, timeoutMs },
        output: 'inherit',
      });
      return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
    },
  },
  {
    name: 'host',
    what: 'Mocha inside a real extension host, activation time',
    tools: ['codeServer', 'chromium', 'llamaServer', 'procps'],
    after: ['package'],
    limitMs: 10 * MINUTE_MS,
    leavesEvidence: true,
    run: async ({ root, env, timeoutMs }) => {
      const file = path.join(temporaryFolder('mpt-'), 'counts.json');
      const ended = await runProcess(process.execPath, ['scripts/hostTests.mjs'], {
        ...{ cwd: root, timeoutMs, env: { ...env, MODEL_POOL_HOST_COUNTS: file } },
        output: 'inherit',
      });
      return trusted(readCounts(file), ended);
    },
  },
  vitest('e2e', {
    // Twice what it takes on a slow day.
    limitMs: 45 * MINUTE_MS,
    tools: ['codeServer', 'chromium', 'llamaServer', 'openssl'],
    after: ['package'],
  }),
  {
    name: 'leaks',
    what: 'no prompt, no answer and no secret in any log, record, error or store of this run',
    tools: [],
    after: [],
    limitMs: 5 * MINUTE_MS,
    scansEvidence: true,
    run: ({ evidence, filters }) => Promise.resolve(findLeaks(evidence, { isPart: filters.length > 0 })),
  },
]);

/**
 * The script that an installed package runs as `name`.
 *
 * @param {string} root
 * @param {string} name the package
 * @param {string} [program] the program, where the package has several
 */
function packageProgram(root, name, program = name) {
  const folder = path.join(root, 'node_modules', name);
  const { bin } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return path.join(folder, typeof bin === 'string' ? bin : bin[program]);
}

/**
 * @param {string} name
 * @param {string} what
 * @param {(root: string) => readonly (readonly string[])[]} commands each is a script with its arguments
 * @returns {Step}
 */
function gate(name, what, commands) {
  return {
    // A minute on a quiet machine of two cores; five were too few beside much other work.
    ...{ name, what, tools: [], after: [], limitMs: 10 * MINUTE_MS, isGate: true },
    run: async ({ root, env, timeoutMs }) => {
      let sound = true;
      let output = '';
      for (const command of commands(root)) {
        const ended = await runProcess(process.execPath, command, { cwd: root, env, timeoutMs });
        output += ended.output;
        sound &&= ended.code === 0;
      }
      return { passed: sound ? 1 : 0, failed: sound ? 0 : 1, output };
    },
  };
}

/**
 * @param {string} project of vitest.config.ts
 * @param {Pick<Step, 'limitMs' | 'tools'> & Partial<Pick<Step, 'after'>>} needs
 * @returns {Step}
 */
function vitest(project, { limitMs, tools, after = [] }) {
  return {
    ...{ name: project, what: `Vitest, test/${project}`, tools, after, limitMs, leavesEvidence: true },
    run: async ({ root, env, filters, timeoutMs }) => {
      const file = path.join(temporaryFolder('mpt-'), 'results.json');
      const ended = await runProcess(
        process.execPath,
        [
          ...[packageProgram(root, 'vitest'), 'run', '--project', project, ...filters],
          ...['--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
        ],
        { cwd: root, env, timeoutMs, output: 'inherit' },
      );
      return trusted(readVitestCounts(file, root), ended);
    },
  };
}

/**
 * What a step counted, made to agree with how it ended: a run that ended badly, or in which nothing ran, has at
 * least one failure, whatever its counts say.
 *
 * @param {Counts | undefined} counts undefined when the step wrote none, as one that crashed
 * @param {{ code: number, signal: NodeJS.Signals | null }} ended
 * @returns {Counts}
 */
export function trusted(counts, { code, signal }) {
  if (!counts) {
    const how = signal === null ? `with code ${code}` : `by ${signal}`;
    return { passed: 0, failed: 1, failures: [`It ended ${how}, and wrote no results.`] };
  }
  const { passed, failed, failures = [] } = counts;
  const sound = code === 0 && failed === 0 && passed > 0;
  return { passed, failed: sound ? 0 : Math.max(failed, 1), failures };
}

/**
 * @param {string} file
 * @param {string} root
 * @returns {Counts | undefined}
 */
function readVitestCounts(file, root) {
  const results = readJson(file);
  if (!results) return undefined;
  return {
    passed: Number(results['numPassedTests']),
    failed: Number(results['numFailedTests']),
    failures: failuresIn(/** @type {readonly VitestFile[]} */ (results['testResults'] ?? []), root),
  };
}

/**
 * @typedef {object} VitestFile
 * @property {string} name
 * @property {string} [message]
 * @property {readonly { status: string, fullName: string, failureMessages?: readonly string[] }[]} assertionResults
 */

/**
 * @param {readonly VitestFile[]} files
 * @param {string} root
 */
function failuresIn(files, root) {
  return files.flatMap(({ name, message = '', assertionResults }) => {
    const file = path.relative(root, name);
    const broken = message === '' ? [] : [`${file}: ${begin(message)}`];
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    return [
      ...broken,
      ...failed.map(
        ({ fullName, failureMessages = [] }) =>
          `${file}: ${fullName.trim()}: ${begin(failureMessages.join(' '))}`,
      ),
    ];
  });
}

/** @param {string} text */
function begin(text) {
  return text.split('\n').slice(0, 2).join(' ').slice(0, 500);
}

/**
 * @param {string} file
 * @returns {Counts | undefined}
 */
function readCounts(file) {
  const counts = readJson(file);
  return counts && { passed: Number(counts['passed']), failed: Number(counts['failed']) };
}

/**
 * @param {string} file
 * @returns {Record<string, unknown> | undefined}
 */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
