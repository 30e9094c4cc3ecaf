import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Agent } from 'undici';
import { expect } from 'vitest';
import type { Backend, BackendConfig } from '../../../../src/backends/contract';
import type { ChatEvent, ChatRequest } from '../../../../src/dispatch/chat';
import { Dispatcher } from '../../../../src/dispatch/dispatcher';
import type { RouteSources } from '../../../../src/dispatch/resolve';
import { Prober } from '../../../../src/registry/prober';
import type { ModelRegistry } from '../../../../src/registry/registry';
import type { ProviderOf } from '../../../../src/registry/row';
import { systemClock } from '../../../../src/shared/clock';
import type { DispatchRecord } from '../../../../src/shared/dispatchRecord';
import { dispatchRecordSchema } from '../../../../src/shared/dispatchRecord';
import { HttpClient } from '../../../../src/shared/http';
import type { Logger } from '../../../../src/shared/logger';
import { createLogger } from '../../../../src/shared/logger';
import type { ModelRef } from '../../../../src/shared/modelRef';
import { TranscriptFiles } from '../../../../src/storage/transcriptFiles';
import { evidenceLogger, keepRecord, noteHeaders, noteRequest } from '../../../support/evidence';
import { memoryRegistry } from '../../../support/registryState';
import { plainSources } from '../../../support/routeSources';
import { evidenceSource } from './rig';

/** Everything of ours in front of one server: probe, registry, dispatcher, and the transcript on disk. */
export interface House {
  readonly registry: ModelRegistry;
  readonly prober: Prober;
  readonly dispatcher: Dispatcher;
  readonly transcript: TranscriptFiles;
  /** Log lines so far. */
  readonly lines: readonly string[];
  ask(content: string, change?: Partial<ChatRequest>): AsyncIterableIterator<ChatEvent>;
  /** The newest records of the transcript. */
  records(limit?: number): Promise<readonly DispatchRecord[]>;
  close(): Promise<void>;
}

export interface HouseOptions {
  readonly config: BackendConfig;
  readonly createBackend: (options: { config: BackendConfig; http: HttpClient; logger: Logger }) => Backend;
  readonly pick: ModelRef;
  readonly providerOf?: ProviderOf;
  /** Default one that goes straight to the server. It gets the headers of `config`. */
  readonly http?: HttpClient;
  /** What the user set; default nothing, and one attempt a call. */
  readonly sources?: Partial<RouteSources>;
}

/** Builds the house and probes the server once. */
export async function openHouse(options: HouseOptions): Promise<House> {
  const { config, createBackend, pick, providerOf = () => 'local', sources = {} } = options;
  const agent = new Agent();
  const http = (options.http ?? new HttpClient(agent)).withHeaders(() => Promise.resolve(config.headers));
  const lines: string[] = [];
  noteHeaders(config.headers);
  const source = evidenceSource();
  const logger = evidenceLogger(
    source,
    createLogger((_level, line) => lines.push(line)),
  );
  const clock = systemClock;
  const registry = memoryRegistry({ clock, logger });
  const storageFolder = await mkdtemp(path.join(tmpdir(), 'house-'));
  const transcript = new TranscriptFiles({ storageFolder, writerId: 'test', clock, logger });
  const prober = new Prober({ registry, clock, logger, providerOf, bootId: 'boot' });
  let ids = 0;
  const dispatcher = new Dispatcher({
    ...plainSources({
      registry,
      backend: (id) => (id === config.id ? config : undefined),
      pick: () => pick,
      ...sources,
    }),
    ...{ transcript, clock, logger },
    http: () => http,
    newId: () => `id-${++ids}`,
  });
  dispatcher.onDidRecord((record) => keepRecord(source, record));
  await prober.configure({ backends: [createBackend({ config, http, logger })] });
  await prober.refresh(config.id);
  return {
    ...{ registry, prober, dispatcher, transcript, lines },
    ask(content, change = {}) {
      const request: ChatRequest = { messages: [{ role: 'user', content }], sessionId: 'test', ...change };
      noteRequest(request);
      return dispatcher.dispatch(request);
    },
    async records(limit = 1) {
      const page = await transcript.read({ limit });
      expect(transcript.problem).toBeUndefined();
      return page.records.map((record) => dispatchRecordSchema.parse(record));
    },
    async close() {
      prober.stop();
      await agent.destroy();
      await transcript.flush();
      await rm(storageFolder, { recursive: true, force: true });
    },
  };
}
