import { compareCodePoints } from '../shared/codePointOrder';
import { formatContext, formatTokensPerSecond } from '../shared/units';
import type { Contribution, RankedModel } from './rankTypes';
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
  if (row.fitsHardware) return `${row.name} scores ${row.score.toFixed(0)} of 100 here.`;
  return `${row.name} is not ranked here: it ${row.unfitReason ?? 'does not fit'}.`;
}

function evidenceSentence(row: RankedModel): string {
  const { contributions, interpolatedFrom, succeeds, guessed, unscoredObservations = 0 } = row.benchmarkScore;
  const quality = `quality of ${row.quality.toFixed(0)} (probably ${intervalText(row)})`;
  if (contributions.some((part) => part.combinedWeight > 0)) return ownEvidence(row, quality);
  const known =
    unscoredObservations === 0
      ? `No comparable results are known for it${guessed === undefined ? '' : ' or a relative'}`
      : `${countOf(unscoredObservations, 'result is', 'results are')} known for it, but on benchmarks that too few models share to compare them`;
  if (interpolatedFrom !== undefined && interpolatedFrom.length > 0)
    return `${known}; its ${quality} is inferred from its size and ${siblings(interpolatedFrom)}.`;
  if (succeeds !== undefined)
    return `${known} yet; it is given the ${quality} of ${shortName(succeeds)}, the model before it in its line and size. Nine in ten models surpass the one before them.`;
  if (guessed !== undefined)
    return `${known}; its ${quality} is guessed from its ${guessed}: three in four such models reach that. The first comparable result replaces the guess.`;
  return `${known}, so it has no score.`;
}

