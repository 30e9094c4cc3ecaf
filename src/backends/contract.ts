import type { HttpClient } from '../shared/http';
import type { Logger } from '../shared/logger';
import type { HostId } from '../shared/modelRef';
import type { BACKEND_KINDS } from '../shared/settings';

export type BackendKind = (typeof BACKEND_KINDS)[number];

export interface BackendConfig {
  /** `^[a-z][a-z0-9_]*$`, 1 to 64 characters, unique. */
  readonly id: string;
  readonly kind: BackendKind;
  /** Base address without a trailing slash and without `/v1`; empty for the editor's own models. */
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
  /** Context that the model's own Modelfile asks for (`PARAMETER num_ctx`), in tokens. */
  readonly ownContext?: number;
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
  /** Who the backend says made or offers it, in its own words: an organisation, a vendor. */
  readonly provider?: string;
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
  | {
      readonly readiness: 'ok';
      readonly version?: string;
      /** What this version of the server cannot do yet, one sentence each. */
      readonly limits?: readonly string[];
      /** Each id once for one provider, by id (code point). */
      readonly models: readonly ListedModel[];
    }
  | ProbeFailure;

/** One running model server: how to ask what it serves. Chat goes through dispatch, installing through an adapter. */
export interface Backend {
  readonly config: BackendConfig;
  /** How long a probe may take where that is less than usual, in milliseconds. */
  readonly deadlineMs?: number;
  /** Lists what is served now. Rejects only when `signal` aborts. */
  probe(signal: AbortSignal): Promise<ProbeResult>;
}

/** A chat model that the editor offers to its extensions. */
export interface EditorModel {
  readonly id: string;
  readonly name: string;
  /** Who contributes it, for example `copilot`. */
  readonly vendor: string;
  readonly family: string;
  readonly maxInputTokens: number;
  readonly tools?: boolean;
  readonly vision?: boolean;
}

/** The editor's own chat models; wired by whoever has an editor. */
export interface EditorModels {
  list(signal: AbortSignal): Promise<readonly EditorModel[]>;
}

/** What every kind of backend is made of. */
export interface BackendOptions {
  readonly config: BackendConfig;
  /** Adds the backend's headers and key to each request by itself. */
  readonly http: HttpClient;
  readonly logger?: Logger;
  /** Needed by the kind `vscode` alone. */
  readonly editorModels?: EditorModels;
}
