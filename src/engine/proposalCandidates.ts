import type { ProposalCandidate } from '../pool/proposal';
import type { FitKind, RankedModel } from '../ranking/rankTypes';
import { sourceName } from '../ranking/sources';
import { formatContext, formatGib, formatTokensPerSecond } from '../shared/units';
import { ollamaNameOf, type NamedBuild } from './installPlanner';
import type { Ranking } from './rankingService';

/** Benchmarks that a justification names. */
const NAMED_RESULTS = 3;
/** Of an ISO 8601 date. */
const DAY_CHARACTERS = 10;

const FIT_TEXTS: Readonly<Record<Exclude<FitKind, 'none'>, string>> = {
  gpu: 'Fits the GPU',
  offload: 'Is split between GPU and RAM',
  cpu: 'Runs from RAM on the CPU',
};

/** Parts of a build by which it is told from the others of its model. */
type Build = NamedBuild &
  Pick<RankedModel, 'score' | 'fit' | 'fileBytes' | 'estimatedVramGb' | 'estimatedTokPerSec'> & {
    readonly isMeasured: boolean;
  };

/**
 * What of a ranking could be installed through a backend: every build that fits, that Ollama can pull by a name, and of
 * which the size is known. `familyOf`: by the canonical model; `isWanted`: which models are looked at. Empty for a machine
 * that nobody described.
 */
export function proposalCandidates(
  { models, task, hardwareKnown }: Pick<Ranking, 'models' | 'task' | 'hardwareKnown'>,
  backend: string,
  familyOf: (modelId: string) => string | undefined,
  isWanted: (modelId: string) => boolean,
): readonly ProposalCandidate[] {
  if (!hardwareKnown) return [];
  return models.flatMap((model) => {
    if (!model.fitsHardware || !isWanted(model.modelId)) return [];
    const family = familyOf(model.modelId);
    return buildsOf(model).flatMap((build): readonly ProposalCandidate[] => {
      const ollamaName = ollamaNameOf(build);
      const { quant, fit, fileBytes, score } = build;
      if (ollamaName === null || fileBytes === undefined || fit === 'none' || score <= 0) return [];
      return [
        {
          ...{ backend, ollamaName, hfRepoId: model.modelId, quant, task, sizeBytes: fileBytes, score },
          ...(family === undefined ? {} : { family }),
          ...{ label: `${model.name} (${quant})`, fits: true, toolCalling: model.toolCalling },
          justify: () => ({
            benchmarkBasis: basisOf(model),
            hardwareFit: fitSentence(model, build, FIT_TEXTS[fit]),
            evidence: evidenceSentence(model),
            freshness: freshnessSentence(model),
          }),
        },
      ];
    });
  });
}

function buildsOf(model: RankedModel): readonly Build[] {
  return [
    { ...named(model), ...figures(model), isMeasured: model.speedEstimate.basis === 'measured' },
    ...model.otherBuilds.map((build) => ({
      ...{ ...named(build), ...figures(build), isMeasured: build.speedBasis === 'measured' },
    })),
  ];
}

function named({ ollamaName, buildRepo, quant }: NamedBuild): NamedBuild {
  return {
    quant,
    ...(ollamaName === undefined ? {} : { ollamaName }),
    ...(buildRepo === undefined ? {} : { buildRepo }),
  };
}

function figures(
  build: Omit<Build, keyof NamedBuild | 'isMeasured'>,
): Omit<Build, keyof NamedBuild | 'isMeasured'> {
  const { score, fit, fileBytes, estimatedVramGb, estimatedTokPerSec } = build;
  return {
    score,
    fit,
    estimatedVramGb,
    estimatedTokPerSec,
    ...(fileBytes === undefined ? {} : { fileBytes }),
  };
}

function basisOf({ benchmarkScore }: RankedModel): readonly string[] {
  const results = benchmarkScore.contributions
    .filter(({ combinedWeight }) => combinedWeight > 0)
    .map(({ benchmark, independent, source, observedAt }) => {
      const who = independent ? sourceName(source) : 'its maker';
      return `${benchmark} (${who}, ${observedAt.slice(0, DAY_CHARACTERS)})`;
    });
  return [...new Set(results)].slice(0, NAMED_RESULTS);
}

function fitSentence({ contextTokens }: RankedModel, build: Build, fit: string): string {
  const memory = `${formatGib(build.estimatedVramGb)} at ${formatContext(contextTokens)} of context`;
  const rate = formatTokensPerSecond(build.estimatedTokPerSec);
  return `${fit}: ${memory}, ${build.isMeasured ? `${rate} as measured here` : `about ${rate} by estimate`}.`;
}

function evidenceSentence({ benchmarkScore }: RankedModel): string {
  const { contributions, interpolatedFrom, succeeds, guessed, confidence } = benchmarkScore;
  const counting = contributions.filter(({ combinedWeight }) => combinedWeight > 0);
  const sources = new Set(counting.filter(({ independent }) => independent).map(({ source }) => source)).size;
  const own = counting.some(({ independent }) => !independent);
  const sure = `${confidence} confidence`;
  if (sources > 0) {
    const independent = sources === 1 ? 'One independent source' : `${sources} independent sources`;
    return `${independent}${own ? " and its maker's own figures" : ''}; ${sure}.`;
  }
  if (own) return `Its maker's own figures alone, which count little; ${sure}.`;
  if (interpolatedFrom !== undefined && interpolatedFrom.length > 0) {
    const count = interpolatedFrom.length;
    return `No results of its own: inferred from ${count === 1 ? 'one model' : `${count} models`} of its series; ${sure}.`;
  }
  if (succeeds !== undefined) {
    return `No results of its own yet: taken from ${shortName(succeeds)}, the model before it in its line; ${sure}.`;
  }
  return `No results of its own or of a relative: guessed from its ${guessed ?? 'size'}; ${sure}.`;
}

function freshnessSentence({ benchmarkScore, benchmarkSnapshot, released }: RankedModel): string {
  const newest = benchmarkScore.contributions
    .filter(({ combinedWeight }) => combinedWeight > 0)
    .reduce((date, { observedAt }) => (observedAt > date ? observedAt : date), '')
    .slice(0, DAY_CHARACTERS);
  const scores = `scores as of ${benchmarkSnapshot.slice(0, DAY_CHARACTERS)}`;
  const facts = [
    ...(released === undefined ? [] : [`released ${released}`]),
    ...(newest === '' ? [] : [`newest result of ${newest}`]),
    scores,
  ].join(', ');
  return `${facts.charAt(0).toUpperCase()}${facts.slice(1)}.`;
}

function shortName(modelId: string): string {
  return modelId.split('/').pop() ?? modelId;
}
