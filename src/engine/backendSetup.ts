import * as l10n from '@vscode/l10n';
import { BACKEND_KIND_TABLE } from '../backends/backendKinds';
import { baseUrl } from '../backends/baseUrl';
import type { BackendKind, EditorModels, ProbeResult } from '../backends/contract';
import { findAddresses, type AddressSources, type Place } from '../backends/findAddresses';
import { ollamaHostUrl, recogniseBackend, type FoundBackend } from '../backends/recognise';
import { isLoopback } from '../pool/diskSpace';
import { untilAborted } from '../shared/abort';
import { originOf, type HttpClient } from '../shared/http';
import type { Logger } from '../shared/logger';
import { LOCAL_HOST, type HostId } from '../shared/modelRef';
import { BACKEND_KINDS, KINDS_WITHOUT_URL, type BackendSetting } from '../shared/settings';
import { backendHeaders } from './backendHeaders';

/** A server that answered at one of the usual addresses, and on which machine that is. */
export interface LocatedBackend extends FoundBackend {
  readonly place: Place;
  /** For the setting `host`; absent where the address says enough. */
  readonly host?: string;
}

/** A kind of backend as it is offered to somebody who adds one. */
export interface KindChoice {
  readonly kind: BackendKind;
  readonly label: string;
  /** A provider's own service. */
  readonly hosted: boolean;
  /** Whether it lies at an address that the person must tell. */
  readonly needsUrl: boolean;
  /** Whether it can be used without a key: `never` means that it has none. */
  readonly key: 'needed' | 'optional' | 'never';
}

/** A backend that is not in the settings yet. */
export interface BackendDraft extends Pick<BackendSetting, 'kind' | 'url' | 'host'> {
  readonly headers: Readonly<Record<string, string>>;
  /** Its API key, which only goes into its requests. */
  readonly key?: string;
}

export interface BackendSetupOptions {
  readonly http: HttpClient;
  readonly addresses: AddressSources;
  readonly logger: Logger;
  readonly editorModels?: EditorModels;
}

/** Who does not answer within this time when somebody waits for it is not there. */
const PROBE_WITHIN_MS = 15_000;
/** The same for what is only looked for: nobody was told that something is there. */
const FIND_WITHIN_MS = 4_000;

/** Everything that adding a backend asks: what there is, what listens where, and what a backend would serve. */
export class BackendSetup {
  constructor(private readonly options: BackendSetupOptions) {}

  /** Every kind, as it is offered. */
  get kinds(): readonly KindChoice[] {
    return BACKEND_KINDS.map((kind) => {
      const { label, hosted, auth } = BACKEND_KIND_TABLE[kind];
      const key = auth === 'none' ? 'never' : hosted ? 'needed' : 'optional';
      return { kind, label, hosted, needsUrl: !KINDS_WITHOUT_URL.includes(kind), key };
    });
  }

  /**
   * Asks the usual addresses, all at once; those of this machine alone where nobody has asked for it. Adds nothing
   * anywhere. Rejects only when `signal` aborts.
   */
  async find(signal: AbortSignal, { onlyHere = false } = {}): Promise<readonly LocatedBackend[]> {
    const { addresses, http } = this.options;
    const named = ollamaHostUrl(addresses.env['OLLAMA_HOST']);
    const usual = BACKEND_KINDS.map((kind) => BACKEND_KIND_TABLE[kind])
      .filter(({ hosted }) => !hosted)
      .flatMap(({ defaultUrls }) => defaultUrls);
    const candidates = await untilAborted(findAddresses(addresses, named, usual), signal);
    const asked = onlyHere ? candidates.filter(({ place }) => place === 'this_machine') : candidates;
    const found = await Promise.all(
      asked.map(async ({ url, place, host }): Promise<LocatedBackend | null> => {
        const backend = await within(FIND_WITHIN_MS, signal, (both) =>
          recogniseBackend({ http, url, signal: both }),
        );
        return backend && { ...backend, place, ...(host === undefined ? {} : { host }) };
      }),
    );
    return found.filter((backend) => backend !== null);
  }

