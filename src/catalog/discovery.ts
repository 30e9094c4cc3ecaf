import * as l10n from '@vscode/l10n';
import { abortReason } from '../shared/abort';
import { isoNow, type Clock } from '../shared/clock';
import type { Logger } from '../shared/logger';
import type { DiscoveryBook } from './discoveryBook';
import type { RequestBudget } from './discoveryBudget';
import { endedBy, limitedBy, type RefreshEnd } from './discoveryEnd';
import { failureOf, listOrganisation } from './discoveryLists';
import type { AskedOrganisation } from './discoveryOrganisations';
import type { DiscoveredRepo, RepoFinding } from './discoveryRecord';
import type { Hub, HubFailure, HubModel } from './hub';

/** Requests of a refresh in all: lists, descriptions and parts of files. */
export const REQUESTS_PER_REFRESH = 60;
/** Of these, what is kept for looking at repositories while there are more organisations to ask. */
const KEPT_FOR_LOOKS = REQUESTS_PER_REFRESH / 2;

const AT_ONCE = 4;
/** An organisation's two arms are asked at once. */
const ORGANISATIONS_AT_ONCE = AT_ONCE / 2;

/** Failures in turn that end a refresh which had no answer yet: both arms of the first organisation. */
const FIRST_FAILURES = 2;
/** Failures in turn that end it afterwards: more than are under way at once, so that one bad moment does not. */
const LATER_FAILURES = 6;

/** What looking at a repository gave; a failure leaves what was known of it. */
type DescribeResult =
  { readonly ok: true; readonly finding: RepoFinding } | { readonly ok: false; readonly failure: HubFailure };

/** Reads a repository's files; may make requests, one at a time. Rejects only with the signal's reason. */
export type DescribeRepo = (repo: HubModel, signal: AbortSignal) => Promise<DescribeResult>;

export interface DiscoveryProgress {
  readonly organisationsAsked: number;
  readonly organisations: number;
  readonly reposLookedAt: number;
  /** Repositories that are known and wait for a look, in this refresh or a later one. */
  readonly reposWaiting: number;
  readonly requests: number;
}

export interface DiscoveryOptions {
  /** Behind `budget`: the run makes no request that it does not count. */
  readonly hub: Hub;
  readonly budget: RequestBudget;
  readonly describe: DescribeRepo;
  readonly organisations: readonly AskedOrganisation[];
  /** What is known, and what the run writes into; whatever ends the run, the book holds what it found. */
  readonly book: DiscoveryBook;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onProgress?: (progress: DiscoveryProgress) => void;
}

/**
 * One refresh: asks organisations in turn for their lists, then looks at the newest repositories that are not known, as
 * far as `REQUESTS_PER_REFRESH` go. What is left over waits in the book for the next one. Rejects only with the
 * signal's reason, and then at once.
 */
export async function discover(options: DiscoveryOptions, signal: AbortSignal): Promise<RefreshEnd> {
  return new DiscoveryRun(options, signal).run();
}

class DiscoveryRun {
  readonly #toAsk: AskedOrganisation[];
  /** Set where the run must not go on. */
  #end: RefreshEnd | undefined;
  #answered = false;
  #failuresInTurn = 0;
  #organisationsAsked = 0;
  #reposLookedAt = 0;

  constructor(
    private readonly options: DiscoveryOptions,
    private readonly signal: AbortSignal,
  ) {
    this.#toAsk = [...options.book.organisationsByTurn(options.organisations)];
  }

  async run(): Promise<RefreshEnd> {
    const { budget, book } = this.options;
    budget.begin(REQUESTS_PER_REFRESH);
    try {
      // The first one alone: where nothing gets through, two requests are enough to know.
      await this.#askNext();
      await this.#askOrganisations(KEPT_FOR_LOOKS);
      await this.#lookAtRepos();
      await this.#askOrganisations(0);
      await this.#lookAtRepos();
    } finally {
      budget.end();
    }
    if (this.#end) return this.#end;
    if (this.#toAsk.length === 0 && book.waiting === 0) {
      return {
        code: 'complete',
        message: l10n.t('All organisations were asked, and all their models are known.'),
      };
    }
    const repos = book.waiting === 1 ? l10n.t('1 repository') : l10n.t('{0} repositories', book.waiting);
    const asked = this.#toAsk.length;
    const organisations = asked === 1 ? l10n.t('1 organisation') : l10n.t('{0} organisations', asked);
    return {
      code: 'partial',
      message: l10n.t('Left for the next refresh: {0} and {1}.', repos, organisations),
    };
  }

  /** Asks organisations until none is left, or fewer than `keep` requests. */
  async #askOrganisations(keep: number): Promise<void> {
    await this.#together(ORGANISATIONS_AT_ONCE, keep, () => this.#askNext());
  }

