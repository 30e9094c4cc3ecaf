import type { Locator, Page } from 'playwright-core';
import { eventually } from './eventually';

/** A modal message. There is at most one. */
export class ModalDialog {
  readonly #box: Locator;

  constructor(page: Page) {
    this.#box = page.locator('.monaco-dialog-box');
  }

  async waitUntilOpen(): Promise<void> {
    await this.#box.waitFor();
  }

  /** The bold line. */
  async message(): Promise<string> {
    return (await this.#box.locator('.dialog-message-text').innerText()).trim();
  }

  /** The text under the bold line; empty when there is none. */
  async detail(): Promise<string> {
    const detail = this.#box.locator('.dialog-message-detail');
    return (await detail.count()) > 0 ? (await detail.innerText()).trim() : '';
  }

  async buttons(): Promise<readonly string[]> {
    await this.waitUntilOpen();
    return this.#box.locator('.dialog-buttons .monaco-button').allInnerTexts();
  }

  async press(button: string): Promise<void> {
    await this.#box.getByRole('button', { name: button, exact: true }).click();
    await this.#box.waitFor({ state: 'hidden' });
  }
}

/** The notifications in the window's corner. */
export class Notifications {
  readonly #toasts: Locator;

  constructor(page: Page) {
    this.#toasts = page.locator('.notifications-toasts .notification-list-item');
  }

  async texts(): Promise<readonly string[]> {
    return this.#toasts.locator('.notification-list-item-message').allInnerTexts();
  }

  /** Waits for a notification whose text matches, and returns the text. */
  async waitFor(pattern: RegExp, withinMs?: number): Promise<string> {
    return eventually(
      `a notification like ${String(pattern)}`,
      async () => {
        const texts = await this.texts();
        const found = texts.find((text) => pattern.test(text));
        if (found === undefined) throw new Error(`Shown were: ${texts.join(' | ') || 'none'}.`);
        return found;
      },
      withinMs,
    );
  }

  /** Presses a button of the notification whose text matches. */
  async press(pattern: RegExp, button: string): Promise<void> {
    const toast = this.#toasts.filter({ hasText: pattern }).first();
    await toast.hover();
    await toast.getByRole('button', { name: button, exact: true }).click();
  }

  /** Takes every notification away. */
  async clear(): Promise<void> {
    await eventually('the notifications to go', async () => {
      const toast = this.#toasts.first();
      if ((await toast.count()) === 0) return true;
      await toast.hover({ timeout: 1_000 });
      await toast.locator('.codicon-notifications-clear').click({ timeout: 1_000 });
      return false;
    });
  }
}
