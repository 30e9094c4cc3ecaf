import * as z from 'zod';
import type { OutcomeKind } from './dispatchesView';
import { OUTCOME_LABELS } from './dispatchesView';
import { DEFAULT_RANKING_ORDER, RANKING_COLUMNS, TASK_LABELS } from './rankingsView';
import type { Task } from './rankingsView';

/** What a reader has set on the page; kept by VS Code while the page is hidden and after a reload. */

const TASKS = Object.keys(TASK_LABELS);
const OUTCOMES = [...Object.keys(OUTCOME_LABELS), 'all'];

const task = z.custom<Task>((value) => typeof value === 'string' && TASKS.includes(value));
const outcome = z.custom<OutcomeKind | 'all'>((value) => typeof value === 'string' && OUTCOMES.includes(value));

const rankingsState = z.object({
  /** Null: the host's own default, until the reader chooses. */
  task: task.nullable().catch(null),
  text: z.string().max(500).catch(''),
  installedOnly: z.boolean().catch(false),
  gpuOnly: z.boolean().catch(false),
  order: z
    .object({ column: z.enum(RANKING_COLUMNS), descending: z.boolean() })
    .catch({ ...DEFAULT_RANKING_ORDER }),
  expanded: z.array(z.string()).max(50).catch([]),
  scrollTop: z.number().min(0).catch(0),
});

const dispatchesState = z.object({
  text: z.string().max(500).catch(''),
  outcome: outcome.catch('all'),
  inheritedOnly: z.boolean().catch(false),
  selectedId: z.string().nullable().catch(null),
  scrollTop: z.number().min(0).catch(0),
});

const pageState = z.object({
  tab: z.enum(['rankings', 'dispatches']).catch('rankings'),
  rankings: rankingsState.catch(() => rankingsState.parse({})),
  dispatches: dispatchesState.catch(() => dispatchesState.parse({})),
});

export type RankingsState = Readonly<z.infer<typeof rankingsState>>;
export type DispatchesState = Readonly<z.infer<typeof dispatchesState>>;
export type PageState = Readonly<z.infer<typeof pageState>>;
export type Tab = PageState['tab'];

/** Reads what `getState` gave back. A part that cannot be read becomes its default; the rest is kept. */
export function parsePageState(kept: unknown): PageState {
  const parsed = pageState.safeParse(kept);
  return parsed.success ? parsed.data : pageState.parse({});
}
