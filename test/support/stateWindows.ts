import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { z } from 'zod';
import { bundledProgram, SQL_WASM } from './programs';
import { windowReport } from './stateWindowTask';
import type { WindowTask } from './stateWindowTask';

/** A window of a state test in a process of its own. */
export interface StateWindow {
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  /** It has stopped itself, or is about to in this very moment. */
  readonly stopping: Promise<void>;
  /** It has found a state of a newer version. */
  readonly readOnly: Promise<void>;
  readonly report: Promise<z.infer<typeof windowReport>>;
  readonly ended: Promise<void>;
  /** Transactions that it was told are stored. */
  acknowledged(): number;
}

/** Folders and processes of one test; `end` kills and deletes them all. */
export class StateWindows {
  readonly #windows: StateWindow[] = [];

  private constructor(
    readonly folder: string,
    private readonly root: string,
    private readonly program: string,
  ) {}

  static async make(): Promise<StateWindows> {
    const root = await mkdtemp(path.join(tmpdir(), 'state-'));
    return new StateWindows(
      path.join(root, 'storage'),
      root,
      await bundledProgram('test/support/stateWindow.ts'),
    );
  }

  start(task: Omit<WindowTask, 'folder' | 'wasmFile'>): StateWindow {
    const acknowledged = path.join(this.root, `${task.name}.acknowledged`);
    const whole: WindowTask = { folder: this.folder, wasmFile: SQL_WASM, acknowledged, ...task };
    const child = fork(this.program, [JSON.stringify(whole)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const told = <T>(parse: (message: unknown) => T | undefined): Promise<T> => {
      const promise = new Promise<T>((resolve, reject) => {
        child.on('message', (message) => {
          const value = parse(message);
          if (value !== undefined) resolve(value);
        });
        void ended.then(() => reject(new Error(`the window ${task.name} ended`)));
      });
      promise.catch(() => undefined);
      return promise;
    };
    const says = (kind: string) => async (): Promise<void> => {
      await told((message) => (JSON.stringify(message) === JSON.stringify({ kind }) ? true : undefined));
    };
    const window: StateWindow = {
      child,
      ended,
      ready: quiet(says('ready')()),
      stopping: quiet(says('stopping')()),
      readOnly: quiet(says('read_only')()),
      report: told((message) => windowReport.safeParse(message).data),
      acknowledged: () =>
        existsSync(acknowledged) ? readFileSync(acknowledged, 'utf8').split('\n').length - 1 : 0,
    };
    this.#windows.push(window);
    return window;
  }

  async end(): Promise<void> {
    for (const { child } of this.#windows) child.kill('SIGKILL');
    await Promise.all(this.#windows.map(({ ended }) => ended));
    await rm(this.root, { recursive: true, force: true });
  }
}

function quiet(promise: Promise<void>): Promise<void> {
  promise.catch(() => undefined);
  return promise;
}
