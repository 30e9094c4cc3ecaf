import * as l10n from '@vscode/l10n';
import type { Clock } from '../shared/clock';
import { sleep, systemClock } from '../shared/clock';
import { compareCodePoints } from '../shared/codePointOrder';
import type { HttpClient, HttpFailure } from '../shared/http';
import type { Logger } from '../shared/logger';
import { silentLogger } from '../shared/logger';
import { bytesToGib, formatDuration } from '../shared/units';
import type {
  EvictRequest,
  EvictResult,
  InspectedModel,
  InstallAdapter,
  InstalledModel,
  InstallErrorCode,
  InstallEvent,
  InstallRequest,
  InstallResult,
} from './installAdapter';
import { InstallError, normaliseModelName } from './installAdapter';
import {
  contextLengthOf,
  errorTextOf,
  known,
  listAnswer,
  OLLAMA_WORDS,
  parseLoaded,
  parseTags,
  quantOf,
  showAnswer,
} from './ollamaApi';
import type { PullFailure } from './pullErrors';
import type { PullLimits } from './ollamaPull';
import { pullOnce } from './ollamaPull';
import { presentFields } from './presentFields';
import { readinessOf } from './readiness';

export interface OllamaInstallOptions extends Partial<PullLimits> {
  /** Address of the server, without a trailing slash. Default Ollama's own. */
  readonly baseUrl?: string;
  readonly http: HttpClient;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Consecutive attempts without a new byte after which a pull is given up. Default 5. */
  readonly maxAttemptsWithoutBytes?: number;
  /** 0 up to 1, for the jitter of the waits between attempts. Default `Math.random`. */
  readonly random?: () => number;
}

const BACKOFF_FIRST_MS = 1_000;
const BACKOFF_LONGEST_MS = 30_000;

/** Installs, removes and lists models through Ollama's own routes. */
export class OllamaInstallAdapter implements InstallAdapter {
  readonly #baseUrl: string;
  readonly #http: HttpClient;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #limits: PullLimits;
  readonly #maxAttempts: number;
  readonly #random: () => number;

