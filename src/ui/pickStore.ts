import type * as vscode from 'vscode';
import * as z from 'zod';
import { Emitter } from '../shared/events';
import { sameModelRef, type ModelRef } from '../shared/modelRef';
import { TASKS, type Task } from '../shared/settings';

const PICK_KEY = 'modelPool.pick';
const RECENT_KEY = 'modelPool.recentPicks';
const MAX_RECENT = 5;

/** Whichever installed model is best for a task at each call. */
interface AutoPick {
  readonly best: { readonly task: Task };
}

/** What a person picks: one model of one backend, or the best one for a task. */
export type UserPick = ModelRef | AutoPick;

/** Where a pick counts: in this folder alone, or in all windows that have no pick of their own. */
export type PickScope = 'folder' | 'everywhere';

const refSchema = z.object({ backend: z.string(), provider: z.string(), modelId: z.string() });
const pickSchema = z.union([refSchema, z.object({ best: z.object({ task: z.enum(TASKS) }) })]);

/**
 * What the user picked, and the last few models. In a window with a folder a pick counts for that folder; in one without,
 * and where none was picked before, for all windows that have none of their own. Kept in VS Code's own state and not in
 * settings, so that no repository can set it.
 */
export class PickStore {
  readonly #changed = new Emitter<UserPick | null>();
  readonly onDidChange = this.#changed.on;

  constructor(
    private readonly workspaceState: vscode.Memento,
    private readonly globalState: vscode.Memento,
    /** Whether this window has a folder that a pick can belong to. */
    private readonly hasFolder: () => boolean,
  ) {}

  get pick(): UserPick | null {
    return this.#ofFolder ?? this.everywhere;
  }

  /** The pick of windows that have none of their own. */
  get everywhere(): UserPick | null {
    return parsePick(this.globalState.get(PICK_KEY));
  }

  /** Where the pick comes from; null where there is none. */
  get scope(): PickScope | null {
    if (this.#ofFolder) return 'folder';
    return this.everywhere ? 'everywhere' : null;
  }

  /** The models that were picked last, newest first. */
  get recent(): readonly ModelRef[] {
    const parsed = z.array(refSchema).safeParse(this.globalState.get(RECENT_KEY));
    return parsed.success ? parsed.data : [];
  }

  /** Sets the pick of this folder, or of all windows; the very first pick counts for both. */
  async set(pick: UserPick): Promise<void> {
    const isFirst = this.everywhere === null;
    await this.workspaceState.update(PICK_KEY, this.hasFolder() ? pick : undefined);
    if (isFirst || !this.hasFolder()) await this.globalState.update(PICK_KEY, pick);
    if (!('best' in pick)) await this.#remember(pick);
    this.#changed.fire(pick);
  }

  /** Makes the pick of this folder that of all windows that have none of their own. No effect without a pick. */
  async useEverywhere(): Promise<void> {
    const { pick } = this;
    if (!pick) return;
    await this.globalState.update(PICK_KEY, pick);
    await this.followEverywhere();
  }

  /** Takes away the pick of this folder, so that the one of all windows counts here. */
  async followEverywhere(): Promise<void> {
    await this.workspaceState.update(PICK_KEY, undefined);
    this.#changed.fire(this.pick);
  }

  get #ofFolder(): UserPick | null {
    return parsePick(this.workspaceState.get(PICK_KEY));
  }

  async #remember(ref: ModelRef): Promise<void> {
    const others = this.recent.filter((other) => !sameModelRef(other, ref));
    await this.globalState.update(RECENT_KEY, [ref, ...others].slice(0, MAX_RECENT));
  }
}

/** Whether two picks mean the same. */
export function samePick(a: UserPick, b: UserPick): boolean {
  if ('best' in a) return 'best' in b && a.best.task === b.best.task;
  return !('best' in b) && sameModelRef(a, b);
}

function parsePick(stored: unknown): UserPick | null {
  const parsed = pickSchema.safeParse(stored);
  return parsed.success ? parsed.data : null;
}
