import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/ui/manifest/commands';
import type { TOOL_INPUTS } from '../../../src/ui/languageModelToolInputs';
import type { SETTING_KEYS } from '../../../src/shared/settings';
import { testNamed, testsFolder } from './support/namedTests';

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
  ['Pool, row: loaded, and how much of its context', 'host/modelCard', 'says on its row that it is loaded'],
  ['Pool, row: in use', 'e2e/pool', 'removes a model that answers a call'],
  ['Pool, row: does not fit', 'host/poolRows', 'says that it does not fit'],
  ['Pool, row: no tool calling', 'host/modelCard', 'says on its row that it does not call tools'],
  ['Pool, card: fit by context, score, evidence', 'host/poolRows', 'that is ranked can be explained'],
  ['Pool, card: measured rate', 'e2e/trials', 'is measured, and its row says how fast'],
  ['Pool, card: last used', 'host/poolRows', 'of the pool can be pinned, and says since when'],
  ['Pool, card: digest', 'host/modelCard', 'names in its card where it runs and its digest'],
  ['Pool, what can be done with a model', 'e2e/menus', 'have on a model what can be done with it'],
  ['Pool, pulls', 'e2e/install.ollama', 'shows progress in the row'],
  ['Pool, pulls, pause and resume', 'e2e/menus', 'have on an install what halts and ends it'],
  ['Pool, pulls with speed and time left', 'host/pullText', 'of ${name} is'],
  ['Pool, pinned, leaving, outside', 'host/poolRows', 'of the pool can be pinned'],
  ['Recommended, full', 'e2e/rankings', 'says on a row of the Recommended view'],
  ['Recommended, row: speed, size, score, fit', 'e2e/rankings', 'says on a row of the Recommended view'],
  ['Recommended, installed from its row', 'e2e/install.ollama', 'asks once before it downloads'],
  ['Recommended, full, in three themes', 'e2e/pictures', 'the Pool view names models without the address'],
  ['Recommended, empty: nothing fits', 'e2e/states', 'says so where no model fits'],
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
  ['Proposals, empty before the first comparison', 'e2e/menus', 'and the palette have what there is'],
  ['Proposals, empty after a comparison', 'e2e/menus', 'have what is done with all proposals'],
  ['Proposals, a proposal that fails', 'e2e/proposals', 'end for good where the registry has no such model'],
  ['Proposals, loading', 'e2e/menus', 'says in its views what it waits for'],
  ['Proposals, error', 'e2e/menus', 'leaves proposals out, which their view says'],
  ['Proposals, offline, with the date of the scores', 'e2e/states', 'proposes without a network too'],
  ['Proposals, summary and disk', 'e2e/proposals', 'come with a refresh, each with what it changes'],
  ['Proposals, yes and no', 'e2e/menus', 'have on a proposal the yes, the no and the reasons'],
  ['every view, the extension cannot start', 'e2e/menus', 'says in its views what it waits for'],
  ['every view, nothing to do', 'e2e/menus', 'and the palette have what there is something for'],
  ['Pool, stop a loaded model', 'e2e/picker', 'or another loaded one is put out of memory'],
  ['Pool, its Modelfile and its own calls', 'e2e/picker', 'shows what it is made from'],
  ['Pool, pulls, cancel', 'e2e/picker', 'is joined by no model whose install is cancelled'],
  ['Recommended, filter and groups by task', 'e2e/picker', 'are narrowed by a filter'],
];

const STATUS: readonly Shown[] = [
  ['Status item: model and rate', 'e2e/ask.llamaServer', 'is picked in the status bar'],
  ['Status item, while a call runs, and its card', 'e2e/menus', 'have on a model what can be done with it'],
  ['Status item, while a pull runs', 'e2e/menus', 'have on an install what halts and ends it'],
  ['Status item, warning', 'e2e/settings', 'or a server that went away'],
  ['Picker, in three themes', 'e2e/pictures', 'the picker groups models by their backend'],
  ['Picker, the best for a task', 'e2e/picker', 'can be whichever is best for a task'],
  ['Picker, groups with the recent first', 'e2e/menus', 'are not all: the picker has what can be done'],
  ['Picker, where it runs and its evidence', 'e2e/picker', 'can be whichever is best for a task'],
  ['Picker, button: warm', 'e2e/picker', 'is not needed to load a model'],
  ['Picker, buttons: measure, open in report', 'e2e/menus', 'are not all: the picker has what can be done'],
  ['Picker, install another', 'e2e/menus', 'are not all: the picker has what can be done'],
  ['Picker, backends that do not answer', 'e2e/states', 'says of each backend how to start it'],
  ['Picker, for this folder or all windows', 'e2e/picker', 'counts for this folder until'],
  ['Picker, nothing to pick', 'e2e/troubles', 'says so when nothing can be asked'],
];

