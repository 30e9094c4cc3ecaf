import type { DispatchSummary } from '../src/shared/dispatchQuery';
import type { Machine } from '../src/shared/machineMessage';
import type { PoolReport } from '../src/shared/poolMessage';
import type { ImaginableDevice, ImaginedMachine } from '../src/shared/imaginedMachine';
import type { HostMessage, RankingDetail, Rankings, RunningCallRow } from '../src/shared/reportMessages';
import { withPage } from './dispatchList';
import type { DispatchList } from './dispatchList';
import { sameMachine } from './imaginedText';
import type { Task } from './rankingsView';

/** What the host has told the page so far. `reduceHostMessage` is the only thing that changes it. Pure. */

export interface RankingsData {
  readonly data: Rankings | null;
  readonly loading: boolean;
  /** Why the last question was not answered, and what to do. */
  readonly failure: string | null;
  readonly details: RowDetails;
}

/** What stands under the rows of the ranking that is shown, as far as it was asked for. */
interface RowDetails {
  /** By the keys of the rows. */
  readonly byKey: ReadonlyMap<string, RankingDetail>;
  /** Why the others did not come; null while they may. */
  readonly failure: string | null;
}

export interface DispatchesData {
  /** Null before the first page. An older list stays until the first page of the one that was asked for. */
  readonly list: DispatchList | null;
  /** The number of the list that was asked for last; answers about others are dropped. */
  readonly wanted: number;
  /** Counts for the menus and the histogram, of this list or an older one. */
  readonly summary: DispatchSummary | null;
  readonly loading: boolean;
  readonly failure: string | null;
  /** Records have come since the list was made. */
  readonly newer: boolean;
}

export interface MachineData {
  readonly data: Machine | null;
  readonly loading: boolean;
  readonly failure: string | null;
}

export interface PoolData {
  readonly data: PoolReport | null;
  readonly loading: boolean;
  readonly failure: string | null;
}

export interface PageData {
  readonly rankings: RankingsData;
  readonly dispatches: DispatchesData;
  readonly machine: MachineData;
  readonly pool: PoolData;
  /** What a machine can be imagined with; null before it was asked for. */
  readonly devices: readonly ImaginableDevice[] | null;
  /** The calls that have not ended yet, in the order in which they began. */
  readonly running: readonly RunningCallRow[];
}

const NO_DETAILS: RowDetails = { byKey: new Map(), failure: null };

export const INITIAL_DATA: PageData = {
  rankings: { data: null, loading: true, failure: null, details: NO_DETAILS },
  dispatches: { list: null, wanted: 0, summary: null, loading: true, failure: null, newer: false },
  machine: { data: null, loading: true, failure: null },
  pool: { data: null, loading: true, failure: null },
  devices: null,
  running: [],
};

/**
 * The data after a message. Rankings for another task than the one the reader waits for (`wantedTask`; null: any), or
 * for another machine (`imagined`; null: none that is imagined), are dropped: they answer an older question.
 */
export function reduceHostMessage(
  data: PageData,
  message: HostMessage,
  wantedTask: Task | null,
  imagined: ImaginedMachine | null = null,
): PageData {
  switch (message.type) {
    case 'rankings':
      if (wantedTask !== null && message.task !== wantedTask) return data;
      if (!sameMachine(message.imagined, imagined)) return data;
      return {
        ...data,
        rankings: { data: message, loading: false, failure: null, details: withDetails(NO_DETAILS, message) },
      };
    case 'rankingDetails':
      return withRowDetails(data, message, (details) => withDetails(details, message));
    case 'rankingDetailsFailed':
      return withRowDetails(data, message, ({ byKey }) => ({ byKey, failure: message.message }));
    case 'dispatches': {
      const { dispatches } = data;
      if (message.list !== dispatches.wanted) return data;
      const list = withPage(dispatches.list, message);
      return { ...data, dispatches: { ...dispatches, list, loading: false, failure: null } };
    }
    case 'machine':
      return { ...data, machine: { data: message, loading: false, failure: null } };
    case 'pool':
      return { ...data, pool: { data: message, loading: false, failure: null } };
    case 'devices':
      return { ...data, devices: message.devices };
    case 'dispatchSummary':
      if (message.list !== data.dispatches.wanted) return data;
      return { ...data, dispatches: { ...data.dispatches, summary: message.summary } };
    case 'loading':
      return { ...data, [message.what]: { ...data[message.what], loading: true } };
    case 'failed':
      return {
        ...data,
        [message.what]: { ...data[message.what], loading: false, failure: message.message },
      };
    case 'dispatchesChanged':
      // While older records are still being read they are what has come.
      if (data.dispatches.list?.complete === false) return data;
      return { ...data, dispatches: { ...data.dispatches, newer: true } };
    case 'callRunning':
      return { ...data, running: withCall(data.running, message.call) };
    case 'callEnded':
      return { ...data, running: data.running.filter(({ callId }) => callId !== message.callId) };
    case 'show':
      return data;
    default:
      return message satisfies never;
  }
}

/** Details of another ranking than the one that is shown are dropped: their rows may be others. */
function withRowDetails(
  data: PageData,
  { ranking }: { readonly ranking: number },
  change: (details: RowDetails) => RowDetails,
): PageData {
  const { rankings } = data;
  if (rankings.data?.ranking !== ranking) return data;
  return { ...data, rankings: { ...rankings, details: change(rankings.details) } };
}

function withDetails(
  { byKey }: RowDetails,
  { details }: { readonly details: readonly RankingDetail[] },
): RowDetails {
  const came = details.map((detail) => [detail.key, detail] as const);
  return { byKey: new Map([...byKey, ...came]), failure: null };
}

function withCall(running: readonly RunningCallRow[], call: RunningCallRow): readonly RunningCallRow[] {
  const known = running.some(({ callId }) => callId === call.callId);
  return known ? running.map((other) => (other.callId === call.callId ? call : other)) : [...running, call];
}

/** The data after the page asked for rankings: a spinner is shown, and an older failure no longer. */
export function askedForRankings(data: PageData): PageData {
  const { rankings } = data;
  const details = { ...rankings.details, failure: null };
  return { ...data, rankings: { ...rankings, loading: true, failure: null, details } };
}

/** The data after the page asked for the machine anew. */
export function askedForMachine(data: PageData): PageData {
  return { ...data, machine: { ...data.machine, loading: true, failure: null } };
}

/** The data after the page asked for the pool anew. */
export function askedForPool(data: PageData): PageData {
  return { ...data, pool: { ...data.pool, loading: true, failure: null } };
}

/** The data after the page asked for a list of records, or for a further page of the one it has. */
export function askedForRecords(data: PageData, list: number): PageData {
  const { dispatches } = data;
  const newer = list === dispatches.wanted && dispatches.newer;
  return { ...data, dispatches: { ...dispatches, wanted: list, loading: true, failure: null, newer } };
}
