import * as vscode from 'vscode';
import type { ProbeResult } from '../backends/contract';
import {
  machineOf,
  newBackendId,
  newServers,
  type BackendDraft,
  type KindChoice,
  type LocatedBackend,
} from '../engine/backendSetup';
import { LOCAL_HOST } from '../shared/modelRef';
import { askForKey, keyPrompt } from './apiKeys';
import { existingBackend, saveBackends, takenIds, tellExisting } from './backendEntries';
import { askForHeader, askForHost, askForKind } from './backendQuestions';
import { answerText, foundText, placeText, servedText } from './backendText';
import { CANCELLED, withCancel } from './cancellableProgress';
import { readSettings } from './settingsReader';
import type { UiContext } from './uiContext';
import { windowPlace } from './windowPlace';

/** A backend in the making. */
interface Making extends BackendDraft {
  /** Whether its kind was only told by how it answers, and may turn out to be another one. */
  readonly guessed: boolean;
}

interface Start extends vscode.QuickPickItem {
  /** What is begun with this choice; undefined where the person cancels, or nothing is left to ask. */
  readonly begin?: () => Promise<Making | undefined>;
}

/**
 * Looks for model servers, offers what answers and what else can be added, asks what is chosen what it serves, and adds
 * it once the person has seen the answer. Where several are new, one entry adds them all.
 */
export async function addBackend(context: UiContext): Promise<void> {
  const { setup } = context.engine;
  const found = await withCancel(vscode.l10n.t('Looking for model servers'), (signal) => setup.find(signal));
  if (found === CANCELLED) return;
  const choice = await vscode.window.showQuickPick(startsOf(context, found), {
    title: vscode.l10n.t('Add Backend'),
    placeHolder:
      found.length === 0
        ? vscode.l10n.t('Nothing answered at the usual addresses. Start a server, or enter its address.')
        : vscode.l10n.t('What is to be added?'),
    matchOnDescription: true,
  });
  const making = await choice?.begin?.();
  if (making) await settle(context, making);
}

function startsOf(context: UiContext, found: readonly LocatedBackend[]): readonly Start[] {
  const { kinds } = context.engine.setup;
  const { backends } = readSettings().settings;
  const servers = found.map((backend): Start => {
    const known = newServers([backend], backends).length === 0;
    return {
      label: backend.label,
      description: [
        backend.url,
        placeText(backend.place, windowPlace(context.extension)),
        ...(known ? [vscode.l10n.t('already added')] : []),
      ].join(' · '),
      detail: foundText(backend),
      begin: () => Promise.resolve(makingOf(backend)),
    };
  });
  const hosted = kinds.filter((kind) => kind.hosted);
  const withoutServer = kinds.filter(
    ({ kind, needsUrl, hosted: isHosted }) =>
      !needsUrl && !isHosted && !backends.some((backend) => backend.kind === kind),
  );
  return [
    ...(servers.length === 0 ? [] : [separator(vscode.l10n.t('found'))]),
    ...allAtOnce(context, newServers(found, backends)),
    ...servers,
    separator(vscode.l10n.t('servers')),
    {
      label: `$(edit) ${vscode.l10n.t('Enter an address…')}`,
      description: kinds
        .filter(({ needsUrl }) => needsUrl)
        .map(({ label }) => label)
        .join(', '),
      alwaysShow: true,
      begin: () => askForAddress(context),
    },
    separator(vscode.l10n.t('services')),
    ...hosted.map((kind): Start => ({
      label: kind.label,
      iconPath: new vscode.ThemeIcon('cloud'),
      begin: () => askHosted(kind),
    })),
    ...withoutServer.map(({ kind, label }): Start => ({
      label,
      iconPath: new vscode.ThemeIcon('vscode'),
      description: vscode.l10n.t('the chat models that this editor offers'),
      begin: () => Promise.resolve({ kind, headers: {}, guessed: false }),
    })),
  ];
}

/** One entry for all that are new, where there are several: taking it is the yes to each that it names. */
function allAtOnce(context: UiContext, found: readonly LocatedBackend[]): readonly Start[] {
  if (found.length < 2) return [];
  return [
    {
      label: `$(add) ${vscode.l10n.t('Add all {0}', found.length)}`,
      detail: found.map((backend) => vscode.l10n.t('{0} at {1}', backend.label, backend.url)).join(', '),
      begin: async () => {
        await saveBackends(context, found.map(makingOf));
        return undefined;
      },
    },
  ];
}

function separator(label: string): Start {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

function makingOf({ kind, url, host }: LocatedBackend): Making {
  return { kind, url, ...(host === undefined ? {} : { host }), headers: {}, guessed: true };
}

async function askHosted({ kind, label }: KindChoice): Promise<Making | undefined> {
  const key = await askForKey(vscode.l10n.t('API key of {0}', label), keyPrompt(undefined));
  if (key === undefined) return undefined;
  return { kind, headers: {}, guessed: false, ...(key === '' ? {} : { key }) };
}

async function askForAddress(context: UiContext): Promise<Making | undefined> {
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Address of the model server'),
    placeHolder: 'http://127.0.0.1:11434',
    ignoreFocusOut: true,
    validateInput: (value) =>
      /^https?:\/\/[^\s/]+/.test(value.trim()) && URL.canParse(value.trim())
        ? undefined
        : vscode.l10n.t('An address starts with http:// or https://'),
  });
  if (text === undefined) return undefined;
  const url = text.trim().replace(/\/+$/, '');
  const known = existingBackend({ url });
  if (known) {
    tellExisting(known, url);
    return undefined;
  }
  const { setup } = context.engine;
  const found = await withCancel(vscode.l10n.t('Asking {0}', url), (signal) =>
    setup.recognise({ url, headers: {} }, signal),
  );
  if (found === CANCELLED) return undefined;
  if (found) return { kind: found.kind, url: found.url, headers: {}, guessed: true };
  const kind = await askForKind(
    context,
    vscode.l10n.t('Nothing that is known answers at {0}. What is it?', url),
  );
  return kind && { kind, url, headers: {}, guessed: false };
}

