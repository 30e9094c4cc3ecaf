import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { bundledProgram, SQL_WASM } from './programs';
import type { WindowReply, WindowRequest } from './registryWindow';

const open = new Set<RegistryWindow>();
let program: Promise<string> | undefined;

/** A window in a process of its own. */
export class RegistryWindow {
  readonly #waiting = new Map<number, (reply: WindowReply) => void>();
  #requests = 0;

  private constructor(
    private readonly child: ChildProcess,
    /** What it showed as soon as its state was open, before anything was asked of it. */
    readonly atStart: Promise<WindowReply>,
  ) {
    child.on('message', ({ id, reply }: { readonly id: number; readonly reply: WindowReply }) => {
      this.#waiting.get(id)?.(reply);
      this.#waiting.delete(id);
    });
  }

  static async open(folder: string, bootId = 'boot'): Promise<RegistryWindow> {
    program ??= bundledProgram('test/support/registryWindow.ts');
    const child = fork(await program, [folder, SQL_WASM, bootId], { execArgv: [] });
    const started = Promise.withResolvers<WindowReply>();
    child.once('exit', () => started.reject(new Error('The window ended before it was open')));
    started.promise.catch(() => undefined);
    const window = new RegistryWindow(child, started.promise);
    window.#waiting.set(0, started.resolve);
    open.add(window);
    await started.promise;
    return window;
  }

  /** Rejects when the process ends before it answers. */
  async ask(request: WindowRequest): Promise<WindowReply> {
    const id = (this.#requests += 1);
    const { promise, resolve, reject } = Promise.withResolvers<WindowReply>();
    this.#waiting.set(id, resolve);
    const onExit = (): void => reject(new Error('The window ended'));
    this.child.once('exit', onExit);
    this.child.send({ id, request });
    try {
      return await promise;
    } finally {
      this.child.off('exit', onExit);
    }
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.child.kill(signal);
  }

  /** `kill -9`, as a crash or the system would. */
  async kill(): Promise<void> {
    open.delete(this);
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

/** For `afterEach`: leaves no process behind. */
export async function killWindows(): Promise<void> {
  await Promise.all([...open].map((window) => window.kill()));
}
