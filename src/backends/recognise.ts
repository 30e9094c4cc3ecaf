import * as z from 'zod';
import type { HttpClient, HttpResult } from '../shared/http';
import { BACKEND_KINDS } from '../shared/settings';
import type { AskedServer, Recognised } from './backendKind';
import { BACKEND_KIND_TABLE } from './backendKinds';
import { baseUrl } from './baseUrl';
import type { BackendKind } from './contract';
import { invalidUrl } from './readiness';

/** A server that could be added as a backend. */
export interface FoundBackend extends Recognised {
  readonly kind: BackendKind;
  readonly label: string;
  /** Base address without a trailing slash and without `/v1`. */
  readonly url: string;
}

interface RecogniseRequest {
  /** Adds the key and the headers, if any, by itself. */
  readonly http: HttpClient;
  readonly url: string;
  readonly signal: AbortSignal;
}

/** Someone who looks for servers does not wait for one that hangs. */
const RECOGNISE_TIMEOUT_MS = 3_000;

const LOCAL_KINDS = BACKEND_KINDS.filter((kind) => !BACKEND_KIND_TABLE[kind].hosted);

/** Ollama's own port where `OLLAMA_HOST` names none. */
const OLLAMA_PORT = '11434';

/**
 * What listens at one address, or null when it is nothing that we know. A provider's own service is known by its host
 * and asked nothing else; of the others all kinds are asked at once, and the first in order that knows its own counts:
 * `openai_compatible`, which takes whatever lists models, is the last. Rejects only when `signal` aborts.
 */
export async function recogniseBackend(request: RecogniseRequest): Promise<FoundBackend | null> {
  if (invalidUrl(request.url) !== null) return null;
  const server = askedServer(request);
  const kinds = hostedKindAt(server.url) ?? LOCAL_KINDS;
  const answers = await Promise.all(
    kinds.map(async (kind): Promise<FoundBackend | null> => {
      const { label, recognise } = BACKEND_KIND_TABLE[kind];
      const recognised = await recognise(server);
      return recognised && { kind, label, url: server.url, ...recognised };
    }),
  );
  return answers.find((answer) => answer !== null) ?? null;
}

function hostedKindAt(url: string): readonly BackendKind[] | null {
  const { hostname } = new URL(url);
  const kind = BACKEND_KINDS.find((each) => {
    const { hosted, defaultUrls } = BACKEND_KIND_TABLE[each];
    return hosted && defaultUrls.some((own) => new URL(own).hostname === hostname);
  });
  return kind === undefined ? null : [kind];
}

/** Asks each path once, however many kinds want to know. */
function askedServer({ http, url, signal }: RecogniseRequest): AskedServer {
  const base = baseUrl(url);
  const answers = new Map<string, Promise<HttpResult<unknown>>>();
  return {
    url: base,
    get(path) {
      const asked = answers.get(path);
      if (asked) return asked;
      const answer = http.json(`${base}${path}`, z.unknown(), {
        signal,
        headersTimeoutMs: RECOGNISE_TIMEOUT_MS,
        bodyTimeoutMs: RECOGNISE_TIMEOUT_MS,
      });
      answers.set(path, answer);
      return answer;
    },
  };
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
