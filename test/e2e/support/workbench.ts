import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { repositoryRoot } from '../../support/repository';
import { ChatView } from './chatView';
import { eventually } from './eventually';
import { hoverOf } from './hover';
import { ModalDialog, Notifications } from './messages';
import { QuickInput } from './quickInput';
import { TreeView } from './treeView';

const EXTENSION_ID = 'modelpool.model-pool';
/** The palette searches only when the keys have been quiet for a moment; a later Enter cannot miss its answer. */
const PALETTE_QUIET_MS = 250;
const PALETTE_TRY_MS = 5_000;
const PALETTE_LIMIT_MS = 60_000;
/** Some questions are put when a server has answered. */
const QUESTION_TRY_MS = 20_000;
const QUESTION_LIMIT_MS = 60_000;
/** How long a busy webview may take to take the focus. */
const FOCUS_TAKEN_MS = 250;

/** Where screenshots and the evidence of failed tests are kept. */
export const resultsFolder = path.join(repositoryRoot, 'test-results');

/** One window of a real VS Code in a browser, in the words of its user. Every step waits up to 30 seconds. */
export class Workbench {
  readonly page: Page;
  readonly quickInput: QuickInput;
  readonly dialog: ModalDialog;
  readonly notifications: Notifications;
  /** VS Code's own chat. */
  readonly chat: ChatView;

  constructor(page: Page) {
    this.page = page;
    this.quickInput = new QuickInput(page);
    this.dialog = new ModalDialog(page);
    this.notifications = new Notifications(page);
    this.chat = new ChatView(page, (title) => this.runCommand(title));
  }

  /**
   * Runs a command by its full title in the palette, such as `Model Pool: Pick Model`. Tries again when something
   * that opens at the same time takes the palette's place.
   */
  async runCommand(title: string): Promise<void> {
    const option = this.page
      .locator('.quick-input-list .monaco-list-row.focused .label-name')
      .getByText(title, { exact: true });
    await eventually(
      `the command ${title} in the palette`,
      async () => {
        await this.page.keyboard.press('F1');
        await this.quickInput.type(`>${title}`, PALETTE_TRY_MS);
        await option.waitFor({ timeout: PALETTE_TRY_MS });
        await this.page.waitForTimeout(PALETTE_QUIET_MS);
        await option.click({ timeout: PALETTE_TRY_MS });
        // Else the hover of what stood under the palette comes into the pictures.
        await this.#moveAway();
        return true;
      },
      PALETTE_LIMIT_MS,
    );
  }

  /**
   * Runs a command that begins with a quick pick or an input box, and waits until that is there to stay. Where a webview
   * had the focus, VS Code gives it back when the palette closes; a busy one takes it only then when the question is
   * there already, which closes it. It is asked for again.
   */
  async openQuestion(title: string): Promise<void> {
    await eventually(
      `the question of ${title}`,
      async () => {
        await this.runCommand(title);
        const isAsking = (): Promise<boolean> => this.quickInput.isAsking();
        await eventually('a question', isAsking, QUESTION_TRY_MS);
        await this.page.waitForTimeout(FOCUS_TAKEN_MS);
        return isAsking();
      },
      QUESTION_LIMIT_MS,
    );
  }

  /** True when the palette offers the command now. */
  async hasCommand(title: string): Promise<boolean> {
    await this.page.keyboard.press('F1');
    await this.quickInput.type(`>${title}`);
    await this.page.waitForTimeout(PALETTE_QUIET_MS);
    const options = await this.quickInput.waitForOptions('an answer', (found) => found.length > 0);
    await this.quickInput.cancel();
    return options.some(({ label }) => label === title);
  }

  /** Shows a view container of the activity bar. */
  async openView(container: string): Promise<void> {
    const tab = this.page.locator('.activitybar').getByRole('tab', { name: container });
    await tab.waitFor();
    if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
    await this.page.locator('.sidebar .composite.title').getByText(container).waitFor();
  }

  /** Waits until the extension has started, and shows its views. */
  async openOurViews(): Promise<void> {
    await this.waitUntilActive();
    await this.openView('Model Pool');
  }

