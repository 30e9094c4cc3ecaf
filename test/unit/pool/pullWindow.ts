import type {
  InstallAdapter,
  InstallEvent,
  InstallRequest,
  InstallResult,
} from '../../../src/backends/installAdapter';
import type { PullRun, PullRunsOptions } from '../../../src/pool/pullRuns';
import { PullRuns } from '../../../src/pool/pullRuns';
import { silentLogger } from '../../../src/shared/logger';
import { FakeClock } from '../../fakes/fakeClock';
import type { SharedMemory } from '../../support/registryState';
import { MemoryState } from '../../support/registryState';

/** An install that the test drives by hand. */
interface Install {
  readonly name: string;
  readonly signal: AbortSignal;
  tell(event: InstallEvent): void;
  end(result: InstallResult): Promise<void>;
  break(thrown: unknown): Promise<void>;
}

const CANCELLED: InstallResult = { status: 'error', code: 'cancelled', message: 'Cancelled. It resumes.' };
export const DONE: InstallResult = { status: 'success', name: 'x', alreadyInstalled: false };
export const FAILED: InstallResult = { status: 'error', code: 'install_failed', message: 'It broke.' };

export interface PullWindowOptions extends Partial<Omit<PullRunsOptions, 'clock'>> {
  readonly memory?: SharedMemory;
  readonly clock?: FakeClock;
}

/** A window whose downloads the test drives. */
export function pullWindow({ memory, clock = new FakeClock(), ...options }: PullWindowOptions = {}) {
  const installs: Install[] = [];
  const adapter: Pick<InstallAdapter, 'install'> = {
    install: ({ name, signal, onEvent }: InstallRequest) =>
      new Promise<InstallResult>((resolve, reject) => {
        if (!signal) throw new Error('a pull without a signal cannot be cancelled');
        signal.addEventListener('abort', () => resolve(CANCELLED));
        installs.push({
          name,
          signal,
          tell: (event) => onEvent?.(event),
          end: async (result) => {
            resolve(result);
            await settle();
          },
          break: async (thrown) => {
            reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
            await settle();
          },
        });
      }),
  };
  const state = new MemoryState(memory);
  let ids = 0;
  const pulls = new PullRuns({
    adapterFor: (backend) => (backend === 'gone' ? undefined : (adapter as InstallAdapter)),
    ...{ state, scope: { hostOf: () => 'local', hostName: 'desk' }, owner: 'w1', bootId: 'boot' },
    ...{ clock, logger: silentLogger, newRunId: () => `run-${++ids}` },
    ...options,
  });
  const changes: (readonly PullRun[])[] = [];
  pulls.onDidChange((runs) => void changes.push(runs));
  const start = async (name: string, backend = 'ollama') => {
    const started = await pulls.start({ backend, name, label: `the ${name}` });
    await settle();
    return started;
  };
  const act = async (what: 'cancel' | 'resume' | 'dismiss', runId: string) => {
    pulls[what](runId);
    await settle();
  };
  const run = (runId: string) => pulls.runs.find((each) => each.runId === runId);
  const install = (index: number) => {
    const found = installs[index];
    if (!found) throw new Error(`install ${index} has not begun`);
    return found;
  };
  return { pulls, clock, changes, start, act, run, install, installs, state };
}

export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}

export function progress(completedBytes: number, totalBytes = 1_000, rest: object = {}): InstallEvent {
  return {
    type: 'progress',
    digest: 'sha256:a',
    layerCompletedBytes: completedBytes,
    layerTotalBytes: totalBytes,
    completedBytes,
    totalBytes,
    ...rest,
  };
}
