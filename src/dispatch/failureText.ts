import * as l10n from '@vscode/l10n';
import type { ModelRef } from '../shared/modelRef';
import { redactText } from '../shared/redact';
import { shorten } from '../shared/shorten';
import { BREAKER_FAILURES } from './breaker';
import type { DispatchFailure, EscalationReason } from './chat';
import type { WireErrorCode, WireFailure } from './dialect';

/** Longest message of a failure, in records too. */
export const MAX_MESSAGE_CHARACTERS = 500;
/** Longest part of a server's own words that is shown. */
export const MAX_SERVER_TEXT_CHARACTERS = 200;

/** Who was called; every sentence names them. */
export interface FailureSubject {
  readonly backend: string;
  /** Address without userinfo, path and query. */
  readonly host: string;
  readonly model: string;
}

interface Sentence {
  readonly what: (subject: FailureSubject, status: string) => string;
  readonly next: () => string;
}

const SENTENCES: Readonly<Record<WireErrorCode, Sentence>> = {
  rate_limited: {
    what: ({ backend }, status) => l10n.t('{0} refuses more calls for now{1}.', backend, status),
    next: () => l10n.t('Wait a little, then try again.'),
  },
  provider_unavailable: {
    what: ({ backend, model }, status) => l10n.t('{0} could not answer with {1}{2}.', backend, model, status),
    next: () => l10n.t('Try again in a moment; if it stays so, look into the log of that server.'),
  },
  network: {
    what: ({ backend, host }) => l10n.t('{0} cannot be reached at {1}.', backend, host),
    next: () => l10n.t('Start that server, or correct its address in the setting modelPool.backends.'),
  },
  timeout: {
    what: ({ backend, model }, status) =>
      l10n.t('{0} took too long to answer with {1}{2}.', backend, model, status),
    next: () => l10n.t('A large model may still be loading: try again, or use a smaller one.'),
  },
  auth: {
    what: ({ backend }, status) => l10n.t('{0} refused the call{1}.', backend, status),
    next: () =>
      l10n.t(
        'Set its key with the command "Model Pool: Set API Key", or check its headers in the setting modelPool.backends.',
      ),
  },
  model_missing: {
    what: ({ backend, model }) => l10n.t('{0} does not have the model {1}.', backend, model),
    next: () => l10n.t('Install it, or pick another model.'),
  },
  context_length_exceeded: {
    what: ({ model }) => l10n.t('The conversation is longer than the context of {0}.', model),
    next: () => l10n.t('Start a new conversation, send less, or use a model with a larger context.'),
  },
  content_policy: {
    what: ({ backend }) => l10n.t('{0} refused to answer because of its content rules.', backend),
    next: () => l10n.t('Ask in other words, or use another model.'),
  },
  invalid_request: {
    what: ({ backend, model }, status) =>
      l10n.t('{0} did not accept the request for {1}{2}.', backend, model, status),
    next: () =>
      l10n.t(
        'Use a model that can do what was asked (tools, images, thinking), and check its address in the setting modelPool.backends.',
      ),
  },
  overloaded: {
    what: ({ backend }, status) => l10n.t('{0} has too much to do{1}.', backend, status),
    next: () => l10n.t('Wait until other calls have ended, then try again.'),
  },
  out_of_memory: {
    what: ({ backend, model }) => l10n.t('{0} has too little memory for {1}.', backend, model),
    next: () => l10n.t('Stop other models, ask for a smaller context, or use a smaller model.'),
  },
  malformed_response: {
    what: ({ backend, host }) =>
      l10n.t('What {0} sent from {1} is not an answer that can be read.', backend, host),
    next: () =>
      l10n.t(
        'Check its address in the setting modelPool.backends and its kind; if they are right, try again.',
      ),
  },
  truncated: {
    what: ({ backend, model }) =>
      l10n.t('The answer of {0} broke off: {1} closed the connection before its end.', model, backend),
    next: () => l10n.t('See whether that server still runs, then try again.'),
  },
  usage_limit: {
    what: ({ backend }, status) => l10n.t('The quota at {0} is used up{1}.', backend, status),
    next: () => l10n.t('Raise it there, or use another model.'),
  },
  unknown: {
    what: ({ backend, model }, status) => l10n.t('The call of {0} at {1} failed{2}.', model, backend, status),
    next: () => l10n.t('Try again; if it stays so, look into the log of Model Pool.'),
  },
};

