import type { Measurement } from '../shared/modelRef';
import { normalizeQuantId } from './quantisation';

/** Rates that were measured on one host, by file and quantisation. */
export class MeasuredRates {
  readonly #newest = new Map<string, Measurement>();

  /** Takes the newest plausible measurement of each file on `hostId`, the faster one of the same moment. */
  constructor(measurements: readonly Measurement[], hostId: string) {
    for (const measurement of measurements) {
      const { decodeTokPerSec, digest, quant } = measurement;
      if (measurement.hostId !== hostId || !Number.isFinite(decodeTokPerSec) || decodeTokPerSec <= 0)
        continue;
      const key = keyOf(digest, quant);
      const held = this.#newest.get(key);
      if (held === undefined || supersedes(measurement, held)) this.#newest.set(key, measurement);
    }
  }

  /** The rate of a build; undefined where it was not measured, or the build's digest is not known. */
  of(build: { readonly digest?: string; readonly quant: string }): Measurement | undefined {
    return build.digest === undefined ? undefined : this.#newest.get(keyOf(build.digest, build.quant));
  }
}

function supersedes(measurement: Measurement, held: Measurement): boolean {
  if (measurement.measuredAt !== held.measuredAt) return measurement.measuredAt > held.measuredAt;
  return measurement.decodeTokPerSec > held.decodeTokPerSec;
}

function keyOf(digest: string, quant: string): string {
  return `${digest.replace(/^sha256[:-]/i, '').toLowerCase()} ${normalizeQuantId(quant).canonical}`;
}
