import type { Locator, Page } from 'playwright-core';
import { eventually } from './eventually';

/** From a key to what it does. */
const HEARD_MS = 2_000;

/** An entry of a quick pick, as it shows. */
export interface QuickPickOption {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
  /** The text of the separator at the entry's end; only the first entry of a group has one. */
  readonly separator: string;
}

/** VS Code's quick pick and input box: one widget at the top of the window. */
export class QuickInput {
  readonly #widget: Locator;

  constructor(page: Page) {
    this.#widget = page.locator('.quick-input-widget');
  }

  async waitUntilOpen(withinMs?: number): Promise<void> {
    await this.#widget.waitFor({
      state: 'visible',
      ...(withinMs === undefined ? {} : { timeout: withinMs }),
    });
  }

  /**
   * Whether it is open for something other than the palette, whose field begins with `>`, and hears the keys: some questions
   * stay when a webview takes the focus.
   */
  async isAsking(): Promise<boolean> {
    if (!(await this.#widget.isVisible()) || (await this.value()).startsWith('>')) return false;
    return this.#widget.evaluate((widget) => widget.contains(document.activeElement));
  }

  async waitUntilClosed(): Promise<void> {
    await this.#widget.waitFor({ state: 'hidden' });
  }

  async title(): Promise<string> {
    return (await this.#widget.locator('.quick-input-title').innerText()).trim();
  }

  /** The grey text of the empty field: a quick pick's placeholder, an input box's too. */
  async placeholder(): Promise<string> {
    return (await this.#input.getAttribute('placeholder')) ?? '';
  }

  /** The line under the field: an input box's prompt, or what is wrong with the value. */
  async message(): Promise<string> {
    return eventually('a line under the field', async () => {
      const text = (await this.#widget.locator('.quick-input-message').innerText()).trim();
      return text === '' ? undefined : text;
    });
  }

  /** The entries on the screen, from top to bottom. */
  async options(): Promise<readonly QuickPickOption[]> {
    const rows = await this.#rows.evaluateAll((elements) =>
      elements.map((element) => {
        // Rows are used again for other lists, with the parts that they do not need hidden.
        const text = (selector: string): string => {
          const part = element.querySelector(selector);
          return part?.checkVisibility() === true ? part.textContent.trim() : '';
        };
        return {
          label: text('.quick-input-list-row > .monaco-icon-label .label-name'),
          description: text('.quick-input-list-row > .monaco-icon-label .label-description'),
          detail: text('.quick-input-list-label-meta'),
          separator: text('.quick-input-list-separator'),
          index: Number(element.getAttribute('data-index')),
        };
      }),
    );
    return rows
      .sort((a, b) => a.index - b.index)
      .map(({ label, description, detail, separator }) => ({ label, description, detail, separator }));
  }

  /** Waits until `condition` holds for the entries on the screen, and returns them. */
  async waitForOptions(
    what: string,
    condition: (options: readonly QuickPickOption[]) => boolean,
    withinMs?: number,
  ): Promise<readonly QuickPickOption[]> {
    await this.waitUntilOpen();
    return eventually(
      `${what} in the quick pick`,
      async () => {
        const options = await this.options();
        return condition(options) ? options : undefined;
      },
      withinMs,
    );
  }

  /** Chooses the first entry whose label is, or matches, `label`. */
  async choose(label: string | RegExp): Promise<void> {
    await this.#option(label).click();
  }

  /** Presses a button of an entry, by its tooltip. */
  async pressOptionButton(label: string | RegExp, button: string): Promise<void> {
    const option = this.#option(label);
    await option.hover();
    await option.getByRole('button', { name: button, exact: true }).click();
  }

  /** Presses a button of the title bar, by its tooltip. */
  async pressTitleButton(button: string): Promise<void> {
    await this.#widget
      .locator('.quick-input-titlebar')
      .getByRole('button', { name: button, exact: true })
      .click();
  }

  /** Types into the field, in place of what it holds: a filter or a value. */
  async type(text: string, withinMs?: number): Promise<void> {
    await this.#input.fill(text, withinMs === undefined ? {} : { timeout: withinMs });
  }

  /** What the field holds. */
  async value(): Promise<string> {
    return this.#input.inputValue();
  }

  /** Types a value and confirms it. */
  async enter(text: string): Promise<void> {
    await this.type(text);
    await this.#input.press('Enter');
  }

  /**
   * Answers VS Code's own dialog for a new file. It puts the `offered` name into the field some time after it has opened,
   * and takes no Enter while it reads a folder.
   */
  async saveAs(file: string, offered: string): Promise<void> {
    await this.waitUntilOpen();
    await eventually('the name that is offered', async () => (await this.value()).includes(offered));
    await this.type(file);
    await eventually('the dialog to close', async () => {
      if (await this.#widget.isHidden()) return true;
      await this.#input.press('Enter', { timeout: HEARD_MS });
      return this.#widget.waitFor({ state: 'hidden', timeout: HEARD_MS }).then(() => true);
    });
  }

  /** A key that comes before VS Code knows that the input is open has no effect, and is pressed again. */
  async cancel(): Promise<void> {
    await this.waitUntilOpen();
    await eventually('the quick input to close', async () => {
      if (await this.#widget.isHidden()) return true;
      await this.#input.press('Escape', { timeout: HEARD_MS });
      return this.#widget.waitFor({ state: 'hidden', timeout: HEARD_MS }).then(() => true);
    });
  }

  get #input(): Locator {
    return this.#widget.locator('.quick-input-filter input');
  }

  get #rows(): Locator {
    return this.#widget.locator('.quick-input-list .monaco-list-row');
  }

  #option(label: string | RegExp): Locator {
    const names = '.quick-input-list-row > .monaco-icon-label .label-name';
    const name = this.#widget.page().locator(names).getByText(label, { exact: true });
    return this.#rows.filter({ has: name }).first();
  }
}
