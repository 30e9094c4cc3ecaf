import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS, commandId, commandSpec, type CommandKey } from '../../../src/ui/manifest/commands';
import { contributes } from '../../../src/ui/manifest/contributes';
import { IN_BROWSER_KEY } from '../../../src/ui/manifest/grammarOnly';
import { VIEW_ITEM_MENU, VIEW_TITLE_MENU } from '../../../src/ui/manifest/menus';
import {
  backendRowValue,
  machineRowValue,
  proposalRowValue,
  pullRowValue,
  recommendedRowValue,
  servedModelRowValue,
} from '../../../src/ui/manifest/rowValues';
import {
  CONTAINER_ID,
  CONTEXT_KEYS,
  POOL_VIEW_ID,
  PROPOSALS_VIEW_ID,
  RECOMMENDED_VIEW_ID,
  ROW,
} from '../../../src/ui/manifest/views';
import { repositoryRoot } from '../../support/repository';
import { testNamed } from './support/namedTests';
import { every, VIEW_ROWS, type ViewRow } from './support/viewRows';
import { holds, keysOf, parseWhen, type Place } from './support/whenClause';

/** Keys of VS Code's own that clauses of ours read. */
const EDITOR_KEYS = ['view', 'viewItem', 'editorLangId', 'remoteName', 'isWeb'];
/** A desktop or a remote: where the extension has a machine. */
const MACHINE: Place = { isWeb: false };

type Entry = (typeof VIEW_ITEM_MENU)[number];
type Where = 'title' | 'title menu' | 'inline' | 'menu';

/** How a test of the workbench uses an entry, by where it stands. */
const USES: Readonly<Record<Where, string>> = {
  title: 'pressTitleAction',
  'title menu': 'chooseFromTitleMenu',
  inline: 'pressInline',
  menu: 'chooseFromMenu',
};

const VIEW_NAMES = new Map<string, string>(contributes.views[CONTAINER_ID].map(({ id, name }) => [id, name]));

