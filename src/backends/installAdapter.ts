import { ModelPoolError } from '../shared/errors';

/** Why an install, a removal or a listing did not happen. Closed. */
export type InstallErrorCode =
  | 'advisory_only'
  | 'failed_target_missing'
  | 'installer_unavailable'
  | 'install_failed'
  | 'not_in_pool'
  | 'parse_failed'
  | 'disk_full'
  /** Whoever owns the model gives it only to accounts that have accepted its conditions. */
  | 'gated'
  | 'cancelled';

/** What a pull tells while it runs. Byte counts are of the whole model where a total is known, else of the layer. */
export type InstallEvent =
  | { readonly type: 'pulling'; readonly message: string }
  | {
      readonly type: 'progress';
      /** Layer that moves now, `sha256:...`. */
      readonly digest: string;
      readonly layerCompletedBytes: number;
      readonly layerTotalBytes: number;
      /** Sums over the layers seen so far; never run backwards within one attempt. */
      readonly completedBytes: number;
      readonly totalBytes: number;
      /** Bytes per second over the last seconds; absent until known. */
      readonly bytesPerSecond?: number;
      readonly secondsLeft?: number;
    }
  | { readonly type: 'verifying'; readonly message: string }
  | { readonly type: 'success' }
  | { readonly type: 'error'; readonly code: InstallErrorCode; readonly message: string };

export interface InstallRequest {
  /** `llama3.2:3b` or `hf.co/<repo>:<quant>` for Ollama; the tool's own name elsewhere. */
  readonly name: string;
  readonly signal?: AbortSignal;
  /** A consumer that throws is logged and never stops the install. */
  readonly onEvent?: (event: InstallEvent) => void;
}

export interface EvictRequest {
  readonly name: string;
  readonly signal?: AbortSignal;
}

export type InstallResult =
  | { readonly status: 'success'; readonly name: string; readonly alreadyInstalled: boolean }
  | { readonly status: 'error'; readonly code: InstallErrorCode; readonly message: string };

export type EvictResult =
  | { readonly status: 'success'; readonly name: string }
  | { readonly status: 'error'; readonly code: InstallErrorCode; readonly message: string };

export interface InstalledModel {
  readonly ollamaName: string;
  /** GiB as the server's manifest declares it. */
  readonly sizeOnDiskGb: number;
  readonly digest?: string;
  /** ISO 8601. */
  readonly modifiedAt?: string;
  readonly quant?: string;
  readonly parameterSize?: string;
}

/** Facts of one installed model. */
export interface InspectedModel {
  readonly ollamaName: string;
  readonly capabilities: readonly string[];
  readonly contextLength?: number;
  readonly family?: string;
  readonly parameterSize?: string;
  readonly quant?: string;
  readonly licence?: string;
}

/**
 * Installs and removes models with one tool. A tool that can install resolves every failure of `install` and `evict`
 * as `{status: 'error'}`, the unreachable server and the cancelled call too. `list` and `inspect`, which have no such
 * result, reject with `InstallError`, and so does every method of an adapter that cannot do what it is asked.
 */
export interface InstallAdapter {
  /** Set where the tool is not driven: it lists what it serves, and everything else is advice. */
  readonly advisory?: true;
  install(request: InstallRequest): Promise<InstallResult>;
  evict(request: EvictRequest): Promise<EvictResult>;
  list(request?: { readonly signal?: AbortSignal }): Promise<readonly InstalledModel[]>;
  inspect(request: { readonly name: string; readonly signal?: AbortSignal }): Promise<InspectedModel>;
  /** Names of the models that the tool has loaded now; absent where it does not say. Rejects as `list` does. */
  loaded?(request?: { readonly signal?: AbortSignal }): Promise<readonly string[]>;
}

export interface InstallErrorOptions extends ErrorOptions {
  /** HTTP status of the answer that was refused. */
  readonly status?: number;
  /** The model that was asked for. */
  readonly target?: string;
}

/** What an install adapter rejects with. */
export class InstallError extends ModelPoolError<InstallErrorCode> {
  readonly status?: number;
  readonly target?: string;

  constructor(code: InstallErrorCode, message: string, options: InstallErrorOptions = {}) {
    super(code, message, options.cause === undefined ? undefined : { cause: options.cause });
    // The class name, for logs: a minified bundle would show another one.
    this.name = 'InstallError';
    if (options.status !== undefined) this.status = options.status;
    if (options.target !== undefined) this.target = options.target;
  }

  /** Keeps code, status and target; drops the cause, which may hold private text. */
  override toJSON(): {
    readonly name: string;
    readonly code: InstallErrorCode;
    readonly message: string;
    readonly status?: number;
    readonly target?: string;
  } {
    return {
      ...super.toJSON(),
      ...(this.status === undefined ? {} : { status: this.status }),
      ...(this.target === undefined ? {} : { target: this.target }),
    };
  }
}

export function isInstallError(thrown: unknown): thrown is InstallError {
  return thrown instanceof InstallError;
}

/**
 * One spelling for all names by which Ollama knows the same model: scheme, default registry and `library/` left out,
 * `:latest` added, lower case (Ollama compares names without case). For comparing, never for sending.
 */
export function normaliseModelName(name: string): string {
  const bare = name
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/^registry\.ollama\.ai\//, '')
    .replace(/^library\//, '');
  return bare.slice(bare.lastIndexOf('/') + 1).includes(':') ? bare : `${bare}:latest`;
}
