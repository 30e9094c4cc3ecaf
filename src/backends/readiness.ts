import type { HttpFailure } from '../shared/http';
import { originOf } from '../shared/http';
import type { ProbeFailure } from './contract';

/** How a kind of server is spoken of. */
export interface ServerWords {
  /** For example `Ollama`. */
  readonly label: string;
  /** The command that starts it, for example `ollama serve`. */
  readonly start: string;
}

const CHANGE_ADDRESS = 'change the address in modelPool.backends';

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
  switch (failure.code) {
    case 'network':
      return networkFailure(failure.systemCode ?? '', origin, words);
    case 'timeout':
      return {
        readiness: 'unreachable',
        message: `${origin} did not answer in time.`,
        nextStep: `See whether ${label} is busy or hangs there and restart it, or ${CHANGE_ADDRESS}.`,
      };
    case 'bad_status':
      return statusFailure(failure.status ?? 0, origin, words);
    case 'not_json':
    case 'bad_shape':
    case 'too_large': {
      const page = failure.bodyExcerpt?.trimStart().startsWith('<') ?? false;
      return {
        readiness: 'bad_response',
        message: `${origin} answers with ${page ? 'a web page' : 'something else than expected'}: it does not look like ${label}.`,
        nextStep: `Check port and kind of this backend: ${CHANGE_ADDRESS}.`,
      };
    }
  }
}

function networkFailure(systemCode: string, origin: string, { label, start }: ServerWords): ProbeFailure {
  if (systemCode === 'ECONNREFUSED') {
    return {
      readiness: 'unreachable',
      message: `Nothing listens on ${origin}.`,
      nextStep: `Start ${label} with \`${start}\`, or ${CHANGE_ADDRESS}.`,
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
  if (/CERT|SELF_SIGNED|ERR_TLS|EPROTO|ERR_SSL/.test(systemCode)) {
    return {
      readiness: 'unreachable',
      message: `No secure connection to ${origin} (${systemCode}).`,
      nextStep: `If ${label} speaks plain HTTP there, write http:// in modelPool.backends; else add its certificate to the system's trusted ones.`,
    };
  }
  return {
    readiness: 'unreachable',
    message: `${origin} cannot be reached${systemCode === '' ? '' : ` (${systemCode})`}.`,
    nextStep: `Check the network and whether ${label} runs there, or ${CHANGE_ADDRESS}.`,
  };
}

function statusFailure(status: number, origin: string, { label }: ServerWords): ProbeFailure {
  if (status === 401 || status === 403) {
    return {
      readiness: 'unauthorized',
      message: `${origin} refuses us (status ${status}).`,
      nextStep:
        status === 401
          ? 'Add its key to the headers of this backend in modelPool.backends, for example "Authorization": "Bearer …".'
          : `Check the headers of this backend in modelPool.backends, and which hosts and origins ${label} allows.`,
    };
  }
  if (status >= 500) {
    return {
      readiness: 'bad_status',
      message: `${origin} answers with an error (status ${status}).`,
      nextStep: `Look at the log of ${label} there, or restart it.`,
    };
  }
  return {
    readiness: 'bad_status',
    message: `${origin} answers with status ${status} where ${label} would not.`,
    nextStep: `Check port and kind of this backend: ${CHANGE_ADDRESS}.`,
  };
}