/** Each test that uses entries in a real workbench, with all that stands for: view, where, commands. */
const USED: readonly (readonly [file: string, test: string, view: string, where: Where, CommandKey[]])[] = [
  ...usedIn('have what is done with the whole pool in the title', [
    ['Pool', 'title', ['addBackend', 'refresh', 'openReport']],
    ['Pool', 'title menu', ['setDiskBudget', 'allowOrganisation', 'reconcilePool', 'showPoolReport']],
    ['Pool', 'title menu', ['openSettings', 'showLog', 'copyDiagnostics', 'startServer', 'resetData']],
  ]),
  ...usedIn('have what the recommendations are for in the title', [
    ['Recommended', 'title', ['chooseTask', 'filterRecommended', 'rank']],
    ['Recommended', 'title menu', ['groupRecommended', 'chooseHost', 'redetectHardware', 'measureBandwidth']],
    ['Recommended', 'inline', ['redetectHardware', 'chooseHost']],
    ['Recommended', 'menu', ['redetectHardware', 'measureBandwidth', 'showInstallCommand']],
  ]),
  ...usedIn('have what is done with all proposals in the title', [
    ['Proposals', 'title', ['refresh', 'showPoolReport']],
    ['Proposals', 'title menu', ['allowOrganisation', 'setDiskBudget']],
  ]),
  ...usedIn('have what helps beside what is wrong', [
    ['Pool', 'inline', ['refresh', 'openSettings', 'setApiKey', 'startServer']],
  ]),
  ...usedIn('have on a model what can be done with it', [
    ['Pool', 'inline', ['pickModel']],
    ['Pool', 'menu', ['pickModel', 'askModel', 'warmModel', 'measureModel', 'stopModel', 'probeToolCalling']],
    ['Pool', 'menu', ['createContextVariant', 'explainRoute', 'removeModel']],
  ]),
  ...usedIn('have on an install what halts and ends it', [
    ['Pool', 'inline', ['pausePull', 'cancelPull', 'resumePull', 'dismissPull']],
    ['Pool', 'menu', ['pausePull', 'cancelPull', 'resumePull', 'dismissPull']],
    ['Recommended', 'menu', ['pausePull', 'cancelPull', 'resumePull', 'dismissPull']],
  ]),
  ...usedIn('have on a proposal the yes, the no and the reasons', [
    ['Pool', 'menu', ['adoptModel', 'unpinModel']],
    ['Proposals', 'menu', ['approveProposal', 'rejectProposal', 'explainScore', 'pausePull']],
  ]),
  ...usedIn('leaves proposals out, which their view says', [['Proposals', 'inline', ['refresh']]]),
  ['e2e/pool', 'removes a model that answers a call', 'Pool', 'inline', ['askModel']],
  ['e2e/picker', 'or another loaded one is put out of memory', 'Pool', 'inline', ['stopModel']],
  ['e2e/install.ollama', 'removes it after one more question', 'Pool', 'inline', ['removeModel']],
  ['e2e/commands', 'Copy Model Id copies', 'Pool', 'menu', ['copyModelId']],
  ['e2e/commands', 'Copy Endpoint for Other Tools copies', 'Pool', 'menu', ['copyEndpoint']],
  [
    'e2e/picker',
    'shows what it is made from',
    'Pool',
    'menu',
    ['openModelfile', 'showDispatches', 'explainScore'],
  ],
  ['e2e/poolReport', 'says which model stays because it is pinned', 'Pool', 'menu', ['pinModel']],
  ['e2e/install.ollama', 'asks once before it downloads', 'Recommended', 'inline', ['installModel']],
  ['e2e/install.ollama', 'shows the commands of four tools', 'Recommended', 'inline', ['showInstallCommand']],
  ['e2e/install.ollama', 'shows progress in the row', 'Recommended', 'inline', ['pausePull', 'resumePull']],
  ['e2e/picker', 'is joined by no model', 'Recommended', 'inline', ['cancelPull']],
  ['e2e/commands', 'Dismiss takes a failed install away', 'Recommended', 'inline', ['dismissPull']],
  ['e2e/freshProfile', 'installs what is recommended first', 'Recommended', 'menu', ['installModel']],
  ['e2e/commands', 'Explain Score on a row opens the report', 'Recommended', 'menu', ['explainScore']],
  ['e2e/proposals', 'say in one dialog what an approval', 'Proposals', 'inline', ['approveProposal']],
  ['e2e/proposals', 'go when they are rejected', 'Proposals', 'inline', ['rejectProposal']],
  ['e2e/proposals', 'are stopped in the middle', 'Proposals', 'inline', ['pausePull']],
];

function usedIn(
  test: string,
  entries: readonly (readonly [view: string, where: Where, CommandKey[]])[],
): readonly (readonly [string, string, string, Where, CommandKey[]])[] {
  return entries.map((entry) => ['e2e/menus', test, ...entry]);
}

/** A served model as the specification speaks of it: on a machine of ours, ranked, loaded, through an installer. */
const servedModel = (facts: Partial<Parameters<typeof servedModelRowValue>[0]>): ViewRow => ({
  view: POOL_VIEW_ID,
  viewItem: servedModelRowValue({
    ...{ embedding: false, own: true, removable: true, stoppable: true, explained: true, place: 'free' },
    ...facts,
  }),
});
const MODEL_MENU: readonly CommandKey[] = [
  ...(['measureModel', 'warmModel', 'createContextVariant', 'copyModelId', 'openModelfile'] as const),
  ...(['showDispatches', 'explainScore', 'pickModel', 'stopModel', 'removeModel'] as const),
];
const USE_STOP_REMOVE: readonly CommandKey[] = ['pickModel', 'stopModel', 'removeModel'];

