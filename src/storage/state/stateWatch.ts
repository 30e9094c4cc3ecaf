import type { Clock } from '../../shared/clock';
import { concernsState } from './generations';
import type { StateFiles } from './stateFiles';

/** Where the system's watch tells nothing, as on network drives, the folder is looked at this often. */
const POLL_MS = 2_000;

/** Calls `look` when a folder may hold a newer state. Keeps no process alive. */
export class StateWatch {
  #cancelPoll: (() => void) | undefined;
  #endWatch: (() => void) | undefined;

  constructor(
    private readonly folder: string,
    private readonly files: StateFiles,
    private readonly clock: Clock,
    private readonly look: () => void,
  ) {}

  start(): void {
    this.#watch();
    this.#cancelPoll = this.clock.after(POLL_MS, () => {
      this.look();
      this.start();
    });
  }

  stop(): void {
    this.#cancelPoll?.();
    this.#endWatch?.();
    this.#endWatch = undefined;
  }

  #watch(): void {
    try {
      this.#endWatch ??= this.files.watch(
        this.folder,
        (name) => {
          if (concernsState(name)) this.look();
        },
        () => {
          this.#endWatch = undefined;
        },
      );
    } catch {
      // There is no folder before the first write, or no watch is to be had: the poll does, and tries again.
    }
  }
}
