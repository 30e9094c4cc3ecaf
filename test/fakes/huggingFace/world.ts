import type { ServerResponse } from 'node:http';
import type { HubFaults, LoggedRequest } from './faults';
import type { FakeRepo } from './repos';

/** What all routes share. */
export interface World {
  readonly repos: Map<string, FakeRepo>;
  readonly faults: HubFaults;
  /** Tokens that are known, each with the gated repositories that it may read. */
  readonly tokens: Readonly<Record<string, readonly string[]>>;
  readonly urls: { hub: string; cdn: string };
}

export interface Exchange {
  readonly world: World;
  readonly request: LoggedRequest;
  readonly url: URL;
  readonly response: ServerResponse;
  /** The token of the request, where it sent one that is known. */
  readonly token: string | undefined;
}