const REPORT: readonly Shown[] = [
  ['Rankings', 'e2e/rankings', 'shows in the report fit by context'],
  ['Rankings, sorted', 'unit/webview/rankingsView', 'starts a column of numbers with the greatest'],
  ['Rankings, filtered', 'unit/webview/rankingFilters', 'hold together'],
  ['Rankings, rows that are drawn when they are seen', 'unit/webview/virtualRows', 'holds the rows in view'],
  ['Rankings, a score without results', 'e2e/rankings', 'says of a score without any result'],
  ['Rankings, measured builds', 'e2e/machineSpeeds', 'stands at the build that was measured'],
  ['Rankings, left out', 'e2e/rankings', 'counts in the report what was left out'],
  ['Rankings, compare two', 'e2e/rankings', 'compares two models side by side'],
  ['Rankings, simulate other hardware', 'e2e/rankings', 'ranks for hardware that is only simulated'],
  ['Dispatches, 100,000 of them', 'e2e/dispatches', 'scrolls through them without a stop'],
  ['Dispatches, filters', 'e2e/dispatches', 'answers a filter soon'],
  [
    'Dispatches, by backend, model, outcome',
    'unit/webview/dispatchFilters',
    'offer every value with its records',
  ],
  ['Dispatches, over time', 'unit/webview/dispatchFilters', 'counts a span of time back from now'],
  ['Dispatches, attempts as a waterfall', 'unit/webview/dispatchesView', 'places each attempt and the wait'],
  ['Dispatches, where each value came from', 'e2e/ask.llamaServer', 'shows that record in the report'],
  ['Dispatches, of one model', 'e2e/picker', 'shows what it is made from, and only its own calls'],
  ['Dispatches, a call that runs', 'e2e/dispatches', 'shows a call that runs above the others'],
  ['Dispatches, export as CSV', 'e2e/commands', 'Export Dispatch Records asks for a format'],
  ['Dispatches, inherited values', 'e2e/dispatches', 'has the calls with an inherited value'],
  ['Dispatches, export', 'e2e/dispatches', 'exports what the filter leaves'],
  ['Dispatches, error', 'e2e/troubles', 'loses no record while the window lives'],
  ['Machine, empty', 'e2e/machineSpeeds', 'is not known before anything was measured'],
  ['Machine, what lies in its memory', 'unit/webview/memoryMap', 'is the part of each model'],
  ['Machine, calibration', 'e2e/machineSpeeds', 'is shown beside the estimates'],
  ['Pool, the disk by layer', 'e2e/poolReport', 'draws the layers as a map'],
  ['Pool, the budget', 'unit/webview/poolText', 'add up: what is left of the budget'],
  ['Pool, what goes first', 'e2e/poolReport', 'follows the pool'],
  ['Pool, the history, removals too', 'e2e/poolReport', 'tells what left it: what Model Pool removed'],
  ['one script with a nonce, nothing from elsewhere', 'unit/ui/reportHtml', 'runs one script'],
  ['messages of one schema on both sides', 'unit/ui/runningMessages', 'every message is one that the page'],
  ['every tab, in three themes', 'e2e/pictures', 'the other tabs of the report are as full'],
  ['every tab, loading', 'e2e/waiting', 'each tab of the report says what it reads'],
  ['every tab, with an error', 'e2e/waiting', 'each tab of the report says what it reads'],
  ['every tab, offline', 'e2e/states', 'shows its report without a network'],
  ['Pool and Dispatches, empty', 'e2e/troubles', 'says in the report what there is not yet'],
  ['Rankings, empty', 'e2e/troubles', 'is named where the recommendations would be'],
  ['Rankings, what stands under a row', 'unit/webview/detailRequests', 'is asked for when a row is opened'],
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
  [
    'install: the licence, and where it is accepted',
    'host/installConsent',
    'says where the conditions of a gated',
  ],
  ['install: progress, pause and resume', 'e2e/journey', 'installs it after one question'],
  ['gated model', 'e2e/states', 'says of a gated model where its conditions'],
  ['loading shows progress, and how long it stays', 'e2e/trials', 'is loaded when it is told to be'],
  ['loading says what it displaces', 'e2e/journey', 'is measured, and the rate takes the place'],
  ['picking loads nothing', 'e2e/menus', 'have on a model what can be done with it'],
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
];

const ALSO: readonly Shown[] = [
  ['no notification that nobody asked for', 'e2e/settings', 'are named in the Pool view from the start'],
  ['walkthrough', 'e2e/commands', 'the walkthrough leads through four steps'],
  ['tools for agents', 'host/languageModelTools', 'are offered to every agent'],
  ['tools for agents: an install that nobody agreed to', 'integration/languageModelTools', 'begin nothing'],
  ['long work is done by another window', 'e2e/poolWindows', 'finish a pull in the other one'],
  ['long work is cancelled', 'e2e/dispatches', 'can be left in the middle of an export'],
  ['another language', 'e2e/german', 'has German views'],
  ['a browser without a machine: grammar only', 'unit/ui/grammarOnly', 'nothing is shown but the language'],
  ['activation', 'host/activation', 'is present and activates without an error'],
];

/** What shows that an agent can call a tool. */
const TOOLS: Readonly<Record<keyof typeof TOOL_INPUTS, Omit<Shown, 0> | readonly [string, string]>> = {
  model_pool_list_models: ['host/languageModelTools', 'answer in JSON what is served'],
  model_pool_rank: ['host/languageModelTools', 'rank for the task that is asked for'],
  model_pool_explain_route: ['host/languageModelTools', 'explain the route of a model'],
  model_pool_install: ['host/languageModelTools', 'install nothing that is not in the ranking'],
};

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

describe('what the specification of the user interface asks for', () => {
  it.each([...VIEWS, ...STATUS, ...REPORT, ...MOMENTS, ...ALSO])('is shown: %s', (_, file, test) => {
    expect(testNamed(file, test)).toBeDefined();
  });

  it.each(Object.entries(SETTINGS))('counts: the setting %s', (_, [file, test]) => {
    expect(testNamed(file, test)).toBeDefined();
  });

  it.each(Object.entries(TOOLS))('is called by a test in a real VS Code: %s', (name, [file, test]) => {
    expect(testNamed(file, test)?.program).toContain(`'${name}'`);
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
