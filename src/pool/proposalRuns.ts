import * as l10n from '@vscode/l10n';
import { isoNow, type Clock } from '../shared/clock';
import { bytesToGib } from '../shared/units';
import type { Logger } from '../shared/logger';
import { isSourceAllowed } from './allowedSource';
import type { PoolManager } from './poolManager';
import type { ModelUses } from './poolRegistrar';
import { entryKey, type PoolEntry, type PoolErrorCode } from './poolState';
import type { Proposal, ProposalPhase } from './proposal';
import { nextStep } from './proposalStep';
import type { ProposalStore } from './proposalStore';
import { isOver, isSameModel, type StoredRun } from './pullRunRows';
import type { PullRun, PullRuns } from './pullRuns';

export interface ProposalRunsOptions {
  readonly store: ProposalStore;
  readonly pool: Pick<PoolManager, 'snapshot' | 'install' | 'evict'>;
  readonly pulls: { readonly queue: Pick<PullRuns['queue'], 'runs' | 'onDidChange'> };
  readonly uses: ModelUses;
  /** This window among all of them. */
  readonly owner: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface ApproveOptions {
  /** `user`, the default: a person said yes. `policy`: nobody did, so the lists bind it and nothing loaded goes. */
  readonly consent?: 'user' | 'policy';
  /** Whether what is replaced may go before the download where the disk has no room for both. Default false. */
  readonly evictFirst?: boolean;
  /** Aborting cancels the download; what was downloaded stays. */
  readonly signal?: AbortSignal;
  readonly onPhase?: (phase: ProposalPhase) => void;
  /** Hears the download as it goes. */
  readonly onEvent?: (run: PullRun) => void;
}

export type ApproveOutcome =
  | {
      readonly status: 'success';
      /** Names of models that went. */
      readonly evicted: readonly string[];
      /** Names of models that go as soon as no call uses them. */
      readonly pending: readonly string[];
    }
  /** It stays open, and can be approved again: it goes on at the half that failed. */
  | {
      readonly status: 'error';
      /** Null: nothing was begun. */
      readonly phase: ProposalPhase | null;
      readonly code: PoolErrorCode;
      readonly message: string;
    }
  /** It is over without this: it makes no sense any more, its target does not exist, or it was decided before. */
  | { readonly status: 'moot'; readonly message: string };

type Failure = Extract<ApproveOutcome, { readonly status: 'error' }>;
type Decision =
  | { readonly status: 'success' }
  | { readonly status: 'error'; readonly code: PoolErrorCode; readonly message: string };

/** What stands still for so long while it is carried out is carried out by nobody: its window is gone. */
const ABANDONED_MS = 120_000;

/**
 * Carries proposals out: the target comes first, then what it replaces goes. Where a proposal stands is in the state at
 * every moment, so that two windows never carry out the same one, and one whose window has died is finished by another:
 * its download goes on by itself (`PullRuns`), and when that is over what it replaces goes, or the proposal is open again.
 */
export class ProposalRuns {
  readonly #running = new Map<string, Promise<ApproveOutcome>>();
  readonly #waits = new Map<string, () => void>();
  readonly #stops: readonly (() => void)[];

  constructor(private readonly options: ProposalRunsOptions) {
    const { store, pulls } = options;
    this.#stops = [store.onDidChange(() => this.#watch()), pulls.queue.onDidChange(() => this.#watch())];
    this.#watch();
  }

  /** Carries a proposal out; resolves when that is done or has failed. Never rejects for what can be expected. */
  approve(id: string, options: ApproveOptions = {}): Promise<ApproveOutcome> {
    const running = this.#running.get(id);
    if (running) return running;
    const run = this.#claim(id).then((claimed) =>
      'status' in claimed ? claimed : this.#carryOut(claimed.proposal, options),
    );
    return this.#track(id, run);
  }

  /** Says no. It is not made again for 90 days, unless it gets better by another threshold. */
  async reject(id: string): Promise<Decision> {
    const { store, clock } = this.options;
    const now = isoNow(clock);
    const stored = await store.update('proposals.reject', now, (known, put): Decision => {
      const proposal = known.find((each) => each.id === id);
      if (proposal?.status === 'open') put({ ...proposal, status: 'rejected', changedAt: now });
      if (proposal?.status !== 'installing') return { status: 'success' };
      const message = l10n.t(
        '{0} is being installed. Cancel the download first, then reject it.',
        proposal.target.label,
      );
      return { status: 'error', code: 'busy', message };
    });
    return stored.ok
      ? stored.value
      : { status: 'error', code: 'storage_unavailable', message: stored.message };
  }

