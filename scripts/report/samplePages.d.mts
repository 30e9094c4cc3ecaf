import type { BEHAVIOURS } from '../../test/fixtures/report/behaviours.mjs';

export interface SamplePages {
  /** Plays a behaviour on a fresh page; rejects where it is not as it should be. */
  readonly behave: (behaviour: (typeof BEHAVIOURS)[number]) => Promise<void>;
  /** Breaches of the page's security policy, and errors in it. */
  readonly faults: string[];
  readonly close: () => Promise<void>;
}

/** Pages of the built report in a Chromium, without VS Code. */
export function openSamplePages(options: { readonly executablePath: string }): Promise<SamplePages>;
