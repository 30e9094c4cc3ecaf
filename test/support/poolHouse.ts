import { Agent } from 'undici';
import type { InstallAdapter } from '../../src/backends/installAdapter';
import type { OllamaInstallOptions } from '../../src/backends/ollamaInstall';
import { OllamaInstallAdapter } from '../../src/backends/ollamaInstall';
import type { PoolInstallRequest } from '../../src/pool/poolInstalls';
import type { PoolManagerOptions } from '../../src/pool/poolManager';
import { PoolManager } from '../../src/pool/poolManager';
import { PoolRegistrar } from '../../src/pool/poolRegistrar';
import { entryKey } from '../../src/pool/poolState';
import { PoolStateStore } from '../../src/pool/poolStateStore';
import { PullRuns } from '../../src/pool/pullRuns';
import type { Clock } from '../../src/shared/clock';
import { systemClock } from '../../src/shared/clock';
import { HttpClient } from '../../src/shared/http';
import { silentLogger } from '../../src/shared/logger';
import type { StateDatabase } from '../../src/storage/stateDatabase';

/** A clock on which everything passes so many times faster. */
export function hastyClock(times: number): Clock {
  return {
    ...systemClock,
    monotonicMs: () => systemClock.monotonicMs() * times,
    after: (delayMs, fn) => systemClock.after(delayMs / times, fn),
  };
}

export interface PoolWindowOptions {
  readonly state: StateDatabase;
  /** Address of the Ollama that every backend means. */
  readonly url: string;
  readonly owner?: string;
  readonly clock?: Clock;
  /** Keys of the models that a call uses, in whichever window. */
  readonly inUse?: ReadonlySet<string>;
  readonly running?: ReadonlySet<string>;
  readonly freeBytes?: PoolManagerOptions['freeBytes'];
  readonly sizeOf?: PoolManagerOptions['sizeOf'];
  readonly adapter?: Partial<OllamaInstallOptions>;
  readonly adapterFor?: (backend: string) => InstallAdapter | undefined;
}

/** The pool of one window, as the engine builds it. */
export interface PoolWindow {
  readonly store: PoolStateStore;
  readonly pulls: PullRuns;
  readonly pool: PoolManager;
  readonly adapter: OllamaInstallAdapter;
  /** As when the window closes. */
  close(): Promise<void>;
  /** Breaks its connections, as when its process dies. */
  readonly agent: Agent;
}

export function poolWindow(options: PoolWindowOptions): PoolWindow {
  const { state, url, owner = 'w1', clock = hastyClock(50) } = options;
  const agent = new Agent();
  const adapter = new OllamaInstallAdapter({
    ...{ baseUrl: url, http: new HttpClient(agent), clock: hastyClock(50), random: () => 1 },
    // Patience is real time here: a busy machine must not look like a stalled download.
    ...{ stallMs: 600_000, firstByteMs: 600_000 },
    ...options.adapter,
  });
  const adapterFor = options.adapterFor ?? (() => adapter);
  const scope = { hostOf: (id: string) => (id === 'ollama_box' ? 'box' : 'local'), hostName: 'desk' };
  const store = new PoolStateStore({ state, clock, ...scope });
  const uses = {
    now: () =>
      Promise.resolve({
        inUse: new Set(options.inUse),
        running: new Set(options.running),
      }),
  };
  const freeBytes = options.freeBytes ?? (() => Promise.resolve(null));
  const registrar = new PoolRegistrar({ store, adapterFor, uses, freeBytes, clock, logger: silentLogger });
  const pulls = new PullRuns({
    ...{ adapterFor, state, scope, owner, bootId: 'boot', clock, logger: silentLogger, gate: registrar },
  });
  const pool = new PoolManager({
    ...{ store, pulls, registrar, adapterFor, uses, clock, logger: silentLogger },
    ...(options.sizeOf ? { sizeOf: options.sizeOf } : {}),
    freeBytes,
  });
  const close = async (): Promise<void> => {
    pulls.dispose();
    await agent.destroy();
  };
  return { store, pulls, pool, adapter, close, agent };
}

/** An install that a person wants, of which a test says only what it is about. */
export function wanted(
  ollamaName: string,
  sizeOnDiskGb?: number,
  given: Partial<PoolInstallRequest> = {},
): PoolInstallRequest {
  return {
    ...{ backend: 'ollama', ollamaName, hfRepoId: `Org/${ollamaName}`, quant: 'Q4_K_M' },
    ...{ initialScore: 50, consent: 'user' },
    ...(sizeOnDiskGb === undefined ? {} : { sizeOnDiskGb }),
    ...given,
  };
}

/** The key of a model of the one backend. */
export function keyOf(ollamaName: string, backend = 'ollama'): string {
  return entryKey({ backend, ollamaName });
}
