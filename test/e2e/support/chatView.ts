import type { Locator, Page } from 'playwright-core';
import { eventually } from './eventually';

/** A step that takes longer has missed its moment and is tried again. */
const TRY_MS = 3_000;

/** VS Code's own chat view. */
export class ChatView {
  readonly #page: Page;
  readonly #runCommand: (title: string) => Promise<void>;
  #question = '';

  constructor(page: Page, runCommand: (title: string) => Promise<void>) {
    this.#page = page;
    this.#runCommand = runCommand;
  }

  /** Shows the view with the cursor in its field. */
  async open(): Promise<void> {
    if (!(await this.#field.isVisible())) await this.#page.keyboard.press('Control+Alt+I');
    await this.#field.click();
  }

  /**
   * Chooses a model by its name. The view asks a provider for its models only after the list of all models was
   * shown once, so that list is shown first.
   */
  async pickModel(name: string): Promise<void> {
    await this.#runCommand('Chat: Manage Language Models');
    const list = this.#page.locator('.ai-models-management-editor');
    await list.locator('.model-name').getByText(name, { exact: true }).first().waitFor();
    await eventually('the list of models to close', async () => {
      await this.#page.keyboard.press('Escape');
      return list.isHidden();
    });

    await this.open();
    const picker = this.#page.locator('.interactive-session .model-picker-name').first();
    const chosen = picker.getByText(name, { exact: true });
    const choices = this.#page.locator('.action-widget');
    // The view chooses a model by itself as soon as it knows one, and draws its picker anew under an open list.
    await eventually(`${name} as the chat's model`, async () => {
      if (await chosen.isVisible()) return true;
      await picker.click({ timeout: TRY_MS });
      await choices.locator('input').fill(name, { timeout: TRY_MS });
      const choice = choices.locator('.monaco-list-row').getByText(name, { exact: true }).first();
      await choice.click({ timeout: TRY_MS }).catch(async (error: unknown) => {
        await this.#page.keyboard.press('Escape');
        throw error;
      });
      await chosen.waitFor({ timeout: TRY_MS });
      return true;
    });
  }

  /** Chooses how the chat works: `Ask`, `Agent`. */
  async chooseMode(mode: 'Ask' | 'Agent'): Promise<void> {
    await this.open();
    const picker = this.#page
      .locator('.interactive-session .chat-mode-picker-item, .interactive-session .chat-modelPicker-item')
      .first();
    const chosen = picker.getByText(mode, { exact: true });
    await eventually(`the mode ${mode}`, async () => {
      if (await chosen.isVisible()) return true;
      await picker.click({ timeout: TRY_MS });
      await this.#page
        .locator('.action-widget .monaco-list-row')
        .getByText(mode, { exact: true })
        .first()
        .click({ timeout: TRY_MS });
      return chosen.isVisible();
    });
  }

  /** Stops the turn that runs. */
  async cancel(): Promise<void> {
    await this.#page
      .locator('.interactive-session')
      .getByRole('button', { name: /^(?:Cancel|Stop)/ })
      .first()
      .click();
  }

  /** Asks the chosen model. */
  async ask(question: string): Promise<void> {
    this.#question = question;
    // What takes the focus meanwhile takes the letters as well.
    await eventually('the question in the field of the chat', async () => {
      await this.open();
      await this.#page.keyboard.press('ControlOrMeta+A');
      await this.#page.keyboard.type(question);
      return lettersOf(await this.#field.locator('.view-lines').innerText()) === lettersOf(question);
    });
    await this.#page.keyboard.press('Enter');
  }

  /** What the chat has answered so far, one text an answer. */
  async answers(): Promise<readonly string[]> {
    return this.#page.locator('.interactive-session .interactive-response .value').allInnerTexts();
  }

  /** Waits until the last answer matches, and returns it. */
  async waitForAnswer(pattern: RegExp, withinMs?: number): Promise<string> {
    return eventually(
      `an answer like ${String(pattern)}`,
      async () => {
        const last = (await this.answers()).at(-1) ?? '';
        if (pattern.test(last)) return last;
        await this.#passSignIn();
        return undefined;
      },
      withinMs,
    );
  }

  get #field(): Locator {
    return this.#page.locator('.interactive-session .interactive-input-part .monaco-editor').first();
  }

  /**
   * As long as VS Code's own chat extension is still starting, it asks for a sign-in that no local model needs: the
   * question is then put again.
   */
  async #passSignIn(): Promise<void> {
    const signIn = this.#page.locator('.monaco-dialog-box').filter({ hasText: 'Sign in' });
    if (!(await signIn.isVisible())) return;
    await this.#page.keyboard.press('Escape');
    await signIn.waitFor({ state: 'hidden' });
    await this.ask(this.#question);
  }
}

/** Without the spaces, of which the editor makes others, and its lines. */
function lettersOf(text: string): string {
  return text.replaceAll(/\s/g, '');
}
