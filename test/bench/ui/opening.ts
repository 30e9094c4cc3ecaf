import type { Page } from 'playwright-core';
import type { Workbench } from '../../e2e/support/workbench';

/** What happened when a page was opened by a command: milliseconds since the command was chosen in the palette. */
export interface Opening {
  /** VS Code put the frame of the webview into the window: what came before is not ours to draw. */
  readonly framedMs: number;
  /** The page's own document began to load in it. */
  readonly loadingMs: number;
  /** The browser's own mark of the first text or picture that it painted of the page. */
  readonly paintedMs: number;
  /** The frame in which the awaited content was in sight. */
  readonly filledMs: number;
}

const FILLED_WITHIN_MS = 30_000;

/** Notes in a window when a command is chosen and when the frame of a webview comes. */
export async function noteOpenings(page: Page): Promise<void> {
  await page.evaluate(() => {
    const noted = { chosenAt: 0, framedAt: 0 };
    Reflect.set(globalThis, 'benchNoted', noted);
    const at = (): number => performance.timeOrigin + performance.now();
    addEventListener('click', () => (noted.chosenAt = at()), { capture: true });
    new MutationObserver((changes) => {
      const added = changes.flatMap(({ addedNodes }) => [...addedNodes]);
      const framed = added.some(
        (node) =>
          node instanceof HTMLElement &&
          (node.matches('iframe.webview') || node.querySelector('iframe.webview')),
      );
      if (framed) noted.framedAt = at();
    }).observe(document.body, { childList: true, subtree: true });
  });
}

/** Opens a page by a command of the palette, and waits until what `selector` names is in sight. */
export async function openNoted(workbench: Workbench, command: string, selector: string): Promise<Opening> {
  await workbench.runCommand(command);
  const { loadingAt, paintedAt, filledAt } = await workbench
    .webview()
    .locator('body')
    .evaluate(
      async (body, { wanted, withinMs }) => {
        const deadline = performance.now() + withinMs;
        while (body.querySelector(wanted)?.checkVisibility() !== true) {
          if (performance.now() > deadline) throw new Error(`No ${wanted} came.`);
          await new Promise(requestAnimationFrame);
        }
        const loadingAt = performance.timeOrigin;
        const filledAt = loadingAt + performance.now();
        const painted = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN;
        return { loadingAt, filledAt, paintedAt: loadingAt + painted };
      },
      { wanted: selector, withinMs: FILLED_WITHIN_MS },
    );
  const { chosenAt, framedAt } = await workbench.page.evaluate(
    () => Reflect.get(globalThis, 'benchNoted') as { readonly chosenAt: number; readonly framedAt: number },
  );
  return {
    framedMs: framedAt - chosenAt,
    loadingMs: loadingAt - chosenAt,
    paintedMs: paintedAt - chosenAt,
    filledMs: filledAt - chosenAt,
  };
}
