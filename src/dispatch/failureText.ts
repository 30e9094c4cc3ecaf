import { redactText } from '../shared/redact';
import { shorten } from '../shared/shorten';
import type { DispatchFailure } from './chat';
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
  const message = shorten(redactText(parts.join(' ')), MAX_MESSAGE_CHARACTERS);
  return { code, message, ...(status === undefined ? {} : { status }) };
}

function endedText(text: string): string {
  const short = shorten(text, MAX_SERVER_TEXT_CHARACTERS);
  return /[.!?…]$/.test(short) ? short : `${short}.`;
}
