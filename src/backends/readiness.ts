import * as l10n from '@vscode/l10n';
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

/** The failure of an address that no request can be sent to, or null where one can. */
export function invalidUrl(url: string): ProbeFailure | null {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed && (parsed.protocol === 'http:' || parsed.protocol === 'https:')) return null;
  return {
    readiness: 'invalid_url',
    message: l10n.t('{0} is no address of a model server.', originOf(url)),
    nextStep: l10n.t('Write it as http://host:port: change the address in modelPool.backends.'),
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
        message: l10n.t('{0} did not answer in time.', origin),
        nextStep: isOurs(words)
          ? l10n.t(
              'See whether {0} is busy or hangs there and restart it, or change the address in modelPool.backends.',
              label,
            )
          : l10n.t('See whether {0} is busy or hangs, or change the address in modelPool.backends.', label),
      };
    case 'bad_status':
      return statusFailure(failure.status ?? 0, origin, words);
    case 'too_large':
      return {
        readiness: 'bad_response',
        message: l10n.t('{0} answers with far more than a list of models.', origin),
        nextStep: l10n.t('Check port and kind of this backend: change the address in modelPool.backends.'),
      };
    case 'not_json':
    case 'bad_shape': {
      const page = failure.bodyExcerpt?.trimStart().startsWith('<') ?? false;
      return {
        readiness: 'bad_response',
        message: page
          ? l10n.t('{0} answers with a web page: it does not look like {1}.', origin, label)
          : l10n.t(
              '{0} answers with something else than expected: it does not look like {1}.',
              origin,
              label,
            ),
        nextStep: l10n.t('Check port and kind of this backend: change the address in modelPool.backends.'),
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
      message: l10n.t('Nothing listens on {0}.', origin),
      nextStep:
        start === undefined
          ? l10n.t('See whether {0} runs there, or change the address in modelPool.backends.', label)
          : l10n.t('Start {0} with `{1}`, or change the address in modelPool.backends.', label, start),
    };
  }
  if (systemCode === 'ENOTFOUND' || systemCode === 'EAI_AGAIN') {
    return {
      readiness: 'unreachable',
      message: l10n.t('No machine is known under the name in {0}.', origin),
      nextStep: l10n.t('Check the name and the network, or change the address in modelPool.backends.'),
    };
  }
  if (systemCode.startsWith('HPE_') || systemCode === 'HTTPParserError') {
    return {
      readiness: 'bad_response',
      message: l10n.t('{0} answers, but does not speak HTTP: it is not {1}.', origin, label),
      nextStep: l10n.t('Check the port: change the address in modelPool.backends.'),
    };
  }
  return {
    readiness: 'unreachable',
    message:
      systemCode === ''
        ? l10n.t('{0} cannot be reached.', origin)
        : l10n.t('{0} cannot be reached ({1}).', origin, systemCode),
    nextStep: l10n.t(
      'Check the network and whether {0} runs there, or change the address in modelPool.backends.',
      label,
    ),
  };
}

function statusFailure(status: number, origin: string, words: ServerWords): ProbeFailure {
  const { label } = words;
  if (status === 401 || status === 403) return unauthorized(status, origin, label);
  if (status === 429) {
    return {
      readiness: 'bad_status',
      message: l10n.t('{0} asks us to wait (status 429).', origin),
      nextStep: l10n.t(
        'Wait: it is asked again by itself. If it stays so, see the limits of your account with {0}.',
        label,
      ),
    };
  }
  if (status >= 500) {
    return {
      readiness: 'bad_status',
      message: l10n.t('{0} answers with an error (status {1}).', origin, status),
      nextStep: isOurs(words)
        ? l10n.t('Look at the log of {0} there, or restart it.', label)
        : l10n.t('Wait: it is asked again by itself. If it stays so, see whether {0} has troubles.', label),
    };
  }
  return {
    readiness: 'bad_status',
    message: l10n.t('{0} answers with status {1} where {2} would not.', origin, status, label),
    nextStep: l10n.t('Check port and kind of this backend: change the address in modelPool.backends.'),
  };
}

/** A server that wants a key, or another one. */
export function unauthorized(status: number, origin: string, label: string): ProbeFailure {
  return {
    readiness: 'unauthorized',
    message: l10n.t('{0} refuses us (status {1}).', origin, status),
    nextStep:
      status === 403
        ? l10n.t(
            'Check its key with the command "Model Pool: Set API Key", and which keys, hosts and origins {0} allows.',
            label,
          )
        : l10n.t(
            'Set its key with the command "Model Pool: Set API Key"; if one is set, it may be wrong or expired.',
          ),
  };
}
