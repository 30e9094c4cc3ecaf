/** A machine on which models run: `local` for the machine of the extension host, else the name of another one. */
export type HostId = string;

export const LOCAL_HOST: HostId = 'local';

/** One model as one backend serves it. The same model id on two backends is two different refs. */
export interface ModelRef {
  /** Id of the backend, `^[a-z][a-z0-9_]*$`, for example `ollama` or `ollama_gpubox`. */
  readonly backend: string;
  /** Whose model it is, `^[a-z][a-z0-9_]*$`, for example `qwen`; `local` where nobody knows. */
  readonly provider: string;
  /** The id by which the backend knows the model, verbatim. */
  readonly modelId: string;
}

/** A key for maps; JSON, because model ids may hold any separator. */
export function modelRefKey(ref: ModelRef): string {
  return JSON.stringify([ref.backend, ref.provider, ref.modelId]);
}

export function sameModelRef(a: ModelRef, b: ModelRef): boolean {
  return a.backend === b.backend && a.provider === b.provider && a.modelId === b.modelId;
}

/** A rate that was measured on a host, which replaces the estimate for the same model file there. */
export interface Measurement {
  readonly hostId: HostId;
  readonly digest: string;
  readonly quant: string;
  /** Allocated for the model. */
  readonly contextTokens: number;
  /**
   * Tokens that the model read again for each one that it wrote, on average: its prompt and half of its answer. Speed
   * follows these, not what is allocated; absent: not known.
   */
  readonly readTokens?: number;
  /** Share of the model that its server held on accelerators, 0..1; absent: it does not say. */
  readonly acceleratorShare?: number;
  readonly decodeTokPerSec: number;
  readonly promptTokPerSec?: number;
  readonly loadMs?: number;
  /** ISO 8601. */
  readonly measuredAt: string;
  readonly from: 'dispatch' | 'measure';
}