  /** Ends the watch; what this window carries out goes on in another one. */
  dispose(): void {
    for (const stop of this.#stops) stop();
    for (const cancel of this.#waits.values()) cancel();
    this.#waits.clear();
  }

  #track(id: string, run: Promise<ApproveOutcome>): Promise<ApproveOutcome> {
    const tracked = run.finally(() => {
      this.#running.delete(id);
      this.#watch();
    });
    this.#running.set(id, tracked);
    return tracked;
  }

  async #claim(id: string): Promise<ApproveOutcome | { readonly proposal: Proposal }> {
    const { store, pool, owner, clock } = this.options;
    const now = isoNow(clock);
    const snapshot = pool.snapshot();
    const stored = await store.update('proposals.claim', now, (known, put) => {
      const proposal = known.find((each) => each.id === id);
      if (!proposal) return moot(l10n.t('This proposal is not known any more.'));
      const { label } = proposal.target;
      if (proposal.status === 'installing') {
        return failure(null, 'busy', l10n.t('Another window carries out the proposal of {0} now.', label));
      }
      if (proposal.status !== 'open') return moot(l10n.t('The proposal of {0} was decided before.', label));
      const step = nextStep(proposal, snapshot);
      if (step.kind === 'moot') {
        put({ ...proposal, status: 'superseded', changedAt: now });
        return moot(step.message);
      }
      const phase = step.kind === 'install' ? 'installing' : 'evicting';
      const claimed: Proposal = { ...proposal, status: 'installing', phase, owner, changedAt: now };
      put(claimed);
      return { proposal: claimed };
    });
    return stored.ok ? stored.value : failure(null, 'storage_unavailable', stored.message);
  }

