import * as l10n from '@vscode/l10n';
import { abortReason } from '../shared/abort';
import type { Clock } from '../shared/clock';
import type { HttpClient, HttpFailure } from '../shared/http';
import { originOf } from '../shared/http';
import { parseJson } from '../shared/json';
import { linesOf } from '../shared/lines';
import type { Logger } from '../shared/logger';
import { formatDuration } from '../shared/units';
import type { InstallEvent } from './installAdapter';
import { errorTextOf, errorTextOfValue, OLLAMA_WORDS, pullLine } from './ollamaApi';
import type { PullFailure } from './pullErrors';
import { pullFailureOf, pullFailureOfStatus } from './pullErrors';
import { PullProgress } from './pullProgress';
import { readinessOf } from './readiness';

/** How long a pull may show no sign of life, in milliseconds, by what it is doing. */
export interface PullLimits {
  /** Before anything is said about a layer. */
  readonly firstByteMs: number;
  /** While layers are counted and no count rises. */
  readonly stallMs: number;
  /** From the first line about verifying to the end: the server is silent for minutes there. */
  readonly verifyingMs: number;
}

export interface PullAttempt {
  readonly baseUrl: string;
  readonly name: string;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: PullLimits;
  readonly signal: AbortSignal | undefined;
  /** Largest count of each layer in earlier attempts; this attempt raises it. */
  readonly highWater: Map<string, number>;
  readonly emit: (event: InstallEvent) => void;
}

export type PullOutcome =
  | { readonly status: 'success' }
  | {
      readonly status: 'failed';
      readonly failure: PullFailure;
      /** Whether bytes came that no earlier attempt had. */
      readonly newBytes: boolean;
    };

/** A server that was killed has lost some of it, so that nothing is said about how much. */
const kept = (): string => l10n.t('What it has kept of the download is used again.');

/** Lines that say that every layer is there. */
const AFTER_LAYERS = /^(?:verifying|writing manifest|removing)/;

/** One `/api/pull`, from the request to its end. Rejects only when the caller's signal aborts. */
export async function pullOnce(attempt: PullAttempt): Promise<PullOutcome> {
  const { baseUrl, clock, http, limits, signal: callers } = attempt;
  const patience = new Patience(clock);
  const signal = callers ? AbortSignal.any([callers, patience.signal]) : patience.signal;
  const reader = new PullReader(attempt, patience);
  const origin = originOf(baseUrl);
  try {
    const silence = formatDuration(limits.firstByteMs);
    const whenSilent = l10n.t(
      '{0} sent nothing for {1}. Check that Ollama runs there and reaches its registry.',
      origin,
      silence,
    );
    patience.allow(limits.firstByteMs, whenSilent);
    const opened = await http.stream(`${baseUrl}/api/pull`, {
      json: { model: attempt.name, stream: true },
      signal,
      // Silence is judged here, with limits that differ by what the server is doing.
      headersTimeoutMs: 0,
      bodyTimeoutMs: 0,
    });
    if (!opened.ok) return reader.failed(failureOfHttp(opened.failure));
    for await (const line of linesOf(opened.value.body)) {
      const outcome = reader.line(line);
      if (outcome !== null) return outcome;
    }
    return reader.failed(
      reader.understoodNothing
        ? notOllama(origin)
        : dropped(l10n.t('{0} ended the download before it was done.', origin)),
    );
  } catch (thrown) {
    if (callers?.aborted) throw abortReason(callers);
    if (patience.lost !== null) return reader.failed(patience.lost);
    attempt.logger.log('warn', 'pull.connection_lost', { error: thrown });
    return reader.failed(dropped(l10n.t('The connection to {0} broke during the download.', origin)));
  } finally {
    patience.end();
  }
}

function dropped(message: string): PullFailure {
  return {
    code: 'installer_unavailable',
    retry: 'yes',
    message: `${message} ${l10n.t('Check that Ollama still runs there.')} ${kept()}`,
  };
}

function notOllama(origin: string): PullFailure {
  const message = l10n.t(
    '{0} answered with something else than a download: it does not look like Ollama. Check port and kind of this backend in modelPool.backends.',
    origin,
  );
  return { code: 'parse_failed', retry: 'no', message };
}

