import { ROW } from './views';

/*
 * What a row says of itself to the menus: `viewItem` of each kind of row, from what it depends on. Nothing else puts
 * values together, so that a test can go through all of them and see which entries each row gets.
 */

/** A backend of the Pool view. */
export function backendRowValue(facts: { readonly needsKey: boolean; readonly startable: boolean }): string {
  return joined([
    ROW.backend,
    facts.needsKey ? ROW.needsKey : undefined,
    facts.startable ? ROW.startable : undefined,
  ]);
}

/** Where a model stands in the pool; `fixed`: it goes already, or is the user's own and never goes by itself. */
export type PoolPlace = 'outside' | 'free' | 'pinned' | 'fixed';

/** A served model of the Pool view. */
export function servedModelRowValue(facts: {
  /** An embedding model is no partner for a talk, and nothing is measured of it. */
  readonly embedding: boolean;
  readonly own: boolean;
  readonly removable: boolean;
  readonly stoppable: boolean;
  readonly explained: boolean;
  readonly place: PoolPlace;
}): string {
  const { embedding, own, removable, stoppable, explained, place } = facts;
  return joined([
    embedding ? ROW.embedding : ROW.model,
    own && !embedding ? ROW.ownModel : undefined,
    removable ? ROW.removable : undefined,
    stoppable ? ROW.stoppable : undefined,
    explained ? ROW.explained : undefined,
    // A server that installs nothing has no pool.
    removable ? PLACE_VALUES[place] : undefined,
  ]);
}

const PLACE_VALUES: Readonly<Record<PoolPlace, string | undefined>> = {
  outside: ROW.adoptable,
  free: ROW.pinnable,
  pinned: ROW.pinned,
  fixed: undefined,
};

/** An install of the Pool view. */
export function pullRowValue(running: boolean): string {
  return running ? ROW.pullRunning : ROW.pullStopped;
}

/** The machine of the Recommended view. */
export function machineRowValue(local: boolean): string {
  return joined([ROW.machine, local ? ROW.thisMachine : undefined]);
}

/** A model of the Recommended view; `pull` is the install of it that runs or has stopped. */
export function recommendedRowValue(facts: {
  readonly installable: boolean;
  readonly pull: 'running' | 'stopped' | undefined;
}): string {
  const { installable, pull } = facts;
  const afterwards = pull === undefined ? undefined : pullRowValue(pull === 'running');
  return joined([ROW.recommended, afterwards ?? (installable ? ROW.installable : undefined)]);
}

/** A proposal that waits for a word, or is carried out by a download that may run now. */
export function proposalRowValue(facts: {
  readonly installing: boolean;
  readonly pulling: boolean;
  readonly explained: boolean;
}): string {
  const { installing, pulling, explained } = facts;
  return joined([
    ROW.proposal,
    installing ? undefined : ROW.proposalOpen,
    installing && pulling ? ROW.pullRunning : undefined,
    explained ? ROW.explained : undefined,
  ]);
}

function joined(values: readonly (string | undefined)[]): string {
  return values.filter((value) => value !== undefined).join('.');
}
