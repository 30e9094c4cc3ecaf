import type { HttpFailure } from '../shared/http';
import { originOf } from '../shared/http';
import type { ProbeFailure } from './contract';

/** How a kind of server is spoken of. */
export interface ServerWords {
  /** For example `Ollama`. */
  readonly label: string;
  /** The command that starts it, for example `ollama serve`; absent where there is none to run. */
  readonly start?: string;
}

const CHANGE_ADDRESS = 'change the address in modelPool.backends';
const SET_KEY = 'Model Pool: Set API Key';

/** The failure of an address that no request can be sent to, or null where one can. */
export function invalidUrl(url: string): ProbeFailure | null {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed && (parsed.protocol === 'http:' || parsed.protocol === 'https:')) return null;
  return {
    readiness: 'invalid_url',
    message: `${originOf(url)} is no address of a model server.`,
    nextStep: `Write it as http://host:port: ${CHANGE_ADDRESS}.`,
  };
}

/** What a failed request says about a server: its readiness, what happened, and what the person can do. */
export function readinessOf(failure: HttpFailure, words: ServerWords): ProbeFailure {
  const origin = originOf(failure.url);
  const { label } = words;
  if (failure.nextStep !== undefined) return faultOnTheWay(failure, failure.nextStep);
  switch (failure.code) {
    case 'network':
      return networkFailure(failure.systemCode ?? '', origin, words);
    case 'timeout':
      return {
        readiness: 'unreachable',
        message: `${origin} did not answer in time.`,
        nextStep: `See whether ${label} is busy or hangs${isOurs(words) ? ' there and restart it' : ''}, or ${CHANGE_ADDRESS}.`,
      };
    case 'bad_status':
      return statusFailure(failure.status ?? 0, origin, words);
    case 'too_large':
      return {
        readiness: 'bad_response',
        message: `${origin} answers with far more than a list of models.`,
        nextStep: `Check port and kind of this backend: ${CHANGE_ADDRESS}.`,
      };
    case 'not_json':
    case 'bad_shape': {
      const page = failure.bodyExcerpt?.trimStart().startsWith('<') ?? false;
      return {
        readiness: 'bad_response',
        message: `${origin} answers with ${page ? 'a web page' : 'something else than expected'}: it does not look like ${label}.`,
        nextStep: `Check port and kind of this backend: ${CHANGE_ADDRESS}.`,
      };
    }
  }
}

/** Whether the person runs the server, and can look after it. */
function isOurs({ start }: ServerWords): boolean {
  return start !== undefined;
}

/** A proxy, a certificate or a key that cannot be read: what to do is known where it was found. */
function faultOnTheWay({ message, systemCode }: HttpFailure, nextStep: string): ProbeFailure {
  return {
    readiness: systemCode === 'KEY_UNREADABLE' ? 'unauthorized' : 'unreachable',
    message: `${message.charAt(0).toUpperCase()}${message.slice(1)}.`,
    nextStep,
  };
}

function networkFailure(systemCode: string, origin: string, words: ServerWords): ProbeFailure {
  const { label, start } = words;
  if (systemCode === 'ECONNREFUSED') {
    return {
      readiness: 'unreachable',
      message: `Nothing listens on ${origin}.`,
      nextStep:
        start === undefined
          ? `See whether ${label} runs there, or ${CHANGE_ADDRESS}.`
          : `Start ${label} with \`${start}\`, or ${CHANGE_ADDRESS}.`,
    };
  }
  if (systemCode === 'ENOTFOUND' || systemCode === 'EAI_AGAIN') {
    return {
      readiness: 'unreachable',
      message: `No machine is known under the name in ${origin}.`,
      nextStep: `Check the name and the network, or ${CHANGE_ADDRESS}.`,
    };
  }
  if (systemCode.startsWith('HPE_') || systemCode === 'HTTPParserError') {
    return {
      readiness: 'bad_response',
      message: `${origin} answers, but does not speak HTTP: it is not ${label}.`,
      nextStep: `Check the port: ${CHANGE_ADDRESS}.`,
    };
  }
  return {
    readiness: 'unreachable',
    message: `${origin} cannot be reached${systemCode === '' ? '' : ` (${systemCode})`}.`,
    nextStep: `Check the network and whether ${label} runs there, or ${CHANGE_ADDRESS}.`,
  };
}

function statusFailure(status: number, origin: string, words: ServerWords): ProbeFailure {
  const { label } = words;
  if (status === 401 || status === 403) return unauthorized(status, origin, label);
  if (status === 429) {
    return {
      readiness: 'bad_status',
      message: `${origin} asks us to wait (status 429).`,
      nextStep: `Wait: it is asked again by itself. If it stays so, see the limits of your account with ${label}.`,
    };
  }
  if (status >= 500) {
    return {
      readiness: 'bad_status',
      message: `${origin} answers with an error (status ${status}).`,
      nextStep: isOurs(words)
        ? `Look at the log of ${label} there, or restart it.`
        : `Wait: it is asked again by itself. If it stays so, see whether ${label} has troubles.`,
    };
  }
  return {
    readiness: 'bad_status',
    message: `${origin} answers with status ${status} where ${label} would not.`,
    nextStep: `Check port and kind of this backend: ${CHANGE_ADDRESS}.`,
  };
}

/** A server that wants a key, or another one. */
export function unauthorized(status: number, origin: string, label: string): ProbeFailure {
  return {
    readiness: 'unauthorized',
    message: `${origin} refuses us (status ${status}).`,
    nextStep:
      status === 403
        ? `Check its key with the command "${SET_KEY}", and which keys, hosts and origins ${label} allows.`
        : `Set its key with the command "${SET_KEY}"; if one is set, it may be wrong or expired.`,
  };
}