function failureOfHttp(failure: HttpFailure): PullFailure {
  if (failure.code === 'bad_status') {
    return pullFailureOfStatus(failure.status ?? 0, errorTextOf(failure.body), originOf(failure.url));
  }
  const { message, nextStep } = readinessOf(failure, OLLAMA_WORDS);
  return { code: 'installer_unavailable', retry: 'yes', message: `${message} ${nextStep}` };
}

/** Reads the lines of one attempt: counts, tells, and knows when it is over. */
class PullReader {
  readonly #progress = new PullProgress();
  #newBytes = false;
  #verifying = false;
  #understood = 0;
  #skipped = 0;

  constructor(
    private readonly attempt: PullAttempt,
    private readonly patience: Patience,
  ) {}

  failed(failure: PullFailure): PullOutcome {
    return { status: 'failed', failure, newBytes: this.#newBytes };
  }

  /** Whether lines came and none of them was Ollama's. */
  get understoodNothing(): boolean {
    return this.#understood === 0 && this.#skipped > 0;
  }

  /** What the line ends, or null while the pull goes on. */
  line(text: string): PullOutcome | null {
    const parsed = pullLine.safeParse(parseJson(text));
    const { status, digest, total, completed, error } = parsed.data ?? {};
    if (status === undefined && total === undefined && error === undefined) {
      this.#skipped += 1;
      this.attempt.logger.log('warn', 'pull.line_skipped', { characters: text.length });
      return null;
    }
    this.#understood += 1;
    if (error !== undefined) {
      const said = errorTextOfValue({ error }) || l10n.t('an error without a text');
      return this.failed(pullFailureOf(said, this.attempt.name));
    }
    if (status === 'success') {
      this.#complete();
      return { status: 'success' };
    }
    if (total !== undefined && total > 0) {
      this.#count(digest ?? status ?? '', total, completed ?? 0);
    } else if (status !== undefined && AFTER_LAYERS.test(status)) {
      this.#verify(status);
    } else if (status !== undefined) {
      this.attempt.emit({ type: 'pulling', message: status });
    }
    return null;
  }

  #count(digest: string, totalBytes: number, completedBytes: number): void {
    const { clock, emit, highWater, limits } = this.attempt;
    const line = { digest, totalBytes, completedBytes };
    const { event, rose } = this.#progress.line(line, clock.monotonicMs());
    // A layer's first line may only repeat what an earlier run left there.
    const before = highWater.get(digest);
    if (before !== undefined && completedBytes > before) this.#newBytes = true;
    highWater.set(digest, Math.max(before ?? 0, completedBytes));
    if (rose) {
      const stalled = l10n.t('The download stalled: no byte came for {0}.', formatDuration(limits.stallMs));
      const next = l10n.t('Check the network of the machine that runs Ollama.');
      this.patience.allow(limits.stallMs, `${stalled} ${next}`);
    }
    emit(event);
  }

  #verify(message: string): void {
    const { emit, limits } = this.attempt;
    if (!this.#verifying) {
      this.#verifying = true;
      this.#complete();
      const waited = formatDuration(limits.verifyingMs);
      const endless = l10n.t(
        'Ollama has not finished verifying after {0}. Check its disk and its log.',
        waited,
      );
      this.patience.allow(limits.verifyingMs, endless);
    }
    emit({ type: 'verifying', message });
  }

  #complete(): void {
    const event = this.#progress.complete();
    if (event !== null) this.attempt.emit(event);
  }
}

/** A deadline that is set anew at every sign of life. */
class Patience {
  readonly #controller = new AbortController();
  #cancel: () => void = () => undefined;
  #lost: PullFailure | null = null;

  constructor(private readonly clock: Clock) {}

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why it ran out, or null while it has not. */
  get lost(): PullFailure | null {
    return this.#lost;
  }

  /** Waits `milliseconds` from now for the next sign of life; `whenLost` says what did not come and what to do. */
  allow(milliseconds: number, whenLost: string): void {
    this.#cancel();
    this.#cancel = this.clock.after(milliseconds, () => {
      this.#lost = {
        code: 'installer_unavailable',
        retry: 'yes',
        message: `${whenLost} ${kept()}`,
      };
      this.#controller.abort();
    });
  }

  /** Stops waiting and closes the connection. */
  end(): void {
    this.#cancel();
    this.#controller.abort();
  }
}
