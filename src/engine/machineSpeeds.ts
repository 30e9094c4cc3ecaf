import type { Candidate } from '../catalog/candidate';
import type { HardwareProfile } from '../hardware/profile';
import type { HostCalibration } from '../ranking/calibration';
import type { MeasuredBuild } from '../ranking/hostSpeeds';
import { rankModels } from '../ranking/rank';
import { buildRankIndex } from '../ranking/rankIndex';
import type { HostMeasurement } from './hostMeasurements';
import { toRankCandidates } from './rankCandidates';

/** What was measured on one machine, and what it says of the estimates there. */
export interface MachineSpeeds {
  readonly profile: HardwareProfile;
  /** Absent where nothing that was measured can be compared. */
  readonly calibration?: HostCalibration<MeasuredBuild>;
  /** Measured models of which nothing is estimated: the newest measurement of each. */
  readonly uncompared: readonly HostMeasurement[];
}

/** A rate that moved by more than this, as a ratio, is worth another ranking: less is the noise of measuring. */
const MATERIAL_RATIO = 1.05;

/** Compares what was measured with what would be said of it. The models of `candidates` alone are looked at. */
export function compareSpeeds(
  profile: HardwareProfile,
  measurements: readonly HostMeasurement[],
  candidates: readonly Candidate[],
): MachineSpeeds {
  const measured = new Set(measurements.map(({ modelId }) => modelId));
  const { calibration } = rankModels(
    {
      candidates: candidates.filter(({ hfRepoId }) => measured.has(hfRepoId)).flatMap(toRankCandidates),
      hardware: profile,
      snapshot: { generatedAt: '', observations: [] },
      measurements,
    },
    buildRankIndex([]),
  );
  const compared = new Set(calibration?.rows.map(({ modelId, quant }) => keyOf(modelId, quant)));
  const others = measurements.filter(
    ({ modelId, quant }) => modelId === undefined || !compared.has(keyOf(modelId, quant)),
  );
  const newest = Map.groupBy(others, ({ digest, quant }) => keyOf(digest, quant));
  return {
    profile,
    ...(calibration === undefined || calibration.rows.length === 0 ? {} : { calibration }),
    uncompared: [...newest.values()].flatMap(([first, ...rest]) =>
      first === undefined ? [] : [rest.reduce((a, b) => (b.measuredAt > a.measuredAt ? b : a), first)],
    ),
  };
}

/** Whether a ranking that was made with the one calibration is not true any more with the other. */
export function isMaterialChange(
  before: HostCalibration<MeasuredBuild> | undefined,
  after: HostCalibration<MeasuredBuild> | undefined,
): boolean {
  const [old, now] = [before, after].map(
    (calibration) =>
      new Map(
        (calibration?.rows ?? []).map((row) => [
          keyOf(row.modelId, row.quant),
          row.measuredTokPerSec / row.estimatedTokPerSec,
        ]),
      ),
  );
  if (old?.size !== now?.size) return true;
  return [...(now ?? [])].some(([key, ratio]) => {
    const was = old?.get(key);
    return was === undefined || Math.max(ratio, was) > Math.min(ratio, was) * MATERIAL_RATIO;
  });
}

function keyOf(model: string, quant: string): string {
  return JSON.stringify([model, quant]);
}
