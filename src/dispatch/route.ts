import type { BackendKind } from '../backends/contract';
import type { ModelRef } from '../shared/modelRef';
import type { WireFormat } from '../shared/routeSettings';
import type { Thinking } from '../shared/thinking';

/** Where a field of a route came from. */
export type Provenance =
  | 'operator_pin'
  | 'pipeline_input'
  | 'escalation_override'
  | 'catalog_default'
  | 'inherited_from_primary'
  | 'unknown';

/** The fields of a route whose origin is told. */
export type RouteField =
  'backend' | 'provider' | 'model' | 'wireFormat' | 'thinking' | 'toolFormat' | 'contextTokens';

/** What is asked of the model's thinking; `default`: nothing, the server decides. */
export type RouteThinking = Thinking | { readonly mode: 'default' };

/** A call's resolved target with the origin of every field. */
export interface Route {
  readonly ref: ModelRef;
  /** Kind of the backend; dialects write some things differently for some kinds. */
  readonly kind: BackendKind;
  /** A provider's own service: it has shorter time limits, and its 409 is retried. */
  readonly hosted: boolean;
  /** Base address without a trailing slash and without `/v1`; empty for the editor's own models. */
  readonly url: string;
  /** Address without userinfo, path and query; `vscode` for the editor's own models. */
  readonly host: string;
  readonly wireFormat: WireFormat;
  readonly toolFormat: 'native' | 'none';
  readonly thinking: RouteThinking;
  /** Context that is asked for, in tokens; null = the server's own. */
  readonly contextTokens: number | null;
  readonly provenance: Readonly<Record<RouteField, Provenance>>;
}
