import * as vscode from 'vscode';
import { hostLabel } from './hostText';
import { hoverCard } from './hoverCard';
import type { PullRun } from '../pool/pullRuns';
import type { DispatchRecord } from '../shared/dispatchRecord';
import type { ModelRef } from '../shared/modelRef';
import { formatTimeOfDay } from '../shared/timeText';
import { formatTokensPerSecond } from '../shared/units';
import { commandId } from './manifest/commands';
import { contextText, fitText, knownNow, plainText, servedModelDescription } from './modelText';
import { shortModelName } from '../shared/shortModelName';
import type { UserPick } from './pickStore';
import { isRunning, pullDescription } from './pullText';
import type { UiContext } from './uiContext';
import { modelNow, pickName } from './userPick';

/** The status-bar item: the picked model and how it does; a click opens the picker. */
export class StatusItem {
  readonly #item: vscode.StatusBarItem;
  /** Of the last call of this window. */
  #lastRecord: DispatchRecord | undefined;

  constructor(private readonly context: UiContext) {
    const { engine, picks, extension } = context;
    this.#item = vscode.window.createStatusBarItem('modelPool.status', vscode.StatusBarAlignment.Left, 50);
    this.#item.name = vscode.l10n.t('Model Pool');
    this.#item.command = commandId('pickModel');
    const update = (): void => this.#update();
    extension.subscriptions.push(
      this.#item,
      { dispose: picks.onDidChange(update) },
      { dispose: engine.registry.onDidChangeRows(update) },
      { dispose: engine.registry.onDidChangeBackends(update) },
      { dispose: engine.state.onDidChangeStatus(update) },
      { dispose: engine.pulls.onDidChange(update) },
      { dispose: engine.dispatcher.inUse.onDidChange(update) },
      // What is best for a task follows the ranking.
      { dispose: engine.rankings.onDidRank(update) },
      {
        dispose: engine.dispatcher.onDidRecord((record) => {
          this.#lastRecord = record;
          update();
        }),
      },
    );
    this.#update();
    this.#item.show();
  }