  async #lookAtRepos(): Promise<void> {
    await this.#together(AT_ONCE, 0, () => this.#lookAtNext());
  }

  /** Does steps side by side until one says that there are no more. */
  async #together(workers: number, keep: number, step: () => Promise<boolean>): Promise<void> {
    const { budget } = this.options;
    const work = async (): Promise<void> => {
      while (!this.#end && !budget.refused && budget.left > keep) {
        if (this.signal.aborted) throw abortReason(this.signal);
        if (!(await step())) return;
      }
    };
    await Promise.all(Array.from({ length: workers }, work));
  }

  async #askNext(): Promise<boolean> {
    const { hub, book, budget, clock } = this.options;
    const organisation = this.#toAsk.shift();
    if (!organisation) return false;
    let isAsked = true;
    for (const format of organisation.formats) {
      const { repos, failures } = await listOrganisation({
        ...{ hub, organisation: organisation.name, format, signal: this.signal },
        onAnswer: (answer) => this.#note(failureOf(answer)),
      });
      if (failures > 0 && (budget.refused || this.#end?.code === 'limited')) isAsked = false;
      // Also one that failed: it must not stand at the head of every refresh.
      else book.noteLists(organisation.name, repos, isoNow(clock));
    }
    if (isAsked) this.#organisationsAsked += 1;
    else this.#toAsk.unshift(organisation);
    this.#tell();
    return true;
  }

  async #lookAtNext(): Promise<boolean> {
    const { hub, book } = this.options;
    const next = book.take();
    if (!next) return false;
    const described = await hub.getModel(next.repo, this.signal);
    const failure = failureOf(described);
    if (failure) {
      this.#noteGone(next, failure);
    } else if (described.ok) {
      this.#note(undefined);
      await this.#describe(next, described.value);
    }
    this.#reposLookedAt += 1;
    this.#tell();
    return true;
  }

  async #describe(next: DiscoveredRepo, repo: HubModel): Promise<void> {
    const { describe, book } = this.options;
    const result = await describe(repo, this.signal);
    if (result.ok) {
      // A description that is older than the list says is one of a cache: it counts as what it is.
      const of = [next.lastModified, repo.lastModified].filter((date) => date !== undefined).sort()[0];
      book.settle(next.repo, result.finding, of);
    } else {
      this.#noteUnread(next, result.failure);
    }
  }

  /** A repository that a list named and that is not there, or not for us. */
  #noteGone(next: DiscoveredRepo, failure: HubFailure): void {
    const { book } = this.options;
    if (failure.code === 'HF_NOT_FOUND') {
      this.#note(undefined);
      book.drop(next.repo);
    } else if (failure.code === 'HF_UNAUTHORIZED') {
      // Gone, private, or the token has ended: what was known of it stands, and a few more tries tell.
      book.postpone(next.repo);
    } else {
      this.#noteUnread(next, failure);
    }
  }

  #noteUnread({ repo }: DiscoveredRepo, failure: HubFailure): void {
    const { book, budget } = this.options;
    this.#note(failure);
    if (this.#end || budget.refused) book.putBack(repo);
    else book.postpone(repo);
  }

  /** An answer, or why there was none. */
  #note(failure: HubFailure | undefined): void {
    const { budget, logger } = this.options;
    if (failure === undefined || failure.code === 'HF_NOT_FOUND') {
      this.#answered = true;
      this.#failuresInTurn = 0;
      return;
    }
    // A request that was refused here says nothing of the server.
    if (budget.refused) return;
    const { code, path, status } = failure;
    logger.log('warn', 'discovery.request.failed', { code, path, status });
    this.#failuresInTurn += 1;
    const tooMany = this.#failuresInTurn >= (this.#answered ? LATER_FAILURES : FIRST_FAILURES);
    this.#end ??= limitedBy(failure) ?? (tooMany ? endedBy(failure) : undefined);
  }

  #tell(): void {
    const { book, budget, onProgress } = this.options;
    onProgress?.({
      organisationsAsked: this.#organisationsAsked,
      organisations: this.#organisationsAsked + this.#toAsk.length,
      reposLookedAt: this.#reposLookedAt,
      reposWaiting: book.waiting,
      requests: budget.made,
    });
  }
}
