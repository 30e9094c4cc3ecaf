import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/ui/manifest/commands';
import type { SETTING_KEYS } from '../../../src/shared/settings';
import { repositoryRoot } from '../../support/repository';

/** What is asked for, the file of the test that shows it, and how that test's name begins. */
type Shown = readonly [what: string, file: string, test: string];

const VIEWS: readonly Shown[] = [
  ['Pool, full, in three themes', 'e2e/pictures', 'the Pool view names models without the address'],
  ['Pool, empty', 'e2e/troubles', 'shows what to do first'],
  ['Pool, loading', 'e2e/waiting', 'each view says what is waited for'],
  ['Pool, error', 'e2e/troubles', 'each say what is wrong and what to do'],
  ['Pool, offline', 'e2e/states', 'says of each backend how to start it when none answers'],
  [
    'Pool, a backend with where it is, how it is and when it was seen',
    'e2e/accessibility',
    'every row says what it is',
  ],
  ['Pool, pulls', 'e2e/install.ollama', 'shows progress in the row'],
  ['Pool, pulls with speed and time left', 'host/pullText', 'of ${name} is'],
  ['Pool, pinned, leaving, outside', 'host/poolRows', 'of the pool can be pinned'],
  ['Recommended, full', 'e2e/rankings', 'says on a row of the Recommended view'],
  ['Recommended, loading', 'e2e/waiting', 'each view says what is waited for'],
  ['Recommended, error', 'e2e/troubles', 'is named where the recommendations would be'],
  [
    'Recommended, offline, with the date of what is known',
    'e2e/states',
    'has models at once without a network',
  ],
  ['Recommended, what was left out and why', 'e2e/rankings', 'says at the end of the view how many'],
  ['Recommended, why this score', 'e2e/pictures', 'a score is explained from its row'],
  ['Proposals, full, in three themes', 'e2e/proposals', 'give their reasons on the row'],
  ['Proposals, empty', 'e2e/proposals', 'say what to do first while nobody is allowed'],
  ['Proposals, error', 'e2e/proposals', 'end for good where the registry has no such model'],
  ['Status item', 'e2e/ask.llamaServer', 'is picked in the status bar'],
  ['Status item, warning', 'e2e/settings', 'or a server that went away'],
  ['Picker, in three themes', 'e2e/pictures', 'the picker groups models by their backend'],
  ['Picker, the best for a task', 'e2e/picker', 'can be whichever is best for a task'],
  ['Picker, buttons', 'e2e/picker', 'is not needed to load a model'],
  ['Picker, for this folder or all windows', 'e2e/picker', 'counts for this folder until'],
  ['Pool, stop a loaded model', 'e2e/picker', 'or another loaded one is put out of memory'],
  ['Pool, its Modelfile and its own calls', 'e2e/picker', 'shows what it is made from'],
  ['Pool, pulls, cancel', 'e2e/picker', 'is joined by no model whose install is cancelled'],
  ['Recommended, filter and groups by task', 'e2e/picker', 'are narrowed by a filter'],
  ['Picker, nothing to pick', 'e2e/troubles', 'says so when nothing can be asked'],
];

const REPORT: readonly Shown[] = [
  ['Rankings', 'e2e/rankings', 'shows in the report fit by context'],
  ['Rankings, left out', 'e2e/rankings', 'counts in the report what was left out'],
  ['Rankings, compare two', 'e2e/rankings', 'compares two models side by side'],
  ['Rankings, simulate other hardware', 'e2e/rankings', 'ranks for hardware that is only simulated'],
  ['Dispatches, 100,000 of them', 'e2e/dispatches', 'scrolls through them without a stop'],
  ['Dispatches, filters', 'e2e/dispatches', 'answers a filter soon'],
  ['Dispatches, inherited values', 'e2e/dispatches', 'has the calls with an inherited value'],
  ['Dispatches, export', 'e2e/dispatches', 'exports what the filter leaves'],
  ['Dispatches, error', 'e2e/troubles', 'loses no record while the window lives'],
  ['Machine, empty', 'e2e/machineSpeeds', 'is not known before anything was measured'],
  ['Machine, calibration', 'e2e/machineSpeeds', 'is shown beside the estimates'],
  ['Pool, the disk by layer', 'e2e/poolReport', 'draws the layers as a map'],
  ['Pool, what goes first and the history', 'e2e/poolReport', 'follows the pool'],
  ['every tab, in three themes', 'e2e/pictures', 'the other tabs of the report are as full'],
  ['every tab, loading', 'e2e/waiting', 'each tab of the report says what it reads'],
  ['kept across hide and reload', 'e2e/windows', 'come back after a reload with the report as it was left'],
  ['nothing serious for axe, in three themes', 'e2e/accessibility', 'axe finds nothing in the report in %s'],
];

