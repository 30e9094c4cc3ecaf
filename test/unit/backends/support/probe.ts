import { BACKEND_KIND_TABLE } from '../../../../src/backends/backendKinds';
import type { BackendKind, ProbeResult } from '../../../../src/backends/contract';
import { httpClient } from '../loopback';

/** What a backend of this kind makes of the server at an address. */
export function probeOf(kind: BackendKind, url: string): Promise<ProbeResult> {
  const config = { id: 'under_test', kind, url, host: 'local', headers: {} };
  return BACKEND_KIND_TABLE[kind].create({ config, http: httpClient() }).probe(new AbortController().signal);
}
