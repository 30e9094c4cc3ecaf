import * as l10n from '@vscode/l10n';
import type { z } from 'zod';
import { abortReason } from '../shared/abort';
import type { Clock } from '../shared/clock';
import type { HttpClient, HttpFailure, HttpHeaders, HttpResult } from '../shared/http';
import { httpFailureOf } from '../shared/http';
import type { Logger } from '../shared/logger';
import type { HubFailure, HubResult } from './hub';
import { headerText, hubFailureOf } from './hubErrors';
import { HubReader } from './hubReader';
import type { HubKind, ParsedAnswer } from './hubShapes';

export interface HubClientOptions {
  /** Of Hugging Face or of a server that answers as it does. */
  readonly baseUrl: string;
  /** The token as it is now; undefined or empty for none. Sent to the origin of `baseUrl` alone. */
  readonly token?: (() => Promise<string | undefined>) | undefined;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly logger: Logger;
  /** For a whole exchange, redirects and body included. Default 8,000. */
  readonly timeoutMs?: number;
}

/** An answer, or that the one with the given ETag still holds. */
type HubAnswer<T> =
  { readonly unchanged: true } | { readonly unchanged: false; readonly value: T; readonly etag?: string };

const DEFAULT_TIMEOUT_MS = 8_000;
/** A renamed repository is one redirect away; more than a few is a loop. */
const MAX_REDIRECTS = 3;
const NOT_MODIFIED = 304;

/** A wait that the server asked for. */
interface Quiet {
  readonly untilMs: number;
  readonly failure: HttpFailure;
}

/**
 * Hugging Face over HTTP, without a memory. Shapes and addresses after https://huggingface.co/docs/hub/api and
 * huggingface.js (`packages/hub/src/lib/list-models.ts`). After an answer that says how long to wait, it fails at once,
 * without a request, until that time has passed.
 */
export class HubClient extends HubReader {
  readonly #options: HubClientOptions;
  readonly #timeoutMs: number;
  readonly #origin: string;
  #quiet: Quiet | undefined;
  #requestsSent = 0;

  constructor(options: HubClientOptions) {
    super(options.baseUrl);
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#origin = new URL(options.baseUrl).origin;
  }

  /** How many requests have been sent so far: each page, each redirect and each failed try counts. */
  get requestsSent(): number {
    return this.#requestsSent;
  }

  protected override async read<T>(
    kind: HubKind<T>,
    path: string,
    repo: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<HubResult<T>> {
    const answer = await this.ask(kind, path, repo, undefined, signal);
    if (!answer.ok) return answer;
    if (!answer.value.unchanged) return { ok: true, value: answer.value.value };
    throw new Error('an answer was said to be unchanged, though none was known');
  }

  /** Asks for a path below the base address; with an ETag, whether what it stands for still holds. */
  async ask<T>(
    kind: HubKind<T>,
    path: string,
    repo: string | undefined,
    etag: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<HubResult<HubAnswer<T>>> {
    if (signal?.aborted) throw abortReason(signal);
    const { clock, token } = this.#options;
    const url = `${this.baseUrl}${path}`;
    let hadToken = false;
    const failed = (failure: HttpFailure): HubFailure =>
      hubFailureOf(failure, { baseUrl: this.baseUrl, path, repo, hadToken }, clock);
    const wait = this.#waitLeft();
    if (wait) return { ok: false, failure: failed(wait) };
    let response: HttpResult<ParsedAnswer<T>>;
    try {
      const secret = (await token?.())?.trim() ?? '';
      hadToken = secret !== '';
      const headers = {
        ...(hadToken ? { authorization: `Bearer ${secret}` } : {}),
        ...(etag === undefined ? {} : { 'if-none-match': etag }),
      };
      response = await this.#send(url, kind.wire, headers, signal);
    } catch (thrown) {
      response = { ok: false, failure: httpFailureOf(thrown, url, signal) };
    }
    if (response.ok) return { ok: true, value: this.#answerOf(kind, path, response.value, response.headers) };
    if (response.failure.status === NOT_MODIFIED && etag !== undefined) {
      return { ok: true, value: { unchanged: true } };
    }
    const failure = failed(response.failure);
    if (failure.retryAfterMs !== undefined) {
      this.#quiet = { untilMs: clock.monotonicMs() + failure.retryAfterMs, failure: response.failure };
    }
    return { ok: false, failure };
  }

  /** The failure that asked for a wait, as if it came now; undefined where the wait is over. */
  #waitLeft(): HttpFailure | undefined {
    const leftMs = this.#quiet ? this.#quiet.untilMs - this.#options.clock.monotonicMs() : 0;
    if (this.#quiet && leftMs > 0) {
      return { ...this.#quiet.failure, headers: { 'retry-after': String(Math.ceil(leftMs / 1_000)) } };
    }
    this.#quiet = undefined;
    return undefined;
  }

  /** One exchange within the time limit. Redirects are followed on the same origin alone: the token goes with them. */
  async #send<T>(
    url: string,
    wire: z.ZodType<T>,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<HttpResult<T>> {
    const { http, clock } = this.#options;
    const overdue = new AbortController();
    const cancel = clock.after(this.#timeoutMs, () => overdue.abort());
    const options = {
      headers,
      signal: signal ? AbortSignal.any([signal, overdue.signal]) : overdue.signal,
      headersTimeoutMs: this.#timeoutMs,
      bodyTimeoutMs: this.#timeoutMs,
    };
    try {
      for (let target = url, redirects = 0; ; redirects++) {
        this.#requestsSent++;
        const response = await http.json(target, wire, options);
        const next = response.ok ? undefined : this.#redirect(response.failure, target);
        if (next === undefined || redirects === MAX_REDIRECTS) return response;
        target = next;
      }
    } catch (thrown) {
      if (signal?.aborted === true || !overdue.signal.aborted) throw thrown;
      const message = l10n.t('{0} did not answer in {1} seconds', this.#origin, this.#timeoutMs / 1_000);
      return { ok: false, failure: { code: 'timeout', url, message } };
    } finally {
      cancel();
    }
  }

  #redirect({ status = 0, headers }: HttpFailure, from: string): string | undefined {
    const location = headerText(headers, 'location');
    if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
    const target = URL.canParse(location, from) ? new URL(location, from) : undefined;
    return target?.origin === this.#origin ? target.href : undefined;
  }

  #answerOf<T>(
    kind: HubKind<T>,
    path: string,
    { value, dropped }: ParsedAnswer<T>,
    headers: HttpHeaders,
  ): HubAnswer<T> {
    const { logger } = this.#options;
    if (dropped > 0) logger.log('warn', 'catalog.hub_elements_dropped', { path, elements: dropped });
    const next = this.#nextPath(headers, path);
    const etag = headerText(headers, 'etag');
    return {
      unchanged: false,
      value: next === undefined ? value : (kind.withNext?.(value, next) ?? value),
      ...(etag === undefined ? {} : { etag }),
    };
  }

  /** The path that `Link` names as the next page (RFC 8288), where it is below the base address. */
  #nextPath(headers: HttpHeaders, path: string): string | undefined {
    const link = /<([^>]*)>\s*;[^,<]*\brel="?next\b/.exec(headerText(headers, 'link') ?? '')?.[1];
    if (link === undefined) return undefined;
    const target = URL.canParse(link, this.baseUrl) ? new URL(link, this.baseUrl).href : link;
    if (target.startsWith(`${this.baseUrl}/api/models?`)) return target.slice(this.baseUrl.length);
    this.#options.logger.log('warn', 'catalog.hub_next_page_elsewhere', { path });
    return undefined;
  }
}
