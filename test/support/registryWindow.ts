/** One window in a process of its own: its registry on the shared state, told over IPC what to do. */
import process from 'node:process';
import { Agent } from 'undici';
import type { BackendConfig } from '../../src/backends/contract';
import { createOllamaBackend } from '../../src/backends/ollama';
import { Prober } from '../../src/registry/prober';
import { ModelRegistry } from '../../src/registry/registry';
import type { BackendState, RegistryRow } from '../../src/registry/row';
import type { Clock } from '../../src/shared/clock';
import { systemClock } from '../../src/shared/clock';
import { HttpClient } from '../../src/shared/http';
import { silentLogger } from '../../src/shared/logger';
import { SqlState } from '../../src/storage/state/sqlState';

/** What a test asks of a window. */
export type WindowRequest =
  | { readonly do: 'configure'; readonly backends: readonly BackendConfig[] }
  | { readonly do: 'upsert'; readonly rows: readonly RegistryRow[] }
  /** Asks all backends, so many times. */
  | { readonly do: 'probe'; readonly times: number }
  | { readonly do: 'show' };

export interface WindowReply {
  readonly rows: readonly RegistryRow[];
  readonly backends: readonly BackendState[];
}

const [folder = '', wasmFile = '', bootId = ''] = process.argv.slice(2);
/** Counts alike in all processes of this machine. */
const clock: Clock = {
  ...systemClock,
  monotonicMs: () => Number(process.hrtime.bigint() / 1_000n) / 1_000,
};
const state = new SqlState({ folder, wasmFile, clock, logger: silentLogger });
const registry = new ModelRegistry({ state, clock, logger: silentLogger });
const prober = new Prober({
  ...{ registry, clock, logger: silentLogger, bootId },
  providerOf: ({ modelId }) => (modelId.startsWith('qwen') ? 'qwen' : 'local'),
});
const agent = new Agent();

async function serve(request: WindowRequest): Promise<WindowReply> {
  switch (request.do) {
    case 'configure':
      await prober.configure({
        backends: request.backends.map((config) =>
          createOllamaBackend({ config, http: new HttpClient(agent), logger: silentLogger }),
        ),
      });
      break;
    case 'upsert':
      await registry.upsert(request.rows);
      break;
    case 'probe':
      for (let time = 0; time < request.times; time++) await prober.refreshAll();
      break;
    case 'show':
      break;
    default:
      request satisfies never;
  }
  return { rows: registry.rows(), backends: registry.backends() };
}

// A test that died must not leave its windows behind.
process.on('disconnect', () => process.exit());
process.on('message', ({ id, request }: { readonly id: number; readonly request: WindowRequest }) => {
  void serve(request).then((reply) => process.send?.({ id, reply }));
});
void state.open().then(async () => process.send?.({ id: 0, reply: await serve({ do: 'show' }) }));