interface Step extends vscode.QuickPickItem {
  /** Changes the backend in the making; undefined leaves it as it is. Absent: add it as it is. */
  readonly change?: () => Promise<Partial<Making> | undefined>;
}

/** Asks the backend, says what it answers, and lets the person change or add it, until it is added or given up. */
async function settle(context: UiContext, first: Making): Promise<void> {
  const { setup } = context.engine;
  let making = first;
  let askedForKey = first.key !== undefined;
  for (;;) {
    const known = existingBackend(making);
    if (known) return tellExisting(known, making.url ?? known.id);
    const draft = making;
    const answer = await withCancel(vscode.l10n.t('Asking {0}', nameOf(context, draft)), (signal) =>
      setup.probe(draft, signal),
    );
    if (answer === CANCELLED) return;
    const takesKey = kindOf(context, draft)?.key !== 'never';
    if (answer.readiness === 'unauthorized' && takesKey && !askedForKey) {
      askedForKey = true;
      const change = await askKeyOf(context, draft);
      if (change) {
        making = { ...making, ...change };
        continue;
      }
    }
    const step = await vscode.window.showQuickPick<Step>(stepsOf(context, draft, answer), {
      title: vscode.l10n.t('Add Backend'),
      placeHolder: answerText(kindOf(context, draft)?.label ?? draft.kind, nameOf(context, draft), answer),
      ignoreFocusOut: true,
    });
    if (!step) return;
    if (!step.change) return saveBackends(context, [draft]);
    making = { ...making, ...(await step.change()) };
  }
}

function stepsOf(context: UiContext, draft: Making, answer: ProbeResult): readonly Step[] {
  const kind = kindOf(context, draft);
  const id = newBackendId(draft, takenIds());
  const steps: Step[] =
    answer.readiness === 'ok'
      ? [
          {
            label: `$(add) ${vscode.l10n.t('Add')}`,
            description: vscode.l10n.t('as {0}', id),
            detail: servedText(answer),
          },
        ]
      : [
          {
            label: `$(refresh) ${vscode.l10n.t('Ask again')}`,
            detail: answer.nextStep,
            change: () => Promise.resolve({}),
          },
          {
            label: `$(warning) ${vscode.l10n.t('Add anyway')}`,
            description: vscode.l10n.t('as {0}', id),
            detail: answer.message,
          },
        ];
  if (kind?.key !== 'never') {
    const label = draft.key === undefined ? vscode.l10n.t('Set a key…') : vscode.l10n.t('Change the key…');
    steps.push({ label: `$(key) ${label}`, change: () => askKeyOf(context, draft) });
    steps.push({
      label: `$(list-flat) ${vscode.l10n.t('Add a header…')}`,
      description: Object.keys(draft.headers).join(', '),
      change: () => askForHeader(draft),
    });
  }
  if (draft.url !== undefined && machineOf({ url: draft.url }) === LOCAL_HOST) {
    steps.push({
      label: `$(remote) ${vscode.l10n.t('It runs on another machine…')}`,
      description: draft.host ?? vscode.l10n.t('for a tunnel that ends here'),
      change: () => askForHost(draft),
    });
  }
  if (kind?.needsUrl) {
    steps.push({
      label: `$(symbol-misc) ${vscode.l10n.t('It is something else…')}`,
      description: kind.label,
      change: async () => {
        const chosen = await askForKind(context, vscode.l10n.t('What is it?'));
        return chosen && { kind: chosen, guessed: false };
      },
    });
  }
  return steps;
}

/** With a key a server says more: what it is may only be known then. */
async function askKeyOf(context: UiContext, draft: Making): Promise<Partial<Making> | undefined> {
  const title = vscode.l10n.t('API key of {0}', nameOf(context, draft));
  const key = await askForKey(title, keyPrompt(draft.url));
  if (key === undefined || key === '') return undefined;
  if (!draft.guessed) return { key };
  const found = await withCancel(vscode.l10n.t('Asking {0}', nameOf(context, draft)), (signal) =>
    context.engine.setup.recognise({ ...draft, key }, signal),
  );
  return found === CANCELLED || found === null ? { key } : { key, kind: found.kind };
}

function kindOf({ engine }: UiContext, { kind }: Pick<Making, 'kind'>): KindChoice | undefined {
  return engine.setup.kinds.find((choice) => choice.kind === kind);
}

function nameOf(context: UiContext, draft: Making): string {
  return draft.url ?? kindOf(context, draft)?.label ?? draft.kind;
}
