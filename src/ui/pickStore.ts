import type * as vscode from 'vscode';
import * as z from 'zod';
import { Emitter } from '../shared/events';
import { sameModelRef, type ModelRef } from '../shared/modelRef';

const PICK_KEY = 'modelPool.pick';
const RECENT_KEY = 'modelPool.recentPicks';
const MAX_RECENT = 5;

const refSchema = z.object({ backend: z.string(), provider: z.string(), modelId: z.string() });

/**
 * The model that the user picked, per workspace where a folder is open, else for all windows; and the last few picks.
 * Kept in VS Code's own state and not in settings, so that no repository can set it.
 */
export class PickStore {
  readonly #changed = new Emitter<ModelRef | null>();
  readonly onDidChange = this.#changed.on;

  constructor(
    private readonly workspaceState: vscode.Memento,
    private readonly globalState: vscode.Memento,
  ) {}

  get pick(): ModelRef | null {
    return parsePick(this.workspaceState.get(PICK_KEY)) ?? parsePick(this.globalState.get(PICK_KEY));
  }

  /** The last picks, newest first. */
  get recent(): readonly ModelRef[] {
    const parsed = z.array(refSchema).safeParse(this.globalState.get(RECENT_KEY));
    return parsed.success ? parsed.data : [];
  }

  /** Sets the pick of this workspace, and of windows that have none of their own. */
  async set(ref: ModelRef | null): Promise<void> {
    const stored = ref ?? undefined;
    await this.workspaceState.update(PICK_KEY, stored);
    await this.globalState.update(PICK_KEY, stored);
    if (ref) {
      const others = this.recent.filter((other) => !sameModelRef(other, ref));
      await this.globalState.update(RECENT_KEY, [ref, ...others].slice(0, MAX_RECENT));
    }
    this.#changed.fire(ref);
  }
}

function parsePick(stored: unknown): ModelRef | null {
  const parsed = refSchema.safeParse(stored);
  return parsed.success ? parsed.data : null;
}
