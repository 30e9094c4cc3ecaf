import * as l10n from '@vscode/l10n';
import { compareCodePoints } from '../shared/codePointOrder';
import { formatFigure, formatNumber } from '../shared/numberText';
import { formatContext, formatTokensPerSecond } from '../shared/units';
import type { Contribution, RankedModel } from './rankTypes';
import { confidenceText, gradeText, guessedText } from './evidenceText';
import { sourceName } from './sources';

/** One line of the table behind a score. */
interface ExplanationRow {
  readonly label: string;
  readonly value: string;
  readonly note?: string;
}

export interface RankExplanation {
  /** Why this score, in a few plain sentences. */
  readonly sentence: string;
  /** The numbers it is made of, in the order in which they are multiplied. */
  readonly table: readonly ExplanationRow[];
}

/** Results under this relevance are of other tasks. */
const OF_THE_TASK_ITSELF = 1;
/** Contributions that are listed one by one; the rest is summed up. */
const LISTED_CONTRIBUTIONS = 8;
/** A source with less of the weight than this is not named in the sentence. */
const NAMED_SHARE = 0.2;
/** Points that uncertainty must cost to be worth a sentence. */
const NOTED_PULL = 2;
/** A factor that costs less than this is not worth a sentence. */
const NOTED_LOSS = 0.1;
/** A calibration closer to 1 than this changes no number that is shown. */
const NOTED_CALIBRATION = 0.02;

/**
 * Says why a row has its score: from what evidence, how it would run here, what it loses to which factor, and what would
 * change that. Plain text, numbers with their units; never empty, whatever the row holds.
 */
export function explainRank(row: RankedModel): RankExplanation {
  return {
    sentence: [verdict(row), evidenceSentence(row), runSentence(row), lossSentence(row)]
      .filter((part) => part !== '')
      .join(' '),
    table: [...evidenceRows(row), ...factorRows(row), ...machineRows(row)],
  };
}

function verdict(row: RankedModel): string {
  if (row.fitsHardware) return l10n.t('{0} scores {1} of 100 here.', row.name, formatNumber(row.score));
  return l10n.t('{0} is not ranked here: it {1}.', row.name, unfitText(row));
}

function unfitText(row: RankedModel): string {
  return row.unfitReason ?? l10n.t('does not fit');
}

function evidenceSentence(row: RankedModel): string {
  const { contributions, interpolatedFrom, succeeds, guessed } = row.benchmarkScore;
  const quality = l10n.t('quality of {0} (probably {1})', formatNumber(row.quality), intervalText(row));
  if (contributions.some((part) => part.combinedWeight > 0)) return ownEvidence(row, quality);
  const known = knownResults(row);
  if (interpolatedFrom !== undefined && interpolatedFrom.length > 0) {
    const family = siblings(interpolatedFrom);
    return l10n.t('{0}; its {1} is inferred from its size and {2}.', known, quality, family);
  }
  if (succeeds !== undefined) {
    return l10n.t(
      '{0} yet; it is given the {1} of {2}, the model before it in its line and size. Nine in ten models surpass the one before them.',
      known,
      quality,
      shortName(succeeds),
    );
  }
  if (guessed !== undefined) {
    return l10n.t(
      '{0}; its {1} is guessed from its {2}: three in four such models reach that. The first comparable result replaces the guess.',
      known,
      quality,
      guessedText(guessed),
    );
  }
  return l10n.t('{0}, so it has no score.', known);
}

/** What is known of a model without comparable results of its own, as the beginning of a sentence. */
function knownResults({ benchmarkScore }: RankedModel): string {
  const { guessed, unscoredObservations = 0 } = benchmarkScore;
  if (unscoredObservations === 0) {
    return guessed === undefined
      ? l10n.t('No comparable results are known for it')
      : l10n.t('No comparable results are known for it or a relative');
  }
  return unscoredObservations === 1
    ? l10n.t('1 result is known for it, but on benchmarks that too few models share to compare them')
    : l10n.t(
        '{0} results are known for it, but on benchmarks that too few models share to compare them',
        unscoredObservations,
      );
}

function ownEvidence({ benchmarkScore, quality: points }: RankedModel, quality: string): string {
  const counting = benchmarkScore.contributions.filter((part) => part.combinedWeight > 0);
  const independent = new Set(counting.filter((part) => part.independent).map((part) => part.source));
  const newest = counting.reduce((date, { observedAt }) => (observedAt > date ? observedAt : date), '');
  const own = counting.some((part) => !part.independent);
  const basis = basisText(independent.size, own);
  const heaviest = heaviestSources(counting);
  const day = newest.slice(0, 10);
  const rests =
    independent.size > 1 && heaviest.length > 0
      ? l10n.t(
          'Its {0} rests on {1}, most of all {2}; the newest result is of {3}.',
          quality,
          basis,
          listOf(heaviest),
          day,
        )
      : l10n.t('Its {0} rests on {1}; the newest result is of {2}.', quality, basis, day);
  const total = counting.reduce((sum, { combinedWeight }) => sum + combinedWeight, 0);
  const mean =
    counting.reduce((sum, { combinedWeight, normalisedValue }) => sum + combinedWeight * normalisedValue, 0) /
    total;
  const pull = mean - points;
  const sentences = [rests];
  if (pull >= NOTED_PULL) {
    sentences.push(
      l10n.t(
        'Taken alone, the results give {0}; {1} points are taken off because they are few or old.',
        formatNumber(mean),
        formatNumber(pull),
      ),
    );
  }
  if (counting.every((part) => part.relevance < OF_THE_TASK_ITSELF)) {
    sentences.push(l10n.t('None of them is about this task itself.'));
  }
  return sentences.join(' ');
}

