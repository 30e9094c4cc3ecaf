import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Downloads, Pace } from './downloads';
import type { FaultSwitches } from './faults';
import type { RemoteRegistry } from './remoteRegistry';
import type { Runners, RunnerSettings } from './runners';
import type { ModelStore } from './store';

export interface ServerSettings extends RunnerSettings {
  /** Whether Ollama's own cloud is switched off (OLLAMA_NO_CLOUD) or on without a way to it. */
  readonly cloud: 'disabled' | 'unreachable';
  /** What it says of itself; all else stays as v0.32.15 has it. */
  readonly version: string;
  /** Between two tokens of an answer, in milliseconds. */
  tokenIntervalMs: number;
}

/** Everything that a route may read or change. */
export interface World {
  readonly store: ModelStore;
  readonly runners: Runners;
  readonly downloads: Downloads;
  readonly registry: RemoteRegistry;
  readonly faults: FaultSwitches;
  readonly pace: Pace;
  readonly settings: ServerSettings;
  readonly nowMs: () => number;
  /** Grows with every listing, so that models of one second change places. */
  listings: number;
}

/** One request and its answer. */
export interface Exchange {
  readonly world: World;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: string;
  /** The same before it was decoded. */
  readonly bytes: Buffer;
  /** The last part of the path, which some routes take for a name. */
  readonly segment: string;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'HEAD';
  /** As it stands in the request; `:` at the end stands for one part of any name. */
  readonly path: string;
  readonly handle: (exchange: Exchange) => Promise<void> | void;
}
