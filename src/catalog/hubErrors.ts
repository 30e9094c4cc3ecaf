import * as l10n from '@vscode/l10n';
import type { Clock } from '../shared/clock';
import type { HttpFailure, HttpHeaders } from '../shared/http';
import { originOf } from '../shared/http';
import { redactText } from '../shared/redact';
import { formatDuration } from '../shared/units';
import type { HubErrorCode, HubFailure } from './hub';

/** Longest wait that a server can impose: three windows of the Hub's rate limit, which are 5 minutes each. */
const MAX_RETRY_AFTER_MS = 15 * 60_000;

const TOKENS_PAGE = 'https://huggingface.co/settings/tokens';

/** What was asked, as far as its failure is told. */
interface HubQuestion {
  readonly baseUrl: string;
  /** Path and query. */
  readonly path: string;
  /** The repository, where it was one that was asked for. */
  readonly repo: string | undefined;
  readonly hadToken: boolean;
}

/** The failure of an exchange with the server, with the text for a person. */
export function hubFailureOf(failure: HttpFailure, question: HubQuestion, clock: Clock): HubFailure {
  const code = codeOf(failure);
  const retryAfterMs = code === 'HF_UNAVAILABLE' ? retryAfterOf(failure.headers, clock) : undefined;
  return {
    code,
    message: redactText(messageFor(code, failure, question, retryAfterMs)),
    path: redactText(question.path),
    ...(failure.status === undefined ? {} : { status: failure.status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(failure.bodyExcerpt === undefined ? {} : { bodyExcerpt: failure.bodyExcerpt }),
  };
}

/**
 * By status, with one exception: the server answers 401 for a repository that is not there to those without a token,
 * and where it says so by its code `RepoNotFound`, it is believed (huggingface_hub, `utils/_http.py`).
 */
function codeOf({ code, status, headers }: HttpFailure): HubErrorCode {
  switch (code) {
    case 'network':
    case 'timeout':
      return 'HF_NETWORK';
    case 'not_json':
    case 'bad_shape':
    case 'too_large':
      return 'HF_PARSE';
    case 'bad_status':
      if (status === 404) return 'HF_NOT_FOUND';
      if (status !== 401 && status !== 403) return 'HF_UNAVAILABLE';
      return /^(?:Repo|Entry|Revision)NotFound$/.test(headerText(headers, 'x-error-code') ?? '')
        ? 'HF_NOT_FOUND'
        : 'HF_UNAUTHORIZED';
  }
  return code satisfies never;
}

function messageFor(
  code: HubErrorCode,
  failure: HttpFailure,
  question: HubQuestion,
  retryAfterMs: number | undefined,
): string {
  const { status = 0 } = failure;
  const origin = originOf(question.baseUrl);
  switch (code) {
    case 'HF_NOT_FOUND':
      return question.repo === undefined
        ? l10n.t('{0} has no such list: it was removed or renamed, or never was. Check its name.', origin)
        : l10n.t(
            '{0} has no {1}: it was removed or renamed, or never was. Check its name.',
            origin,
            question.repo,
          );
    case 'HF_UNAUTHORIZED':
      return unauthorizedMessage(failure, question);
    case 'HF_UNAVAILABLE': {
      const waitMs = retryAfterMs ?? 0;
      const when = waitMs > 0 ? l10n.t('in {0}', formatDuration(waitMs)) : l10n.t('later');
      if (status === 429) {
        return l10n.t(
          '{0} has had too many requests from here (429). Try again {1}; with a token it allows more.',
          origin,
          when,
        );
      }
      if (status >= 300 && status < 400) {
        return l10n.t(
          '{0} leads elsewhere ({1}), perhaps to a sign-in page of this network. Open a web page in a browser, then try again.',
          origin,
          status,
        );
      }
      return l10n.t('{0} cannot answer now ({1}). Try again {2}.', origin, status, when);
    }
    case 'HF_NETWORK':
      return `${failure.message}. ${failure.nextStep ?? l10n.t('Check the connection and the proxy, then try again.')}`;
    case 'HF_PARSE':
      return failure.bodyExcerpt?.trimStart().startsWith('<') === true
        ? l10n.t(
            '{0} answered with a web page instead of data, perhaps the sign-in page of this network. Sign in with a browser, then try again.',
            origin,
          )
        : `${failure.message}. ${l10n.t('Try again later; if it stays so, Model Pool needs an update.')}`;
  }
  return code satisfies never;
}

function unauthorizedMessage({ status = 0, headers, body }: HttpFailure, question: HubQuestion): string {
  const { baseUrl, repo, hadToken } = question;
  const what = repo ?? l10n.t('this list');
  const isGated =
    headerText(headers, 'x-error-code') === 'GatedRepo' || /\b(?:is restricted|gated)\b/i.test(body ?? '');
  if (isGated) {
    const page = repo === undefined ? baseUrl : `${baseUrl}/${repo}`;
    return hadToken
      ? l10n.t('{0} is gated ({1}): accept its conditions at {2}.', what, status, page)
      : l10n.t(
          '{0} is gated ({1}): accept its conditions at {2} and give Model Pool a token of the account that did.',
          what,
          status,
          page,
        );
  }
  return hadToken
    ? l10n.t(
        '{0} refused the token for {1} ({2}): it is wrong, has ended, or may not read this. Make another at {3}.',
        originOf(baseUrl),
        what,
        status,
        TOKENS_PAGE,
      )
    : l10n.t(
        '{0} wants to know who asks for {1} ({2}): it is private, gated or gone. If it is yours, make a token at {3}.',
        originOf(baseUrl),
        what,
        status,
        TOKENS_PAGE,
      );
}

/**
 * The wait that the server asks for, in milliseconds from now and at most 15 minutes: `Retry-After` as seconds or as a
 * date, else `t` of the `RateLimit` header (https://huggingface.co/docs/hub/rate-limits). Undefined where it says
 * nothing that can be understood.
 */
function retryAfterOf(headers: HttpHeaders | undefined, clock: Clock): number | undefined {
  const text = headerText(headers, 'retry-after')?.trim();
  const fromLimit = /(?:^|;)\s*t=(\d+)/.exec(headerText(headers, 'ratelimit') ?? '')?.[1];
  const seconds =
    text !== undefined && /^\d+$/.test(text) ? text : text === undefined ? fromLimit : undefined;
  const waitMs = seconds === undefined ? Date.parse(text ?? '') - clock.now() : Number(seconds) * 1_000;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), MAX_RETRY_AFTER_MS);
}

/** The first value of a header. */
export function headerText(headers: HttpHeaders | undefined, name: string): string | undefined {
  const value = headers?.[name];
  return typeof value === 'string' ? value : value?.[0];
}