/** A failure in plain sentences: what happened, the server's own words where there are any, and what to do. */
export function describeFailure(failure: WireFailure, subject: FailureSubject): DispatchFailure {
  const { code, status, serverText, onTheWay } = failure;
  const sentence = SENTENCES[code];
  const parts = onTheWay
    ? [l10n.t('{0} cannot be reached: {1}.', subject.backend, onTheWay.message), onTheWay.nextStep]
    : [
        sentence.what(subject, inBrackets(status)),
        ...(serverText === undefined ? [] : [l10n.t('It says: {0}', endedText(redactText(serverText)))]),
        sentence.next(),
      ];
  const message = bounded(parts.join(' '));
  return { code, message, ...(status === undefined ? {} : { status }) };
}

/** A status as the end of a sentence; empty without one. */
function inBrackets(status: number | undefined): string {
  return status === undefined ? '' : ` ${l10n.t('(status {0})', status)}`;
}

function endedText(text: string): string {
  const short = shorten(text, MAX_SERVER_TEXT_CHARACTERS);
  return /[.!?…]$/.test(short) ? short : `${short}.`;
}

/** Why an attempt failed and when the next one comes; without a failure it came back empty. */
export function describeRetry(
  failure: WireFailure | undefined,
  subject: FailureSubject,
  delayMs: number,
): string {
  const what = failure
    ? SENTENCES[failure.code].what(subject, inBrackets(failure.status))
    : cameBackEmpty(subject);
  const when =
    delayMs < 50 ? l10n.t('Trying again at once.') : l10n.t('Trying again in {0}.', inSeconds(delayMs));
  return bounded(`${what} ${when}`);
}

/** Why a call goes to another model, and to which. */
export function describeEscalation(from: FailureSubject, to: ModelRef, reason: EscalationReason): string {
  const { backend, model } = from;
  const whys: Readonly<Record<EscalationReason, string>> = {
    empty: cameBackEmpty(from),
    usage_limit: l10n.t('{0} takes no more calls of {1} for now.', backend, model),
    provider_error: l10n.t('{0} could not answer with {1}.', backend, model),
    breaker_open: leftAlone(from),
  };
  const instead = l10n.t(
    '{0} of {1} is asked instead, as the setting modelPool.route.escalation says.',
    to.modelId,
    to.backend,
  );
  return bounded(`${whys[reason]} ${instead}`);
}

/** The failure of a call of a model that is left alone; `retryInMs` is null where another call tries it right now. */
export function describeOpenBreaker(subject: FailureSubject, retryInMs: number | null): DispatchFailure {
  const next =
    retryInMs === null
      ? l10n.t('Another call is trying it right now. Wait until then, or use another model.')
      : l10n.t('It is tried again in {0}. Wait until then, or use another model.', inSeconds(retryInMs));
  const message = bounded(`${leftAlone(subject)} ${next}`);
  return { code: 'provider_unavailable', message };
}

/** The failure of a call whose retry policy is none; nothing has been sent. */
export function describeInvalidPolicy(why: string): DispatchFailure {
  const message = bounded(
    l10n.t('The retry policy of this call is not valid: {0}. Correct it, or leave it out.', why),
  );
  return { code: 'invalid_request', message };
}

/** A failure with why nothing could take over from the model that failed. */
export function withFailedEscalation(failure: DispatchFailure, why: string): DispatchFailure {
  const clause = shorten(l10n.t('The escalation could not take over: {0}', why), MAX_SERVER_TEXT_CHARACTERS);
  return {
    ...failure,
    message: `${shorten(failure.message, MAX_MESSAGE_CHARACTERS - clause.length - 1)} ${clause}`,
  };
}

function bounded(text: string): string {
  return shorten(redactText(text), MAX_MESSAGE_CHARACTERS);
}

function cameBackEmpty({ backend, model }: FailureSubject): string {
  return l10n.t('The answer of {0} of {1} was empty.', model, backend);
}

function leftAlone({ backend, model }: FailureSubject): string {
  return l10n.t(
    '{0} of {1} failed {2} times in a row and is left alone for a while.',
    model,
    backend,
    BREAKER_FAILURES,
  );
}

function inSeconds(ms: number): string {
  return ms < 9_950 ? `${Math.round(ms / 100) / 10} s` : `${Math.ceil(ms / 1_000)} s`;
}
