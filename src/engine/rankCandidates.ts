import type { Candidate, ModelBuild, UnsizedBuild } from '../catalog/candidate';
import { seriesOf } from '../catalog/lineage';
import type { RankCandidate } from '../ranking/rankTypes';

/** Quantisation that a model without known builds is judged by: what Ollama and most mirrors offer first. */
const ASSUMED_QUANT = 'Q4_K_M';

/** A catalogue candidate as the ranking takes it: one entry per build, or one by parameters where no build is known. */
export function toRankCandidates(candidate: Candidate): RankCandidate[] {
  const builds = candidate.builds.length > 0 ? candidate.builds : (candidate.unsizedBuilds ?? []);
  if (builds.length === 0) return [toRankCandidate(candidate, undefined)];
  return onePerQuant(builds).map((build) => toRankCandidate(candidate, build));
}

/**
 * One build a quantisation: the Ollama library's where it has one, because its templates are kept by Ollama, with the
 * repository of the GGUF file for the tools that load that.
 */
function onePerQuant(builds: readonly (ModelBuild | UnsizedBuild)[]): readonly (ModelBuild | UnsizedBuild)[] {
  return [...Map.groupBy(builds, (build) => build.quant).values()].flatMap((same) => {
    const inLibrary = same.find((build) => build.ollamaName !== undefined);
    const inRepository = same.find((build) => build.repo !== undefined);
    const merged =
      inLibrary && inRepository ? { ...inRepository, ...inLibrary } : (inLibrary ?? inRepository);
    return merged ? [merged] : [];
  });
}

function toRankCandidate(candidate: Candidate, build: ModelBuild | UnsizedBuild | undefined): RankCandidate {
  return {
    hfRepoId: candidate.hfRepoId,
    modelId: candidate.hfRepoId,
    name: candidate.name,
    sizeB: candidate.sizeB,
    quant: build?.quant ?? ASSUMED_QUANT,
    family: candidate.family,
    toolCalling: candidate.capabilities.tools,
    vision: candidate.capabilities.vision,
    lineagePosition: candidate.lineagePosition,
    ...optional('lineage', lineageOf(candidate)),
    ...optional('activeB', candidate.activeB),
    ...optional('architecture', candidate.architecture),
    ...optional('series', candidate.series),
    ...optional('variant', candidate.variant),
    ...optional('released', candidate.released),
    ...optional('licence', candidate.licence),
    ...optional('ollamaName', build?.ollamaName),
    ...optional('buildRepo', build?.repo),
    ...optional('fileBytes', build !== undefined && 'sizeBytes' in build ? build.sizeBytes : undefined),
    ...optional('digest', build?.digest),
  };
}

/** The line of models that this one belongs to and its place there, for what supersedes what. */
function lineageOf(candidate: Candidate): RankCandidate['lineage'] {
  const place = seriesOf(candidate.name, candidate.org);
  return place && { line: place.line, order: place.order };
}

/** `{[key]: value}`, or nothing where the value is undefined, as exact optional properties want it. */
function optional<K extends string, V>(key: K, value: V | undefined): Readonly<Partial<Record<K, V>>> {
  return (value === undefined ? {} : { [key]: value }) as Readonly<Partial<Record<K, V>>>;
}
