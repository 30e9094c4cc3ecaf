import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { STEPS } from '../../../scripts/test/steps.mjs';
import { BACKEND_KIND_TABLE } from '../../../src/backends/backendKinds';
import { REQUESTS_PER_REFRESH } from '../../../src/catalog/discovery';
import { CONTEXT_STEP_TOKENS } from '../../../src/dispatch/contextChoice';
import { MAX_MESSAGE_CHARACTERS } from '../../../src/dispatch/failureText';
import { DECODE_PARAMETERS } from '../../../src/ranking/decodeModelParameters';
import { TASK_PROFILES } from '../../../src/ranking/tasks';
import {
  AUTONOMIES,
  BACKEND_KINDS,
  DEFAULT_SETTINGS,
  SETTING_KEYS,
  TASKS,
  type Settings,
} from '../../../src/shared/settings';
import { THINKING_CHOICES, THINKING_LEVELS } from '../../../src/shared/thinking';
import { TOOL_INPUTS } from '../../../src/ui/languageModelToolInputs';
import { COMMANDS } from '../../../src/ui/manifest/commands';
import { repositoryRoot } from '../../support/repository';

const USERS_PAGES = ['README', 'docs/getting-started', 'docs/ranking', 'docs/pool', 'docs/privacy']
  .concat(['docs/troubleshooting', 'docs/api'])
  .map((page) => `${page}.md`);
const ALL_PAGES = [...USERS_PAGES, 'docs/record.md', 'docs/estimates.md', 'CONTRIBUTING.md'];

const textOf = (file: string): string => readFileSync(path.join(repositoryRoot, file), 'utf8');
const jsonOf = <T>(file: string, schema: z.ZodType<T>): T => schema.parse(JSON.parse(textOf(file)));
const texts = z.record(z.string(), z.string());

/** As it is read: line ends are blanks. */
const flowing = (page: string): string => textOf(page).replaceAll(/\s+/g, ' ');

/** The cells of a table's rows whose first cell matches. */
function rowsOf(page: string, first: RegExp): readonly (readonly string[])[] {
  return textOf(page)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .filter(([cell = '']) => first.test(cell));
}

const quotedIn = (text: string): readonly string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
/** A file, a folder, or what the names of some files begin with, as vitest takes it. */
function isThere(file: string): boolean {
  const { dir, base } = path.parse(path.join(repositoryRoot, file));
  return existsSync(dir) && readdirSync(dir).some((name) => name === base || name.startsWith(`${base}.`));
}

const thousands = (value: number): string => value.toLocaleString('en-US');

describe('the settings in the README', () => {
  const rows = new Map(
    rowsOf('README.md', /^`[A-Za-z.]*[A-Za-z]`$/).map(([key = '', value = '', what = '']) => [
      key.replaceAll('`', ''),
      { value, what },
    ]),
  );

  it('are all of them, with the defaults that they have', () => {
    const expected = (Object.keys(SETTING_KEYS) as (keyof Settings)[]).map((field) => {
      const value = DEFAULT_SETTINGS[field];
      return [SETTING_KEYS[field], value === null ? 'none' : `\`${JSON.stringify(value)}\``];
    });
    const told = [...rows].map(([key, { value }]) => [key, value]);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(expected));
  });

  it.each([
    ['backends', BACKEND_KINDS],
    ['pool.autonomy', AUTONOMIES],
    ['route.task', TASKS],
    ['thinking', THINKING_CHOICES],
  ] as const)('name every value that can be chosen: %s', (key, values) => {
    const named = quotedIn(rows.get(key)?.what ?? '');
    expect(named.filter((word) => values.some((value) => value === word))).toEqual([...values]);
  });
});

