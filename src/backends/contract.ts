import type { HttpClient } from '../shared/http';
import type { Logger } from '../shared/logger';
import type { HostId } from '../shared/modelRef';
import type { BACKEND_KINDS } from '../shared/settings';

export type BackendKind = (typeof BACKEND_KINDS)[number];

export interface BackendConfig {
  /** `^[a-z][a-z0-9_]*$`, 1 to 64 characters, unique. */
  readonly id: string;
  readonly kind: BackendKind;
  /** Base address without a trailing slash. */
  readonly url: string;
  readonly host: HostId;
  readonly headers: Readonly<Record<string, string>>;
  /** Under which name its key lies in VS Code's SecretStorage; absent: it needs none. */
  readonly secretName?: string;
}

/** Whether a backend can be used, and if not, why. */
export type Readiness =
  | 'ok'
  | 'invalid_url'
  | 'unreachable'
  | 'bad_status'
  | 'bad_response'
  | 'model_missing'
  | 'too_old'
  | 'unauthorized';

/** What a backend says about one of its models. Absent means that it does not say. */
export interface ListedCapabilities {
  readonly tools?: boolean;
  readonly vision?: boolean;
  readonly thinking?: boolean;
  readonly embedding?: boolean;
  /** Longest context of the model, in tokens. */
  readonly contextLength?: number;
  /** Context that the server has allocated for the loaded model, in tokens. */
  readonly allocatedContext?: number;
  /** The server's own text, for example `8.0B`. */
  readonly parameterSize?: string;
  readonly quant?: string;
  readonly sizeBytes?: number;
  readonly digest?: string;
  readonly family?: string;
  /** ISO 8601. */
  readonly modifiedAt?: string;
}

export interface ListedModel {
  readonly modelId: string;
  readonly displayName: string;
  readonly capabilities: ListedCapabilities;
  /** Set while the model is loaded. */
  readonly running?: RunningModel;
}

export interface RunningModel {
  readonly sizeBytes?: number;
  readonly vramBytes?: number;
  readonly contextTokens?: number;
  /** ISO 8601; absent where it stays loaded. */
  readonly expiresAt?: string;
}

export interface ProbeFailure {
  readonly readiness: Exclude<Readiness, 'ok'>;
  /** What happened. */
  readonly message: string;
  /** What the person can do next. */
  readonly nextStep: string;
}

export type ProbeResult =
  | { readonly readiness: 'ok'; readonly version?: string; readonly models: readonly ListedModel[] }
  | ProbeFailure;

/** One running model server: how to ask what it serves. Chat goes through dispatch, installing through an adapter. */
export interface Backend {
  readonly config: BackendConfig;
  /** Lists what is served now. Rejects only when `signal` aborts. */
  probe(signal: AbortSignal): Promise<ProbeResult>;
}

/** What every kind of backend is made of. */
export interface BackendOptions {
  readonly config: BackendConfig;
  /** Adds the backend's headers and key to each request by itself. */
  readonly http: HttpClient;
  readonly logger?: Logger;
}
