// `npm run test:gates`: shows that every gate of `npm test` can fail. Copies the tree, plants one fault at a time,
// runs the gate that should notice, and expects it to fail because of that fault and to pass without it.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './setup/dependencies.mjs';
import { continueOnNewNode } from './setup/node.mjs';
import { runProcess } from './setup/processes.mjs';
import { messageOf, seconds } from './setup/report.mjs';
import { temporaryFolder } from './setup/temporaryFolder.mjs';

/** More than the step's own, which says that it ran past it. */
const GATE_LIMIT_MS = 660_000;
const TOO_MANY_LINES = 401;
const TOO_MANY_BYTES = 5_000_000;

/**
 * @typedef {object} Fault
 * @property {string} what
 * @property {string} gate a step of `npm test`
 * @property {readonly string[]} [filters] narrow the step to the planted test file
 * @property {string} file where it is planted, relative to the repository
 * @property {(before: string) => string} plant the file's new text
 * @property {RegExp} sign what the gate must say, so that it does not fail for another reason
 */

/** @type {readonly Fault[]} */
const FAULTS = [
  {
    what: 'a line that Prettier would write in another way',
    gate: 'format',
    file: 'src/shared/planted.ts',
    plant: () => 'export const   planted = 1\n',
    sign: /planted\.ts/,
  },
  {
    what: 'a promise that nobody waits for',
    gate: 'lint',
    file: 'src/shared/planted.ts',
    plant: () =>
      'async function wait(): Promise<void> {}\n\nexport function planted(): void {\n  wait();\n}\n',
    sign: /no-floating-promises/,
  },
  {
    what: 'an import that the house forbids',
    gate: 'lint',
    file: 'src/ranking/planted.ts',
    plant: () => "import { COMMANDS } from '../ui/manifest/commands';\n\nexport const planted = COMMANDS;\n",
    sign: /house\/import-boundaries/,
  },
  {
    what: '`vscode` outside the user interface',
    gate: 'lint',
    file: 'src/pool/planted.ts',
    plant: () => "import * as vscode from 'vscode';\n\nexport const planted = vscode.version;\n",
    sign: /house\/import-boundaries/,
  },
  {
    what: 'a file that is too long',
    gate: 'lint',
    file: 'src/shared/planted.ts',
    plant: () => `export const planted = [\n${'  1,\n'.repeat(TOO_MANY_LINES)}];\n`,
    sign: /max-lines/,
  },
  {
    what: 'an `any`',
    gate: 'lint',
    file: 'src/shared/planted.ts',
    plant: () => 'export function planted(value: any): unknown {\n  return value;\n}\n',
    sign: /no-explicit-any/,
  },
  {
    what: 'a value of the wrong type',
    gate: 'types',
    file: 'src/shared/planted.ts',
    plant: () => "export const planted: number = 'one';\n",
    sign: /planted\.ts.*TS2322/,
  },
  {
    what: 'a command without an implementation',
    gate: 'types',
    file: 'src/ui/manifest/commands.ts',
    plant: (before) =>
      before.replace(
        'export const COMMANDS = {',
        "export const COMMANDS = {\n  planted: { title: 'Planted', palette: true },",
      ),
    sign: /planted/,
  },
  {
    what: 'a command that package.json does not have',
    gate: 'contributions',
    file: 'src/ui/manifest/commands.ts',
    plant: (before) =>
      before.replace(
        'export const COMMANDS = {',
        "export const COMMANDS = {\n  planted: { title: 'Planted', palette: true },",
      ),
    sign: /package\.json differs/,
  },
  {
    what: 'a text without its German',
    gate: 'l10n',
    file: 'src/ui/planted.ts',
    plant: () =>
      "import * as vscode from 'vscode';\n\nexport const planted = (): string => vscode.l10n.t('Planted');\n",
    sign: /no translation of "Planted"/,
  },
  {
    what: 'a text to translate that is chosen inside of the call',
    gate: 'lint',
    file: 'src/ui/planted.ts',
    plant: () =>
      "import * as vscode from 'vscode';\n\nexport const planted = (one: boolean): string => vscode.l10n.t(one ? 'One' : 'Two');\n",
    sign: /no-restricted-syntax/,
  },
  {
    what: 'an export that nobody imports',
    gate: 'dead-exports',
    file: 'src/shared/units.ts',
    plant: (before) => `${before}\nexport const plantedDeadExport = 1;\n`,
    sign: /plantedDeadExport/,
  },
  {
    what: 'a unit test that fails',
    gate: 'unit',
    filters: ['planted'],
    file: 'test/unit/planted.test.ts',
    plant: () => "import { expect, it } from 'vitest';\n\nit('fails', () => {\n  expect(1).toBe(2);\n});\n",
    sign: /planted\.test\.ts/,
  },
  {
    what: 'a unit run without any test',
    gate: 'unit',
    filters: ['planted'],
    file: 'test/unit/planted.md',
    plant: () => 'No test is here.\n',
    sign: /No test files found/,
  },
  {
    what: 'a log line with what was asked',
    gate: 'unit',
    filters: ['planted'],
    file: 'test/unit/planted.test.ts',
    plant: () =>
      [
        "import { expect, it } from 'vitest';",
        "import { keepEvidence } from '../../scripts/test/evidence.mjs';",
        '',
        "it('passes, and logs too much', () => {",
        "  keepEvidence('log', 'asked: Who are you?');",
        '  expect(1).toBe(1);',
        '});',
        '',
      ].join('\n'),
    sign: /log-\d+\.txt:1 has of the content "Who are you\?"/,
  },
  {
    what: 'a .vsix that is too large',
    gate: 'package',
    file: 'data/planted.json',
    plant: () => JSON.stringify(Array.from({ length: TOO_MANY_BYTES / 16 }, () => Math.random())),
    sign: /the limit is/,
  },
];

