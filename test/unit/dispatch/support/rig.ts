import { Agent } from 'undici';
import { expect } from 'vitest';
import type { BackendConfig, ListedCapabilities } from '../../../../src/backends/contract';
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
import { memoryRegistry, setReadiness } from '../../../support/registryState';

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

export interface RigOptions {
  readonly url: string;
  readonly kind: BackendConfig['kind'];
  readonly capabilities?: ListedCapabilities;
  readonly headers?: Readonly<Record<string, string>>;
  readonly change?: Partial<DispatcherOptions>;
}

/** A dispatcher over a real HTTP client, with one backend that serves one model. */
export async function startRig(options: RigOptions): Promise<Rig> {
  const { url, kind, capabilities = {}, headers = {}, change = {} } = options;
  const config: BackendConfig = { id: REF.backend, kind, url, host: 'local', headers };
  const registry = memoryRegistry();
  await registry.configureBackends([config]);
  await registry.upsert([
    {
      backend: REF.backend,
      provider: REF.provider,
      source: 'probe',
      refreshedAt: (Date.now() - 60_000) * 1_000,
      refreshedMono: 1,
      bootId: 'boot',
      models: [{ modelId: REF.modelId, displayName: 'Qwen3 8B', capabilities }],
    },
  ]);
  await setReadiness(registry, REF.backend, { readiness: 'ok' });
  const agent = new Agent();
  const http = new HttpClient(agent).withHeaders(() => Promise.resolve(headers));
  const appended: object[] = [];
  const lines: string[] = [];
  let ids = 0;
  const dispatcher = new Dispatcher({
    http: () => http,
    registry,
    backend: (id) => (id === config.id ? config : undefined),
    transcript: { append: (record) => appended.push(record) },
    clock: systemClock,
    logger: createLogger((_level, line) => lines.push(line)),
    pick: () => REF,
    task: () => 'general',
    bestModel: () => undefined,
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
  return { messages: [{ role: 'user', content: 'hello there' }], sessionId: 'test', ...change };
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
  const finishes = events.filter((event) => event.type === 'finish');
  const [finish] = finishes;
  expect(finishes).toHaveLength(1);
  expect(events.at(-1)).toBe(finish);
  if (!finish) throw new Error('no finish');
  const joined = (type: 'text' | 'thinking'): string =>
    events.map((event) => (event.type === type ? event.text : '')).join('');
  return { text: joined('text'), thinking: joined('thinking'), events, finish };
}