function ownEvidence({ benchmarkScore, quality: points }: RankedModel, quality: string): string {
  const counting = benchmarkScore.contributions.filter((part) => part.combinedWeight > 0);
  const independent = new Set(counting.filter((part) => part.independent).map((part) => part.source));
  const newest = counting.reduce((date, { observedAt }) => (observedAt > date ? observedAt : date), '');
  const basis =
    independent.size === 0
      ? "its maker's own figures alone, which count little"
      : `${countOf(independent.size, 'independent source', 'independent sources')}${counting.some((part) => !part.independent) ? " and its maker's own figures" : ''}`;
  const heaviest = heaviestSources(counting);
  const named = independent.size > 1 && heaviest.length > 0 ? `, most of all ${listOf(heaviest)}` : '';
  const total = counting.reduce((sum, { combinedWeight }) => sum + combinedWeight, 0);
  const mean =
    counting.reduce((sum, { combinedWeight, normalisedValue }) => sum + combinedWeight * normalisedValue, 0) /
    total;
  const pull = mean - points;
  return (
    `Its ${quality} rests on ${basis}${named}; the newest result is of ${newest.slice(0, 10)}.` +
    (pull >= NOTED_PULL
      ? ` Taken alone, the results give ${mean.toFixed(0)}; ${pull.toFixed(0)} points are taken off because they are few or old.`
      : '') +
    (counting.every((part) => part.relevance < OF_THE_TASK_ITSELF)
      ? ' None of them is about this task itself.'
      : '')
  );
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

function runSentence(row: RankedModel): string {
  if (row.fit === 'none') return '';
  const where = {
    gpu: 'fits the GPU',
    offload: 'is split between GPU and RAM',
    cpu: 'runs from RAM on the CPU',
  }[row.fit];
  const { basis, tokPerSec, range, calibration } = row.speedEstimate;
  const rate =
    basis === 'measured'
      ? `writes ${formatTokensPerSecond(tokPerSec)}, as measured on this machine`
      : `should write about ${formatTokensPerSecond(tokPerSec)} (${rangeText(range)})` +
        (calibration === undefined ? '' : calibrationText(calibration));
  return `${row.quant} ${where}, takes ${row.estimatedVramGb.toFixed(1)} GiB at ${formatContext(row.contextTokens)} of context and ${rate}.`;
}

function calibrationText({
  factor,
  measurements,
}: {
  readonly factor: number;
  readonly measurements: number;
}): string {
  if (Math.abs(factor - 1) < NOTED_CALIBRATION) return '';
  const change = `${Math.abs((factor - 1) * 100).toFixed(0)} % ${factor > 1 ? 'more' : 'less'}`;
  return `, ${change} than usual, as ${countOf(measurements, 'model', 'models')} measured on this machine say`;
}

/** The factor that costs most, where one costs more than a tenth, and what would change it. */
function lossSentence(row: RankedModel): string {
  if (!row.fitsHardware || row.quality === 0) return '';
  const { benchmarkConfidence, speedConfidence, quantisation, usability } = row.factors;
  const losses: readonly (readonly [number, string])[] = [
    [benchmarkConfidence, 'the evidence is thin or old; fresh independent results would change that'],
    [speedConfidence, 'its speed is uncertain; measuring it on this machine would settle that'],
    [quantisation, 'the quantisation is coarse; a finer one needs more memory'],
    [
      usability,
      'it is slower or made for less context than this task wants; a smaller model, or a shorter context, would be quicker',
    ],
  ];
  const [factor, why] = losses.reduce((worst, loss) => (loss[0] < worst[0] ? loss : worst));
  return factor < 1 - NOTED_LOSS
    ? `It loses most, ${((1 - factor) * 100).toFixed(0)} %, because ${why}.`
    : '';
}

function evidenceRows(row: RankedModel): ExplanationRow[] {
  const { contributions, interpolatedFrom, succeeds, guessed, unscoredObservations = 0 } = row.benchmarkScore;
  const listed = contributions.slice(0, LISTED_CONTRIBUTIONS).map(contributionRow);
  const more = contributions.length - listed.length;
  return [
    ...listed,
    ...(more > 0 ? [{ label: 'Further results', value: String(more), note: 'each of less weight' }] : []),
    ...(interpolatedFrom === undefined
      ? []
      : [
          {
            label: 'Inferred from',
            value: interpolatedFrom.map(shortName).join(', '),
            note: 'by size, within the series',
          },
        ]),
    ...(succeeds === undefined
      ? []
      : [
          {
            label: 'Taken from',
            value: shortName(succeeds),
            note: 'the model before it in its line and size',
          },
        ]),
    ...(guessed === undefined
      ? []
      : [{ label: 'Guessed from', value: guessed, note: 'no results of its own or of a relative' }]),
    ...(unscoredObservations > 0
      ? [
          {
            label: 'Shown only',
            value: String(unscoredObservations),
            note: 'results that cannot be compared',
          },
        ]
      : []),
    {
      label: 'Quality',
      value: row.quality.toFixed(1),
      note: row.quality > 0 ? `80 % sure between ${intervalText(row)}` : 'nothing to judge it by',
    },
  ];
}

function contributionRow(part: Contribution): ExplanationRow {
  const who = part.independent ? sourceName(part.source) : "its maker's own figure";
  return {
    label: `${part.benchmark}, ${who}`,
    value: part.normalisedValue.toFixed(1),
    note: `${Number(part.value.toFixed(2))} as published on ${part.observedAt.slice(0, 10)}; ${part.grade}, weight ${part.combinedWeight.toFixed(2)}`,
  };
}

function factorRows(row: RankedModel): ExplanationRow[] {
  const { benchmarkConfidence, speedConfidence, quantisation, usability } = row.factors;
  const times = (factor: number): string => `x ${factor.toFixed(2)}`;
  return [
    {
      label: 'Evidence',
      value: times(benchmarkConfidence),
      note: `${row.benchmarkScore.confidence} confidence`,
    },
    { label: 'Speed estimate', value: times(speedConfidence), note: `${row.speedConfidence} confidence` },
    { label: 'Quantisation', value: times(quantisation), note: row.quant },
    { label: 'Usability', value: times(usability), note: 'speed and context against what the task wants' },
    {
      label: 'Score',
      value: row.score.toFixed(1),
      ...(row.fitsHardware ? {} : { note: row.unfitReason ?? 'does not fit' }),
    },
  ];
}

function machineRows(row: RankedModel): ExplanationRow[] {
  const { weightsGb, kvCacheGb, activationsGb, overheadGb, basis } = row.vramEstimate;
  const memory = {
    label: 'Memory',
    value: `${row.estimatedVramGb.toFixed(1)} GiB`,
    note:
      `weights ${weightsGb.toFixed(1)}, cache ${kvCacheGb.toFixed(1)}, buffers ${(activationsGb + overheadGb).toFixed(1)}; ` +
      (basis === 'gguf' ? 'from the file and the architecture' : 'estimated from the number of parameters'),
  };
  if (row.fit === 'none') return [memory];
  const { basis: speedBasis, tokPerSec, range, calibration } = row.speedEstimate;
  const estimated = `estimated, ${rangeText(range)}${calibration === undefined ? '' : calibrationText(calibration)}`;
  return [
    memory,
    {
      label: 'Speed',
      value: formatTokensPerSecond(tokPerSec),
      note: speedBasis === 'measured' ? 'measured on this machine' : estimated,
    },
  ];
}

function rangeText([low, high]: readonly [number, number]): string {
  const digits = high < 10 ? 1 : 0;
  return `${low.toFixed(digits)} to ${high.toFixed(digits)}`;
}

function intervalText({ benchmarkScore }: RankedModel): string {
  const [low, high] = benchmarkScore.interval;
  return `${low.toFixed(0)} to ${high.toFixed(0)}`;
}

function listOf(names: readonly string[]): string {
  return names.length < 2
    ? (names[0] ?? '')
    : `${names.slice(0, -1).join(', ')} and ${names[names.length - 1] ?? ''}`;
}

function siblings(modelIds: readonly string[]): string {
  const names = modelIds.map(shortName);
  if (names.length <= 2) return `${names.join(' and ')}, of its series`;
  return `${names.slice(0, 2).join(', ')} and ${names.length - 2} more of its series`;
}

function shortName(modelId: string): string {
  return modelId.split('/').pop() ?? modelId;
}

function countOf(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
