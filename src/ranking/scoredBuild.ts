import { compareCodePoints } from '../shared/codePointOrder';
import { LOCAL_HOST } from '../shared/modelRef';
import type { Placement } from './calibration';
import { fitKind } from './fit';
import { HostSpeeds } from './hostSpeeds';
import type { EstimatePlain } from './hostSpeeds';
import { MeasuredRates } from './measuredRates';
import { estimateVram } from './memory';
import type { ModelQuality } from './modelQuality';
import { quantisationQuality } from './quantisationQuality';
import type { ModelGroup } from './rankGroups';
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
import { estimateSpeed } from './speed';
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

/** One build with all that its score is made of. */
export interface ScoredBuild {
  readonly candidate: RankCandidate;
  readonly quality: ModelQuality;
  readonly vram: VramEstimate;
  readonly fit: FitKind;
  readonly fits: boolean;
  readonly speed: SpeedEstimate;
  readonly factors: RankedModel['factors'];
  readonly score: number;
  /** Under four bits. */
  readonly coarse: boolean;
}

/** Scores builds for one machine and task, with what was measured on the machine. */
export class BuildScorer {
  readonly #hardware: RankHardware;
  readonly #settings: RankSettings;
  readonly #speeds: HostSpeeds;

  constructor(
    input: Pick<RankInput, 'hardware' | 'measurements'>,
    settings: RankSettings,
    groups: readonly ModelGroup[],
  ) {
    this.#hardware = input.hardware;
    this.#settings = settings;
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

  score(candidate: RankCandidate, quality: ModelQuality): ScoredBuild {
    const settings = this.#settings;
    const vram = vramAt(candidate, settings.contextTokens, settings);
    const fit = fitKind(vram.totalGb, settings.memory);
    const fits = fit !== 'none' && (fit !== 'offload' || settings.offloadFits);
    const known = this.#speeds.of(candidate, vram.contextTokens, placementOf(fit));
    const speed = this.#speed(candidate, vram, known);
    const kept = quantisationQuality(candidate.quant, candidate.architecture?.arch);
    const factors = {
      benchmarkConfidence: BENCHMARK_CONFIDENCE_MULTIPLIER[quality.merged.confidence],
      speedConfidence: SPEED_CONFIDENCE_MULTIPLIER[speed.confidence],
      quantisation: settings.countQuantisation ? kept : 1,
      usability: settings.countUsability ? usabilityOf(vram, speed, settings) : 1,
    };
    return {
      candidate,
      quality,
      vram,
      fit,
      fits,
      speed,
      factors,
      score: fits
        ? quality.merged.score *
          factors.benchmarkConfidence *
          factors.speedConfidence *
          factors.quantisation *
          factors.usability
        : 0,
      coarse: kept < MIN_RECOMMENDED_QUALITY,
    };
  }

  #speed(
    candidate: RankCandidate,
    vramEstimate: VramEstimate,
    known: ReturnType<HostSpeeds['of']>,
  ): SpeedEstimate {
    return estimateSpeed({
      sizeB: candidate.sizeB,
      activeB: candidate.activeB,
      quant: candidate.quant,
      architecture: candidate.architecture,
      hardware: this.#hardware,
      memory: this.#settings.memory,
      backend: this.#settings.backend,
      vramEstimate,
      measured: known.measured,
      calibration: known.calibration,
    });
  }

  /** How fast a build would be where part of its context is read, before anything that was measured here. */
  #plainSpeed(
    candidate: RankCandidate,
    contextTokens: number,
    readTokens: number,
  ): ReturnType<EstimatePlain> {
    const allocated = vramAt(candidate, contextTokens, this.#settings);
    const read = vramAt(candidate, Math.min(readTokens, allocated.contextTokens), this.#settings);
    const { kvCacheGb, contextTokens: tokens } = read;
    const { tokPerSec } = this.#speed(candidate, { ...allocated, kvCacheGb, contextTokens: tokens }, {});
    return { tokPerSec, placement: placementOf(fitKind(allocated.totalGb, this.#settings.memory)) };
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
    (a.fits ? b.speed.tokPerSec - a.speed.tokPerSec : 0) ||
    a.vram.totalGb - b.vram.totalGb ||
    compareCodePoints(a.vram.quant, b.vram.quant) ||
    compareCodePoints(a.candidate.hfRepoId, b.candidate.hfRepoId)
  );
}

function usabilityOf(vram: VramEstimate, speed: SpeedEstimate, settings: RankSettings): number {
  return usabilityFactor({
    tokPerSec: speed.tokPerSec,
    targetTokPerSec: settings.profile.targetTokPerSec,
    patience: settings.profile.patience,
    contextTokens: vram.contextTokens,
    wantedContextTokens: settings.contextTokens,
  });
}

function placementOf(fit: FitKind): Placement {
  return fit === 'gpu' ? 'accelerator' : 'system';
}
