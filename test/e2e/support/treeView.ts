import type { Locator, Page } from 'playwright-core';
import { eventually } from './eventually';
import { hoverOf } from './hover';

/** How long VS Code may take to show what was asked of a row or a title: its buttons, its menu. */
const SHOWN_MS = 4_000;
/** VS Code's menus hear the mouse only 100 ms after they have opened. */
const MENU_DEAF_MS = 200;

/** What a row shows. */
export interface RowText {
  readonly label: string;
  readonly description: string;
  /** 1 for the top level. */
  readonly level: number;
}

/** A tree view of the side bar. Rows outside the visible part do not exist for it: VS Code draws them when seen. */
export class TreeView {
  readonly #page: Page;
  readonly #tree: Locator;

  constructor(page: Page, title: string) {
    this.#page = page;
    this.#tree = page.locator(`.sidebar .pane:has(.pane-header[aria-label^="${title}"]) .pane-body`);
  }

  /** The rows on the screen, from top to bottom. */
  async rows(): Promise<readonly RowText[]> {
    const rows = await this.#tree.locator('.monaco-list-row').evaluateAll((elements) =>
      elements.map((element) => ({
        label: element.querySelector('.label-name')?.textContent ?? '',
        description: element.querySelector('.label-description')?.textContent ?? '',
        level: Number(element.getAttribute('aria-level')),
        index: Number(element.getAttribute('data-index')),
      })),
    );
    return rows
      .sort((a, b) => a.index - b.index)
      .map(({ label, description, level }) => ({ label, description, level }));
  }

  /** Waits until `condition` holds for the rows on the screen, and returns them. */
  async waitForRows(
    what: string,
    condition: (rows: readonly RowText[]) => boolean,
    withinMs?: number,
  ): Promise<readonly RowText[]> {
    const probe = async (): Promise<readonly RowText[] | undefined> => {
      const rows = await this.rows();
      return condition(rows) ? rows : undefined;
    };
    return eventually(`${what} in the tree`, probe, withinMs).catch(async (error: unknown) => {
      throw new Error(`The tree shows ${JSON.stringify(await this.rows())}.`, { cause: error });
    });
  }

  /** Waits until all of these are rows. */
  waitForLabels(labels: readonly string[]): Promise<readonly RowText[]> {
    return this.waitForRows(labels.join(' and '), (rows) =>
      labels.every((label) => rows.some((row) => row.label === label)),
    );
  }

  /** The first row with this label, or whose label matches; it may appear later. */
  row(label: string | RegExp): TreeRow {
    const name = this.#page.locator('.label-name').getByText(label, { exact: true });
    return new TreeRow(this.#page, this.#tree.locator('.monaco-list-row').filter({ has: name }).first());
  }

  /** The text of the welcome content, shown while the tree is empty. */
  async welcomeText(): Promise<string> {
    return (await this.#tree.locator('.welcome-view-content').innerText()).trim();
  }

  /** Presses a button or a link of the welcome content. */
  async pressInWelcome(name: string | RegExp): Promise<void> {
    const content = this.#tree.locator('.welcome-view-content');
    await content.getByRole('button', { name }).or(content.getByRole('link', { name })).first().click();
  }

  /** Presses a button in the view's title bar, by its tooltip. */
  async pressTitleAction(name: string): Promise<void> {
    await eventually(`${name} in the title of a view`, async () => {
      await pressAtOnce(await this.#inHeader(name));
      return true;
    });
  }

  /** Chooses an entry of the menu behind the dots in the view's title bar. */
  async chooseFromTitleMenu(name: string): Promise<void> {
    await chooseFrom(this.#page, name, async () => {
      const dots = await this.#inHeader('More Actions...');
      await dots.click({ timeout: SHOWN_MS });
    });
  }

  /** A button of the header, which shows while the pointer is there. */
  async #inHeader(button: string): Promise<Locator> {
    const header = this.#tree.locator('xpath=..').locator('.pane-header');
    await header.hover({ timeout: SHOWN_MS });
    return header.getByRole('button', { name: button, exact: true });
  }
}

/** One row of a tree. */
export class TreeRow {
  readonly locator: Locator;
  readonly #page: Page;

  constructor(page: Page, locator: Locator) {
    this.#page = page;
    this.locator = locator;
  }

  async description(): Promise<string> {
    return (await this.locator.locator('.label-description').textContent()) ?? '';
  }

