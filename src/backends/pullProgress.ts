import type { InstallEvent } from './installAdapter';

/** One line about a layer. `completed` is absent while it is 0. */
export interface LayerLine {
  readonly digest: string;
  readonly totalBytes: number;
  readonly completedBytes: number;
}

export type ProgressEvent = Extract<InstallEvent, { type: 'progress' }>;

interface Layer {
  readonly digest: string;
  totalBytes: number;
  /** Largest count of this attempt: what is shown never runs backwards. */
  shownBytes: number;
  /** Count of the last line, which runs backwards when the server starts a part again. */
  lastBytes: number;
}

/** Speed is taken over this many milliseconds. */
const RATE_WINDOW_MS = 5_000;
/** Below this span a speed would be noise. */
const RATE_MINIMUM_MS = 500;

/**
 * Byte counts of one attempt of a pull. The server counts layer by layer and never says an overall total; a layer's
 * last line is usually below its total, and a layer that was there before emits one line with everything.
 */
export class PullProgress {
  readonly #layers: Layer[] = [];
  readonly #samples: { readonly atMs: number; readonly bytes: number }[] = [];
  #receivedBytes = 0;

  /** Counts one line. `rose` says whether bytes arrived since the line before: the sign of life of a download. */
  line(line: LayerLine, atMs: number): { readonly event: ProgressEvent; readonly rose: boolean } {
    let layer = this.#layers.find(({ digest }) => digest === line.digest);
    const rose = layer === undefined || line.completedBytes > layer.lastBytes;
    if (layer) {
      // The first line of a layer says what was there before, which is no download: only later ones count as speed.
      if (rose) this.#receivedBytes += line.completedBytes - layer.lastBytes;
    } else {
      for (const earlier of this.#layers) earlier.shownBytes = earlier.totalBytes;
      layer = { digest: line.digest, totalBytes: 0, shownBytes: 0, lastBytes: 0 };
      this.#layers.push(layer);
    }
    layer.totalBytes = Math.max(layer.totalBytes, line.totalBytes, line.completedBytes);
    layer.lastBytes = line.completedBytes;
    layer.shownBytes = Math.max(layer.shownBytes, line.completedBytes);
    this.#sample(atMs);
    return { event: this.#event(layer), rose };
  }

  /** Everything at 100 %, once the server says that all layers are there; null when no layer was ever counted. */
  complete(): ProgressEvent | null {
    for (const layer of this.#layers) layer.shownBytes = layer.totalBytes;
    const last = this.#layers.at(-1);
    return last === undefined ? null : this.#event(last);
  }

  #event(layer: Layer): ProgressEvent {
    const completedBytes = this.#layers.reduce((sum, { shownBytes }) => sum + shownBytes, 0);
    const totalBytes = this.#layers.reduce((sum, item) => sum + item.totalBytes, 0);
    const bytesPerSecond = this.#bytesPerSecond();
    return {
      type: 'progress',
      digest: layer.digest,
      layerCompletedBytes: layer.shownBytes,
      layerTotalBytes: layer.totalBytes,
      completedBytes,
      totalBytes,
      ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
      ...(bytesPerSecond === undefined || bytesPerSecond === 0
        ? {}
        : { secondsLeft: Math.round((totalBytes - completedBytes) / bytesPerSecond) }),
    };
  }

  #sample(atMs: number): void {
    this.#samples.push({ atMs, bytes: this.#receivedBytes });
    // One sample from before the window stays, so that a slow server still has two to compare.
    while ((this.#samples[1]?.atMs ?? Infinity) <= atMs - RATE_WINDOW_MS) this.#samples.shift();
  }

  #bytesPerSecond(): number | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.atMs - first.atMs < RATE_MINIMUM_MS) return undefined;
    return Math.round(((last.bytes - first.bytes) / (last.atMs - first.atMs)) * 1_000);
  }
}
