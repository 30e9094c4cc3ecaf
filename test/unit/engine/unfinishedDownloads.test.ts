import { afterEach, describe, expect, it, vi } from 'vitest';
import { UnfinishedDownloads } from '../../../src/engine/unfinishedDownloads';
import type { PartialDownload } from '../../../src/pool/modelsFolder';
import type { PullRun } from '../../../src/pool/pullRuns';
import type { BackendState } from '../../../src/registry/row';
import { Emitter } from '../../../src/shared/events';

const GIB = 2 ** 30;

const RUN: PullRun = {
  ...{ runId: 'run-1', backend: 'ollama', name: 'qwen3:8b', label: 'Qwen3 8B', status: 'cancelled' },
  ...{ completedBytes: 2 * GIB, highWaterBytes: 2 * GIB, totalBytes: 5 * GIB, percent: 40 },
  ...{ attempt: 1, elsewhere: false, takenOver: false },
};

const partial = (gib: number, modifiedAt = '2026-11-01T00:00:00.000Z'): PartialDownload => ({
  digest: `sha256:${gib}`,
  bytes: gib * GIB,
  modifiedAt,
});

/** Waits until what is expected holds, however busy the machine is. */
const soon = (expectation: () => void): Promise<void> => vi.waitFor(expectation, { timeout: 10_000 });

describe('disk that unfinished downloads hold', () => {
  let unfinished: UnfinishedDownloads | undefined;
  afterEach(() => unfinished?.dispose());

  /** One Ollama backend and one that installs nothing, over a disk and runs that a test sets. */
  function openHouse(): {
    readonly partials: Map<string, readonly PartialDownload[] | null>;
    readonly reads: string[];
    setRuns(runs: readonly PullRun[]): void;
    probed(at: string): void;
    readonly unfinished: UnfinishedDownloads;
  } {
    const backendsChanged = new Emitter<readonly BackendState[]>();
    const runsChanged = new Emitter<readonly PullRun[]>();
    const partials = new Map<string, readonly PartialDownload[] | null>();
    const reads: string[] = [];
    let runs: readonly PullRun[] = [];
    const state = (id: string, lastProbeAt: string): BackendState => ({
      ...{
        id,
        kind: 'ollama',
        url: 'http://127.0.0.1:11434',
        host: 'local',
        readiness: 'ok',
        probing: false,
      },
      ...{ lastProbeAt, consecutiveFailures: 0 },
    });
    let backends = [state('ollama', 'first'), state('hosted', 'first')];
    unfinished = new UnfinishedDownloads({
      registry: { backends: () => backends, onDidChangeBackends: backendsChanged.on },
      pulls: {
        get runs() {
          return runs;
        },
        onDidChange: runsChanged.on,
      },
      installs: { canInstallOn: (id) => id === 'ollama' },
      disk: {
        partials: (id) => {
          reads.push(id);
          return Promise.resolve(partials.get(id) ?? null);
        },
      },
    });
    return {
      ...{ partials, reads, unfinished },
      setRuns: (next) => {
        runs = next;
        runsChanged.fire(runs);
      },
      probed: (at) => {
        backends = [state('ollama', at), state('hosted', at)];
        backendsChanged.fire(backends);
      },
    };
  }

  it('is told with what was written last, once it is read', async () => {
    const house = openHouse();
    const told = vi.fn();
    house.unfinished.onDidChange(told);
    house.partials.set('ollama', [partial(3, '2026-11-02T00:00:00.000Z'), partial(1)]);
    house.probed('second');
    await soon(() =>
      expect(house.unfinished.on('ollama')).toEqual({
        ...{ bytes: 4 * GIB, files: 2, lastWrittenAt: '2026-11-02T00:00:00.000Z' },
      }),
    );
    expect(told).toHaveBeenCalledTimes(1);
    expect(house.unfinished.on('hosted')).toBeUndefined();
    expect(house.reads).not.toContain('hosted');
  });

  it('leaves out what the rows of stopped and failed runs tell of', async () => {
    const house = openHouse();
    house.partials.set('ollama', [partial(3)]);
    house.setRuns([{ ...RUN, status: 'failed' }]);
    await soon(() => expect(house.unfinished.on('ollama')?.bytes).toBe(GIB));
    house.setRuns([
      { ...RUN, status: 'failed' },
      { ...RUN, runId: 'run-2', highWaterBytes: GIB },
    ]);
    await soon(() => expect(house.unfinished.on('ollama')).toBeUndefined());
  });

  it('counts in full what a finished run, or one of another backend, has', async () => {
    const house = openHouse();
    house.partials.set('ollama', [partial(3)]);
    house.setRuns([
      { ...RUN, status: 'succeeded' },
      { ...RUN, runId: 'run-2', backend: 'lab' },
    ]);
    await soon(() => expect(house.unfinished.on('ollama')?.bytes).toBe(3 * GIB));
  });

  it('is not looked at while a download moves it, and is when that has ended', async () => {
    const house = openHouse();
    await soon(() => expect(house.reads).toHaveLength(1));
    house.partials.set('ollama', [partial(3)]);
    house.setRuns([{ ...RUN, status: 'pulling' }]);
    house.probed('second');
    expect(house.reads).toHaveLength(1);
    house.setRuns([]);
    await soon(() => expect(house.unfinished.on('ollama')?.bytes).toBe(3 * GIB));
  });

  it('is read once for one look at the backends, however much else changes', async () => {
    const house = openHouse();
    house.probed('second');
    house.probed('second');
    house.setRuns([]);
    await soon(() => expect(house.reads.length).toBeGreaterThan(0));
    expect(house.reads).toHaveLength(2);
  });

  it('is nothing where the folder cannot be read, or holds next to nothing', async () => {
    const house = openHouse();
    house.partials.set('ollama', [partial(3)]);
    house.probed('second');
    await soon(() => expect(house.unfinished.on('ollama')).toBeDefined());
    house.partials.set('ollama', null);
    house.probed('third');
    await soon(() => expect(house.unfinished.on('ollama')).toBeUndefined());
    house.partials.set('ollama', [partial(0.01)]);
    house.probed('fourth');
    await soon(() => expect(house.reads).toHaveLength(4));
    expect(house.unfinished.on('ollama')).toBeUndefined();
  });
});