/** What the specification wants on each kind of row. What a server serves is installed: that is for recommendations. */
const WANTED: readonly (readonly [
  string,
  ViewRow,
  inline: readonly CommandKey[],
  menu: readonly CommandKey[],
])[] = [
  ['a model of the pool', servedModel({}), USE_STOP_REMOVE, ['pinModel', ...MODEL_MENU]],
  ['a pinned model', servedModel({ place: 'pinned' }), USE_STOP_REMOVE, ['unpinModel', ...MODEL_MENU]],
  ['a model outside', servedModel({ place: 'outside' }), USE_STOP_REMOVE, ['adoptModel', ...MODEL_MENU]],
  [
    'a model of a server that installs nothing',
    servedModel({ removable: false }),
    ['pickModel', 'stopModel'],
    ['measureModel', 'warmModel', 'copyModelId', 'showDispatches', 'explainScore'],
  ],
  [
    'a model of a service',
    servedModel({ own: false, removable: false, stoppable: false, explained: false }),
    ['pickModel'],
    ['copyModelId', 'showDispatches'],
  ],
  ['an embedding model', servedModel({ embedding: true }), ['removeModel'], ['copyModelId', 'openModelfile']],
  ...[POOL_VIEW_ID, RECOMMENDED_VIEW_ID].flatMap((view) => [
    wantedOfPull('an install that goes on', view, true, ['pausePull', 'cancelPull']),
    wantedOfPull('an install that has stopped', view, false, ['resumePull', 'dismissPull']),
  ]),
  [
    'a recommendation',
    rowOf(RECOMMENDED_VIEW_ID, recommendedRowValue({ installable: true, pull: undefined })),
    ['installModel'],
    ['installModel', 'explainScore'],
  ],
  [
    'the machine',
    rowOf(RECOMMENDED_VIEW_ID, machineRowValue(true)),
    ['redetectHardware'],
    ['measureBandwidth'],
  ],
  [
    'a proposal',
    rowOf(PROPOSALS_VIEW_ID, proposalRowValue({ installing: false, pulling: false, explained: true })),
    ['approveProposal', 'rejectProposal'],
    ['approveProposal', 'rejectProposal', 'explainScore'],
  ],
  [
    'a proposal that is carried out',
    rowOf(PROPOSALS_VIEW_ID, proposalRowValue({ installing: true, pulling: true, explained: true })),
    ['pausePull'],
    ['pausePull'],
  ],
  [
    'a backend that is down',
    rowOf(POOL_VIEW_ID, backendRowValue({ needsKey: false, startable: true })),
    ['startServer'],
    [],
  ],
  [
    'a backend that wants a key',
    rowOf(POOL_VIEW_ID, backendRowValue({ needsKey: true, startable: false })),
    ['setApiKey'],
    [],
  ],
];

function rowOf(view: string, viewItem: string): ViewRow {
  return { view, viewItem };
}

function wantedOfPull(
  what: string,
  view: string,
  running: boolean,
  commands: readonly CommandKey[],
): (typeof WANTED)[number] {
  const pull = running ? 'running' : 'stopped';
  const value =
    view === POOL_VIEW_ID ? pullRowValue(running) : recommendedRowValue({ installable: true, pull });
  return [`${what}, in ${VIEW_NAMES.get(view) ?? ''}`, rowOf(view, value), commands, commands];
}

/** What is there in the palette only while something is, by the key that says so. */
const ONLY_WITH: readonly (readonly [Place, readonly CommandKey[]])[] = [
  [{ [CONTEXT_KEYS.hasInstallable]: true }, ['removeModel', 'reconcilePool', 'createContextVariant']],
  [{ [CONTEXT_KEYS.hasPinnable]: true }, ['pinModel']],
  [{ [CONTEXT_KEYS.hasPinned]: true }, ['unpinModel']],
  [{ [CONTEXT_KEYS.hasOutside]: true }, ['adoptModel']],
  [{ [CONTEXT_KEYS.hasProposals]: true }, ['approveProposal', 'rejectProposal']],
  [{ [CONTEXT_KEYS.hasHosts]: true }, ['chooseHost']],
  [{ [CONTEXT_KEYS.hasChatModels]: true }, ['copyEndpoint']],
  [{ editorLangId: 'modelfile' }, ['modelfileCreate', 'modelfileRun', 'modelfileShowReplaced']],
];

