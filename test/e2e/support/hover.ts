import type { Locator } from 'playwright-core';
import { eventually } from './eventually';

/** How long a hover may take to come or to go. */
const HOVER_MS = 4_000;

/**
 * The text of the hover of what is pointed at. What is drawn anew under the pointer opens none, so it is pointed at again;
 * and a hover that is open, of a button or of what was pointed at before, may stay, so it is left or closed first.
 */
export async function hoverOf(target: Locator): Promise<string> {
  const page = target.page();
  const hover = page.locator('.workbench-hover-container .monaco-hover');
  return eventually('a hover', async () => {
    await page.mouse.move(700, 899);
    try {
      await hover.waitFor({ state: 'hidden', timeout: HOVER_MS });
    } catch (thrown) {
      await page.keyboard.press('Escape');
      throw thrown;
    }
    await target.hover({ timeout: HOVER_MS });
    return (await hover.innerText({ timeout: HOVER_MS })).trim();
  });
}