  /** What listens at the address of a draft, or null where it is nothing that we know. Rejects only on abort. */
  async recognise(draft: Omit<BackendDraft, 'kind'>, signal: AbortSignal): Promise<FoundBackend | null> {
    const url = draft.url ?? '';
    // Which header carries the key is known only with the kind: whatever takes one takes this one.
    const http = this.#httpOf({ ...draft, kind: 'openai_compatible' });
    return within(PROBE_WITHIN_MS, signal, (both) => recogniseBackend({ http, url, signal: both }));
  }

  /** What a draft would serve. Rejects only when `signal` aborts. */
  async probe(draft: BackendDraft, signal: AbortSignal): Promise<ProbeResult> {
    const { logger, editorModels } = this.options;
    const { kind, headers } = draft;
    const row = BACKEND_KIND_TABLE[kind];
    const url = baseUrl(draft.url ?? row.defaultUrls[0] ?? '');
    const backend = row.create({
      config: { id: kind, kind, url, host: draft.host ?? LOCAL_HOST, headers },
      http: this.#httpOf(draft),
      logger,
      ...(editorModels ? { editorModels } : {}),
    });
    const result = await within(PROBE_WITHIN_MS, signal, (both) => backend.probe(both));
    return (
      result ?? {
        readiness: 'unreachable',
        message: l10n.t('{0} did not answer in time.', url === '' ? row.label : originOf(url)),
        nextStep: l10n.t('See whether it is busy or hangs, then ask again.'),
      }
    );
  }

  #httpOf({ kind, headers, key }: BackendDraft): HttpClient {
    const config = { id: kind, headers };
    const secrets = { get: () => Promise.resolve(key) };
    return this.options.http.withHeaders(() => backendHeaders(config, BACKEND_KIND_TABLE[kind], secrets));
  }
}

/** Whether two addresses mean the same backend. */
export function sameBackendUrl(a: string, b: string): boolean {
  return baseUrl(a) === baseUrl(b);
}

/** The machine that a backend would run on: what was said, else what its address says. */
export function machineOf({ url, host }: Pick<BackendSetting, 'url' | 'host'>): HostId {
  return host ?? (url === undefined || isLoopback(url) ? LOCAL_HOST : new URL(url).hostname);
}

/**
 * Those of the found servers that are not among `known`, each of them once: a server may answer under several names of
 * its machine, such as `localhost` and `127.0.0.1`.
 */
export function newServers<Found extends Pick<LocatedBackend, 'url' | 'host'>>(
  found: readonly Found[],
  known: readonly Pick<BackendSetting, 'url' | 'host'>[],
): readonly Found[] {
  const seen = new Set(known.flatMap(serverNames));
  return found.filter((server) => {
    const names = serverNames(server);
    const isNew = !names.some((name) => seen.has(name));
    for (const name of names) seen.add(name);
    return isNew;
  });
}

/** A server by its port and each name of its machine: what the address says, and what the person says. */
function serverNames({ url, host }: Pick<BackendSetting, 'url' | 'host'>): readonly string[] {
  if (url === undefined || !URL.canParse(url)) return [];
  const { port, protocol } = new URL(url);
  const machines = [machineOf({ url }), machineOf({ url, ...(host === undefined ? {} : { host }) })];
  return machines.map((machine) => `${machine} ${port === '' ? protocol : port}`);
}

/**
 * An id that no backend has: the kind, with the machine where it is not this one (`ollama_gpubox`), and a number where
 * that is taken. At most 64 characters of `[a-z0-9_]`.
 */
export function newBackendId(
  draft: Pick<BackendSetting, 'kind' | 'url' | 'host'>,
  taken: ReadonlySet<string>,
): string {
  const { kind } = draft;
  const machine = machineOf(draft);
  const name = machine
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  const base = (name === '' || machine === LOCAL_HOST ? kind : `${kind}_${name}`).slice(0, 60);
  for (let n = 1; ; n++) {
    const id = n === 1 ? base : `${base}_${n}`;
    if (!taken.has(id)) return id;
  }
}

/** The task's result, or null when it takes longer. Rejects when `signal` aborts. */
async function within<T>(
  limitMs: number,
  signal: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const tooLate = AbortSignal.timeout(limitMs);
  try {
    return await task(AbortSignal.any([signal, tooLate]));
  } catch (thrown) {
    if (tooLate.aborted && !signal.aborted) return null;
    throw thrown;
  }
}