describe('what the documents say of the code', () => {
  const { engines } = jsonOf(
    'package.json',
    z.object({ engines: z.object({ vscode: z.string(), node: z.string() }) }),
  );
  const { recordsRetentionDays, recordsMaxMb, refreshIntervalHours, refreshProposalThreshold } =
    DEFAULT_SETTINGS;

  it.each([
    ['README.md', `needs VS Code ${engines.vscode.replace(/^\^|\.0$/g, '')} or newer`],
    ['README.md', `Node.js ${engines.node.replace('>=', '')} or newer`],
    ['README.md', `at most ${REQUESTS_PER_REFRESH} requests a refresh`],
    ['README.md', `(${recordsRetentionDays} days, at most ${recordsMaxMb} MB`],
    ['docs/privacy.md', `at most ${REQUESTS_PER_REFRESH} requests a refresh`],
    ['docs/troubleshooting.md', `(at most ${REQUESTS_PER_REFRESH})`],
    ['docs/pool.md', `\`modelPool.refresh.proposalThreshold\` points (${refreshProposalThreshold})`],
    ['docs/pool.md', `\`modelPool.refresh.intervalHours\` (${refreshIntervalHours},`],
    ['docs/pool.md', `in steps of ${thousands(CONTEXT_STEP_TOKENS)}`],
    ['docs/record.md', `at most ${MAX_MESSAGE_CHARACTERS} characters`],
  ])('has its figures: %s, "%s"', (page, words) => {
    expect(flowing(page)).toContain(words);
  });

  it('names the addresses at which servers are looked for', () => {
    const local = Object.values(BACKEND_KIND_TABLE).filter(({ hosted }) => !hosted);
    const named = [...textOf('docs/getting-started.md').matchAll(/`(http:[^`]+)`/g)].map(([, url]) => url);
    expect(named.sort()).toEqual(local.flatMap(({ defaultUrls }) => defaultUrls).sort());
  });

  it('has the speed and the context of every task', () => {
    const told = rowsOf('docs/ranking.md', /^(?:general|coding|agentic|small)/).flatMap(
      ([tasks = '', speed = '', context = '']) =>
        tasks
          .replace(/ \(.*\)/, '')
          .split(', ')
          .map((task) => [task, Number.parseFloat(speed), Number.parseFloat(context.replaceAll(',', ''))]),
    );
    const real = TASKS.map((task) => {
      const { targetTokPerSec, contextTokens } = TASK_PROFILES[task];
      return [task, targetTokPerSec, contextTokens];
    });
    expect(told.sort()).toEqual(real.sort());
  });

  it('has the fitted parameters of decoding', () => {
    const { vendors, classes } = DECODE_PARAMETERS;
    for (const [name, { efficiency, launchSeconds, cacheEfficiency }] of Object.entries(vendors)) {
      const [row] = rowsOf('docs/estimates.md', new RegExp(`^${name}$`));
      const micros = Number((launchSeconds * 1e6).toPrecision(3));
      expect(row?.slice(1), name).toEqual([String(efficiency), `${micros} us`, String(cacheEfficiency)]);
    }
    for (const [name, { efficiency, launch }] of Object.entries(classes)) {
      const [row] = rowsOf('docs/estimates.md', new RegExp(`^${name}$`));
      expect(row?.slice(1, 3), name).toEqual([String(efficiency), String(launch)]);
    }
  });

  it('has the tools of agents with what they take, and the levels of thinking', () => {
    const told = rowsOf('docs/api.md', /^`model_pool_/).map(([name = '', what = '']) => [
      name.replaceAll('`', ''),
      quotedIn(what).map((word) => word.replace('?', '')),
    ]);
    const real = Object.entries(TOOL_INPUTS).map(([name, { shape }]) => [name, Object.keys(shape)]);
    expect(told).toEqual(real);
    const [levels] = /levels ((?:`\w+`(?:, )?)+)/.exec(textOf('docs/api.md')) ?? [];
    expect(quotedIn(levels ?? '')).toEqual([...THINKING_LEVELS]);
  });
});

describe('what the documents lead to', () => {
  /** What is said in the product, and the beginnings of what is said of something. */
  const shown = new Set([
    ...Object.values(COMMANDS).map(({ title }): string => title),
    ...Object.values(jsonOf('package.nls.json', texts)),
    ...Object.keys(jsonOf('l10n/bundle.l10n.de.json', texts)).flatMap((key) => [
      key.replace(/…$/, ''),
      key.replace(/:? \{.*$/, ''),
    ]),
  ]);
  /** VS Code's own. */
  const OF_THE_EDITOR = ['Chat: Manage Language Models'];

  it.each(USERS_PAGES)('is a label that is shown, where it is set in bold: %s', (page) => {
    const labels = [...flowing(page).matchAll(/\*\*([A-Z][^*]*[^*.?!:])\*\*/g)]
      .map(([, label = '']) => label.replace(/^Model Pool: /, '').replace(/^Auto: .*/, 'Auto'))
      .filter((label) => label.split(' ').length <= 6 && !OF_THE_EDITOR.includes(label));
    expect(labels.filter((label) => !shown.has(label))).toEqual([]);
  });

  it.each(ALL_PAGES)('is there, where it is a file of the repository: %s', (page) => {
    const files = quotedIn(textOf(page))
      .filter((word) => /^(?:src|test|scripts|data|docs|media|l10n|webview-ui)\/[\w./{},-]+$/.test(word))
      .flatMap((word) => {
        const [, before = word, choices, after = ''] = /^([^{]*)\{([^}]*)\}(.*)$/.exec(word) ?? [];
        return choices === undefined ? [word] : choices.split(',').map((one) => before + one + after);
      });
    expect(files.filter((file) => !isThere(file))).toEqual([]);
  });

  it.each(ALL_PAGES)('is a script, a step or a bench that there is, where it is a command: %s', (page) => {
    const { scripts } = jsonOf('package.json', z.object({ scripts: texts }));
    const commands = flowing(page);
    const run = [...commands.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);
    expect(run.filter((name) => !(name in scripts))).toEqual([]);
    const steps = [...commands.matchAll(/npm test -- ((?:[a-z][\w-]+ ?)+)/g)].flatMap(([, names = '']) =>
      names.trim().split(' '),
    );
    expect(steps.filter((name) => !STEPS.some((step) => step.name === name))).toEqual([]);
    const benches = [...commands.matchAll(/npm run bench -- ([a-z]\w*)/g)].map(([, name = '']) => name);
    const rooms = readdirSync(path.join(repositoryRoot, 'test', 'bench'));
    expect(benches.filter((name) => !rooms.includes(name))).toEqual([]);
  });
});
