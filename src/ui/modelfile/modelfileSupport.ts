import * as vscode from 'vscode';
import { modelfileFacts } from '../../engine/modelfileFacts';
import { LANGUAGE_ID } from '../../modelfile/protocol';
import type { MachineFacts } from '../../modelfile/protocol';
import { systemClock } from '../../shared/clock';
import { messageOf } from '../../shared/errors';
import { LOCAL_HOST } from '../../shared/modelRef';
import { machineMemoryLine, machineTitle } from '../machineText';
import type { UiContext } from '../uiContext';
import type { ModelfileClient } from './languageClient';

/** News within this time are told together. */
const FACTS_DELAY_MS = 250;

/**
 * Support for Modelfiles: starts the language server with the first one that is open, and tells it what this machine
 * knows, again after every change. Costs nothing before; what it returns ends it.
 */
export function startModelfileSupport(context: UiContext): vscode.Disposable {
  const support = new ModelfileSupport(context);
  const isModelfile = ({ languageId }: vscode.TextDocument): boolean => languageId === LANGUAGE_ID;
  const opening = vscode.workspace.onDidOpenTextDocument((document) => {
    if (isModelfile(document)) support.start();
  });
  if (vscode.workspace.textDocuments.some(isModelfile)) support.start();
  return vscode.Disposable.from(opening, support);
}

class ModelfileSupport implements vscode.Disposable {
  readonly #context: UiContext;
  readonly #subscriptions: { dispose(): void }[] = [];
  #client: ModelfileClient | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** What the running server was told last. */
  #told = '';
  #isStarted = false;
  #isDisposed = false;

  constructor(context: UiContext) {
    this.#context = context;
  }

  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    void this.#start().catch((thrown: unknown) => {
      this.#context.logger.log('error', 'modelfile.start.failed', { error: messageOf(thrown) });
      this.#tellGivenUp();
    });
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#client?.dispose();
  }

  async #start(): Promise<void> {
    const { engine, extension, log } = this.#context;
    // A bundle of its own: it is larger than all that starts with the extension.
    const { startLanguageClient } = await import('./languageClient');
    if (this.#isDisposed) return;
    this.#client = startLanguageClient({
      serverFile: vscode.Uri.joinPath(extension.extensionUri, 'dist', 'modelfileServer.js').fsPath,
      log,
      monotonicMs: () => systemClock.monotonicMs(),
      onReady: () => {
        this.#told = '';
        this.#tellFactsSoon(0);
      },
      onGivenUp: () => this.#tellGivenUp(),
    });
    const soon = (): void => this.#tellFactsSoon(FACTS_DELAY_MS);
    this.#subscriptions.push(
      { dispose: engine.rankings.onDidChange(soon) },
      { dispose: engine.registry.onDidChangeRows(soon) },
      { dispose: engine.onDidConfigure(soon) },
    );
  }

  #tellFactsSoon(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#tellFacts().catch((thrown: unknown) =>
        this.#context.logger.log('warn', 'modelfile.facts.failed', { error: messageOf(thrown) }),
      );
    }, delayMs);
  }

  async #tellFacts(): Promise<void> {
    const facts = await readFacts(this.#context);
    // Rows change with each probe, what is told here seldom does.
    const told = JSON.stringify(facts);
    if (this.#isDisposed || told === this.#told) return;
    this.#told = told;
    this.#client?.sendFacts(facts);
  }

  #tellGivenUp(): void {
    if (this.#isDisposed) return;
    const show = vscode.l10n.t('Show Log');
    const reload = vscode.l10n.t('Reload Window');
    const message = vscode.l10n.t(
      'Modelfile support has stopped: its server ended several times. Files can still be edited; reload the window to try again.',
    );
    void vscode.window.showErrorMessage(message, reload, show).then((choice) => {
      if (choice === show) this.#context.log.show();
      if (choice === reload) return vscode.commands.executeCommand('workbench.action.reloadWindow');
      return undefined;
    });
  }
}

/** What this machine knows now, of the models that its Ollama servers serve and of those that are ranked for it. */
async function readFacts({ engine }: UiContext): Promise<MachineFacts> {
  const ranking = await engine.rankings.rank(engine.settings.task, LOCAL_HOST);
  const served = engine.served
    .all()
    .filter(({ backend }) => engine.installs.canInstallOn(backend) && engine.hostOf(backend) === LOCAL_HOST);
  const { profile } = ranking;
  return modelfileFacts({
    ranking,
    served,
    machine: `${machineTitle(profile)}: ${machineMemoryLine(profile)}`,
    contextLength: process.env['OLLAMA_CONTEXT_LENGTH'],
  });
}