  /** Waits until the description matches. */
  async waitForDescription(pattern: RegExp, withinMs?: number): Promise<string> {
    return eventually(
      `a row described as ${String(pattern)}`,
      async () => {
        const text = await this.description();
        return pattern.test(text) ? text : undefined;
      },
      withinMs,
    );
  }

  /** What a screen reader says for the row. */
  async accessibleName(): Promise<string> {
    return (await this.locator.getAttribute('aria-label')) ?? '';
  }

  async select(): Promise<void> {
    await this.locator.locator('.monaco-tl-contents').click();
  }

  /** Opens the row's children; does nothing when they are open. */
  async expand(): Promise<void> {
    await this.#setExpanded('true');
  }

  async collapse(): Promise<void> {
    await this.#setExpanded('false');
  }

  /** The tooltips of the inline buttons, from left to right. */
  async inlineActions(): Promise<readonly string[]> {
    await this.locator.hover();
    return this.locator
      .locator('.actions .action-label')
      .evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label') ?? ''));
  }

  /** Presses an inline button, by its tooltip. A row that moves away under the pointer is pointed at again. */
  async pressInline(name: string): Promise<void> {
    const button = this.locator.locator('.actions').getByRole('button', { name, exact: true });
    await eventually(`${name} on a row`, async () => {
      await this.locator.hover({ timeout: SHOWN_MS });
      await pressAtOnce(button);
      return true;
    });
  }

  /** Opens the context menu and chooses an entry. */
  async chooseFromMenu(name: string): Promise<void> {
    const contents = this.locator.locator('.monaco-tl-contents');
    await chooseFrom(this.#page, name, () => contents.click({ button: 'right', timeout: SHOWN_MS }));
  }

  /** The entries of the context menu, which is closed again. A menu that went away with its row is opened again. */
  async menuEntries(): Promise<readonly string[]> {
    const menu = this.#page.locator('.context-view .monaco-menu');
    return eventually('the menu of a row', async () => {
      await closeMenu(this.#page);
      await this.locator.locator('.monaco-tl-contents').click({ button: 'right', timeout: SHOWN_MS });
      await menu.waitFor({ timeout: SHOWN_MS });
      const entries = await menu.locator('.action-label:not(.separator)').allInnerTexts();
      await this.#page.keyboard.press('Escape');
      await menu.waitFor({ state: 'hidden' });
      return entries.length > 0 && entries;
    });
  }

  /** The hover's text. */
  async tooltip(): Promise<string> {
    return hoverOf(this.locator.locator('.label-name'));
  }

  /** A row that is drawn anew under the pointer loses the click, which is then repeated. */
  async #setExpanded(wanted: 'true' | 'false'): Promise<void> {
    await this.locator.waitFor();
    const isSet = async (): Promise<boolean> => (await this.locator.getAttribute('aria-expanded')) === wanted;
    await eventually('the row to open or close', async () => {
      if (await isSet()) return true;
      await this.locator.locator('.monaco-tl-twistie').click({ timeout: SHOWN_MS });
      return eventually('the row after a click', isSet, SHOWN_MS);
    });
  }
}

/** Looks whether a click would reach the button; then press and release come as one, for between them it may be drawn anew. */
async function pressAtOnce(button: Locator): Promise<void> {
  await button.click({ trial: true, timeout: SHOWN_MS });
  await button.dispatchEvent('click', {}, { timeout: SHOWN_MS });
}

/** Opens a menu and chooses an entry. A menu that goes away with its row, or still is deaf, is opened again. */
async function chooseFrom(page: Page, name: string, open: () => Promise<void>): Promise<void> {
  await eventually(`${name} in a menu`, async () => {
    await closeMenu(page);
    await open();
    await chooseEntry(page, name);
    return true;
  });
}

/** A menu that came after its time has taken the place of the one that is to be opened, and may not have the keys. */
async function closeMenu(page: Page): Promise<void> {
  const block = page.locator('.context-view-block');
  if (await block.isVisible()) await page.mouse.click(700, 899);
  await block.waitFor({ state: 'hidden', timeout: SHOWN_MS });
}

/** @throws when the menu does not close: it did not hear */
async function chooseEntry(page: Page, name: string): Promise<void> {
  const entry = page.locator('.context-view .monaco-menu').getByRole('menuitem', { name, exact: true });
  await entry.waitFor({ timeout: SHOWN_MS });
  await page.waitForTimeout(MENU_DEAF_MS);
  await entry.click({ timeout: SHOWN_MS });
  await entry.waitFor({ state: 'hidden', timeout: SHOWN_MS });
}
