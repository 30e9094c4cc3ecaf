import * as l10n from '@vscode/l10n';
import type { ProposalCandidate } from '../pool/proposal';
import { confidenceText } from '../ranking/evidenceText';
import type { FitKind, RankedModel } from '../ranking/rankTypes';
import { sourceName } from '../ranking/sources';
import { formatContext, formatGib, formatTokensPerSecond } from '../shared/units';
import { ollamaNameOf, type NamedBuild } from './installPlanner';
import type { Ranking } from './rankingService';

/** Benchmarks that a justification names. */
const NAMED_RESULTS = 3;
/** Of an ISO 8601 date. */
const DAY_CHARACTERS = 10;

const FIT_TEXTS: Readonly<Record<Exclude<FitKind, 'none'>, () => string>> = {
  gpu: () => l10n.t('Fits the GPU'),
  offload: () => l10n.t('Is split between GPU and RAM'),
  cpu: () => l10n.t('Runs from RAM on the CPU'),
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
            hardwareFit: fitSentence(model, build, FIT_TEXTS[fit]()),
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
      const who = independent ? sourceName(source) : l10n.t('its maker');
      return `${benchmark} (${who}, ${observedAt.slice(0, DAY_CHARACTERS)})`;
    });
  return [...new Set(results)].slice(0, NAMED_RESULTS);
}

function fitSentence({ contextTokens }: RankedModel, build: Build, fit: string): string {
  const memory = formatGib(build.estimatedVramGb);
  const context = formatContext(contextTokens);
  const rate = formatTokensPerSecond(build.estimatedTokPerSec);
  return build.isMeasured
    ? l10n.t('{0}: {1} at {2} of context, {3} as measured here.', fit, memory, context, rate)
    : l10n.t('{0}: {1} at {2} of context, about {3} by estimate.', fit, memory, context, rate);
}

function evidenceSentence({ benchmarkScore }: RankedModel): string {
  const { contributions, interpolatedFrom, succeeds, guessed, confidence } = benchmarkScore;
  const counting = contributions.filter(({ combinedWeight }) => combinedWeight > 0);
  const sources = new Set(counting.filter(({ independent }) => independent).map(({ source }) => source)).size;
  const own = counting.some(({ independent }) => !independent);
  const sure = confidenceText(confidence);
  if (sources > 0) {
    if (sources === 1) {
      return own
        ? l10n.t("One independent source and its maker's own figures; {0}.", sure)
        : l10n.t('One independent source; {0}.', sure);
    }
    return own
      ? l10n.t("{0} independent sources and its maker's own figures; {1}.", sources, sure)
      : l10n.t('{0} independent sources; {1}.', sources, sure);
  }
  if (own) return l10n.t("Its maker's own figures alone, which count little; {0}.", sure);
  if (interpolatedFrom !== undefined && interpolatedFrom.length > 0) {
    const count = interpolatedFrom.length;
    return count === 1
      ? l10n.t('No results of its own: inferred from one model of its series; {0}.', sure)
      : l10n.t('No results of its own: inferred from {0} models of its series; {1}.', count, sure);
  }
  if (succeeds !== undefined) {
    return l10n.t(
      'No results of its own yet: taken from {0}, the model before it in its line; {1}.',
      shortName(succeeds),
      sure,
    );
  }
  return guessed === 'size and date'
    ? l10n.t('No results of its own or of a relative: guessed from its size and date; {0}.', sure)
    : l10n.t('No results of its own or of a relative: guessed from its size; {0}.', sure);
}

function freshnessSentence({ benchmarkScore, benchmarkSnapshot, released }: RankedModel): string {
  const newest = benchmarkScore.contributions
    .filter(({ combinedWeight }) => combinedWeight > 0)
    .reduce((date, { observedAt }) => (observedAt > date ? observedAt : date), '')
    .slice(0, DAY_CHARACTERS);
  const scores = l10n.t('scores as of {0}', benchmarkSnapshot.slice(0, DAY_CHARACTERS));
  const facts = [
    ...(released === undefined ? [] : [l10n.t('released {0}', released)]),
    ...(newest === '' ? [] : [l10n.t('newest result of {0}', newest)]),
    scores,
  ].join(', ');
  return `${facts.charAt(0).toUpperCase()}${facts.slice(1)}.`;
}

function shortName(modelId: string): string {
  return modelId.split('/').pop() ?? modelId;
}