/** What means nothing without its row. */
const ROW_ONLY: readonly CommandKey[] = [
  ...(['stopModel', 'explainScore', 'openModelfile', 'copyModelId'] as const),
  ...(['pausePull', 'cancelPull', 'resumePull', 'dismissPull'] as const),
];

/** Part of the text of each welcome, in the order of package.json, and the test that sees it. */
const WELCOMES: readonly (readonly [text: string, file: string, test: string])[] = [
  ['but one answers on this machine', 'e2e/freshProfile', 'shows what this machine could run'],
  ['No model server is set up yet', 'e2e/troubles', 'shows what to do first'],
  ['Looking at the model servers…', 'e2e/menus', 'says in its views what it waits for'],
  ['Looking at the pool…', 'e2e/menus', 'says in its views what it waits for'],
  ['on an Ollama server. None is set up yet.', 'e2e/menus', 'and the palette have what there is'],
  ['once you say whose', 'e2e/menus', 'and the palette have what there is'],
  ['not compared with the known models yet', 'e2e/menus', 'and the palette have what there is'],
  ['Nothing to propose: no allowed model', 'e2e/menus', 'have what is done with all proposals'],
];

const commandKeys = Object.keys(COMMANDS) as CommandKey[];
const contextKeys = Object.values(CONTEXT_KEYS);
/** The keys of the state that entries of the views read, in all that they can be. */
const STATES = every<Record<string, boolean>>(
  Object.fromEntries(
    [...new Set([...VIEW_ITEM_MENU, ...VIEW_TITLE_MENU].flatMap(({ when }) => keysOf(parseWhen(when))))]
      .filter((key) => contextKeys.some((each) => each === key))
      .map((key) => [key, [false, true]]),
  ),
);
const TITLES: readonly ViewRow[] = [...VIEW_NAMES.keys()].map((view) => ({ view, viewItem: '' }));

function shownOn(menu: readonly Entry[], row: ViewRow, state: Place): readonly Entry[] {
  return menu.filter(({ when }) => holds(parseWhen(when), { ...MACHINE, ...state, ...row }));
}

function whereOf(menu: readonly Entry[], { group }: Entry): Where {
  if (menu === VIEW_TITLE_MENU) return group.startsWith('navigation') ? 'title' : 'title menu';
  return group.startsWith('inline') ? 'inline' : 'menu';
}

/** `Pool, inline: Ask a Model` for each entry in each view that it can show in. */
function namesOf(menu: readonly Entry[], rows: readonly ViewRow[]): ReadonlySet<string> {
  const names = rows.flatMap((row) =>
    STATES.flatMap((state) =>
      shownOn(menu, row, state).map((entry) => nameOf(row.view, whereOf(menu, entry), entry.command)),
    ),
  );
  return new Set(names);
}

function nameOf(view: string, where: Where, command: CommandKey): string {
  return `${VIEW_NAMES.get(view) ?? view}, ${where}: ${COMMANDS[command].title}`;
}

/** Every clause of package.json, with where it stands. */
function clausesIn(value: unknown, at = 'contributes'): readonly (readonly [at: string, clause: string])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]: [string, unknown]) =>
    (name === 'when' || name === 'enablement') && typeof each === 'string'
      ? [[`${at}.${name}`, each] as const]
      : clausesIn(each, `${at}.${name}`),
  );
}

