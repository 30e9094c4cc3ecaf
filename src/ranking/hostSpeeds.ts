import { compareCodePoints } from '../shared/codePointOrder';
import type { Measurement } from '../shared/modelRef';
import { calibrateHost } from './calibration';
import type { CalibrationPair, HostCalibration, Placement, SpeedCalibration } from './calibration';
import { measurementThatCounts } from './measuredRates';
import type { ComparedMeasurement, MeasuredRates } from './measuredRates';
import type { RankCandidate } from './rankTypes';

/** A measured build of one host beside its estimate. */
export interface MeasuredBuild extends CalibrationPair {
  readonly modelId: string;
  readonly name: string;
  readonly quant: string;
  /** The one measurement that stands for the build; `readTokens` of it is the context that both rates are of. */
  readonly measurement: Measurement;
}

/** An estimate that no measurement has touched. */
interface PlainEstimate {
  /** 0 where the model does not fit. */
  readonly tokPerSec: number;
  readonly placement: Placement;
}

/** What `HostSpeeds` knows of a build's speed, for `estimateSpeed`. */
interface KnownSpeed {
  readonly measured?: {
    readonly decodeTokPerSec: number;
    readonly promptTokPerSec?: number;
    /** Tokens that were in the context of the measurement. */
    readonly readTokens: number;
    /** Rate of the measurement itself, before it was brought to the context that is asked for. */
    readonly atReadTokens: number;
  };
  readonly calibration?: SpeedCalibration;
}

/** Says how fast a build would be where `contextTokens` are allocated and `readTokens` of them are read at each token. */
export type EstimatePlain = (
  build: RankCandidate,
  contextTokens: number,
  readTokens: number,
) => PlainEstimate;

const NOTHING: KnownSpeed = {};

/** What was measured on the machine that is ranked for, build by build, and what that says of its other builds. */
export class HostSpeeds {
  /** Undefined where nothing of the catalogue was measured here. */
  readonly calibration: HostCalibration<MeasuredBuild> | undefined;
  readonly #counted = new Map<RankCandidate, ComparedMeasurement & { readonly placement: Placement }>();

  constructor(
    builds: Iterable<RankCandidate>,
    rates: MeasuredRates,
    private readonly estimate: EstimatePlain,
  ) {
    if (rates.isEmpty) return;
    const measured: MeasuredBuild[] = [];
    for (const build of builds) {
      const modelId = build.modelId ?? build.hfRepoId;
      const compared = rates
        .of({ modelId, digest: build.digest, quant: build.quant })
        .map((measurement) => this.#compare(build, measurement));
      const counted = measurementThatCounts(compared);
      if (!counted) continue;
      this.#counted.set(build, counted);
      const { measurement, estimatedTokPerSec, placement } = counted;
      const name = build.name ?? modelId.split('/').pop() ?? modelId;
      measured.push({
        ...{ modelId, name, quant: build.quant, measurement, placement, estimatedTokPerSec },
        measuredTokPerSec: measurement.decodeTokPerSec,
      });
    }
    if (this.#counted.size > 0) this.calibration = calibrateHost(oneOfEachFile(measured));
  }

  /**
   * What is known of the speed of a build with `contextTokens` of context, all of them read: where it was measured the
   * rate, brought to that context by the ratio of the estimates at both; else the machine's calibration. A rate from
   * accelerators says nothing of a context with which the model would be split, so that is estimated.
   */
  of(build: RankCandidate, contextTokens: number, placement: Placement): KnownSpeed {
    if (!this.calibration) return NOTHING;
    const counted = this.#counted.get(build);
    if (counted && (counted.estimatedTokPerSec === 0 || counted.placement === placement)) {
      const { measurement, estimatedTokPerSec } = counted;
      const here = estimatedTokPerSec > 0 ? this.estimate(build, contextTokens, contextTokens).tokPerSec : 0;
      const { decodeTokPerSec, promptTokPerSec } = measurement;
      return {
        measured: {
          decodeTokPerSec: here > 0 ? decodeTokPerSec * (here / estimatedTokPerSec) : decodeTokPerSec,
          readTokens: readTokensOf(measurement),
          atReadTokens: decodeTokPerSec,
          ...(promptTokPerSec === undefined ? {} : { promptTokPerSec }),
        },
      };
    }
    const calibration = this.calibration[placement];
    return calibration === undefined ? NOTHING : { calibration };
  }

  /**
   * Our estimate of memory may put a model elsewhere than its server did. What was all on accelerators is compared as if
   * no more had been allocated than was read; where that does not help, nothing can be compared.
   */
  #compare(
    build: RankCandidate,
    measurement: Measurement,
  ): ComparedMeasurement & { readonly placement: Placement } {
    const readTokens = readTokensOf(measurement);
    const really = placementOf(measurement);
    let estimate = this.estimate(build, measurement.contextTokens, readTokens);
    if (really !== undefined && really !== estimate.placement)
      estimate = this.estimate(build, readTokens, readTokens);
    const comparable = really === undefined || really === estimate.placement;
    return {
      ...{ measurement, placement: estimate.placement },
      estimatedTokPerSec: comparable ? estimate.tokPerSec : 0,
    };
  }
}

/** In an order that does not follow that of the builds. A file that two builds name is one measured model. */
function oneOfEachFile(measured: readonly MeasuredBuild[]): readonly MeasuredBuild[] {
  const sorted = measured.toSorted(
    (a, b) => compareCodePoints(a.modelId, b.modelId) || compareCodePoints(a.quant, b.quant),
  );
  return [...new Map(sorted.map((build) => [build.measurement, build])).values()];
}

/** Servers count buffers that are always in system memory. */
const ALL_ON_ACCELERATORS = 0.98;

function placementOf({ acceleratorShare }: Measurement): Placement | undefined {
  if (acceleratorShare === undefined) return undefined;
  return acceleratorShare >= ALL_ON_ACCELERATORS ? 'accelerator' : 'system';
}

/** Where nobody said how much was read, all that was allocated. */
function readTokensOf({ readTokens, contextTokens }: Measurement): number {
  return readTokens === undefined ? contextTokens : Math.min(readTokens, contextTokens);
}
