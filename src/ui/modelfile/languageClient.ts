import * as vscode from 'vscode';
import type { ErrorHandler, LanguageClientOptions, ServerOptions } from 'vscode-languageclient/node';
import { CloseAction, ErrorAction, LanguageClient, State, TransportKind } from 'vscode-languageclient/node';
import { FACTS_NOTIFICATION, LANGUAGE_ID, REFERENCES_REQUEST } from '../../modelfile/protocol';
import type { MachineFacts } from '../../modelfile/protocol';
import type { ServerOptions as ModelfileServerOptions } from '../../modelfile/serverOptions';
import { CrashCount } from './crashCount';
import { editorLanguage } from '../editorLanguage';

/** Crashes within `CRASH_WINDOW_MS` after which the server is left stopped. */
const MOST_CRASHES = 4;
const CRASH_WINDOW_MS = 3 * 60_000;

export interface ModelfileClientOptions {
  /** The server's bundle. */
  readonly serverFile: string;
  readonly log: vscode.LogOutputChannel;
  /** Milliseconds since a fixed moment, which no change of the clock moves. */
  readonly monotonicMs: () => number;
  /** Called each time that the server has started and knows nothing yet. */
  readonly onReady: () => void;
  /** Called when it was given up. */
  readonly onGivenUp: () => void;
}

/** The language client of one window. The bundle of this file is loaded when the first Modelfile is opened. */
export interface ModelfileClient {
  dispose(): void;
  /** Tells the server what this machine knows; nothing happens while it is not running. */
  sendFacts(facts: MachineFacts): void;
  /** Asks what is known of the models that another file names; undefined while the server is not running. */
  references(path: string, text: string, token: vscode.CancellationToken): Promise<unknown>;
}

/**
 * Starts the server in a process of its own, and starts it again when it dies: the client then sends it the open
 * documents by itself, so that nothing in the editor is lost.
 */
export function startLanguageClient(options: ModelfileClientOptions): ModelfileClient {
  const run = { module: options.serverFile, transport: TransportKind.ipc };
  const serverOptions: ServerOptions = { run, debug: run };
  const watcher = vscode.workspace.createFileSystemWatcher('**/*.{gguf,safetensors}', false, true, false);
  const clientOptions: LanguageClientOptions = {
    // Not what is only shown, such as the Modelfile of an installed model.
    documentSelector: ['file', 'untitled'].map((scheme) => ({ language: LANGUAGE_ID, scheme })),
    outputChannel: options.log,
    synchronize: { fileEvents: watcher },
    errorHandler: restartPolicy(options),
    initializationFailedHandler: () => false,
    initializationOptions: { language: editorLanguage() } satisfies ModelfileServerOptions,
  };
  const client = new LanguageClient('modelPool.modelfile', 'Modelfile', serverOptions, clientOptions);
  const states = client.onDidChangeState(({ newState }) => {
    if (newState === State.Running) options.onReady();
  });
  client.start().catch((thrown: unknown) => {
    options.log.error(`modelfile.start.failed ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    options.onGivenUp();
  });
  return {
    sendFacts: (facts) => {
      if (client.state !== State.Running) return;
      client.sendNotification(FACTS_NOTIFICATION, facts).catch(() => undefined);
    },
    references: async (path, text, token) =>
      client.state === State.Running
        ? client.sendRequest<unknown>(REFERENCES_REQUEST, { path, text }, token)
        : undefined,
    dispose: () => {
      states.dispose();
      watcher.dispose();
      client.dispose().catch(() => undefined);
    },
  };
}

/** Starts a dead server again, until it dies too often: then a person is told, once. */
function restartPolicy({ monotonicMs, onGivenUp, log }: ModelfileClientOptions): ErrorHandler {
  const crashes = new CrashCount(MOST_CRASHES, CRASH_WINDOW_MS);
  return {
    error: (_error, _message, count = 0) => ({
      action: count <= MOST_CRASHES ? ErrorAction.Continue : ErrorAction.Shutdown,
      handled: true,
    }),
    closed: () => {
      if (crashes.isTooOften(monotonicMs())) {
        onGivenUp();
        return { action: CloseAction.DoNotRestart, handled: true };
      }
      log.warn('modelfile.server.restarted');
      return { action: CloseAction.Restart, handled: true };
    },
  };
}