describe.each([
  ['titles', VIEW_TITLE_MENU, TITLES],
  ['rows', VIEW_ITEM_MENU, VIEW_ROWS],
] as const)('the menus of the %s', (_, menu, rows) => {
  it.each(menu.map((entry) => [entry.command, entry.group, entry] as const))(
    'have %s in %s on something that can be there, and on nothing else',
    (_command, _group, entry) => {
      const when = parseWhen(entry.when);
      const places = rows.flatMap((row) => STATES.map((state) => ({ ...state, ...row })));
      expect(places.some((place) => holds(when, place))).toBe(true);
      // Another extension may give its rows the same names.
      expect(places.some((place) => holds(when, { ...place, view: 'other.view' }))).toBe(false);
    },
  );

  it('have no two entries of one place in a group, and no command twice', () => {
    for (const row of rows) {
      for (const state of STATES) {
        const shown = shownOn(menu, row, state);
        const groups = shown.map(({ group }) => group);
        expect(groups, JSON.stringify(row)).toEqual([...new Set(groups)]);
        const commands = shown.map((entry) => `${whereOf(menu, entry)} ${entry.command}`);
        expect(commands, JSON.stringify(row)).toEqual([...new Set(commands)]);
      }
    }
  });

  it('give every entry a place in its group, and an icon where it is a button', () => {
    for (const entry of menu) {
      expect(entry.group).toMatch(/^(?:navigation|inline|\d_[a-z]+)@\d$/);
      const isButton = ['title', 'inline'].includes(whereOf(menu, entry));
      if (isButton) expect(commandSpec(entry.command).icon, entry.command).toBeDefined();
    }
  });
});

describe('every entry of a menu', () => {
  const used = new Set(
    USED.flatMap(([, , view, where, commands]) =>
      commands.map((command) => `${view}, ${where}: ${COMMANDS[command].title}`),
    ),
  );

  it('is used in a real workbench', () => {
    const all = [...namesOf(VIEW_TITLE_MENU, TITLES), ...namesOf(VIEW_ITEM_MENU, VIEW_ROWS)];
    expect([...used].sort()).toEqual(all.sort());
  });

  it.each(USED)('is used by %s, "%s": %s, %s', (file, name, _view, where, commands) => {
    const program = testNamed(file, name)?.program ?? '';
    for (const command of commands)
      expect(program, command).toContain(`${USES[where]}('${COMMANDS[command].title}')`);
  });

  it('has a command that package.json names, with its title', () => {
    const named = new Map(contributes.commands.map(({ command, title }) => [command, title]));
    expect(Object.keys(contributes.menus)).toEqual(['commandPalette', 'view/title', 'view/item/context']);
    for (const { command } of Object.values(contributes.menus).flat()) {
      expect(named.get(command), command).toMatch(/^[A-Z]/);
    }
    expect(testNamed('host/commands', 'are all registered, and none besides')).toBeDefined();
  });
});

describe('a row', () => {
  it.each(WANTED)('of %s has what the specification wants on it', (_, row, inline, menu) => {
    expect(VIEW_ROWS).toContainEqual(row);
    const shown = shownOn(VIEW_ITEM_MENU, row, {});
    const commandsAt = (wanted: Where): readonly string[] =>
      shown.filter((entry) => whereOf(VIEW_ITEM_MENU, entry) === wanted).map(({ command }) => command);
    expect(commandsAt('inline')).toEqual(expect.arrayContaining([...inline]));
    expect(commandsAt('menu')).toEqual(expect.arrayContaining([...menu]));
  });

  it('is called by nothing that no row has, and nothing that is read by nobody', () => {
    const given = new Set(VIEW_ROWS.flatMap(({ viewItem }) => viewItem.split('.')));
    expect([...given].sort()).toEqual(Object.values(ROW).sort());
    const clauses = VIEW_ITEM_MENU.map(({ when }) => parseWhen(when));
    const isRead = (value: string): boolean =>
      VIEW_ROWS.filter(({ viewItem }) => viewItem.split('.').includes(value)).some((row) => {
        const others = row.viewItem.split('.').filter((each) => each !== value);
        return STATES.some((state) => {
          const [place, without] = [row, { ...row, viewItem: others.join('.') }].map((each) => ({
            ...state,
            ...each,
          }));
          return clauses.some((clause) => holds(clause, place ?? {}) !== holds(clause, without ?? {}));
        });
      });
    // These two say what the row is where nothing else does.
    expect([...given].filter((value) => !isRead(value)).sort()).toEqual([ROW.backend, ROW.proposal]);
  });

  it('gets what it is called from one place', () => {
    const folder = path.join(repositoryRoot, 'src', 'ui');
    const values = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(path.join(folder, file), 'utf8'))
      .flatMap((source) => [...source.matchAll(/\.contextValue = ([\w.]+)/g)].map(([, value]) => value));
    expect(values.length).toBeGreaterThan(6);
    expect(values.filter((value) => value !== 'ROW.problem' && !/^\w+RowValue$/.test(value ?? ''))).toEqual(
      [],
    );
  });
});