function basisText(sources: number, own: boolean): string {
  if (sources === 0) return l10n.t("its maker's own figures alone, which count little");
  if (sources === 1) {
    return own ? l10n.t("1 independent source and its maker's own figures") : l10n.t('1 independent source');
  }
  return own
    ? l10n.t("{0} independent sources and its maker's own figures", sources)
    : l10n.t('{0} independent sources', sources);
}

/** The independent sources that carry most of the weight, heaviest first. */
function heaviestSources(counting: readonly Contribution[]): readonly string[] {
  const weights = new Map<string, number>();
  let total = 0;
  for (const { source, independent, combinedWeight } of counting) {
    total += combinedWeight;
    if (independent) weights.set(source, (weights.get(source) ?? 0) + combinedWeight);
  }
  return [...weights]
    .filter(([, weight]) => weight >= NAMED_SHARE * total)
    .sort((a, b) => b[1] - a[1] || compareCodePoints(a[0], b[0]))
    .map(([source]) => sourceName(source));
}

const WHERE: Readonly<Record<Exclude<RankedModel['fit'], 'none'>, () => string>> = {
  gpu: () => l10n.t('fits the GPU'),
  offload: () => l10n.t('is split between GPU and RAM'),
  cpu: () => l10n.t('runs from RAM on the CPU'),
};

function runSentence(row: RankedModel): string {
  if (row.fit === 'none') return '';
  const { basis, tokPerSec, range, calibration } = row.speedEstimate;
  const speed = formatTokensPerSecond(tokPerSec);
  const rate =
    basis === 'measured'
      ? l10n.t('writes {0}, as measured on this machine', speed)
      : l10n.t('should write about {0} ({1})', speed, rangeText(range)) + calibrationText(calibration);
  return l10n.t(
    '{0} {1}, takes {2} GiB at {3} of context and {4}.',
    row.quant,
    WHERE[row.fit](),
    formatNumber(row.estimatedVramGb, 1),
    formatContext(row.contextTokens),
    rate,
  );
}

/** The end of a sentence about a speed, with its comma; empty where there is nothing to say. */
function calibrationText(calibration: RankedModel['speedEstimate']['calibration']): string {
  if (calibration === undefined || Math.abs(calibration.factor - 1) < NOTED_CALIBRATION) return '';
  const { factor, measurements } = calibration;
  const percent = formatNumber(Math.abs((factor - 1) * 100));
  const models = measurements === 1 ? l10n.t('1 model') : l10n.t('{0} models', measurements);
  const text =
    factor > 1
      ? l10n.t('{0} % more than usual, as {1} measured on this machine say', percent, models)
      : l10n.t('{0} % less than usual, as {1} measured on this machine say', percent, models);
  return `, ${text}`;
}

/** The factor that costs most, where one costs more than a tenth, and what would change it. */
function lossSentence(row: RankedModel): string {
  if (!row.fitsHardware || row.quality === 0) return '';
  const { benchmarkConfidence, speedConfidence, quantisation, usability } = row.factors;
  const losses: readonly (readonly [number, (percent: string) => string])[] = [
    [
      benchmarkConfidence,
      (percent) =>
        l10n.t(
          'It loses most, {0} %, because the evidence is thin or old; fresh independent results would change that.',
          percent,
        ),
    ],
    [
      speedConfidence,
      (percent) =>
        l10n.t(
          'It loses most, {0} %, because its speed is uncertain; measuring it on this machine would settle that.',
          percent,
        ),
    ],
    [
      quantisation,
      (percent) =>
        l10n.t(
          'It loses most, {0} %, because the quantisation is coarse; a finer one needs more memory.',
          percent,
        ),
    ],
    [
      usability,
      (percent) =>
        l10n.t(
          'It loses most, {0} %, because it is slower or made for less context than this task wants; a smaller model, or a shorter context, would be quicker.',
          percent,
        ),
    ],
  ];
  const [factor, say] = losses.reduce((worst, loss) => (loss[0] < worst[0] ? loss : worst));
  return factor < 1 - NOTED_LOSS ? say(formatNumber((1 - factor) * 100)) : '';
}

