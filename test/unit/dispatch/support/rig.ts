import path from 'node:path';
import { Agent } from 'undici';
import { expect } from 'vitest';
import type { BackendConfig, ListedCapabilities, ListedModel } from '../../../../src/backends/contract';
import type { ChatEvent, ChatFinish, ChatRequest } from '../../../../src/dispatch/chat';
import type { DispatcherOptions } from '../../../../src/dispatch/dispatcher';
import { Dispatcher } from '../../../../src/dispatch/dispatcher';
import type { ModelRegistry } from '../../../../src/registry/registry';
import { systemClock } from '../../../../src/shared/clock';
import type { DispatchRecord } from '../../../../src/shared/dispatchRecord';
import { dispatchRecordSchema } from '../../../../src/shared/dispatchRecord';
import { HttpClient } from '../../../../src/shared/http';
import { createLogger } from '../../../../src/shared/logger';
import type { ModelRef } from '../../../../src/shared/modelRef';
import type { FakeClock } from '../../../fakes/fakeClock';
import { evidenceLogger, keepRecord, noteAnswer, noteHeaders, noteRequest } from '../../../support/evidence';
import { memoryRegistry, setReadiness } from '../../../support/registryState';
import { plainSources } from '../../../support/routeSources';

export const REF: ModelRef = { backend: 'served', provider: 'qwen', modelId: 'qwen3:8b' };

export interface Rig {
  readonly dispatcher: Dispatcher;
  readonly registry: ModelRegistry;
  /** Records so far, each checked against the schema. */
  records(): readonly DispatchRecord[];
  /** Log lines so far. */
  readonly lines: readonly string[];
  close(): Promise<void>;
}

interface OtherBackend {
  readonly ref: ModelRef;
  readonly url: string;
  readonly kind: BackendConfig['kind'];
}

export interface RigOptions {
  readonly url: string;
  readonly kind: BackendConfig['kind'];
  readonly capabilities?: ListedCapabilities;
  readonly running?: ListedModel['running'];
  readonly headers?: Readonly<Record<string, string>>;
  /** Further backends with one model each, for escalations. */
  readonly others?: readonly OtherBackend[];
  readonly change?: Partial<DispatcherOptions>;
}

/** A dispatcher over a real HTTP client, with one backend that serves one model. */
export async function startRig(options: RigOptions): Promise<Rig> {
  const { url, kind, capabilities = {}, headers = {}, others = [], running, change = {} } = options;
  const served = [{ ref: REF, url, kind }, ...others];
  const configs = served.map(({ ref, ...server }): BackendConfig => {
    return { id: ref.backend, ...server, host: 'local', headers };
  });
  const registry = memoryRegistry();
  await registry.configureBackends(configs);
  await registry.upsert(
    served.map(({ ref: { backend, provider, modelId } }) => ({
      ...{ backend, provider, source: 'probe' as const },
      refreshedAt: (Date.now() - 60_000) * 1_000,
      refreshedMono: 1,
      bootId: 'boot',
      models: [{ modelId, displayName: modelId, capabilities, ...(running && { running }) }],
    })),
  );
  for (const { id } of configs) await setReadiness(registry, id, { readiness: 'ok' });
  const agent = new Agent();
  const http = new HttpClient(agent).withHeaders(() => Promise.resolve(headers));
  noteHeaders(headers);
  const source = evidenceSource();
  const appended: object[] = [];
  const lines: string[] = [];
  let ids = 0;
  const dispatcher = new Dispatcher({
    ...plainSources({
      registry,
      backend: (id) => configs.find((config) => config.id === id),
      pick: () => REF,
    }),
    http: () => http,
    transcript: {
      append(record) {
        appended.push(record);
        keepRecord(source, record);
      },
    },
    clock: systemClock,
    logger: evidenceLogger(
      source,
      createLogger((_level, line) => lines.push(line)),
    ),
    newId: () => `id-${++ids}`,
    ...change,
  });
  return {
    dispatcher,
    registry,
    records: () => appended.map((record) => dispatchRecordSchema.strict().parse(record)),
    lines,
    close: () => agent.destroy(),
  };
}

export function chatRequest(change: Partial<ChatRequest> = {}): ChatRequest {
  const request: ChatRequest = {
    messages: [{ role: 'user', content: 'hello there' }],
    sessionId: 'test',
    ...change,
  };
  noteRequest(request);
  return request;
}

/** Names in the evidence which test file left it. */
export function evidenceSource(): string {
  return `calls-${path.basename(expect.getState().testPath ?? '')}`;
}

export interface Heard {
  readonly text: string;
  readonly thinking: string;
  readonly events: readonly ChatEvent[];
  readonly finish: ChatFinish;
}

/** Pulls a whole answer, and checks that it ends with its only finish. */
export async function hear(stream: AsyncIterable<ChatEvent>): Promise<Heard> {
  const events: ChatEvent[] = [];
  for await (const event of stream) events.push(event);
  noteAnswer(evidenceSource(), events);
  const finishes = events.filter((event) => event.type === 'finish');
  const [finish] = finishes;
  expect(finishes).toHaveLength(1);
  expect(events.at(-1)).toBe(finish);
  if (!finish) throw new Error('no finish');
  const joined = (type: 'text' | 'thinking'): string =>
    events.map((event) => (event.type === type ? event.text : '')).join('');
  return { text: joined('text'), thinking: joined('thinking'), events, finish };
}

/**
 * Pulls a whole answer while a clock runs as fast as it can: every wait of ours ends as soon as it begins, and what the
 * clock shows after it is the sum of the waits.
 */
export async function hearOn(clock: FakeClock, stream: AsyncIterable<ChatEvent>): Promise<Heard> {
  const state = { over: false };
  const heard = hear(stream).finally(() => {
    state.over = true;
  });
  while (!state.over) {
    if (clock.nextDueMs === null) await new Promise<void>((resolve) => setImmediate(resolve));
    else await clock.advance(clock.nextDueMs);
  }
  return heard;
}
