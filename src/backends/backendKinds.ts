import * as z from 'zod';
import type { HttpClient, HttpHeaders, HttpResult } from '../shared/http';
import type { Backend, BackendKind, BackendOptions, Readiness } from './contract';
import { createLlamaServerBackend, isLoading, LLAMA_SERVER_WORDS, modelsAnswer } from './llamaServer';
import { createOllamaBackend } from './ollama';
import { listAnswer, OLLAMA_WORDS, versionAnswer } from './ollamaApi';
import { presentFields } from './presentFields';

/** A server that answered as one kind does. */
export interface Recognised {
  /** `ok`, `bad_status` while it loads its model, or `unauthorized`. */
  readonly readiness: Extract<Readiness, 'ok' | 'bad_status' | 'unauthorized'>;
  readonly version?: string;
}

export interface BackendKindRow {
  /** How people call it. */
  readonly label: string;
  /** Where it listens unless told otherwise, first the usual one. */
  readonly defaultUrls: readonly [string, ...string[]];
  readonly create: (options: BackendOptions) => Backend;
  /** What answers at `url` if it is of this kind, by the shape of its answers; null for everything else. */
  readonly recognise: (request: RecogniseRequest) => Promise<Recognised | null>;
}

export interface RecogniseRequest {
  readonly http: HttpClient;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** Someone who looks for servers does not wait for one that hangs. */
const RECOGNISE_TIMEOUT_MS = 3_000;

/** Every kind of backend: the one place that knows them all. */
export const BACKEND_KIND_TABLE: Readonly<Record<BackendKind, BackendKindRow>> = {
  ollama: {
    label: OLLAMA_WORDS.label,
    defaultUrls: ['http://127.0.0.1:11434'],
    create: createOllamaBackend,
    async recognise(request) {
      const version = await get(request, '/api/version', versionAnswer);
      if (!version.ok) return null;
      const tags = await get(request, '/api/tags', listAnswer);
      return tags.ok ? { readiness: 'ok', version: version.value.version } : null;
    },
  },
  llama_server: {
    label: LLAMA_SERVER_WORDS.label,
    // 8080 in the project's own builds, 9931 in Debian's.
    defaultUrls: ['http://127.0.0.1:8080', 'http://127.0.0.1:9931'],
    create: createLlamaServerBackend,
    async recognise(request) {
      const models = await get(request, '/v1/models', modelsAnswer);
      if (!models.ok) {
        const { failure } = models;
        if (isLoading(failure)) return { readiness: 'bad_status' };
        return failure.status === 401 && isLlamaCpp(failure.headers) ? { readiness: 'unauthorized' } : null;
      }
      const owned = models.value.data?.some((entry) => ownedByLlamaCpp.safeParse(entry).success) ?? false;
      if (!owned && !isLlamaCpp(models.headers)) return null;
      const props = await get(request, '/props', z.object({ build_info: z.string() }));
      return {
        readiness: 'ok',
        ...presentFields({ version: props.ok ? props.value.build_info : undefined }),
      };
    },
  },
};

const ownedByLlamaCpp = z.object({ owned_by: z.literal('llamacpp') });

function isLlamaCpp(headers: HttpHeaders | undefined): boolean {
  return headers?.['server'] === 'llama.cpp';
}

function get<T>(
  { http, url, headers, signal }: RecogniseRequest,
  path: string,
  schema: z.ZodType<T>,
): Promise<HttpResult<T>> {
  return http.json(`${url}${path}`, schema, {
    signal,
    headersTimeoutMs: RECOGNISE_TIMEOUT_MS,
    bodyTimeoutMs: RECOGNISE_TIMEOUT_MS,
    ...(headers ? { headers } : {}),
  });
}
