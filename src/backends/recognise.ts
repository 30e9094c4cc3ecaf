import type { HttpClient } from '../shared/http';
import { BACKEND_KINDS } from '../shared/settings';
import type { Recognised, RecogniseRequest } from './backendKinds';
import { BACKEND_KIND_TABLE } from './backendKinds';
import type { BackendKind } from './contract';
import { invalidUrl } from './readiness';

/** A server that could be added as a backend. */
export interface FoundBackend extends Recognised {
  readonly kind: BackendKind;
  readonly label: string;
  /** Base address without a trailing slash. */
  readonly url: string;
}

/** Ollama's own port where `OLLAMA_HOST` names none. */
const OLLAMA_PORT = '11434';

/**
 * Asks the usual addresses of this machine, and the one in `OLLAMA_HOST`, what listens there. Returns what was
 * recognised, in the order asked; adds nothing anywhere. Rejects only when `signal` aborts.
 */
export async function findBackends(
  http: HttpClient,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly FoundBackend[]> {
  const named = ollamaHostUrl(env['OLLAMA_HOST']);
  const usual = BACKEND_KINDS.flatMap((kind) => BACKEND_KIND_TABLE[kind].defaultUrls);
  const urls = [...new Set(named === null ? usual : [named, ...usual])];
  const found = await Promise.all(urls.map((url) => recogniseBackend({ http, url, signal })));
  return found.filter((backend) => backend !== null);
}

/** What listens at one address, or null when it is nothing that we know. Rejects only when `signal` aborts. */
export async function recogniseBackend(request: RecogniseRequest): Promise<FoundBackend | null> {
  if (invalidUrl(request.url) !== null) return null;
  const url = request.url.replace(/\/+$/, '');
  for (const kind of BACKEND_KINDS) {
    const { label, recognise } = BACKEND_KIND_TABLE[kind];
    const recognised = await recognise({ ...request, url });
    if (recognised !== null) return { kind, label, url, ...recognised };
  }
  return null;
}

/**
 * The address that `OLLAMA_HOST` means to a client, or null where it is empty or means nothing: `host`, `host:port`,
 * `:port`, with or without scheme and path; a scheme without a port means the scheme's own port. An address to listen
 * on everywhere (0.0.0.0, ::) is asked on loopback. After Ollama's documentation of the variable.
 */
export function ollamaHostUrl(value: string | undefined): string | null {
  const trimmed = value?.trim().replace(/^["']|["']$/g, '') ?? '';
  if (trimmed === '') return null;
  const [, scheme, rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/is.exec(trimmed) ?? [];
  if (scheme !== undefined && !/^https?$/i.test(scheme)) return null;
  const hostPort = rest.split('/')[0] ?? '';
  // An IPv6 address without brackets has more than one colon and no port.
  const bareV6 = /^[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(hostPort);
  const parts = bareV6 ? null : /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(hostPort);
  if (!bareV6 && parts === null) return null;
  const host = bareV6 ? `[${hostPort}]` : (parts?.[1] ?? '');
  const port = parts?.[2] ?? (scheme === undefined ? OLLAMA_PORT : '');
  const everywhere: Readonly<Record<string, string>> = {
    '': '127.0.0.1',
    '0.0.0.0': '127.0.0.1',
    '[::]': '[::1]',
  };
  const url = `${scheme?.toLowerCase() ?? 'http'}://${everywhere[host] ?? host}${port === '' ? '' : `:${port}`}`;
  return URL.canParse(url) ? url : null;
}
