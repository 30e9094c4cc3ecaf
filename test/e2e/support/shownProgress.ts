import type { JSHandle, Page } from 'playwright-core';

/** Where a window tells how far an install is. `bar` is the line under the notification. */
type Place = 'recommended' | 'pool' | 'notification' | 'bar' | 'status';

/** All that a place said, in its order, each once as long as it stood there; empty where the place was not there. */
export type ShownProgress = Readonly<Record<Place, readonly string[]>>;

/** Writes down what a window shows of one install, at every change of the page: no step of it is missed. */
export class ProgressWatch {
  private constructor(private readonly seen: JSHandle<Record<Place, string[]>>) {}

  /** @param label what the model is called in the rows */
  static async start(page: Page, label: string): Promise<ProgressWatch> {
    const seen = await page.evaluateHandle((name) => {
      const texts: Record<Place, string[]> = {
        ...{ recommended: [], pool: [], notification: [], bar: [], status: [] },
      };
      const note = (place: Place, text: string): void => {
        if (texts[place].at(-1) !== text) texts[place].push(text);
      };
      const row = (title: string): string => {
        const pane = `.sidebar .pane:has(.pane-header[aria-label^="${title}"])`;
        const rows = [...document.querySelectorAll(`${pane} .monaco-list-row`)];
        const found = rows.find((each) => each.querySelector('.label-name')?.textContent === name);
        return found?.querySelector('.label-description')?.textContent ?? '';
      };
      const look = (): void => {
        note('recommended', row('Recommended'));
        note('pool', row('Pool'));
        const toasts = [...document.querySelectorAll('.notifications-toasts .notification-list-item')];
        const toast = toasts.find((each) => each.textContent.includes(`Installing ${name}`));
        note('notification', toast?.querySelector('.notification-list-item-message')?.textContent ?? '');
        // A bar that does not know how far it is only runs to and fro.
        const bar = toast?.closest('.notification-toast')?.querySelector('.discrete > .progress-bit');
        note('bar', bar instanceof HTMLElement ? bar.style.width : '');
        const status = document.querySelector('[id="modelpool.model-pool.modelPool.status"]');
        note('status', status?.textContent.replaceAll('\u00a0', ' ').trim() ?? '');
      };
      look();
      new MutationObserver(look).observe(document.body, {
        ...{ subtree: true, childList: true, characterData: true, attributes: true },
        attributeFilter: ['style', 'class'],
      });
      return texts;
    }, label);
    return new ProgressWatch(seen);
  }

  async shown(): Promise<ShownProgress> {
    return this.seen.jsonValue();
  }
}

/** The percentages among texts, in their order; those that name none are passed over. */
export function percentsIn(texts: readonly string[]): readonly number[] {
  return texts.flatMap((text) => {
    const percent = /(\d+(?:\.\d+)?) ?%/.exec(text)?.[1];
    return percent === undefined ? [] : [Number(percent)];
  });
}
