import type { Catalogue } from './catalogue';
import type { Hosts } from './hosts';
import type { Ranking, RankingService } from './rankingService';
import { poolScores } from './poolScores';
import { proposalCandidates } from './proposalCandidates';
import type { HostRankings, RefreshStages, StageContext } from './refreshCycle';
import { isAllowed } from '../pool/allowed';
import type { PoolManager } from '../pool/poolManager';
import type { PoolState } from '../pool/poolState';
import { propose, type ProposalQuery } from '../pool/proposals';
import type { ProposalStore } from '../pool/proposalStore';
import { isoNow, sleep, type Clock } from '../shared/clock';
import { messageOf } from '../shared/errors';
import { LOCAL_HOST, type HostId } from '../shared/modelRef';
import { TASKS, type Task } from '../shared/settings';

/** A backend that installs models, and the machine that it is on. */
export interface Installer {
  readonly backend: string;
  readonly host: HostId;
}

export interface RefreshStagesOptions {
  readonly hosts: Pick<Hosts, 'forget' | 'profileOf'>;
  readonly catalogue: Pick<Catalogue, 'isDue' | 'refresh' | 'snapshot' | 'status'>;
  readonly rankings: Pick<RankingService, 'invalidate' | 'rank'>;
  readonly pool: Pick<PoolManager, 'drain' | 'reconcile' | 'snapshot' | 'updateScores'>;
  readonly proposals: Pick<ProposalStore, 'update'>;
  readonly installers: () => readonly Installer[];
  /** Whether a model, in whichever build, is installed on a machine: in the pool or outside of it. */
  readonly isInstalled: (host: HostId, modelId: string) => boolean;
  /** Age at which the catalogue is looked at again unless a person asked, in milliseconds. */
  readonly catalogueMaxAgeMs: () => number;
  /** The user's own. */
  readonly task: () => Task;
  /** Points by which a candidate must be better. */
  readonly threshold: () => number;
  readonly newId: () => string;
  readonly clock: Clock;
}

/** Between two rankings others get their turn: each takes the processor for a while. */
const PAUSE_MS = 50;

/** The stages of a refresh, as the engine runs them. */
export function refreshStages(options: RefreshStagesOptions): RefreshStages {
  return {
    detect: (context) => detect(options, context),
    catalogue: (context) => lookForModels(options, context),
    rank: (context) => rankHosts(options, context),
    reconcile: (context) => reconcile(options, context),
    scores: (_context, ranked) => updateScores(options, ranked),
    propose: (context, ranked) => makeProposals(options, context, ranked),
  };
}

/** A window that has just begun has looked already, or has a profile that is still good. */
async function detect({ hosts, installers }: RefreshStagesOptions, { reason }: StageContext): Promise<void> {
  const names = new Set(installers().map(({ host }) => host));
  if (reason !== 'start' && names.has(LOCAL_HOST)) hosts.forget();
  await Promise.all([...names].map((host) => hosts.profileOf(host)));
}

async function lookForModels(
  { catalogue, catalogueMaxAgeMs }: RefreshStagesOptions,
  { reason, signal, fail }: StageContext,
): Promise<string> {
  const isDue = reason === 'demand' || (await catalogue.isDue(catalogueMaxAgeMs()));
  const { state, message, source } = isDue ? await catalogue.refresh(signal) : catalogue.status;
  // What is there stands, however old: the source says of when it is.
  if (isDue && (state === 'offline' || state === 'refused' || state === 'limited')) fail(state, message);
  return source;
}

async function rankHosts(
  { rankings, installers, clock }: RefreshStagesOptions,
  { reason, signal, fail }: StageContext,
): Promise<readonly HostRankings[]> {
  // Evidence ages by the day, which nothing else would make the rankings notice.
  if (reason !== 'start') rankings.invalidate();
  const ranked: HostRankings[] = [];
  for (const host of new Set(installers().map((installer) => installer.host))) {
    const ofHost: Ranking[] = [];
    for (const task of TASKS) {
      await sleep(clock, PAUSE_MS, signal);
      try {
        ofHost.push(await rankings.rank(task, host));
      } catch (thrown) {
        fail('rank_failed', `${host}, ${task}: ${messageOf(thrown)}`);
      }
    }
    // Without one of them, what is proposed for it would look as if it held no longer.
    if (ofHost.length === TASKS.length) ranked.push({ host, rankings: ofHost });
  }
  return ranked;
}

