import * as vscode from 'vscode';
import { hostLabel } from './hostText';
import { hoverCard } from './hoverCard';
import type { PullRun } from '../pool/pullRuns';
import type { ModelRef } from '../shared/modelRef';
import { formatTokensPerSecond } from '../shared/units';
import { commandId } from './manifest/commands';
import { contextText, plainText, servedModelDescription, shortModelName } from './modelText';
import { isRunning, pullDescription } from './pullText';
import type { UiContext } from './uiContext';

/** The status-bar item: the picked model and how it does; a click opens the picker. */
export class StatusItem {
  readonly #item: vscode.StatusBarItem;

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
      { dispose: engine.dispatcher.onDidRecord(update) },
    );
    this.#update();
    this.#item.show();
  }

  #update(): void {
    const { picks } = this.context;
    const pull = this.#pull();
    const pick = picks.pick;
    this.#item.text = pick ? this.#pickText(pick, pull !== undefined) : this.#noPickText(pull !== undefined);
    this.#item.tooltip = this.#tooltip(pick);
    const trouble =
      (pick !== null && this.#troubleOf(pick) !== undefined) || this.#storageTrouble() !== undefined;
    this.#item.backgroundColor = trouble
      ? new vscode.ThemeColor('statusBarItem.warningBackground')
      : undefined;
    if (pull && pull.percent !== null) this.#item.text += ` · ${pull.percent} %`;
    const spoken = [
      vscode.l10n.t('Model Pool: {0}', pick ? pick.modelId : vscode.l10n.t('no model picked')),
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

  #pickText(pick: ModelRef, pulling: boolean): string {
    const busy = this.context.engine.dispatcher.inUse.has(pick) || pulling;
    const rate = this.context.engine.served.lastDecodeRate(pick);
    const icon =
      this.#troubleOf(pick) === undefined ? (busy ? '$(loading~spin)' : '$(server)') : '$(warning)';
    return `${icon}${this.#storageTrouble() === undefined ? '' : ' $(database)'} ${shortModelName(pick.modelId, pick.provider)}${rate === null ? '' : ` · ${formatTokensPerSecond(rate)}`}`;
  }

  #noPickText(pulling: boolean): string {
    return `${pulling ? '$(loading~spin)' : '$(server)'} ${vscode.l10n.t('Pick a model')}`;
  }

  /** Why the pick cannot be used now, or undefined. */
  #troubleOf(pick: ModelRef): string | undefined {
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

  #tooltip(pick: ModelRef | null): vscode.MarkdownString {
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
    const model = engine.registry.find(pick.backend, pick.provider, pick.modelId);
    const trouble = this.#troubleOf(pick);
    return hoverCard(pick.modelId, [
      vscode.l10n.t('{0}, on {1}', pick.backend, hostLabel(engine, pick.backend)),
      model ? servedModelDescription(model) : undefined,
      model ? contextText(model, engine.served.contextOf(model)) : undefined,
      trouble === undefined ? undefined : { warning: plainText(trouble) },
      pulling,
      stored,
      engine.transcript.problem === undefined ? undefined : { warning: engine.transcript.problem },
      vscode.l10n.t('Click to pick another model.'),
    ]);
  }
}

/** `Installing Qwen3 8B: 42 % · 2.0 GiB of 4.7 GiB`. */
function pullSentence(pull: PullRun): string {
  return vscode.l10n.t('Installing {0}: {1}', pull.label, pullDescription(pull));
}
