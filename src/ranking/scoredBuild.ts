import { compareCodePoints } from '../shared/codePointOrder';
import { LOCAL_HOST } from '../shared/modelRef';
import type { Placement } from './calibration';
import { fitKind } from './fit';
import { HostSpeeds } from './hostSpeeds';
import type { EstimatePlain } from './hostSpeeds';
import { MeasuredRates } from './measuredRates';
import { estimateVram } from './memory';
import { quantisationQuality } from './quantisationQuality';
import type { ModelGroup } from './rankGroups';
import { fitsBy } from './rankSettings';
import type { RankSettings } from './rankSettings';
import type {
  Confidence,
  FitKind,
  RankCandidate,
  RankedModel,
  RankHardware,
  RankInput,
  SpeedEstimate,
  VramEstimate,
} from './rankTypes';
import { decodeRate, estimateSpeed } from './speed';
import type { SpeedEstimateInput } from './speed';
import { usabilityFactor } from './usability';

/** What a score keeps by how sure its evidence is. */
export const BENCHMARK_CONFIDENCE_MULTIPLIER: Readonly<Record<Confidence, number>> = {
  high: 1,
  medium: 0.85,
  low: 0.6,
};
/** What a score keeps by how sure its speed is. */
export const SPEED_CONFIDENCE_MULTIPLIER: Readonly<Record<Confidence, number>> = {
  high: 1,
  medium: 0.9,
  low: 0.75,
};

/**
 * The quality of the plain four-bit quantisations. A coarser build is not recommended where one of these fits too,
 * however much faster it is: a smaller model at four bits is then the better choice.
 */
const MIN_RECOMMENDED_QUALITY = 0.95;

/** One build with what its score and its place among others are made of. */
export interface ScoredBuild {
  readonly candidate: RankCandidate;
  /** Canonical name. */
  readonly quant: string;
  readonly contextTokens: number;
  /** GiB. */
  readonly totalGb: number;
  readonly fit: FitKind;
  readonly fits: boolean;
  readonly tokPerSec: number;
  readonly speedConfidence: Confidence;
  readonly speedBasis: SpeedEstimate['basis'];
  readonly score: number;
  /** Under four bits. */
  readonly coarse: boolean;
}

/** What a score was worked out from, with all that is shown of it. */
export interface BuildEstimates {
  readonly vram: VramEstimate;
  readonly speed: SpeedEstimate;
  readonly factors: RankedModel['factors'];
}

/** Scores builds for one machine and task, with what was measured on the machine. */
export class BuildScorer {
  readonly #hardware: RankHardware;
  readonly #speeds: HostSpeeds;

