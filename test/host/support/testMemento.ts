import type * as vscode from 'vscode';

/** VS Code's storage as an extension sees it; what is stored comes back as JSON would bring it. */
export class TestMemento implements vscode.Memento {
  readonly #values = new Map<string, string>();

  constructor(values: Readonly<Record<string, unknown>> = {}) {
    for (const [key, value] of Object.entries(values)) void this.update(key, value);
  }

  keys(): readonly string[] {
    return [...this.#values.keys()];
  }

  get<T>(key: string, fallback?: T): T | undefined {
    const stored = this.#values.get(key);
    return stored === undefined ? fallback : (JSON.parse(stored) as T);
  }

  async update(key: string, value: unknown): Promise<void> {
    if (value === undefined) this.#values.delete(key);
    else this.#values.set(key, JSON.stringify(value));
  }
}
