import type { ModelRef } from '../shared/modelRef';

export type WireFormat = 'ollama' | 'openai_compat';

/** Where a field of a route came from. */
export type Provenance =
  | 'operator_pin'
  | 'pipeline_input'
  | 'escalation_override'
  | 'catalog_default'
  | 'inherited_from_primary'
  | 'unknown';

/** The fields of a route whose origin is told. */
type RouteField =
  'backend' | 'provider' | 'model' | 'wireFormat' | 'thinking' | 'toolFormat' | 'contextTokens';

/** A call's resolved target with the origin of every field. */
export interface Route {
  readonly ref: ModelRef;
  readonly url: string;
  readonly host: string;
  readonly wireFormat: WireFormat;
  readonly toolFormat: 'native' | 'none';
  readonly thinking: 'off' | 'on' | 'default';
  /** Context that is asked for, in tokens; null = the server's own. */
  readonly contextTokens: number | null;
  readonly provenance: Readonly<Record<RouteField, Provenance>>;
}
