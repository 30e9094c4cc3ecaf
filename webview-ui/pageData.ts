import type { DispatchRecord } from '../src/shared/dispatchRecord';
import type { HostMessage, Rankings } from '../src/shared/reportMessages';
import { joinPages } from './dispatchesView';
import type { Task } from './rankingsView';

/** What the host has told the page so far. `reduceHostMessage` is the only thing that changes it. Pure. */

export interface RankingsData {
  readonly data: Rankings | null;
  readonly loading: boolean;
  /** Why the last question was not answered, and what to do. */
  readonly failure: string | null;
}

export interface DispatchesData {
  /** Newest first, without a gap; null before the first page. */
  readonly records: readonly DispatchRecord[] | null;
  readonly more: boolean;
  readonly unreadable: number;
  readonly problem: string | null;
  readonly loading: boolean;
  readonly failure: string | null;
  /** Records exist that are newer than the first one here. */
  readonly newer: boolean;
}

export interface PageData {
  readonly rankings: RankingsData;
  readonly dispatches: DispatchesData;
}

export const INITIAL_DATA: PageData = {
  rankings: { data: null, loading: true, failure: null },
  dispatches: {
    records: null,
    more: false,
    unreadable: 0,
    problem: null,
    loading: true,
    failure: null,
    newer: false,
  },
};

/**
 * The data after a message. Rankings for another task than the one the reader waits for (`wantedTask`; null: any)
 * are dropped: they answer an older question.
 */
export function reduceHostMessage(data: PageData, message: HostMessage, wantedTask: Task | null): PageData {
  switch (message.type) {
    case 'rankings':
      if (wantedTask !== null && message.task !== wantedTask) return data;
      return { ...data, rankings: { data: message, loading: false, failure: null } };
    case 'dispatches': {
      const known = data.dispatches.records ?? [];
      const records = joinPages(known, message.records, message.offset);
      // A page from the top that joined an older list says nothing about how that list ends.
      const endsHere = message.offset > 0 || records.length === message.records.length;
      return {
        ...data,
        dispatches: {
          ...data.dispatches,
          records,
          more: endsHere ? message.more : data.dispatches.more,
          unreadable: message.unreadable,
          problem: message.problem,
          loading: false,
          failure: null,
        },
      };
    }
    case 'loading':
      return { ...data, [message.what]: { ...data[message.what], loading: true } };
    case 'failed':
      return {
        ...data,
        [message.what]: { ...data[message.what], loading: false, failure: message.message },
      };
    case 'dispatchesChanged':
      return { ...data, dispatches: { ...data.dispatches, newer: true } };
    case 'show':
      return data;
    default:
      return message satisfies never;
  }
}

/** The data after the page itself asked: a spinner is shown, and an older failure no longer. */
export function asked(data: PageData, what: 'rankings' | 'dispatches', fromTop: boolean): PageData {
  if (what === 'rankings') return { ...data, rankings: { ...data.rankings, loading: true, failure: null } };
  const dispatches = { ...data.dispatches, loading: true, failure: null };
  return { ...data, dispatches: fromTop ? { ...dispatches, newer: false } : dispatches };
}
