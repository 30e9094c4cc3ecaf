import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Readiness } from '../../../src/backends/contract';
import { REFRESH_END_CODES } from '../../../src/catalog/discoveryEnd';
import type { HubErrorCode } from '../../../src/catalog/hub';
import type { DispatchErrorCode } from '../../../src/dispatch/chat';
import type { EmptiedState } from '../../../src/engine/resetStoredData';
import type { SessionError } from '../../../src/engine/sessionError';
import type { HardwareWarningCode } from '../../../src/hardware/profile';
import { POOL_ERROR_CODES } from '../../../src/pool/poolState';
import type { ConnectionFault } from '../../../src/shared/connectionFault';
import type { StateFailureCode } from '../../../src/storage/stateDatabase';
import type { TranscriptIndexError } from '../../../src/storage/transcriptIndex';
import { repositoryRoot } from '../../support/repository';

type Codes<Code extends string> = Readonly<Record<Code, true>>;

/** Every code that a person may meet, by the section that explains it. One that is missing here does not compile. */
const READINESS = {
  ...{ ok: true, invalid_url: true, unreachable: true, bad_status: true },
  ...{ bad_response: true, model_missing: true, too_old: true, unauthorized: true },
} as const satisfies Codes<Readiness>;
const CONNECTION = {
  ...{ PROXY_UNREACHABLE: true, PROXY_REFUSED: true, PROXY_AUTHORIZATION: true },
  ...{ PROXY_INVALID: true, KEY_UNREADABLE: true },
} as const satisfies Codes<ConnectionFault['code']>;
const CALLS = {
  ...{ rate_limited: true, provider_unavailable: true, network: true, timeout: true, auth: true },
  ...{ model_missing: true, context_length_exceeded: true, content_policy: true, invalid_request: true },
  ...{ overloaded: true, out_of_memory: true, malformed_response: true, truncated: true },
  ...{ usage_limit: true, no_route: true, unknown: true },
} as const satisfies Codes<DispatchErrorCode>;
const HUB = {
  ...{ HF_NOT_FOUND: true, HF_UNAUTHORIZED: true, HF_UNAVAILABLE: true, HF_NETWORK: true, HF_PARSE: true },
} as const satisfies Codes<HubErrorCode>;
const HARDWARE = {
  ...{ macos_probe_failed: true, nvidia_probe_failed: true, amd_probe_failed: true },
  ...{ intel_probe_failed: true, nvidia_unmapped_gpu: true, amd_unmapped_gpu: true },
  ...{ intel_unmapped_gpu: true, macos_unmapped_chip: true, cpu_unmapped_family: true },
  ...{ remote_host_unknown: true, container_limited: true, gpu_not_visible: true },
} as const satisfies Codes<HardwareWarningCode>;
const STORAGE = {
  ...{ storage_unavailable: true, schema_too_new: true, closed: true, pulls_running: true },
  ...{ index_unavailable: true, index_failed: true },
} as const satisfies Codes<
  StateFailureCode | Extract<EmptiedState, { readonly ok: false }>['code'] | TranscriptIndexError['code']
>;
const SESSIONS = {
  ...{ session_ended: true, not_a_session: true, bad_request: true },
} as const satisfies Codes<SessionError['code']>;

const SECTIONS: readonly (readonly [title: string, codes: readonly string[]])[] = [
  ['Model servers', [...Object.keys(READINESS), ...Object.keys(CONNECTION)]],
  ['Calls', Object.keys(CALLS)],
  ['Installing and the pool', POOL_ERROR_CODES],
  ['The catalogue', [...REFRESH_END_CODES, ...Object.keys(HUB)]],
  ['Hardware', Object.keys(HARDWARE)],
  ['Stored data', Object.keys(STORAGE)],
  ['Other extensions', Object.keys(SESSIONS)],
];

const text = readFileSync(path.join(repositoryRoot, 'docs', 'troubleshooting.md'), 'utf8');

function sectionOf(title: string): string {
  const [, after = ''] = text.split(`\n## ${title}\n`);
  return after.split('\n## ')[0] ?? '';
}

describe('docs/troubleshooting.md', () => {
  it.each(SECTIONS)('explains every code of "%s", and none that does not exist', (title, codes) => {
    const explained = [...sectionOf(title).matchAll(/^\| `(\w+)` \| [^|]{3,}/gm)].map(([, code]) => code);
    expect([...explained].sort()).toEqual([...codes].sort());
  });
});
