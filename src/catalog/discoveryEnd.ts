import * as l10n from '@vscode/l10n';
import { formatDuration } from '../shared/units';
import type { HubFailure } from './hub';

/** How a refresh ended, as views and the next refresh need it. */
export interface RefreshEnd {
  readonly code: RefreshEndCode;
  /** What happened, in one sentence. */
  readonly message: string;
  readonly nextStep?: string;
  /** How long nothing may be asked, where the server said so. */
  readonly waitMs?: number;
}

export const REFRESH_END_CODES = [
  /** Every organisation was asked and nothing waits to be looked at. */
  'complete',
  /** The requests of this refresh were used up; the next one goes on from here. */
  'partial',
  /** The server asks to wait. */
  'limited',
  /** The network or something on it is in the way. */
  'offline',
  /** The server answers, but refuses or fails. */
  'refused',
] as const;
type RefreshEndCode = (typeof REFRESH_END_CODES)[number];

/** Where the server asks to wait and does not say how long. */
const DEFAULT_WAIT_MS = 5 * 60_000;
/** A longer wait than this is taken for a fault of the server. */
const MAX_WAIT_MS = 24 * 60 * 60_000;

const TOO_MANY_REQUESTS = 429;
/** A network asks for a sign-in (RFC 6585). */
const NETWORK_SIGN_IN = 511;

/** The end of a refresh for which the server asks to wait; undefined for every other failure. */
export function limitedBy({ status, retryAfterMs }: HubFailure): RefreshEnd | undefined {
  if (status !== TOO_MANY_REQUESTS && retryAfterMs === undefined) return undefined;
  const waitMs = Math.min(retryAfterMs ?? DEFAULT_WAIT_MS, MAX_WAIT_MS);
  return {
    code: 'limited',
    message: l10n.t(
      'Hugging Face asks to wait {0} before the next request; the models known so far stay.',
      formatDuration(waitMs),
    ),
    nextStep: l10n.t('Refresh again later, or set an access token: it allows more requests.'),
    waitMs,
  };
}

/** The end of a refresh that gets no answers any more, by the last failure. */
export function endedBy({ code, status, message }: HubFailure): RefreshEnd {
  if (code === 'HF_NETWORK') {
    return {
      code: 'offline',
      message: l10n.t('Hugging Face could not be reached; the models known so far stay.'),
      nextStep: l10n.t('Check the network and the proxy settings, then refresh.'),
    };
  }
  if (code === 'HF_PARSE' || status === NETWORK_SIGN_IN || (status !== undefined && status < 400)) {
    return {
      code: 'offline',
      message: l10n.t(
        "What answered in place of Hugging Face is a page, as a network's sign-in sends it; the models known so far stay.",
      ),
      nextStep: l10n.t('Sign in to the network in a browser, then refresh.'),
    };
  }
  if (code === 'HF_UNAUTHORIZED') {
    return {
      code: 'refused',
      message: l10n.t('Hugging Face refused the access token; the models known so far stay.'),
      nextStep: l10n.t('Set a valid token, or remove it: public models need none.'),
    };
  }
  const reason = status === undefined ? message : l10n.t('it answered {0}', status);
  return {
    code: 'refused',
    message: l10n.t('Hugging Face does not work at the moment ({0}); the models known so far stay.', reason),
    nextStep: l10n.t('Refresh again later.'),
  };
}