const MOMENTS: readonly Shown[] = [
  [
    'first run: what was found, where models run, nothing downloaded',
    'e2e/freshProfile',
    'shows what this machine could run',
  ],
  ['the .vsix in a fresh profile', 'e2e/freshProfile', 'takes the extension from its file'],
  ['keyboard only', 'e2e/freshProfile', 'needed no mouse'],
  ['the whole journey', 'e2e/journey', 'is measured, and the rate takes the place'],
  ['install: size, disk, licence, what goes', 'host/installConsent', 'says what is downloaded'],
  ['install: what would be removed', 'e2e/pool', 'shows before an install what goes for it'],
  ['gated model', 'e2e/states', 'says of a gated model where its conditions'],
  ['picking loads nothing; loading says what it displaces', 'e2e/trials', 'is loaded when it is told to be'],
  ['disk held by unfinished pulls', 'e2e/pool', 'says what an unfinished download holds'],
  ['server too old', 'e2e/states', 'says of a server that is too old'],
  ['disk full', 'e2e/states', 'says what a full disk keeps'],
  ['no room before a download', 'e2e/states', 'says before a download that the disk has too little room'],
  ['remote host', 'e2e/states', 'names the machine that it looked at'],
  ['offline start', 'e2e/states', 'has models at once without a network'],
  ['storage that cannot be written', 'e2e/troubles', 'loses no record while the window lives'],
  [
    'a state that can be neither read nor written',
    'e2e/troubles',
    'is marked in the tree and the status bar',
  ],
  ['two windows show the same pool', 'e2e/poolWindows', 'share one pull of the same model'],
  [
    'a killed extension host comes back with the same rows',
    'e2e/sharedState',
    'have the same rows after a kill',
  ],
  ['an untrusted folder', 'e2e/trust', 'reaches nobody without trust'],
  ['a trusted folder', 'e2e/trust', 'sets nothing but what it may show'],
  ['walkthrough', 'e2e/commands', 'the walkthrough leads through four steps'],
  ['tools for agents', 'host/languageModelTools', 'are offered to every agent'],
  ['another language', 'e2e/german', 'has German views'],
  ['activation', 'host/activation', 'is present and activates without an error'],
];

/** What shows that a setting counts. */
const SETTINGS: Readonly<Record<keyof typeof SETTING_KEYS, Omit<Shown, 0> | readonly [string, string]>> = {
  backends: ['host/settingsReader', 'are those that the user wrote'],
  hosts: ['e2e/machine', 'ranks for another machine that the settings describe'],
  hardwareOverride: ['unit/engine/hosts', 'is what the override says'],
  poolDiskBudgetGb: ['e2e/poolReport', 'follows the pool'],
  poolAllowedOrgs: ['e2e/proposals', 'come with a refresh'],
  poolAllowedFamilies: ['unit/pool/allowed', '%s'],
  poolAutonomy: ['integration/sixtyDays', 'downloads and deletes nothing where nobody says yes'],
  catalogOnline: ['unit/engine/catalogue', 'asks nothing while the setting is off'],
  refreshIntervalHours: ['unit/engine/refreshSchedule', 'is never sooner than the interval'],
  refreshProposalThreshold: ['unit/pool/proposals', 'proposes the best that beats an entry by the threshold'],
  probeLocalMinutes: ['unit/registry/prober', 'probes every 15 min where nothing else is said'],
  probeHostedHours: ['unit/registry/hosted', 'are asked every 24 h where nothing else is said'],
  recordsRetentionDays: ['unit/storage/transcriptRetention', 'deletes whole days that are older'],
  recordsMaxMb: ['unit/storage/transcriptRetention', 'deletes the oldest until the rest fits'],
  task: ['e2e/commands', 'Choose Task ranks for another task'],
  escalation: ['unit/dispatch/callsEscalation', 'only after its own attempts'],
  capabilities: ['unit/dispatch/capabilityTable', 'counts for what it says'],
  thinking: ['unit/dispatch/thinkingNote', 'says nothing where nobody asked'],
  retry: ['unit/dispatch/retryDecision', 'once after an empty answer'],
  chatIncludePlainOllama: ['host/chatProvider', 'are left to the extension of Ollama'],
  chatAutoEntries: ['host/chatProvider', 'stand beside entries that take the best one'],
  warmOnPick: ['e2e/commands', 'a pick loads its model at once'],
  modelfileOtherFiles: ['e2e/modelfile', 'says in other files how their models fit'],
};

/** Commands that a lens runs, under a name of its own. */
const BY_LENS = ['modelfileCreate', 'modelfileRun', 'modelfileShowReplaced'];

const testsFolder = path.join(repositoryRoot, 'test');
const sourceOf = (file: string): string => readFileSync(path.join(testsFolder, `${file}.test.ts`), 'utf8');

/** The names of the tests of a file that are not skipped, as they are written. */
function testsOf(file: string): readonly string[] {
  const calls = sourceOf(file).matchAll(/\b(?:it|test)(?:\.each\([^]*?\))?\(\s*(['"`])([^]*?)\1,/g);
  return [...calls].map(([, , name = '']) => name);
}

describe('what the specification of the user interface asks for', () => {
  it.each([...VIEWS, ...REPORT, ...MOMENTS])('is shown: %s', (_, file, test) => {
    expect(testsOf(file).some((name) => name.startsWith(test))).toBe(true);
  });

  it.each(Object.entries(SETTINGS))('counts: the setting %s', (_, [file, test]) => {
    expect(testsOf(file).some((name) => name.startsWith(test))).toBe(true);
  });

  it('has every command run in a real VS Code', () => {
    const sources = ['e2e', 'host'].flatMap((folder) =>
      readdirSync(path.join(testsFolder, folder))
        .filter((name) => name.endsWith('.test.ts'))
        .map((name) => readFileSync(path.join(testsFolder, folder, name), 'utf8')),
    );
    const isRun = ([key, { title }]: readonly [string, { readonly title: string }]): boolean =>
      sources.some((source) =>
        [`'Model Pool: ${title}'`, `'${title}'`, `'modelPool.${key}'`, `commandId('${key}')`].some((name) =>
          source.includes(name),
        ),
      );
    const commands = Object.entries(COMMANDS).filter(([key]) => !BY_LENS.includes(key));
    expect(commands.filter((command) => !isRun(command)).map(([key]) => key)).toEqual([]);
  });
});
