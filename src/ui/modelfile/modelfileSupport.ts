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
import { mayNameModels, provideReferences } from './otherFiles';

/** News within this time are told together. */
const FACTS_DELAY_MS = 250;

/** What the user has turned on beyond Modelfiles. */
export interface ModelfileOptions {
  /** Whether other files that name models get hovers and hints as well; asked again when settings change. */
  readonly otherFiles: () => boolean;
}

/**
 * Support for Modelfiles: starts the language server with the first one that is open, and tells it what this machine
 * knows, again after every change. Costs nothing before; what it returns ends it.
 */
export function startModelfileSupport(context: UiContext, options: ModelfileOptions): vscode.Disposable {
  const support = new ModelfileSupport(context, options);
  const opening = vscode.workspace.onDidOpenTextDocument((document) => support.look(document));
  for (const document of vscode.workspace.textDocuments) support.look(document);
  return vscode.Disposable.from(opening, support);
}

class ModelfileSupport implements vscode.Disposable {
  readonly #context: UiContext;
  readonly #options: ModelfileOptions;
  readonly #subscriptions: { dispose(): void }[] = [];
  readonly #factsTold = new vscode.EventEmitter<void>();
  #client: ModelfileClient | undefined;
  #references: vscode.Disposable | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** What the running server was told last. */
  #told = '';
  #isStarted = false;
  #isDisposed = false;

  constructor(context: UiContext, options: ModelfileOptions) {
    this.#context = context;
    this.#options = options;
    this.#subscriptions.push(this.#factsTold, {
      dispose: context.engine.onDidConfigure(() => this.#configure()),
    });
  }

  /** Starts the server where a document needs it. */
  look(document: vscode.TextDocument): void {
    const isWanted =
      document.languageId === LANGUAGE_ID || (this.#options.otherFiles() && mayNameModels(document));
    if (isWanted) this.#startOnce();
  }

  #startOnce(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    void this.#start().catch((thrown: unknown) => {
      this.#context.logger.log('error', 'modelfile.start.failed', { error: messageOf(thrown) });
      this.#tellGivenUp();
    });
  }

  #configure(): void {
    for (const document of vscode.workspace.textDocuments) this.look(document);
    this.#provideReferences();
  }

  #provideReferences(): void {
    const client = this.#client;
    const isOn = client !== undefined && this.#options.otherFiles();
    if (isOn === (this.#references !== undefined)) return;
    this.#references?.dispose();
    this.#references = isOn
      ? provideReferences((path, text, token) => client.references(path, text, token), this.#factsTold.event)
      : undefined;
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    this.#references?.dispose();
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
    this.#provideReferences();
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
    this.#factsTold.fire();
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
