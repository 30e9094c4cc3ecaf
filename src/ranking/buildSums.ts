import type { EvidenceSum } from './merge';
import type { ObservationTable } from './observationTable';
import { normalizeQuantId } from './quantisation';
import type { ModelGroup } from './rankGroups';

/**
 * What the observations of a model say of those of its builds for which one of them is direct evidence, by canonical
 * quantisation: of all other builds they say what they say of the model. Undefined where there is no such build, for
 * hardly any result tells its quantisation. The model's rows in the table are those from `start` to `end`; `sumFor`
 * adds them up for a build of a quantisation, given one more than its place in the table's `quants`.
 */
export function sumsByBuild(
  { kinds, quants, rows }: ObservationTable,
  { builds }: ModelGroup,
  [start, end]: readonly [number, number],
  sumFor: (quant: number) => EvidenceSum | undefined,
): ReadonlyMap<string, EvidenceSum> | undefined {
  if (quants.length === 0) return undefined;
  let sums: Map<string, EvidenceSum> | undefined;
  for (let row = start; row < end; row += 1) {
    const number = kinds[rows.kind[row] ?? 0]?.quant ?? 0;
    const canonical = quants[number - 1];
    if (canonical === undefined || sums?.has(canonical) === true) continue;
    if (!builds.some((build) => normalizeQuantId(build.quant).canonical === canonical)) continue;
    const sum = sumFor(number);
    if (sum !== undefined) (sums ??= new Map<string, EvidenceSum>()).set(canonical, sum);
  }
  return sums;
}
