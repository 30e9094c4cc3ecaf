import type { HttpResult } from '../shared/http';
import type { Backend, BackendOptions, Readiness } from './contract';

/** A server that answered as one kind does. */
export interface Recognised {
  /** `ok`, `bad_status` while it loads its model or has troubles, or `unauthorized`. */
  readonly readiness: Extract<Readiness, 'ok' | 'bad_status' | 'unauthorized'>;
  readonly version?: string;
}

/** An address that is asked what listens there. */
export interface AskedServer {
  /** Base address without a trailing slash. */
  readonly url: string;
  /** The JSON at a path below it; kinds that ask for the same path share one request. */
  get(path: string): Promise<HttpResult<unknown>>;
}

/**
 * Whose models a backend serves: their `maker` by the catalogue, the organisation of their `repository`, the part
 * before the `/` of a `gateway`'s ids, the `vendor` that each model names, or always the same one.
 */
export type ProviderRule = 'maker' | 'repository' | 'gateway' | 'vendor' | { readonly always: string };

export interface BackendKindRow {
  /** How people call it. */
  readonly label: string;
  /** A provider's own service: asked once a day, and an empty list of it does not mean that its models are gone. */
  readonly hosted: boolean;
  /** Where it listens unless told otherwise, first the usual one; of a hosted one its only address. */
  readonly defaultUrls: readonly string[];
  /** The header that carries its key: `Authorization: Bearer`, or the key itself under this name. */
  readonly auth: 'none' | 'bearer' | 'x-api-key' | 'x-goog-api-key';
  /** Headers that each request must have, whatever the settings say. */
  readonly fixedHeaders?: Readonly<Record<string, string>>;
  readonly provider: ProviderRule;
  readonly create: (options: BackendOptions) => Backend;
  /** What answers if it is of this kind, by the shape of its answers; null for everything else. */
  readonly recognise: (server: AskedServer) => Promise<Recognised | null>;
}
