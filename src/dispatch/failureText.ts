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
  readonly next: string;
}

const ADDRESS = 'its address in the setting modelPool.backends';

const SENTENCES: Readonly<Record<WireErrorCode, Sentence>> = {
  rate_limited: {
    what: ({ backend }, status) => `${backend} refuses more calls for now${status}.`,
    next: 'Wait a little, then try again.',
  },
  provider_unavailable: {
    what: ({ backend, model }, status) => `${backend} could not answer with ${model}${status}.`,
    next: 'Try again in a moment; if it stays so, look into the log of that server.',
  },
  network: {
    what: ({ backend, host }) => `${backend} cannot be reached at ${host}.`,
    next: `Start that server, or correct ${ADDRESS}.`,
  },
  timeout: {
    what: ({ backend, model }, status) => `${backend} took too long to answer with ${model}${status}.`,
    next: 'A large model may still be loading: try again, or use a smaller one.',
  },
  auth: {
    what: ({ backend }, status) => `${backend} refused the call${status}.`,
    next: 'Set its key with the command "Model Pool: Set API Key", or check its headers in the setting modelPool.backends.',
  },
  model_missing: {
    what: ({ backend, model }) => `${backend} does not have the model ${model}.`,
    next: 'Install it, or pick another model.',
  },
  context_length_exceeded: {
    what: ({ model }) => `The conversation is longer than the context of ${model}.`,
    next: 'Start a new conversation, send less, or use a model with a larger context.',
  },
  content_policy: {
    what: ({ backend }) => `${backend} refused to answer because of its content rules.`,
    next: 'Ask in other words, or use another model.',
  },
  invalid_request: {
    what: ({ backend, model }, status) => `${backend} did not accept the request for ${model}${status}.`,
    next: `Use a model that can do what was asked (tools, images, thinking), and check ${ADDRESS}.`,
  },
  overloaded: {
    what: ({ backend }, status) => `${backend} has too much to do${status}.`,
    next: 'Wait until other calls have ended, then try again.',
  },
  out_of_memory: {
    what: ({ backend, model }) => `${backend} has too little memory for ${model}.`,
    next: 'Stop other models, ask for a smaller context, or use a smaller model.',
  },
  malformed_response: {
    what: ({ backend, host }) => `What ${backend} sent from ${host} is not an answer that can be read.`,
    next: `Check ${ADDRESS} and its kind; if they are right, try again.`,
  },
  truncated: {
    what: ({ backend, model }) =>
      `The answer of ${model} broke off: ${backend} closed the connection before its end.`,
    next: 'See whether that server still runs, then try again.',
  },
  usage_limit: {
    what: ({ backend }, status) => `The quota at ${backend} is used up${status}.`,
    next: 'Raise it there, or use another model.',
  },
  unknown: {
    what: ({ backend, model }, status) => `The call of ${model} at ${backend} failed${status}.`,
    next: 'Try again; if it stays so, look into the log of Model Pool.',
  },
};

/** A failure in plain sentences: what happened, the server's own words where there are any, and what to do. */
export function describeFailure(failure: WireFailure, subject: FailureSubject): DispatchFailure {
  const { code, status, serverText, onTheWay } = failure;
  const sentence = SENTENCES[code];
  const parts = onTheWay
    ? [`${subject.backend} cannot be reached: ${onTheWay.message}.`, onTheWay.nextStep]
    : [
        sentence.what(subject, status === undefined ? '' : ` (status ${status})`),
        ...(serverText === undefined ? [] : [`It says: ${endedText(redactText(serverText))}`]),
        sentence.next,
      ];
  const message = bounded(parts.join(' '));
  return { code, message, ...(status === undefined ? {} : { status }) };
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
  const status = failure?.status === undefined ? '' : ` (status ${failure.status})`;
  const what = failure ? SENTENCES[failure.code].what(subject, status) : cameBackEmpty(subject);
  return bounded(`${what} Trying again ${delayMs < 50 ? 'at once' : `in ${inSeconds(delayMs)}`}.`);
}

/** Why a call goes to another model, and to which. */
export function describeEscalation(from: FailureSubject, to: ModelRef, reason: EscalationReason): string {
  const { backend, model } = from;
  const whys: Readonly<Record<EscalationReason, string>> = {
    empty: cameBackEmpty(from),
    usage_limit: `${backend} takes no more calls of ${model} for now.`,
    provider_error: `${backend} could not answer with ${model}.`,
    breaker_open: leftAlone(from),
  };
  return bounded(
    `${whys[reason]} ${to.modelId} of ${to.backend} is asked instead, as the setting modelPool.route.escalation says.`,
  );
}

/** The failure of a call of a model that is left alone; `retryInMs` is null where another call tries it right now. */
export function describeOpenBreaker(subject: FailureSubject, retryInMs: number | null): DispatchFailure {
  const when =
    retryInMs === null
      ? 'Another call is trying it right now.'
      : `It is tried again in ${inSeconds(retryInMs)}.`;
  const message = bounded(`${leftAlone(subject)} ${when} Wait until then, or use another model.`);
  return { code: 'provider_unavailable', message };
}

/** The failure of a call whose retry policy is none; nothing has been sent. */
export function describeInvalidPolicy(why: string): DispatchFailure {
  const message = bounded(`The retry policy of this call is not valid: ${why}. Correct it, or leave it out.`);
  return { code: 'invalid_request', message };
}

/** A failure with why nothing could take over from the model that failed. */
export function withFailedEscalation(failure: DispatchFailure, why: string): DispatchFailure {
  const clause = shorten(`The escalation could not take over: ${why}`, MAX_SERVER_TEXT_CHARACTERS);
  return {
    ...failure,
    message: `${shorten(failure.message, MAX_MESSAGE_CHARACTERS - clause.length - 1)} ${clause}`,
  };
}

function bounded(text: string): string {
  return shorten(redactText(text), MAX_MESSAGE_CHARACTERS);
}

function cameBackEmpty({ backend, model }: FailureSubject): string {
  return `The answer of ${model} of ${backend} was empty.`;
}

function leftAlone({ backend, model }: FailureSubject): string {
  return `${model} of ${backend} failed ${BREAKER_FAILURES} times in a row and is left alone for a while.`;
}

function inSeconds(ms: number): string {
  return ms < 9_950 ? `${Math.round(ms / 100) / 10} s` : `${Math.ceil(ms / 1_000)} s`;
}
