import * as z from 'zod';
import { dispatchOrderSchema, NEWEST_FIRST } from '../src/shared/dispatchQuery';
import { imaginedMachineSchema } from '../src/shared/imaginedMachine';
import { OUTCOME_KINDS } from './dispatchesView';
import { rankingFilter } from './rankingFilters';
import { DEFAULT_RANKING_ORDER, RANKING_COLUMNS, TASKS } from './rankingsView';

/** The spans of time that the log can be narrowed to; `chosen`: a part of the histogram. */
export const SPANS = ['all', 'hour', 'day', 'week', 'chosen'] as const;

/** What a reader has set on the page; kept by VS Code while the page is hidden and after a reload. */

const rankingsState = z.object({
  /** Null: the host's own default, until the reader chooses. */
  task: z.enum(TASKS).nullable().catch(null),
  ...rankingFilter.shape,
  order: z
    .object({ column: z.enum(RANKING_COLUMNS), descending: z.boolean() })
    .catch({ ...DEFAULT_RANKING_ORDER }),
  expanded: z.array(z.string()).max(50).catch([]),
  /** The rows that are compared, or the first of them while the second is looked for. */
  compared: z.array(z.string()).max(2).catch([]),
  leftOutOpen: z.boolean().catch(false),
  /** Whether the fields to imagine a machine with are shown, and what is imagined. */
  imagining: z.boolean().catch(false),
  imagined: imaginedMachineSchema.nullable().catch(null),
});

const chosen = z.string().max(500).nullable().catch(null);

const dispatchesState = z.object({
  text: z.string().max(500).catch(''),
  backend: chosen,
  provider: chosen,
  model: chosen,
  outcome: z.enum(OUTCOME_KINDS).nullable().catch(null),
  errorCode: chosen,
  inheritedOnly: z.boolean().catch(false),
  span: z.enum(SPANS).catch('all'),
  /** The part of the histogram that was chosen, milliseconds since the epoch; counts only with the span `chosen`. */
  fromMs: z.number().nullable().catch(null),
  untilMs: z.number().nullable().catch(null),
  order: dispatchOrderSchema.catch({ ...NEWEST_FIRST }),
  selectedId: z.string().max(200).nullable().catch(null),
});

const poolState = z.object({
  /** The machines whose layers are shown as a table too. */
  layersOf: z.array(z.string().max(200)).max(50).catch([]),
});

const scrollTop = z.number().min(0).catch(0);
const scrollTops = z.object({
  rankings: scrollTop,
  dispatches: scrollTop,
  machine: scrollTop,
  pool: scrollTop,
});

const pageState = z.object({
  tab: z.enum(['rankings', 'dispatches', 'machine', 'pool']).catch('rankings'),
  rankings: rankingsState.catch(() => rankingsState.parse({})),
  dispatches: dispatchesState.catch(() => dispatchesState.parse({})),
  pool: poolState.catch(() => poolState.parse({})),
  /** Pixels; apart from the rest, because it changes at every frame and nothing needs to be drawn anew for it. */
  scrollTops: scrollTops.catch(() => scrollTops.parse({})),
});

export type RankingsState = Readonly<z.infer<typeof rankingsState>>;
export type DispatchesState = Readonly<z.infer<typeof dispatchesState>>;
export type PoolState = Readonly<z.infer<typeof poolState>>;
export type PageState = Readonly<z.infer<typeof pageState>>;
export type ScrollTops = Readonly<z.infer<typeof scrollTops>>;
export type Tab = PageState['tab'];

/** Reads what `getState` gave back. A part that cannot be read becomes its default; the rest is kept. */
export function parsePageState(kept: unknown): PageState {
  const parsed = pageState.safeParse(kept);
  return parsed.success ? parsed.data : pageState.parse({});
}
