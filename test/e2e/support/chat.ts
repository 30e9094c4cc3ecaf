import type { Locator, Page } from 'playwright-core';
import { eventually } from './eventually';

/** VS Code's own chat view. */
export class ChatView {
  readonly #page: Page;
  readonly #session: Locator;

  constructor(page: Page) {
    this.#page = page;
    this.#session = page.locator('.interactive-session').first();
  }

  /** Chooses a model in the view's picker unless it is the one already, and returns the name that the picker shows. */
  async pickModel(name: string): Promise<void> {
    const picker = this.#session.getByRole('button', { name: /^Models?,|^Pick Model/ }).first();
    await picker.waitFor();
    if ((await picker.getAttribute('aria-label'))?.includes(name)) return;
    await picker.click();
    await this.#page
      .getByRole('menuitemcheckbox', { name })
      .or(this.#page.getByRole('option', { name }))
      .first()
      .click();
    await this.#session
      .getByRole('button', { name: new RegExp(`, ${name}`) })
      .first()
      .waitFor();
  }

  /** Types a message and sends it. */
  async ask(message: string): Promise<void> {
    await this.#session.locator('.interactive-input-part .monaco-editor').first().click();
    await this.#page.keyboard.type(message);
    await this.#page.keyboard.press('Enter');
  }

  /** Waits until an answer matches, and returns the text of the conversation. */
  async waitForAnswer(pattern: RegExp, withinMs: number): Promise<string> {
    return eventually(
      `an answer like ${String(pattern)}`,
      async () => {
        const text = await this.text();
        return pattern.test(text) ? text : undefined;
      },
      withinMs,
    );
  }

  /** The conversation as it shows. */
  async text(): Promise<string> {
    const parts = await this.#session.locator('.interactive-item-container').allInnerTexts();
    return parts.join('\n').replaceAll('\u00a0', ' ');
  }
}
