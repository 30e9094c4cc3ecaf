import type { InstallErrorCode } from './installAdapter';

/** What a failed pull means: its code, whether trying again can help, and what to tell the person. */
export interface PullFailure {
  readonly code: Exclude<InstallErrorCode, 'advisory_only' | 'not_in_pool' | 'cancelled'>;
  /** `no`: final. `once`: one more full try. `yes`: as long as the budget lasts. */
  readonly retry: 'no' | 'once' | 'yes';
  readonly message: string;
}

interface Rule {
  readonly pattern: RegExp;
  readonly code: PullFailure['code'];
  readonly retry: PullFailure['retry'];
  readonly say: (text: string) => string;
}

const NETWORK_HINT =
  'Check the network and the proxy of the machine that runs Ollama; what was downloaded stays and is used again';

/**
 * Texts that Ollama writes into the stream, in order of precedence. Seen with `ollama serve` v0.32.15, CPU build,
 * recorded 2026-11-21; the Windows text is the system's own.
 */
const RULES: readonly Rule[] = [
  {
    pattern: /no space left on device|not enough space on the disk|disk quota exceeded/i,
    code: 'disk_full',
    retry: 'no',
    say: (text) =>
      `The disk with Ollama's models is full (${text}). Free some space and install again: it resumes. ` +
      'The partial download keeps its space until Ollama is started again, at least one hour later',
  },
  {
    // The manifest was there, for its answers begin with "pull model manifest".
    pattern: /^file does not exist/i,
    code: 'failed_target_missing',
    retry: 'no',
    say: (text) =>
      `The registry lists this model, but one of its files is missing (${text}). Choose another tag or quantisation`,
  },
  {
    pattern: /file does not exist|manifest unknown|: 404\b/i,
    code: 'failed_target_missing',
    retry: 'no',
    say: (text) => `The registry does not have this model or tag (${text}). Check its name and tag`,
  },
  {
    pattern: /digest mismatch/i,
    code: 'install_failed',
    retry: 'once',
    say: (text) =>
      `What was downloaded is not what the registry promised (${text}). Ollama removed that part. Install again; ` +
      'where that does not help, look for a proxy that changes downloads',
  },
  {
    pattern: /: 412\b|requires a newer version/i,
    code: 'install_failed',
    retry: 'no',
    say: (text) => `This model needs a newer Ollama (${text}). Update Ollama, then install again`,
  },
  {
    pattern: /: (?:408|429)\b/,
    code: 'installer_unavailable',
    retry: 'yes',
    say: (text) => `The registry asks for patience (${text}). Try again in some minutes`,
  },
  {
    pattern: /: 4\d\d\b/,
    code: 'install_failed',
    retry: 'no',
    say: (text) =>
      `The registry refused this model (${text}). Check its name and tag, and whether it asks for an account or an accepted licence there`,
  },
  {
    pattern: /: 5\d\d\b/,
    code: 'installer_unavailable',
    retry: 'yes',
    say: (text) => `The registry has a fault of its own (${text}). Try again later`,
  },
  {
    pattern: /read-only file system|permission denied|access is denied/i,
    code: 'install_failed',
    retry: 'no',
    say: (text) =>
      `Ollama cannot write to its models folder (${text}). Check who may write there, then install again`,
  },
  {
    pattern: /maximum pending requests/i,
    code: 'installer_unavailable',
    retry: 'yes',
    say: (text) => `Ollama has too much to do (${text}). Install again when it has answered`,
  },
  {
    pattern: /x509|failed to verify certificate/i,
    code: 'install_failed',
    retry: 'no',
    say: (text) =>
      `Ollama does not trust the certificate of its registry (${text}). Where a proxy opens connections, install its root certificate on the machine that runs Ollama`,
  },
  {
    pattern: /HTTP response to HTTPS client/i,
    code: 'install_failed',
    retry: 'no',
    say: (text) =>
      `The registry speaks HTTP where Ollama wants HTTPS (${text}). Use its HTTPS address, or pull with "ollama pull --insecure" in a terminal`,
  },
  {
    pattern:
      /connection refused|connection reset|broken pipe|no such host|server misbehaving|network is unreachable|no route to host|timeout|timed out|deadline exceeded|max retries exceeded|unexpected EOF|: EOF$|^EOF$/i,
    code: 'installer_unavailable',
    retry: 'yes',
    say: (text) => `Ollama has no working connection to its registry (${text}). ${NETWORK_HINT}`,
  },
  {
    pattern: /invalid character .* looking for/i,
    code: 'install_failed',
    retry: 'no',
    say: (text) =>
      `Something other than a model registry answered Ollama, perhaps a proxy or a login page (${text}). ` +
      'Check the network of the machine that runs Ollama, then install again',
  },
];

/** What an error text inside a pull's stream means. An unknown text is final: `install_failed` with the text. */
export function pullFailureOf(text: string): PullFailure {
  const rule = RULES.find(({ pattern }) => pattern.test(text));
  if (rule) return { code: rule.code, retry: rule.retry, message: `${rule.say(text)}.` };
  const message = `Ollama could not install this model (${text}). Its log says more. Try again later, or choose another model.`;
  return { code: 'install_failed', retry: 'no', message };
}

/**
 * What an HTTP status of `/api/pull` itself means. `text` is the server's error text, empty where it sent none;
 * `origin` names the server.
 */
export function pullFailureOfStatus(status: number, text: string, origin: string): PullFailure {
  const said = text === '' ? `status ${status}` : text;
  if (status === 404) {
    // Go's router says this where the route does not exist: then this is no Ollama, and nothing is known of the model.
    if (text === '' || text.startsWith('404 page not found')) {
      const message = `${origin} has no /api/pull: it does not look like Ollama. Check the address in modelPool.backends.`;
      return { code: 'install_failed', retry: 'no', message };
    }
    return {
      code: 'failed_target_missing',
      retry: 'no',
      message: `Ollama does not find this model (${said}). Check its name and tag.`,
    };
  }
  if (status === 401 || status === 403) {
    const message = `${origin} refused the request (${said}). Check its key (command "Model Pool: Set API Key"), its headers in modelPool.backends, and OLLAMA_ORIGINS of that Ollama.`;
    return { code: 'install_failed', retry: 'no', message };
  }
  if (status >= 500 || status === 429 || status === 408) {
    const known = text === '' ? null : RULES.find(({ pattern }) => pattern.test(text));
    if (known) return pullFailureOf(text);
    return {
      code: 'installer_unavailable',
      retry: 'yes',
      message: `${origin} cannot serve now (${said}). Try again later.`,
    };
  }
  const message = `Ollama refused the request (${said}). Check the name of the model, then install again.`;
  return { code: 'install_failed', retry: 'no', message };
}