  #update(): void {
    const { picks } = this.context;
    const pull = this.#pull();
    const pick = picks.pick;
    const now = pick && modelNow(this.context.engine, pick);
    this.#item.text = pick
      ? this.#pickText(pick, now, pull !== undefined)
      : this.#noPickText(pull !== undefined);
    this.#item.tooltip = this.#tooltip(pick, now);
    const trouble =
      (pick !== null && this.#troubleOf(pick, now) !== undefined) || this.#storageTrouble() !== undefined;
    this.#item.backgroundColor = trouble
      ? new vscode.ThemeColor('statusBarItem.warningBackground')
      : undefined;
    if (pull && pull.percent !== null) this.#item.text += ` · ${pull.percent} %`;
    const spoken = [
      vscode.l10n.t('Model Pool: {0}', spokenPick(pick, now)),
      pull ? pullSentence(pull) : undefined,
    ];
    this.#item.accessibilityInformation = {
      label: spoken.filter((part) => part !== undefined).join(', '),
      role: 'button',
    };
  }

  /** The pull that moves now, else the first that waits. */
  #pull(): PullRun | undefined {
    const running = this.context.engine.pulls.runs.filter(isRunning);
    return running.find(({ status }) => status !== 'queued') ?? running[0];
  }

  #pickText(pick: UserPick, now: ModelRef | null, pulling: boolean): string {
    const { dispatcher, served } = this.context.engine;
    const busy = pulling || (now !== null && dispatcher.inUse.has(now));
    const rate = now && served.lastDecodeRate(now);
    const icon =
      this.#troubleOf(pick, now) === undefined ? (busy ? '$(loading~spin)' : '$(server)') : '$(warning)';
    const names = [
      pickName(pick),
      'best' in pick && now ? shortModelName(now.modelId, now.provider) : undefined,
      rate === null ? undefined : formatTokensPerSecond(rate),
    ];
    const text = names.filter((name) => name !== undefined).join(' · ');
    return `${icon}${this.#storageTrouble() === undefined ? '' : ' $(database)'} ${text}`;
  }

  #noPickText(pulling: boolean): string {
    return `${pulling ? '$(loading~spin)' : '$(server)'} ${vscode.l10n.t('Pick a model')}`;
  }

  /** Why the pick cannot be used now, or undefined. */
  #troubleOf(pick: UserPick, now: ModelRef | null): string | undefined {
    if (!('best' in pick)) return this.#troubleOfModel(pick);
    const { dispatcher, registry } = this.context.engine;
    // Who was not asked yet may have one: at the start that is everybody.
    if (now || registry.backends().some(({ readiness }) => readiness === 'unknown')) return undefined;
    const resolution = dispatcher.explain({ model: pick, messages: [], sessionId: 'pick' });
    return resolution.ok ? undefined : resolution.failure.message;
  }

  #troubleOfModel(pick: ModelRef): string | undefined {
    const { registry } = this.context.engine;
    const state = registry.backends().find((backend) => backend.id === pick.backend);
    if (!state) return vscode.l10n.t('{0} is no longer set up.', pick.backend);
    if (state.readiness !== 'ok' && state.readiness !== 'unknown') {
      return [state.message, state.nextStep].filter((part) => part !== undefined).join(' ');
    }
    const served = registry.find(pick.backend, pick.provider, pick.modelId);
    if (!served && state.readiness === 'ok')
      return vscode.l10n.t('{0} no longer serves {1}.', pick.backend, pick.modelId);
    return undefined;
  }

  /** Why what this window sees is not stored, or undefined. */
  #storageTrouble(): string | undefined {
    const { status } = this.context.engine.state;
    return status.state === 'degraded' || status.state === 'read_only' ? status.message : undefined;
  }

  #tooltip(pick: UserPick | null, now: ModelRef | null): vscode.MarkdownString {
    const { engine } = this.context;
    const pull = this.#pull();
    const pulling = pull ? pullSentence(pull) : undefined;
    const storage = this.#storageTrouble();
    const stored = storage === undefined ? undefined : { warning: plainText(storage) };
    if (!pick) {
      return hoverCard(vscode.l10n.t('Model Pool'), [
        stored,
        pulling,
        vscode.l10n.t('No model is picked. Click to pick one.'),
      ]);
    }
    const served = now ? engine.registry.find(now.backend, now.provider, now.modelId) : undefined;
    const model = served && knownNow(engine, served);
    const fit = model && engine.served.fitOf(model);
    const trouble = this.#troubleOf(pick, now);
    const isAuto = 'best' in pick;
    return hoverCard(isAuto ? pickName(pick) : pick.modelId, [
      isAuto
        ? vscode.l10n.t('The best installed model for this task that answers, chosen anew at each call.')
        : undefined,
      isAuto && now ? vscode.l10n.t('Now {0}', now.modelId) : undefined,
      now ? vscode.l10n.t('{0}, on {1}', now.backend, hostLabel(this.context, now.backend)) : undefined,
      model ? servedModelDescription(model) : undefined,
      fit && fitText(fit.kind),
      model ? contextText(model, engine.served.contextOf(model)) : undefined,
      this.#lastRecord && lastCallText(this.#lastRecord),
      trouble === undefined ? undefined : { warning: plainText(trouble) },
      pulling,
      stored,
      engine.transcript.problem === undefined ? undefined : { warning: engine.transcript.problem },
      this.context.picks.scope === 'folder'
        ? vscode.l10n.t('Picked for this folder. Click to pick another model.')
        : vscode.l10n.t('Click to pick another model.'),
    ]);
  }
}

/** What a screen reader says of the pick. */
function spokenPick(pick: UserPick | null, now: ModelRef | null): string {
  if (!pick) return vscode.l10n.t('no model picked');
  if (!('best' in pick)) return pick.modelId;
  return now ? vscode.l10n.t('{0}, now {1}', pickName(pick), now.modelId) : pickName(pick);
}

/** `Last call: qwen3:8b answered at 12:31, 34 tok/s`. */
function lastCallText({ model, outcome, endedAt, timings }: DispatchRecord): string {
  const at = formatTimeOfDay(endedAt);
  const rate = timings?.decodeTokPerSec;
  switch (outcome.kind) {
    case 'served':
    case 'empty_completion_transient_recovered':
      return rate === undefined
        ? vscode.l10n.t('Last call: {0} answered at {1}', model, at)
        : vscode.l10n.t('Last call: {0} answered at {1}, {2}', model, at, formatTokensPerSecond(rate));
    case 'cancelled':
      return vscode.l10n.t('Last call: {0}, cancelled at {1}', model, at);
    default:
      return vscode.l10n.t('Last call: {0} did not answer at {1}; Show Dispatches says why', model, at);
  }
}

/** `Installing Qwen3 8B: 42 % · 2.0 GiB of 4.7 GiB`. */
function pullSentence(pull: PullRun): string {
  return vscode.l10n.t('Installing {0}: {1}', pull.label, pullDescription(pull));
}