async function reconcile(
  { pool, installers }: RefreshStagesOptions,
  { signal, fail }: StageContext,
): Promise<void> {
  await pool.drain();
  for (const { backend } of installers()) {
    const outcome = await pool.reconcile(backend, signal);
    if (outcome.status === 'unknown') fail('reconcile_failed', `${backend}: ${outcome.message}`);
  }
}

async function updateScores(options: RefreshStagesOptions, ranked: readonly HostRankings[]): Promise<void> {
  const task = options.task();
  const hostOf = hostsOf(options.installers());
  const scores = new Map(ranked.map(({ host, rankings }) => [host, poolScores(rankings)]));
  await options.pool.updateScores((entry) => scores.get(hostOf(entry.backend) ?? '')?.(entry, task));
}

async function makeProposals(
  options: RefreshStagesOptions,
  { fail }: StageContext,
  ranked: readonly HostRankings[],
): Promise<number> {
  const { proposals, pool, catalogue, installers, clock, newId, threshold } = options;
  const { snapshot } = await catalogue.snapshot();
  const families = new Map(snapshot.candidates.map(({ hfRepoId, family }) => [hfRepoId, family]));
  const state = pool.snapshot();
  const own = installers();
  const now = isoNow(clock);
  const shared = { threshold: threshold(), now, newId, tasks: tasksOf(options.task()) };
  const queries = ranked.map((each) => hostQuery(options, each, state, families));
  const stored = await proposals.update('proposals.refresh', now, (known, put) => {
    const waiting = known.filter(({ status }) => status === 'open');
    for (const proposal of waiting.filter(
      ({ target }) => !own.some(({ backend }) => backend === target.backend),
    ))
      put({ ...proposal, status: 'superseded', changedAt: now });
    let added = 0;
    for (const { backends, ...query } of queries) {
      const ofHost = known.filter(({ target }) => backends.has(target.backend));
      const change = propose({ ...shared, ...query, known: ofHost });
      for (const proposal of [...change.changed, ...change.added]) put(proposal);
      added += change.added.length;
    }
    return added;
  });
  if (stored.ok) return stored.value;
  fail(stored.code, stored.message);
  return 0;
}

type HostQuery = Pick<ProposalQuery, 'pool' | 'candidates' | 'scoreOf'> & {
  readonly backends: ReadonlySet<string>;
};

function hostQuery(
  { installers, isInstalled, task }: RefreshStagesOptions,
  { host, rankings }: HostRankings,
  state: PoolState,
  families: ReadonlyMap<string, string>,
): HostQuery {
  const backends = new Set(installers().flatMap((each) => (each.host === host ? [each.backend] : [])));
  const pool = poolOn(state, host, backends);
  const own = new Set(pool.entries.map(({ hfRepoId }) => hfRepoId));
  const familyOf = (modelId: string): string | undefined => families.get(modelId);
  // What a person has installed outside the pool is there already.
  const isWanted = (modelId: string): boolean =>
    isAllowed(pool, { hfRepoId: modelId, ...familyPart(familyOf(modelId)) }) &&
    (own.has(modelId) || !isInstalled(host, modelId));
  const candidates = [...backends].flatMap((backend) =>
    rankings.flatMap((ranking) => proposalCandidates(ranking, backend, familyOf, isWanted)),
  );
  const scores = poolScores(rankings);
  const users = task();
  return {
    ...{ backends, pool, candidates },
    scoreOf: (entry, of) => (of === users ? entry.currentScore : scores(entry, of)),
  };
}

function familyPart(family: string | undefined): { readonly family?: string } {
  return family === undefined ? {} : { family };
}

/** The pool as one disk sees it. */
function poolOn(state: PoolState, host: HostId, backends: ReadonlySet<string>): PoolState {
  const disks = state.disks.filter((disk) => disk.host === host);
  return {
    ...{ ...state, disks, diskUsedGb: disks.reduce((sum, { usedGb }) => sum + usedGb, 0) },
    entries: state.entries.filter(({ backend }) => backends.has(backend)),
  };
}

function tasksOf(own: Task): readonly Task[] {
  return [own, ...TASKS.filter((task) => task !== own)];
}

function hostsOf(installers: readonly Installer[]): (backend: string) => HostId | undefined {
  return (backend) => installers.find((each) => each.backend === backend)?.host;
}
