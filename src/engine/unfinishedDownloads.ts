import type { PartialDownload } from '../pool/modelsFolder';
import { isOver } from '../pool/pullRunRows';
import type { PullRun, PullRuns } from '../pool/pullRuns';
import type { ModelRegistry } from '../registry/registry';
import { Emitter } from '../shared/events';
import { BYTES_PER_GIB } from '../shared/units';

export interface UnfinishedDownloadsOptions {
  readonly registry: Pick<ModelRegistry, 'backends' | 'onDidChangeBackends'>;
  readonly pulls: Pick<PullRuns, 'runs' | 'onDidChange'>;
  readonly installs: { canInstallOn(backend: string): boolean };
  /** Unfinished downloads on a backend's disk; null where it cannot be seen from here. */
  readonly disk: { partials(backend: string): Promise<readonly PartialDownload[] | null> };
}

/** Disk that downloads hold which no run tells of. */
export interface Unfinished {
  readonly bytes: number;
  /** All unfinished files there, also those of listed runs. */
  readonly files: number;
  /** ISO 8601 of the last byte that was written to any of them. */
  readonly lastWrittenAt: string;
}

/** The disk counts whole blocks and may be some lines ahead of our runs; what is less is not worth a row either. */
const NOISE_BYTES = BYTES_PER_GIB / 16;

/**
 * What unfinished downloads hold in the models folder of each Ollama of this machine, beyond those whose runs are listed.
 * Ollama does not say which model a part belongs to, so the runs' bytes are taken from the sum; a run whose first layers
 * are whole already hides a little of it. Read when a backend was looked at and when a pull has ended, and not while
 * one runs, because then every look would be out of date at once.
 */
export class UnfinishedDownloads {
  readonly #found = new Map<string, Unfinished>();
  readonly #changed = new Emitter<void>();
  readonly #stops: readonly (() => void)[];
  #seen = '';

  /** Calls the listener when another amount was found; the returned function stops that. */
  readonly onDidChange = this.#changed.on;

  constructor(private readonly options: UnfinishedDownloadsOptions) {
    const look = (): void => this.#lookIfNews();
    this.#stops = [options.registry.onDidChangeBackends(look), options.pulls.onDidChange(look)];
    look();
  }

  /** What is held on a backend's disk; undefined: nothing to speak of, or it cannot be seen from here. */
  on(backend: string): Unfinished | undefined {
    return this.#found.get(backend);
  }

  dispose(): void {
    this.#stops.forEach((stop) => stop());
  }

  #lookIfNews(): void {
    const { registry, pulls, installs } = this.options;
    if (!pulls.runs.every(isOver)) return;
    const backends = registry.backends().filter(({ id }) => installs.canInstallOn(id));
    const seen = JSON.stringify([
      backends.map(({ id, lastProbeAt }) => [id, lastProbeAt]),
      pulls.runs.map(({ runId, status }) => [runId, status]),
    ]);
    if (seen === this.#seen) return;
    this.#seen = seen;
    void this.#look(backends.map(({ id }) => id));
  }

  async #look(backends: readonly string[]): Promise<void> {
    const before = JSON.stringify([...this.#found]);
    const read = await Promise.all(
      backends.map(async (backend) => [backend, await this.options.disk.partials(backend)] as const),
    );
    this.#found.clear();
    for (const [backend, partials] of read) {
      const runs = this.options.pulls.runs.filter((run) => run.backend === backend);
      const unfinished = partials === null ? undefined : beyondRuns(partials, runs);
      if (unfinished) this.#found.set(backend, unfinished);
    }
    if (JSON.stringify([...this.#found]) !== before) this.#changed.fire();
  }
}

function beyondRuns(partials: readonly PartialDownload[], runs: readonly PullRun[]): Unfinished | undefined {
  const told = runs
    .filter(({ status }) => status !== 'succeeded')
    .reduce((sum, { highWaterBytes }) => sum + highWaterBytes, 0);
  const bytes = partials.reduce((sum, partial) => sum + partial.bytes, 0) - told;
  if (bytes < NOISE_BYTES) return undefined;
  const lastWrittenAt = partials.map(({ modifiedAt }) => modifiedAt).reduce((a, b) => (a > b ? a : b));
  return { bytes, files: partials.length, lastWrittenAt };
}