function evidenceRows(row: RankedModel): ExplanationRow[] {
  const { contributions, interpolatedFrom, succeeds, guessed, unscoredObservations = 0 } = row.benchmarkScore;
  const listed = contributions.slice(0, LISTED_CONTRIBUTIONS).map(contributionRow);
  const more = contributions.length - listed.length;
  return [
    ...listed,
    ...(more > 0
      ? [{ label: l10n.t('Further results'), value: String(more), note: l10n.t('each of less weight') }]
      : []),
    ...(interpolatedFrom === undefined
      ? []
      : [
          {
            label: l10n.t('Inferred from'),
            value: interpolatedFrom.map(shortName).join(', '),
            note: l10n.t('by size, within the series'),
          },
        ]),
    ...(succeeds === undefined
      ? []
      : [
          {
            label: l10n.t('Taken from'),
            value: shortName(succeeds),
            note: l10n.t('the model before it in its line and size'),
          },
        ]),
    ...(guessed === undefined
      ? []
      : [
          {
            label: l10n.t('Guessed from'),
            value: guessedText(guessed),
            note: l10n.t('no results of its own or of a relative'),
          },
        ]),
    ...(unscoredObservations > 0
      ? [
          {
            label: l10n.t('Shown only'),
            value: String(unscoredObservations),
            note: l10n.t('results that cannot be compared'),
          },
        ]
      : []),
    {
      label: l10n.t('Quality'),
      value: formatNumber(row.quality, 1),
      note:
        row.quality > 0
          ? l10n.t('80 % sure between {0}', intervalText(row))
          : l10n.t('nothing to judge it by'),
    },
  ];
}

function contributionRow(part: Contribution): ExplanationRow {
  const who = part.independent ? sourceName(part.source) : l10n.t("its maker's own figure");
  return {
    label: `${part.benchmark}, ${who}`,
    value: formatNumber(part.normalisedValue, 1),
    note: l10n.t(
      '{0} as published on {1}; {2}, weight {3}',
      formatFigure(part.value, 2),
      part.observedAt.slice(0, 10),
      gradeText(part.grade),
      formatNumber(part.combinedWeight, 2),
    ),
  };
}

function factorRows(row: RankedModel): ExplanationRow[] {
  const { benchmarkConfidence, speedConfidence, quantisation, usability } = row.factors;
  const times = (factor: number): string => `x ${formatNumber(factor, 2)}`;
  return [
    {
      label: l10n.t('Evidence'),
      value: times(benchmarkConfidence),
      note: confidenceText(row.benchmarkScore.confidence),
    },
    {
      label: l10n.t('Speed estimate'),
      value: times(speedConfidence),
      note: confidenceText(row.speedConfidence),
    },
    { label: l10n.t('Quantisation'), value: times(quantisation), note: row.quant },
    {
      label: l10n.t('Usability'),
      value: times(usability),
      note: l10n.t('speed and context against what the task wants'),
    },
    {
      label: l10n.t('Score'),
      value: formatNumber(row.score, 1),
      ...(row.fitsHardware ? {} : { note: unfitText(row) }),
    },
  ];
}

function machineRows(row: RankedModel): ExplanationRow[] {
  const { weightsGb, kvCacheGb, activationsGb, overheadGb, basis } = row.vramEstimate;
  const parts = [weightsGb, kvCacheGb, activationsGb + overheadGb].map((gib) => formatNumber(gib, 1));
  const memory = {
    label: l10n.t('Memory'),
    value: `${formatNumber(row.estimatedVramGb, 1)} GiB`,
    note:
      basis === 'gguf'
        ? l10n.t('weights {0}, cache {1}, buffers {2}; from the file and the architecture', ...parts)
        : l10n.t('weights {0}, cache {1}, buffers {2}; estimated from the number of parameters', ...parts),
  };
  if (row.fit === 'none') return [memory];
  const { basis: speedBasis, tokPerSec, range, calibration } = row.speedEstimate;
  const estimated = l10n.t('estimated, {0}', rangeText(range)) + calibrationText(calibration);
  return [
    memory,
    {
      label: l10n.t('Speed'),
      value: formatTokensPerSecond(tokPerSec),
      note: speedBasis === 'measured' ? l10n.t('measured on this machine') : estimated,
    },
  ];
}

function rangeText([low, high]: readonly [number, number]): string {
  const digits = high < 10 ? 1 : 0;
  return l10n.t('{0} to {1}', formatNumber(low, digits), formatNumber(high, digits));
}

function intervalText({ benchmarkScore }: RankedModel): string {
  const [low, high] = benchmarkScore.interval;
  return l10n.t('{0} to {1}', formatNumber(low), formatNumber(high));
}

function listOf(names: readonly string[]): string {
  return names.length < 2
    ? (names[0] ?? '')
    : l10n.t('{0} and {1}', names.slice(0, -1).join(', '), names[names.length - 1] ?? '');
}

function siblings(modelIds: readonly string[]): string {
  const names = modelIds.map(shortName);
  if (names.length <= 2) return l10n.t('{0}, of its series', listOf(names));
  return l10n.t('{0} and {1} more of its series', names.slice(0, 2).join(', '), names.length - 2);
}

function shortName(modelId: string): string {
  return modelId.split('/').pop() ?? modelId;
}
