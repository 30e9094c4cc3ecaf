import {
  backendRowValue,
  machineRowValue,
  proposalRowValue,
  pullRowValue,
  recommendedRowValue,
  servedModelRowValue,
} from '../../../../src/ui/manifest/rowValues';
import { POOL_VIEW_ID, PROPOSALS_VIEW_ID, RECOMMENDED_VIEW_ID, ROW } from '../../../../src/ui/manifest/views';

/** A row as menus know it. */
export interface ViewRow {
  readonly view: string;
  readonly viewItem: string;
}

const YES_OR_NO = [false, true] as const;

/** Every row that a view can have, each value once: made by what gives the rows their values. */
export const VIEW_ROWS: readonly ViewRow[] = [
  ...rowsOf(POOL_VIEW_ID, [
    ROW.problem,
    // One that wants a key answers, and nothing that answers is started.
    backendRowValue({ needsKey: false, startable: false }),
    backendRowValue({ needsKey: true, startable: false }),
    backendRowValue({ needsKey: false, startable: true }),
    ...every<Parameters<typeof servedModelRowValue>[0]>({
      ...{ embedding: YES_OR_NO, own: YES_OR_NO, removable: YES_OR_NO, stoppable: YES_OR_NO },
      ...{ explained: YES_OR_NO, place: ['outside', 'free', 'pinned', 'fixed'] },
    }).map(servedModelRowValue),
    ...YES_OR_NO.map(pullRowValue),
  ]),
  ...rowsOf(RECOMMENDED_VIEW_ID, [
    ...YES_OR_NO.map(machineRowValue),
    ...every<Parameters<typeof recommendedRowValue>[0]>({
      ...{ installable: YES_OR_NO, pull: ['running', 'stopped', undefined] },
    }).map(recommendedRowValue),
  ]),
  ...rowsOf(PROPOSALS_VIEW_ID, [
    ROW.problem,
    ...every<Parameters<typeof proposalRowValue>[0]>({
      ...{ installing: YES_OR_NO, pulling: YES_OR_NO, explained: YES_OR_NO },
    }).map(proposalRowValue),
  ]),
];

function rowsOf(view: string, values: readonly string[]): readonly ViewRow[] {
  return [...new Set(values)].map((viewItem) => ({ view, viewItem }));
}

/** Every combination of what each fact can be; a fact that is left out does not compile. */
export function every<T extends object>(domain: {
  readonly [Fact in keyof T]-?: readonly T[Fact][];
}): readonly T[] {
  const combinations = Object.entries<readonly unknown[]>(domain).reduce<readonly object[]>(
    (known, [fact, values]) => known.flatMap((each) => values.map((value) => ({ ...each, [fact]: value }))),
    [{}],
  );
  return combinations as readonly T[];
}