  constructor(
    input: Pick<RankInput, 'hardware' | 'measurements'>,
    readonly settings: RankSettings,
    groups: readonly ModelGroup[],
  ) {
    this.#hardware = input.hardware;
    const rates = new MeasuredRates(input.measurements ?? [], input.hardware.host ?? LOCAL_HOST);
    const builds = rates.isEmpty ? [] : groups.flatMap((group) => group.builds);
    this.#speeds = new HostSpeeds(builds, rates, (build, contextTokens, readTokens) =>
      this.#plainSpeed(build, contextTokens, readTokens),
    );
  }

  /** What the measurements of this machine say of its estimates; undefined where none of these models was measured. */
  get calibration(): HostSpeeds['calibration'] {
    return this.#speeds.calibration;
  }

  /** `quality`: 0..100. */
  score(candidate: RankCandidate, quality: number, qualityConfidence: Confidence): ScoredBuild {
    const { settings } = this;
    const vram = vramAt(candidate, settings.contextTokens, settings);
    const fit = fitKind(vram.totalGb, settings.memory);
    const fits = fitsBy(fit, settings);
    const { tokPerSec, confidence, basis } = decodeRate(this.#speedInput(candidate, vram, fit));
    const kept = quantisationQuality(candidate.quant, candidate.architecture?.arch);
    return {
      candidate,
      quant: vram.quant,
      contextTokens: vram.contextTokens,
      totalGb: vram.totalGb,
      fit,
      fits,
      tokPerSec,
      speedConfidence: confidence,
      speedBasis: basis,
      score: fits
        ? quality *
          BENCHMARK_CONFIDENCE_MULTIPLIER[qualityConfidence] *
          SPEED_CONFIDENCE_MULTIPLIER[confidence] *
          (settings.countQuantisation ? kept : 1) *
          usabilityOf(vram.contextTokens, tokPerSec, settings)
        : 0,
      coarse: kept < MIN_RECOMMENDED_QUALITY,
    };
  }

  /**
   * What the score of a build was worked out from, its quality's confidence and its fit being known: made anew for the
   * few that are looked at.
   */
  estimates(candidate: RankCandidate, confidence: Confidence, fit: FitKind): BuildEstimates {
    const { settings } = this;
    const vram = vramAt(candidate, settings.contextTokens, settings);
    const speed = estimateSpeed(this.#speedInput(candidate, vram, fit));
    const kept = quantisationQuality(candidate.quant, candidate.architecture?.arch);
    return {
      vram,
      speed,
      factors: {
        benchmarkConfidence: BENCHMARK_CONFIDENCE_MULTIPLIER[confidence],
        speedConfidence: SPEED_CONFIDENCE_MULTIPLIER[speed.confidence],
        quantisation: settings.countQuantisation ? kept : 1,
        usability: usabilityOf(vram.contextTokens, speed.tokPerSec, settings),
      },
    };
  }

  #speedInput(candidate: RankCandidate, vram: VramEstimate, fit: FitKind): SpeedEstimateInput {
    return this.#inputOf(candidate, vram, this.#speeds.of(candidate, vram.contextTokens, placementOf(fit)));
  }

  #inputOf(
    candidate: RankCandidate,
    vramEstimate: VramEstimate,
    known: ReturnType<HostSpeeds['of']>,
  ): SpeedEstimateInput {
    return {
      sizeB: candidate.sizeB,
      activeB: candidate.activeB,
      quant: candidate.quant,
      architecture: candidate.architecture,
      hardware: this.#hardware,
      memory: this.settings.memory,
      backend: this.settings.backend,
      vramEstimate,
      measured: known.measured,
      calibration: known.calibration,
    };
  }

  /** How fast a build would be where part of its context is read, before anything that was measured here. */
  #plainSpeed(
    candidate: RankCandidate,
    contextTokens: number,
    readTokens: number,
  ): ReturnType<EstimatePlain> {
    const allocated = vramAt(candidate, contextTokens, this.settings);
    const read = vramAt(candidate, Math.min(readTokens, allocated.contextTokens), this.settings);
    const { kvCacheGb, contextTokens: tokens } = read;
    const loaded = { ...allocated, kvCacheGb, contextTokens: tokens };
    const { tokPerSec } = decodeRate(this.#inputOf(candidate, loaded, {}));
    return { tokPerSec, placement: placementOf(fitKind(allocated.totalGb, this.settings.memory)) };
  }
}

/** Memory at a context, or at the longest that the model was made for. */
export function vramAt(
  candidate: RankCandidate,
  contextTokens: number,
  { kvCacheQuant, platform }: RankSettings,
): VramEstimate {
  const longest = plausibleCount(candidate.architecture?.contextMax);
  return estimateVram({
    sizeB: candidate.sizeB,
    activeB: candidate.activeB,
    quant: candidate.quant,
    architecture: candidate.architecture,
    fileBytes: candidate.fileBytes,
    contextTokens: longest === undefined ? contextTokens : Math.min(contextTokens, longest),
    kvCacheQuant,
    platform,
  });
}

/** A count that can be one; anything else is as if nobody knew it. */
export function plausibleCount(count: number | undefined): number | undefined {
  return count !== undefined && count >= 1 && Number.isFinite(count) ? count : undefined;
}

/** What fits first, four bits and more first, then by score and speed; of what does not fit what needs least. */
export function compareBuilds(a: ScoredBuild, b: ScoredBuild): number {
  if (a.fits !== b.fits) return a.fits ? -1 : 1;
  if (a.fits && a.coarse !== b.coarse) return a.coarse ? 1 : -1;
  return (
    b.score - a.score ||
    (a.fits ? b.tokPerSec - a.tokPerSec : 0) ||
    a.totalGb - b.totalGb ||
    compareCodePoints(a.quant, b.quant) ||
    compareCodePoints(a.candidate.hfRepoId, b.candidate.hfRepoId)
  );
}

function usabilityOf(contextTokens: number, tokPerSec: number, settings: RankSettings): number {
  if (!settings.countUsability) return 1;
  return usabilityFactor({
    tokPerSec,
    targetTokPerSec: settings.profile.targetTokPerSec,
    patience: settings.profile.patience,
    contextTokens,
    wantedContextTokens: settings.contextTokens,
  });
}

function placementOf(fit: FitKind): Placement {
  return fit === 'gpu' ? 'accelerator' : 'system';
}