describe('the clauses of package.json', () => {
  const clauses = clausesIn(contributes);

  it('can be read, and ask for nothing that nobody sets', () => {
    const known = new Set([...EDITOR_KEYS, ...contextKeys, IN_BROWSER_KEY]);
    expect(clauses.length).toBeGreaterThan(80);
    for (const [at, clause] of clauses)
      for (const key of keysOf(parseWhen(clause))) expect(known, `${at}: ${clause}`).toContain(key);
  });

  it('ask for each key that is set, or a step of the walkthrough does', () => {
    const ends = contributes.walkthroughs.flatMap(({ steps }) =>
      steps.flatMap(({ completionEvents }) => completionEvents),
    );
    const asked = new Set(clauses.flatMap(([, clause]) => keysOf(parseWhen(clause))));
    for (const key of contextKeys)
      expect(asked.has(key) || ends.includes(`onContext:${key}`), key).toBe(true);
  });
});

describe('the palette', () => {
  const clauseOf = new Map(contributes.menus.commandPalette.map(({ command, when }) => [command, when]));
  const isThere = (key: CommandKey, state: Place): boolean =>
    holds(parseWhen(clauseOf.get(commandId(key)) ?? 'true'), { ...MACHINE, ...state });
  const conditional = ONLY_WITH.flatMap(([, keys]) => keys);

  it.each(ONLY_WITH)('has with %j what there is something for then', (state, keys) => {
    expect(conditional.filter((key) => isThere(key, state))).toEqual(keys);
  });

  it('has everything else always, but what needs a row', () => {
    const everything: Place = Object.fromEntries(ONLY_WITH.flatMap(([state]) => Object.entries(state)));
    expect(commandKeys.filter((key) => !isThere(key, everything)).sort()).toEqual([...ROW_ONLY].sort());
    const always = commandKeys.filter((key) => isThere(key, {}));
    expect([...always, ...conditional, ...ROW_ONLY].sort()).toEqual(commandKeys.toSorted());
  });
});

describe('a view that is empty', () => {
  const welcomes = contributes.viewsWelcome;

  it.each(
    every<Record<string, boolean>>(
      Object.fromEntries(
        ['ready', 'hasBackends', 'hasFound', 'hasInstallable', 'hasAllowed', 'hasCompared'].map((key) => [
          key,
          [false, true],
        ]),
      ),
    ),
  )('says one thing with %j', (facts) => {
    const place = Object.fromEntries(
      Object.entries(facts).map(([key, value]) => [`modelPool.${key}`, value]),
    );
    const said = (view: string): number =>
      welcomes.filter((each) => each.view === view && holds(parseWhen(each.when), place)).length;
    // With backends there are rows.
    expect(said(POOL_VIEW_ID)).toBe(facts['ready'] === true && facts['hasBackends'] === true ? 0 : 1);
    expect(said(PROPOSALS_VIEW_ID)).toBe(1);
  });

  it('says nothing that no test has seen', () => {
    expect(WELCOMES).toHaveLength(welcomes.length);
    for (const [index, [text, file, test]] of WELCOMES.entries()) {
      expect(welcomes[index]?.contents).toContain(text);
      expect(testNamed(file, test)?.program, text).toContain(text);
    }
  });
});
