import * as l10n from '@vscode/l10n';
import { HUGGING_FACE_KEYS_PAGE, huggingFacePageOf } from '../shared/huggingFacePage';
import type { InstallErrorCode } from './installAdapter';

/** What a failed pull means: its code, whether trying again can help, and what to tell the person. */
export interface PullFailure {
  readonly code: Exclude<InstallErrorCode, 'advisory_only' | 'not_in_pool' | 'cancelled'>;
  /** `no`: final. `once`: one more full try. `yes`: as long as the budget lasts. */
  readonly retry: 'no' | 'once' | 'yes';
  readonly message: string;
  /** The server's own words in full, for the log; absent where it had none. */
  readonly said?: string;
}

interface Rule {
  readonly pattern: RegExp;
  readonly code: PullFailure['code'];
  readonly retry: PullFailure['retry'];
  /** `text` is what the server said, with its digests shortened. */
  readonly say: (text: string) => string;
}

/**
 * Texts that Ollama writes into the stream, in order of precedence. Seen with `ollama serve` v0.32.15, CPU build,
 * recorded 2026-11-21; the Windows text is the system's own.
 */
const RULES: readonly Rule[] = [
  {
    pattern: /no space left on device|not enough space on the disk|disk quota exceeded/i,
    code: 'disk_full',
    retry: 'no',
    say: (text) => `${whatIsFull(text)} ${afterFullDisk()}`,
  },
  {
    // The manifest was there, for its answers begin with "pull model manifest".
    pattern: /^file does not exist/i,
    code: 'failed_target_missing',
    retry: 'no',
    say: (text) =>
      l10n.t(
        'The registry lists this model, but one of its files is missing ({0}). Choose another tag or quantisation.',
        text,
      ),
  },
  {
    pattern: /file does not exist|manifest unknown|: 404\b/i,
    code: 'failed_target_missing',
    retry: 'no',
    say: (text) =>
      l10n.t('The registry does not have this model or tag ({0}). Check its name and tag.', text),
  },
  {
    pattern: /digest mismatch/i,
    code: 'install_failed',
    retry: 'once',
    say: (text) =>
      l10n.t(
        'What was downloaded is not what the registry promised ({0}). Ollama removed that part. Install again; where that does not help, look for a proxy that changes downloads.',
        text,
      ),
  },
  {
    pattern: /: 412\b|requires a newer version/i,
    code: 'install_failed',
    retry: 'no',
    say: (text) => l10n.t('This model needs a newer Ollama ({0}). Update Ollama, then install again.', text),
  },
  {
    pattern: /: (?:408|429)\b/,
    code: 'installer_unavailable',
    retry: 'yes',
    say: (text) => l10n.t('The registry asks for patience ({0}). Try again in some minutes.', text),
  },
  {
    pattern: /: 4\d\d\b/,
    code: 'install_failed',
    retry: 'no',
    say: (text) =>
      l10n.t(
        'The registry refused this model ({0}). Check its name and tag, and whether it asks for an account or an accepted licence there.',
        text,
      ),
  },
  {
    pattern: /: 5\d\d\b/,
    code: 'installer_unavailable',
    retry: 'yes',
    say: (text) => l10n.t('The registry has a fault of its own ({0}). Try again later.', text),
  },
  {
    pattern: /read-only file system|permission denied|access is denied/i,
    code: 'install_failed',
    retry: 'no',
    say: (text) =>
      l10n.t(
        'Ollama cannot write to its models folder ({0}). Check who may write there, then install again.',
        text,
      ),
  },
  {
    pattern: /maximum pending requests/i,
    code: 'installer_unavailable',
    retry: 'yes',
    say: (text) => l10n.t('Ollama has too much to do ({0}). Install again when it has answered.', text),
  },
  {
    pattern: /x509|failed to verify certificate/i,
    code: 'install_failed',
    retry: 'no',
    say: (text) =>
      l10n.t(
        'Ollama does not trust the certificate of its registry ({0}). Where a proxy opens connections, install its root certificate on the machine that runs Ollama.',
        text,
      ),
  },
  {
    pattern: /HTTP response to HTTPS client/i,
    code: 'install_failed',
    retry: 'no',
    say: (text) =>
      l10n.t(
        'The registry speaks HTTP where Ollama wants HTTPS ({0}). Use its HTTPS address, or pull with "ollama pull --insecure" in a terminal.',
        text,
      ),
  },
  {
    pattern:
      /connection refused|connection reset|broken pipe|no such host|server misbehaving|network is unreachable|no route to host|timeout|timed out|deadline exceeded|max retries exceeded|unexpected EOF|: EOF$|^EOF$/i,
    code: 'installer_unavailable',
    retry: 'yes',
    say: (text) =>
      l10n.t(
        'Ollama has no working connection to its registry ({0}). Check the network and the proxy of the machine that runs Ollama; what was downloaded stays and is used again.',
        text,
      ),
  },
  {
    pattern: /invalid character .* looking for/i,
    code: 'install_failed',
    retry: 'no',
    say: (text) =>
      l10n.t(
        'Something other than a model registry answered Ollama, perhaps a proxy or a login page ({0}). Check the network of the machine that runs Ollama, then install again.',
        text,
      ),
  },
];

