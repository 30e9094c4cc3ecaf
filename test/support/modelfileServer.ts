import { spawn, type ChildProcess } from 'node:child_process';
import process from 'node:process';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type ClientCapabilities,
  type Diagnostic,
  type InitializeResult,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
} from 'vscode-languageserver/node';
import type { ServerOptions } from '../../src/modelfile/serverOptions';
import { bundledProgram } from './programs';

/** Longest wait for an answer of the server, for machines that do many things at once. */
const PATIENCE_MS = 30_000;

/** The language server as it ships, in a process of its own, spoken to over its pipe as an editor does. */
export class ModelfileServer {
  readonly connection: ProtocolConnection;
  readonly initialized: InitializeResult;
  readonly #child: ChildProcess;
  readonly #published = new Map<string, PublishDiagnosticsParams[]>();
  readonly #waiting = new Set<() => void>();

  private constructor(child: ChildProcess, connection: ProtocolConnection, initialized: InitializeResult) {
    this.#child = child;
    this.connection = connection;
    this.initialized = initialized;
    connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      this.#published.set(params.uri, [...(this.#published.get(params.uri) ?? []), params]);
      for (const look of this.#waiting) look();
    });
  }

  /** `initializationOptions`: what the editor's client hands over with the first request; then what that client can do. */
  static async start(
    initializationOptions?: ServerOptions,
    capabilities: ClientCapabilities = {},
  ): Promise<ModelfileServer> {
    const program = await bundledProgram('src/modelfile/server.ts');
    const child = spawn(process.execPath, [program, '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] });
    process.once('exit', () => child.kill('SIGKILL'));
    const connection = createProtocolConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    connection.onError(() => undefined);
    connection.onUnhandledNotification(() => undefined);
    connection.listen();
    const initialized = await connection.sendRequest<InitializeResult>('initialize', {
      ...{ processId: process.pid, rootUri: null, capabilities, initializationOptions },
    });
    await connection.sendNotification('initialized', {});
    return new ModelfileServer(child, connection, initialized);
  }

  /** Opens a document; its first version is 1. */
  async open(uri: string, text: string): Promise<void> {
    await this.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'modelfile', version: 1, text },
    });
  }

  /** Replaces a document's whole text. */
  async change(uri: string, version: number, text: string): Promise<void> {
    await this.connection.sendNotification('textDocument/didChange', {
      ...{ textDocument: { uri, version }, contentChanges: [{ text }] },
    });
  }

  request<Answer>(method: string, params: unknown): Promise<Answer> {
    return this.connection.sendRequest<Answer>(method, params);
  }

  /** Forgets what was said about a document so far. */
  forget(uri: string): void {
    this.#published.delete(uri);
  }

  /** The last diagnostics of a document that satisfy a condition, as soon as there are some. */
  diagnostics(
    uri: string,
    isWanted: (params: PublishDiagnosticsParams) => boolean = () => true,
  ): Promise<readonly Diagnostic[]> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.#published.get(uri)?.findLast(isWanted);
        if (!found) return;
        this.#waiting.delete(look);
        clearTimeout(timer);
        resolve(found.diagnostics);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        const said = JSON.stringify(this.#published.get(uri)?.at(-1) ?? null);
        reject(new Error(`no such diagnostics of ${uri}; the last were ${said}`));
      }, PATIENCE_MS);
      this.#waiting.add(look);
      look();
    });
  }

  /** Resolves when the process has ended. */
  async kill(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL');
      await ended;
    }
    this.connection.dispose();
  }
}
