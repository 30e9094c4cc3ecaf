import type { Clock } from '../shared/clock';

const NEAR_PERIOD_MS = 10_000;
const FOCUSED_PERIOD_MS = 60_000;

/** What tells whether somebody would notice that a server came or went. */
export interface Attention {
  /** Whether one of our views can be seen. */
  readonly viewVisible: boolean;
  /** Whether the window has the focus. */
  readonly focused: boolean;
  /** Whether a call to a model runs. */
  readonly calling: boolean;
}

/**
 * Says when to look at the local backends: every 10 s while one of our views is visible or a call runs, every 60 s while
 * the window is focused, at once when a view or the window comes to the fore, else never.
 */
export class Presence {
  #attention: Attention = { viewVisible: false, focused: false, calling: false };
  #lastLookAt: number | undefined;
  #cancel: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly look: () => void,
  ) {}

  set(attention: Attention): void {
    const before = this.#attention;
    this.#attention = attention;
    const cameToFore =
      (attention.viewVisible && !before.viewVisible) || (attention.focused && !before.focused);
    if (cameToFore) this.#lookNow();
    else this.#reschedule();
  }

  stop(): void {
    this.set({ viewVisible: false, focused: false, calling: false });
  }

  #lookNow(): void {
    this.#lastLookAt = this.clock.monotonicMs();
    this.#reschedule();
    this.look();
  }

  #reschedule(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const period = periodMs(this.#attention);
    if (period === undefined) return;
    const now = this.clock.monotonicMs();
    const waitMs = Math.max(0, (this.#lastLookAt ?? now) + period - now);
    this.#cancel = this.clock.after(waitMs, () => this.#lookNow());
  }
}

function periodMs({ viewVisible, focused, calling }: Attention): number | undefined {
  if (viewVisible || calling) return NEAR_PERIOD_MS;
  return focused ? FOCUSED_PERIOD_MS : undefined;
}
