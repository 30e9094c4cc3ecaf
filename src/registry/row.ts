import type { ListedModel, Readiness } from '../backends/contract';

/** Who wrote a row: bundled before any probe, a probe, or a session that reported what it saw. */
type RowSource = 'baseline' | 'probe' | 'session';

/** What one backend serves of one provider's models. The list is replaced whole, never merged. */
export interface RegistryRow {
  readonly backend: string;
  readonly provider: string;
  readonly source: RowSource;
  /** Wall clock, microseconds since the epoch (UTC). */
  readonly refreshedAt: number;
  /** Monotonic clock, microseconds; comparable only within one `bootId`. */
  readonly refreshedMono: number;
  readonly bootId: string;
  readonly models: readonly ListedModel[];
}

/** A row before it is validated. */
export interface RowWrite extends Omit<RegistryRow, 'models'> {
  readonly models: readonly unknown[];
}

/** A key for maps of rows. */
export function rowKey({ backend, provider }: Pick<RegistryRow, 'backend' | 'provider'>): string {
  // Ids have no slash.
  return `${backend}/${provider}`;
}

/** A model as reads return it. */
export interface RegisteredModel extends ListedModel {
  readonly backend: string;
  readonly provider: string;
  readonly source: RowSource;
  /** Wall clock, microseconds since the epoch (UTC). */
  readonly refreshedAt: number;
}

/** What is known of one configured backend itself. */
export interface BackendState {
  readonly id: string;
  readonly kind: string;
  readonly url: string;
  readonly host: string;
  /** `unknown` before the first probe ends. */
  readonly readiness: Readiness | 'unknown';
  readonly probing: boolean;
  /** What is wrong and what to do, while readiness is neither ok nor unknown. */
  readonly message?: string;
  readonly nextStep?: string;
  readonly version?: string;
  /** What this version cannot do yet, one sentence each. */
  readonly limits?: readonly string[];
  /** ISO 8601 of the last probe that ended, well or not. */
  readonly lastProbeAt?: string;
  /** ISO 8601 of the last probe that ended well. */
  readonly lastOkAt?: string;
  /** Failed probes since the last good one. */
  readonly failures?: number;
}

/** Says whose model this is, `^[a-z][a-z0-9_]*$`; wired to the catalogue by the engine. */
export type ProviderOf = (model: ListedModel, backendKind: string) => string;