  /** Loads the window anew, and waits until the extension has started again. */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent('load');
    await this.runCommand('Developer: Reload Window');
    await loaded;
    await this.waitUntilActive();
  }

  /** Drags the side bar's edge, so that its rows show more of what they say. */
  async widenSideBar(byPixels: number): Promise<void> {
    const box = await this.page.locator('.part.sidebar').boundingBox();
    if (!box) throw new Error('There is no side bar.');
    const [edge, middle] = [box.x + box.width, box.y + box.height / 2];
    await this.page.mouse.move(edge, middle);
    await this.page.mouse.down();
    await this.page.mouse.move(edge + byPixels, middle, { steps: 5 });
    await this.page.mouse.up();
    await eventually('a wider side bar', async () => {
      const now = await this.page.locator('.part.sidebar').boundingBox();
      return now !== null && now.width > box.width;
    });
  }

  /** A tree view of the open container, by its title. */
  tree(title: string): TreeView {
    return new TreeView(this.page, title);
  }

  /** An item of ours in the status bar, by its id. */
  statusBarItem(id: string): StatusBarItem {
    return new StatusBarItem(this.page.locator(`[id="${EXTENSION_ID}.${id}"]`));
  }

  /** Waits until the extension has activated; its status item is the sign. */
  async waitUntilActive(withinMs = 60_000): Promise<void> {
    await this.page.locator(`.statusbar-item[id^="${EXTENSION_ID}"]`).first().waitFor({ timeout: withinMs });
  }

  /**
   * The text of the active editor, line by line. Only lines on the screen are there; test settings keep a line of
   * text on one line of the screen.
   */
  async editorText(): Promise<string> {
    const lines = await this.page
      .locator('.editor-group-container.active .monaco-editor .view-line')
      .evaluateAll((elements) =>
        elements.map((element) => ({
          top: Number.parseFloat(element.getAttribute('style')?.match(/top: *([\d.]+)/)?.[1] ?? '0'),
          text: element.textContent.replaceAll('\u00a0', ' '),
        })),
      );
    return lines
      .sort((a, b) => a.top - b.top)
      .map(({ text }) => text)
      .join('\n');
  }

  /** Waits until the active editor's text matches, and returns it. */
  async waitForEditorText(pattern: RegExp, withinMs?: number): Promise<string> {
    return eventually(
      `an editor with ${String(pattern)}`,
      async () => {
        const text = await this.editorText();
        return pattern.test(text) ? text : undefined;
      },
      withinMs,
    );
  }

  /** The titles of the open tabs, in order. */
  async tabs(): Promise<readonly string[]> {
    return this.page.locator('.tabs-container .tab .label-name').allInnerTexts();
  }

  /** The content of the webview that is shown; `index` counts those that are open, from 0. */
  webview(index = 0): FrameLocator {
    return this.page.frameLocator(`iframe.webview >> nth=${index}`).frameLocator('#active-frame');
  }

  /** Takes the pointer away from what has a hover, and closes the hover that is open. */
  async leaveHovers(): Promise<void> {
    await this.#moveAway();
    await this.page.keyboard.press('Escape');
  }

  /** To a place at which nothing has a hover. */
  #moveAway(): Promise<void> {
    return this.page.mouse.move(700, 899);
  }

  /** Saves a picture of the window as test-results/`name`.png and returns its path; `style` is CSS for that moment. */
  async screenshot(name: string, style?: string): Promise<string> {
    mkdirSync(resultsFolder, { recursive: true });
    const file = path.join(resultsFolder, `${name}.png`);
    await this.page.screenshot({
      ...{ path: file, animations: 'disabled', caret: 'hide' },
      ...(style === undefined ? {} : { style }),
    });
    return file;
  }
}

/** One item of the status bar. */
export class StatusBarItem {
  readonly locator: Locator;

  constructor(locator: Locator) {
    this.locator = locator;
  }

  async text(): Promise<string> {
    return (await this.locator.innerText()).replaceAll('\u00a0', ' ').trim();
  }

  /** Waits until the item's text matches, and returns it. */
  async waitForText(pattern: RegExp, withinMs?: number): Promise<string> {
    return eventually(
      `a status item like ${String(pattern)}`,
      async () => {
        const text = await this.text();
        return pattern.test(text) ? text : undefined;
      },
      withinMs,
    );
  }

  async click(): Promise<void> {
    await this.locator.getByRole('button').click();
  }

  /** What a screen reader says for the item. */
  async accessibleName(): Promise<string> {
    return (await this.locator.getByRole('button').getAttribute('aria-label')) ?? '';
  }

  /** The hover's text. */
  async tooltip(): Promise<string> {
    return hoverOf(this.locator);
  }
}