  constructor(options: OllamaInstallOptions) {
    this.#baseUrl = (options.baseUrl ?? 'http://127.0.0.1:11434').replace(/\/+$/, '');
    this.#http = options.http;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#limits = {
      firstByteMs: options.firstByteMs ?? 120_000,
      stallMs: options.stallMs ?? 60_000,
      verifyingMs: options.verifyingMs ?? 30 * 60_000,
    };
    this.#maxAttempts = options.maxAttemptsWithoutBytes ?? 5;
    this.#random = options.random ?? Math.random;
  }

  /**
   * Pulls a model, resuming by itself while that can help. An installed tag is pulled too, which is quick, repairs it
   * and brings it up to date. Every failure resolves; the last event is `success` or `error`.
   */
  async install(request: InstallRequest): Promise<InstallResult> {
    const emit = this.#emitterOf(request);
    const fail = (code: InstallErrorCode, message: string): InstallResult => {
      emit({ type: 'error', code, message });
      return { status: 'error', code, message };
    };
    try {
      const alreadyInstalled = await this.#isInstalled(request);
      const failure = await this.#pull(request, emit);
      if (failure === null) {
        emit({ type: 'success' });
        return { status: 'success', name: request.name, alreadyInstalled };
      }
      if (!alreadyInstalled) return fail(failure.code, failure.message);
      return fail(failure.code, `${failure.message} ${l10n.t('The version that is installed stays.')}`);
    } catch (thrown) {
      if (!request.signal?.aborted) throw thrown;
      return fail(
        'cancelled',
        l10n.t(
          'Cancelled. What was downloaded stays on the disk of Ollama, and installing again resumes from there.',
        ),
      );
    }
  }

  /** Removes a tag; layers that another tag uses stay. A tag that is not there is `not_in_pool`. */
  async evict(request: EvictRequest): Promise<EvictResult> {
    const { name } = request;
    try {
      const answer = await this.#http.text(`${this.#baseUrl}/api/delete`, {
        method: 'DELETE',
        json: { model: name },
        ...withSignal(request.signal),
      });
      if (answer.ok) return { status: 'success', name };
      const { failure } = answer;
      if (failure.code !== 'bad_status' || failure.status === 503 || failure.status === 429) {
        return { status: 'error', code: 'installer_unavailable', message: wordsOf(failure) };
      }
      const said = errorTextOf(failure.body) || l10n.t('status {0}', failure.status ?? 0);
      if (failure.status === 404) {
        return {
          status: 'error',
          code: 'not_in_pool',
          message: l10n.t('Ollama has no model {0} to remove ({1}).', name, said),
        };
      }
      return {
        status: 'error',
        code: 'install_failed',
        message: l10n.t('Ollama could not remove {0}: {1}.', name, said),
      };
    } catch (thrown) {
      if (!request.signal?.aborted) throw thrown;
      return {
        status: 'error',
        code: 'cancelled',
        message: l10n.t('Cancelled. {0} may still be installed.', name),
      };
    }
  }

  /** What is installed, sorted by name (the server's order changes from call to call). */
  async list(request: { readonly signal?: AbortSignal } = {}): Promise<readonly InstalledModel[]> {
    const answer = await this.#http.json(`${this.#baseUrl}/api/tags`, listAnswer, {
      ...withSignal(request.signal),
    });
    if (!answer.ok) throw this.#errorOf(answer.failure);
    return parseTags(answer.value.models, this.#logger)
      .map((tag) => ({
        ollamaName: tag.name,
        sizeOnDiskGb: bytesToGib(tag.size),
        ...presentFields({
          digest: known(tag.digest),
          modifiedAt: known(tag.modified_at),
          quant: quantOf(tag.name, tag.details),
          parameterSize: known(tag.details?.parameter_size),
        }),
      }))
      .sort((a, b) => compareCodePoints(a.ollamaName, b.ollamaName));
  }

  async inspect(request: { readonly name: string; readonly signal?: AbortSignal }): Promise<InspectedModel> {
    const { name } = request;
    const answer = await this.#http.json(`${this.#baseUrl}/api/show`, showAnswer, {
      json: { model: name },
      ...withSignal(request.signal),
    });
    if (!answer.ok) throw this.#errorOf(answer.failure, name);
    const show = answer.value;
    const licence = show.license?.split('\n').find((line) => line.trim() !== '');
    return {
      ollamaName: name,
      capabilities: show.capabilities ?? [],
      ...presentFields({
        contextLength: contextLengthOf(show),
        family: known(show.details?.family),
        parameterSize: known(show.details?.parameter_size),
        quant: quantOf(name, show.details),
        licence: licence?.trim().slice(0, 200),
      }),
    };
  }

  /** Names of the models that are in memory now. */
  async loaded(request: { readonly signal?: AbortSignal } = {}): Promise<readonly string[]> {
    const answer = await this.#http.json(`${this.#baseUrl}/api/ps`, listAnswer, {
      ...withSignal(request.signal),
    });
    if (!answer.ok) throw this.#errorOf(answer.failure);
    return parseLoaded(answer.value.models, this.#logger).map(({ name }) => name);
  }

  /** Pulls until it is there, or until trying again cannot help: then the failure. Rejects on cancellation. */
  async #pull(request: InstallRequest, emit: (event: InstallEvent) => void): Promise<PullFailure | null> {
    const highWater = new Map<string, number>();
    let withoutBytes = 0;
    let fullTriesLeft = 1;
    for (let attempt = 1; ; attempt++) {
      const outcome = await pullOnce({
        baseUrl: this.#baseUrl,
        name: request.name,
        http: this.#http,
        clock: this.#clock,
        logger: this.#logger,
        limits: this.#limits,
        signal: request.signal,
        highWater,
        emit,
      });
      if (outcome.status === 'success') return null;
      const { failure, newBytes } = outcome;
      this.#logger.log('warn', 'pull.attempt_failed', {
        attempt,
        code: failure.code,
        newBytes,
        why: failure.message,
        ...(failure.said === undefined ? {} : { said: failure.said }),
      });
      withoutBytes = newBytes ? 0 : withoutBytes + 1;
      if (failure.retry === 'no' || withoutBytes >= this.#maxAttempts) return failure;
      if (failure.retry === 'once') {
        if (fullTriesLeft-- === 0) return failure;
        // The server threw the bytes away: all of them will be new again.
        highWater.clear();
      }
      const doubledMs = Math.min(BACKOFF_LONGEST_MS, BACKOFF_FIRST_MS * 2 ** Math.max(0, withoutBytes - 1));
      // Half of it by chance, so that windows and machines that failed together do not ask together again.
      const backoffMs = doubledMs * (0.5 + 0.5 * this.#random());
      const resuming = l10n.t('Resuming in {0} (attempt {1}).', formatDuration(backoffMs), attempt + 1);
      emit({ type: 'pulling', message: `${failure.message} ${resuming}` });
      await sleep(this.#clock, backoffMs, request.signal);
    }
  }

  /** Whether the tag is there before the pull; false where the server does not say, for the pull will tell. */
  async #isInstalled({ name, signal }: InstallRequest): Promise<boolean> {
    try {
      const wanted = normaliseModelName(name);
      const installed = await this.list(signal ? { signal } : {});
      return installed.some((model) => normaliseModelName(model.ollamaName) === wanted);
    } catch (thrown) {
      if (thrown instanceof InstallError) return false;
      throw thrown;
    }
  }

  /** Passes events on; a consumer that throws or rejects is logged and never stops the install. */
  #emitterOf({ onEvent }: InstallRequest): (event: InstallEvent) => void {
    const faulty = (error: unknown): void => {
      this.#logger.log('warn', 'pull.event_consumer_failed', { error });
    };
    return (event) => {
      try {
        const returned: unknown = onEvent?.(event);
        if (returned instanceof Promise) returned.catch(faulty);
      } catch (thrown) {
        faulty(thrown);
      }
    };
  }

  #errorOf(failure: HttpFailure, target?: string): InstallError {
    const said = errorTextOf(failure.body);
    const options = presentFields({ status: failure.status, target });
    if (failure.status === 404 && target !== undefined) {
      return new InstallError(
        'failed_target_missing',
        l10n.t('Ollama has no model {0} ({1}).', target, said || l10n.t('status {0}', 404)),
        options,
      );
    }
    const ours = failure.code === 'not_json' || failure.code === 'bad_shape' || failure.code === 'too_large';
    const text = said === '' ? wordsOf(failure) : l10n.t('Ollama answered: {0}.', said);
    return new InstallError(ours ? 'parse_failed' : 'installer_unavailable', text, options);
  }
}

function wordsOf(failure: HttpFailure): string {
  const { message, nextStep } = readinessOf(failure, OLLAMA_WORDS);
  return `${message} ${nextStep}`;
}

function withSignal(signal: AbortSignal | undefined): { readonly signal?: AbortSignal } {
  return signal ? { signal } : {};
}