await continueOnNewNode(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));
const copy = temporaryFolder('mpg-');
let passed = 0;
let failed = 0;
try {
  await ensureDependencies(root);
  copyTree();
  await expectSoundGates();
  for (const fault of FAULTS) await expectCaught(fault);
} catch (error) {
  console.error(messageOf(error));
  failed += 1;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

function copyTree() {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const file of new Set(listed.split('\0').filter(Boolean))) {
    // A link of that name is not ignored, as the folder is.
    if (file === 'node_modules') continue;
    if (existsSync(path.join(root, file))) cpSync(path.join(root, file), path.join(copy, file));
  }
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'), 'junction');
  plantPassingTest();
}

/** The unit gate is run on one test only, so that it takes a second and not the whole suite's time. */
function plantPassingTest() {
  const file = path.join(copy, 'test', 'unit', 'gateCanPass.test.ts');
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(
    file,
    "import { expect, it } from 'vitest';\n\nit('passes', () => {\n  expect(1 + 1).toBe(2);\n});\n",
  );
}

async function expectSoundGates() {
  for (const gate of new Set(FAULTS.map((fault) => fault.gate))) {
    const begun = performance.now();
    const { code, output } = await runGate(gate, gate === 'unit' ? ['gateCanPass'] : []);
    report(code === 0, `${gate} passes without a fault`, begun, output);
  }
}

/** @param {Fault} fault */
async function expectCaught({ what, gate, filters, file, plant, sign }) {
  const begun = performance.now();
  const target = path.join(copy, file);
  const before = existsSync(target) ? readFileSync(target, 'utf8') : undefined;
  const planted = plant(before ?? '');
  if (planted === before)
    throw new Error(`The fault "${what}" changes nothing: mend it in scripts/testGates.mjs.`);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, planted);
  const { code, output } = await runGate(gate, filters ?? []);
  if (before === undefined) rmSync(target);
  else writeFileSync(target, before);
  report(code !== 0 && sign.test(output), `${gate} fails on ${what}`, begun, output);
}

/**
 * @param {string} gate
 * @param {readonly string[]} filters
 */
function runGate(gate, filters) {
  return runProcess(process.execPath, ['scripts/test.mjs', gate, ...filters], {
    ...{ cwd: copy, timeoutMs: GATE_LIMIT_MS },
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
  });
}

/**
 * @param {boolean} asExpected
 * @param {string} what
 * @param {number} begun
 * @param {string} output of the gate, shown when it is not as expected
 */
function report(asExpected, what, begun, output) {
  if (asExpected) passed += 1;
  else failed += 1;
  console.log(`${asExpected ? 'ok  ' : 'FAIL'}  ${what} (${seconds(performance.now() - begun)})`);
  if (!asExpected) console.log(output.split('\n').slice(-40).join('\n').replace(/^/gm, '      '));
}