/** The folder is before that of the layers; Ollama names the file that it could not write. */
function whatIsFull(text: string): string {
  const folder = / ((?:[A-Za-z]:)?[\\/].*?)[\\/]blobs[\\/]/.exec(text)?.[1];
  return folder === undefined
    ? l10n.t("The disk with Ollama's models is full.")
    : l10n.t("The disk with Ollama's models ({0}) is full.", folder);
}

function afterFullDisk(): string {
  return l10n.t(
    'Free some space and install again: it resumes. The partial download keeps its space until Ollama is started again, at least one hour later.',
  );
}

const DIGEST = /(sha256[-:][0-9a-f]{12})[0-9a-f]{52}/g;

/** As Ollama's own lists have them, twelve digits: nobody compares 64. */
function withShortDigests(text: string): string {
  return text.replaceAll(DIGEST, '$1…');
}

/**
 * What an error text inside a pull's stream means. An unknown text is final: `install_failed` with the text. `name` is
 * the model as Ollama was asked for it: a refusal of Hugging Face's names the page where its conditions are.
 */
export function pullFailureOf(text: string, name = ''): PullFailure {
  const page = huggingFacePageOf(name);
  const short = withShortDigests(text);
  if (page !== null && REFUSED.test(text)) return { ...gated(page, short), said: text };
  const rule = RULES.find(({ pattern }) => pattern.test(text));
  if (rule) return { code: rule.code, retry: rule.retry, message: rule.say(short), said: text };
  const message = l10n.t(
    'Ollama could not install this model ({0}). Its log says more. Try again later, or choose another model.',
    short,
  );
  return { code: 'install_failed', retry: 'no', message, said: text };
}

/**
 * Hugging Face tells a stranger the same of a gated model, of a private one and of none
 * (https://github.com/ollama/ollama/issues/8045), and whom it knows that the conditions are not accepted.
 */
const REFUSED = /: 40[13]\b/;

function gated(page: string, text: string): PullFailure {
  const message = l10n.t(
    'Hugging Face gives this model only to accounts that have accepted its conditions ({0}). Accept them at {1}, add the key of your Ollama (the file .ollama/id_ed25519.pub) to your account at {2}, then install again.',
    text,
    page,
    HUGGING_FACE_KEYS_PAGE,
  );
  return { code: 'gated', retry: 'no', message };
}

/**
 * What an HTTP status of `/api/pull` itself means. `text` is the server's error text, empty where it sent none;
 * `origin` names the server.
 */
export function pullFailureOfStatus(status: number, text: string, origin: string): PullFailure {
  const said = text === '' ? l10n.t('status {0}', status) : text;
  if (status === 404) {
    // Go's router says this where the route does not exist: then this is no Ollama, and nothing is known of the model.
    if (text === '' || text.startsWith('404 page not found')) {
      const message = l10n.t(
        '{0} has no /api/pull: it does not look like Ollama. Check the address in modelPool.backends.',
        origin,
      );
      return { code: 'install_failed', retry: 'no', message };
    }
    return {
      code: 'failed_target_missing',
      retry: 'no',
      message: l10n.t('Ollama does not find this model ({0}). Check its name and tag.', said),
    };
  }
  if (status === 401 || status === 403) {
    const message = l10n.t(
      '{0} refused the request ({1}). Check its key (command "Model Pool: Set API Key"), its headers in modelPool.backends, and OLLAMA_ORIGINS of that Ollama.',
      origin,
      said,
    );
    return { code: 'install_failed', retry: 'no', message };
  }
  if (status >= 500 || status === 429 || status === 408) {
    const known = text === '' ? null : RULES.find(({ pattern }) => pattern.test(text));
    if (known) return pullFailureOf(text);
    return {
      code: 'installer_unavailable',
      retry: 'yes',
      message: l10n.t('{0} cannot serve now ({1}). Try again later.', origin, said),
    };
  }
  const message = l10n.t(
    'Ollama refused the request ({0}). Check the name of the model, then install again.',
    said,
  );
  return { code: 'install_failed', retry: 'no', message };
}
