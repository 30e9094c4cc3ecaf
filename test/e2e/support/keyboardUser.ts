import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { reportFrame } from './axe';
import { eventually } from './eventually';
import type { Workbench } from './workbench';

/** The palette and the lists search only when the keys have been quiet for a moment. */
const QUIET_MS = 250;
/** From a key to what it moves. */
const PRESS_MS = 50;
const TRY_MS = 5_000;
const PALETTE_LIMIT_MS = 60_000;
/** More presses than any list, dialog or page here has stops. */
const MOST_PRESSES = 60;

/** Somebody without a mouse: presses keys and reads the screen, and has no way to point at anything. */
export class KeyboardUser {
  readonly #page: Page;
  readonly #workbench: Workbench;
  readonly #input: Locator;
  readonly #focusedOption: Locator;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
    this.#page = workbench.page;
    this.#input = this.#page.locator('.quick-input-widget .quick-input-filter input:focus');
    this.#focusedOption = this.#page.locator(
      '.quick-input-list .monaco-list-row.focused .quick-input-list-row > .monaco-icon-label .label-name',
    );
  }

  /**
   * Counts what a mouse or a finger does in the window from now on, so that a test can say that it was nothing.
   *
   * @returns what counts so far
   */
  async watchPointer(): Promise<() => Promise<number>> {
    const count = await this.#page.evaluateHandle(() => {
      const counted = { events: 0 };
      for (const type of ['pointerdown', 'mousedown', 'mousemove', 'touchstart', 'wheel']) {
        window.addEventListener(type, () => (counted.events += 1), { capture: true });
      }
      return counted;
    });
    return () => count.evaluate(({ events }) => events);
  }

  async press(key: string): Promise<void> {
    await this.#page.keyboard.press(key);
  }

  async type(text: string): Promise<void> {
    await this.#page.keyboard.type(text);
  }

  /** Runs a command by its full title in the palette. Tries again when something opens in the palette's place. */
  async runCommand(title: string): Promise<void> {
    await eventually(
      `the command ${title} in the palette`,
      async () => {
        await this.press('F1');
        await this.#replaceInput(`>${title}`);
        await this.#goTo(this.#focusedOption, title);
        await this.press('Enter');
        return true;
      },
      PALETTE_LIMIT_MS,
    );
  }

  /** Filters the open quick pick by what is typed, and chooses the entry with this label. */
  async choose(label: string | RegExp, filter = ''): Promise<void> {
    await this.#input.waitFor();
    if (filter !== '') await this.#replaceInput(filter);
    await this.#goTo(this.#focusedOption, label);
    await this.press('Enter');
  }

  /** Types a value into the open input box and confirms it. */
  async enter(value: string): Promise<void> {
    await this.#replaceInput(value);
    await this.press('Enter');
  }

  /** Runs a command that asks for a file, types its path into VS Code's own dialog and takes it. */
  async chooseFile(title: string, file: string): Promise<void> {
    const listed = this.#page
      .locator('.quick-input-list .label-name')
      .getByText(path.basename(file), { exact: true });
    // What a new window still opens takes the focus, and so the dialog away.
    await eventually(
      'the file in the dialog',
      async () => {
        await this.runCommand(title);
        await this.#replaceInput(file);
        return listed.waitFor({ timeout: 2 * TRY_MS }).then(() => true);
      },
      2 * PALETTE_LIMIT_MS,
    );
    // While it still reads the folder it takes no Enter.
    await eventually('the file dialog to close', async () => {
      if (await this.#input.isHidden()) return true;
      await this.press('Enter');
      return this.#input.waitFor({ state: 'hidden', timeout: 2_000 }).then(() => true);
    });
  }

  /** Presses a button of the modal message. */
  async pressInDialog(button: string): Promise<void> {
    const box = this.#page.locator('.monaco-dialog-box');
    await box.waitFor();
    const focused = box.locator('.monaco-button:focus');
    await this.#pressUntil('Tab', `the button ${button}`, async () => (await textOf(focused)) === button);
    await this.press('Enter');
    await box.waitFor({ state: 'hidden' });
  }

  /** Goes to the row of a tree view that stands at `index`, from 0, and returns its label. */
  async goToRow(view: string, index: number): Promise<string> {
    await this.runCommand(`Model Pool: Focus on ${view} View`);
    const list = this.#page.locator(`.sidebar .pane:has(.pane-header[aria-label^="${view}"]) .monaco-list`);
    await list.and(this.#page.locator(':focus')).waitFor();
    await this.press('Home');
    const focused = list.locator('.monaco-list-row.focused');
    await focused.waitFor();
    await this.#pressUntil(
      'ArrowDown',
      `row ${index} of ${view}`,
      async () => (await focused.getAttribute('data-index')) === String(index),
    );
    return textOf(focused.locator('.label-name'));
  }

  /** Opens the context menu of what has the focus and chooses an entry. */
  async chooseFromMenu(entry: string): Promise<void> {
    await this.press('Shift+F10');
    const menu = this.#page.locator('.context-view .monaco-menu');
    await menu.waitFor();
    // Nothing in it has the focus when it opens.
    await this.press('ArrowDown');
    await this.#goTo(menu.locator('.action-item.focused .action-label'), entry);
    await this.press('Enter');
    await menu.waitFor({ state: 'hidden' });
  }

  /** Presses Tab until the element of the report with this name has the focus. */
  async tabTo(name: string): Promise<void> {
    const frame = await reportFrame(this.#workbench);
    await this.#pressUntil('Tab', `the focus on ${name}`, () =>
      frame.evaluate((wanted) => document.activeElement?.getAttribute('aria-label') === wanted, name),
    );
  }

  /** Types in place of what the field holds, again where it was changed under the typing. */
  async #replaceInput(text: string): Promise<void> {
    await eventually(`the field to hold ${text}`, async () => {
      await this.#input.waitFor({ timeout: TRY_MS });
      await this.press('ControlOrMeta+A');
      await this.type(text);
      await this.#page.waitForTimeout(QUIET_MS);
      return (await this.#input.inputValue({ timeout: TRY_MS })) === text;
    });
  }

  /** Presses the arrow down until what has the focus reads so. */
  async #goTo(focused: Locator, label: string | RegExp): Promise<void> {
    await focused.waitFor({ timeout: TRY_MS });
    await this.#pressUntil('ArrowDown', `the focus on ${String(label)}`, async () => {
      const text = await textOf(focused);
      return typeof label === 'string' ? text === label : label.test(text);
    });
  }

  async #pressUntil(key: string, what: string, isThere: () => Promise<boolean>): Promise<void> {
    for (let presses = 0; presses < MOST_PRESSES; presses++) {
      if (await isThere()) return;
      await this.press(key);
      await this.#page.waitForTimeout(PRESS_MS);
    }
    throw new Error(`${key} was pressed ${MOST_PRESSES} times in vain for ${what}.`);
  }
}

async function textOf(locator: Locator): Promise<string> {
  const text = await locator.first().textContent({ timeout: TRY_MS });
  return (text ?? '').replaceAll('\u00a0', ' ').trim();
}