  async #carryOut(proposal: Proposal, options: ApproveOptions): Promise<ApproveOutcome> {
    const { pool } = this.options;
    const evicted: string[] = [];
    if (nextStep(proposal, pool.snapshot()).kind === 'install') {
      options.onPhase?.('installing');
      const ended = await this.#install(proposal, options);
      if (!('evicted' in ended)) return ended;
      evicted.push(...ended.evicted);
    }
    const step = nextStep({ ...proposal, phase: 'evicting' }, pool.snapshot());
    if (step.kind !== 'evict') return this.#end(proposal, step.kind === 'done' ? step.pending : [], evicted);
    options.onPhase?.('evicting');
    await this.#write(proposal.id, (stored) => ({ ...stored, phase: 'evicting', problem: null }));
    return this.#evict(proposal, step.entry, evicted, options.consent ?? 'user');
  }

  /** What went for it; or how the proposal ends, which is stored then. */
  async #install(
    proposal: Proposal,
    options: ApproveOptions,
  ): Promise<ApproveOutcome | { readonly evicted: readonly string[] }> {
    const { pool, pulls } = this.options;
    const { consent = 'user', evictFirst = false, signal, onEvent } = options;
    const { target, replaces } = proposal;
    if (consent === 'policy' && !isSourceAllowed(pool.snapshot(), target.ollamaName)) {
      const message = l10n.t(
        '{0} comes from nobody on the list modelPool.pool.allowedOrgs, so it is installed only when you approve it.',
        target.ollamaName,
      );
      return this.#fail(proposal, 'installing', 'not_allowed', message);
    }
    const { backend, ollamaName, hfRepoId, label, quant, family, sizeBytes, score } = target;
    const outcome = await pool.install({
      ...{ backend, ollamaName, hfRepoId, label, quant, consent, evictFirst },
      ...(family === undefined ? {} : { family }),
      ...{ sizeOnDiskGb: bytesToGib(sizeBytes), initialScore: score },
      // What it replaces is counted as gone, and nothing else goes for it.
      mayEvict: replaces === undefined ? [] : [replaces],
      ...(signal ? { signal } : {}),
      ...(onEvent ? { onEvent } : {}),
    });
    if (outcome.status === 'success') {
      const { entries } = pool.snapshot();
      if (entries.some((entry) => entryKey(entry) === entryKey(target))) return outcome;
      const message = l10n.t('{0} is installed already, outside the pool.', label);
      await this.#write(proposal.id, (stored, now) => ({ ...stored, status: 'superseded', changedAt: now }));
      return moot(message);
    }
    if (pulls.queue.runs.some((run) => isOf(run, proposal) && !isOver(run))) {
      // This window closes: the download, and then the rest, goes on in another one.
      return failure('installing', outcome.code, outcome.message);
    }
    return this.#fail(proposal, 'installing', outcome.code, outcome.message);
  }

  async #evict(
    proposal: Proposal,
    entry: PoolEntry,
    evicted: readonly string[],
    consent: 'user' | 'policy',
  ): Promise<ApproveOutcome> {
    const { pool, uses } = this.options;
    const { ollamaName: name } = entry;
    if (consent === 'policy' && (await uses.now([entry])).running.has(entryKey(entry))) {
      return this.#fail(
        proposal,
        'evicting',
        'in_use',
        l10n.t('{0} is loaded now, so it stays until it is not.', name),
      );
    }
    const outcome = await pool.evict(entry);
    switch (outcome.status) {
      case 'success':
        return this.#end(proposal, [], [...evicted, name]);
      case 'pending':
        return this.#end(proposal, [name], evicted);
      case 'error':
        if (outcome.code === 'not_in_pool') return this.#end(proposal, [], evicted);
        return this.#fail(proposal, 'evicting', outcome.code, outcome.message);
    }
  }

  async #end(
    proposal: Proposal,
    pending: readonly string[],
    evicted: readonly string[],
  ): Promise<ApproveOutcome> {
    await this.#write(proposal.id, (stored, now) => {
      return { ...stored, status: 'approved', problem: null, changedAt: now };
    });
    return { status: 'success', evicted, pending };
  }

  /** Open again, with the half that failed; but for a target that nobody has, which is never asked for again. */
  async #fail(
    proposal: Proposal,
    phase: ProposalPhase,
    code: PoolErrorCode,
    message: string,
  ): Promise<ApproveOutcome> {
    await this.#write(proposal.id, (stored, now) => {
      const problem = { code, message, at: now, attempts: (stored.problem?.attempts ?? 0) + 1 };
      const status = code === 'failed_target_missing' ? 'failed_target_missing' : 'open';
      return { ...stored, status, phase, problem, changedAt: now };
    });
    return code === 'failed_target_missing' ? moot(message) : failure(phase, code, message);
  }

  /** Changes a proposal that this window carries out; without effect where another one has taken it over. */
  async #write(id: string, change: (stored: Proposal, now: string) => Proposal): Promise<void> {
    const { store, owner, clock, logger } = this.options;
    const now = isoNow(clock);
    const stored = await store.update('proposals.step', now, (known, put) => {
      const proposal = known.find((each) => each.id === id);
      if (proposal?.status !== 'installing' || proposal.owner !== owner) return;
      const next = change(proposal, now);
      put(next.status === 'installing' ? next : { ...next, owner: null });
    });
    if (!stored.ok) logger.log('warn', 'proposals.step.not_stored', { code: stored.code });
  }

  /** Waits beside everything that nobody seems to carry out; whatever moves begins its wait anew. */
  #watch(): void {
    const { store, clock } = this.options;
    const abandoned = new Map(
      store.all.filter((each) => this.#isAbandoned(each)).map((each) => [waitKey(each), each]),
    );
    for (const [key, cancel] of this.#waits) {
      if (abandoned.has(key)) continue;
      cancel();
      this.#waits.delete(key);
    }
    for (const [key, { id }] of abandoned) {
      if (this.#waits.has(key)) continue;
      this.#waits.set(
        key,
        clock.after(ABANDONED_MS, () => {
          this.#waits.delete(key);
          void this.#track(id, this.#takeOver(id));
        }),
      );
    }
  }

  /** While its download is not over, whichever window has it, it is carried out. */
  #isAbandoned(proposal: Proposal): boolean {
    if (proposal.status !== 'installing' || this.#running.has(proposal.id)) return false;
    return !this.options.pulls.queue.runs.some((run) => isOf(run, proposal) && !isOver(run));
  }

  /** Finishes what another window has left: what has come is not downloaded again, and what has not is not begun here. */
  async #takeOver(id: string): Promise<ApproveOutcome> {
    const { store, pool, pulls, owner, clock } = this.options;
    const seen = store.all.find((each) => each.id === id);
    const stored = await store.update('proposals.take_over', isoNow(clock), (known, put) => {
      const proposal = known.find((each) => each.id === id);
      if (proposal?.status !== 'installing' || proposal.owner !== seen?.owner) return null;
      const mine = { ...proposal, owner };
      put(mine);
      return mine;
    });
    if (!stored.ok || !stored.value) return failure(null, 'busy', l10n.t('Another window was first.'));
    const taken = stored.value;
    this.options.logger.log('info', 'proposals.taken_over', { kind: taken.kind });
    const step = nextStep(taken, pool.snapshot());
    // Nobody is here who could be asked again, so that what is loaded stays.
    if (step.kind !== 'install') return this.#carryOut(taken, { consent: 'policy' });
    const run = pulls.queue.runs.find((each) => isOf(each, taken));
    const message =
      run?.message ??
      l10n.t(
        'The window that installed {0} closed before it was done. Approve it again to go on.',
        taken.target.label,
      );
    return this.#fail(taken, 'installing', run?.code ?? 'cancelled', message);
  }
}

function isOf(run: StoredRun, { target }: Proposal): boolean {
  return isSameModel(run, { backend: target.backend, name: target.ollamaName });
}

function waitKey({ id, owner, phase, changedAt }: Proposal): string {
  return JSON.stringify([id, owner, phase, changedAt]);
}

function moot(message: string): ApproveOutcome {
  return { status: 'moot', message };
}

function failure(phase: ProposalPhase | null, code: PoolErrorCode, message: string): Failure {
  return { status: 'error', phase, code, message };
}
