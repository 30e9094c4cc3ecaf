import { formatContext, formatTokensPerSecond } from '../shared/units';
import type { Contribution, RankedModel } from './rankTypes';

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

/** Says why a row has its score: from what evidence, how it would run here, and what it loses to which factor. */
export function explainRank(row: RankedModel): RankExplanation {
  return {
    sentence: [verdict(row), evidenceSentence(row), runSentence(row), lossSentence(row)]
      .filter((part) => part !== '')
      .join(' '),
    table: [...evidenceRows(row), ...factorRows(row), ...machineRows(row)],
  };
}

function verdict(row: RankedModel): string {
  if (row.fitsHardware) return `${row.name} scores ${row.score.toFixed(0)}.`;
  return `${row.name} is not ranked here: it ${row.unfitReason ?? 'does not fit'}.`;
}

function evidenceSentence(row: RankedModel): string {
  const { contributions, interval, interpolatedFrom, unscoredObservations = 0 } = row.benchmarkScore;
  const quality = `quality ${row.quality.toFixed(0)} (probably ${interval[0].toFixed(0)} to ${interval[1].toFixed(0)})`;
  if (interpolatedFrom !== undefined && interpolatedFrom.length > 0)
    return `It has no comparable results of its own; ${quality} is inferred from ${siblings(interpolatedFrom)}.`;
  const counting = contributions.filter((part) => part.combinedWeight > 0);
  if (counting.length === 0)
    return unscoredObservations > 0
      ? `${countOf(unscoredObservations, 'result is', 'results are')} known, but on benchmarks that too few models share to compare them, so it has no score.`
      : 'No comparable results are known for it, so it has no score.';
  const independent = new Set(counting.filter((part) => part.independent).map((part) => part.source));
  const newest = counting.reduce((date, { observedAt }) => (observedAt > date ? observedAt : date), '');
  const basis =
    independent.size === 0
      ? "its maker's own figures alone"
      : `${countOf(independent.size, 'independent source', 'independent sources')}${counting.some((part) => !part.independent) ? " and its maker's own figures" : ''}`;
  const indirect = counting.every((part) => part.relevance < OF_THE_TASK_ITSELF);
  return (
    `Its ${quality} rests on ${basis}, the newest of ${newest.slice(0, 10)}.` +
    (indirect ? ' None of them is about this task itself.' : '')
  );
}

function runSentence(row: RankedModel): string {
  if (row.fit === 'none') return '';
  const where = {
    gpu: 'fits the GPU',
    offload: 'is split between GPU and RAM',
    cpu: 'runs from RAM on the CPU',
  }[row.fit];
  const speed = row.speedEstimate;
  const rate =
    speed.basis === 'measured'
      ? `writes ${formatTokensPerSecond(speed.tokPerSec)}, as measured on this machine`
      : `should write about ${formatTokensPerSecond(speed.tokPerSec)} (${rangeText(speed.range)})`;
  return `${row.quant} ${where}, takes ${row.estimatedVramGb.toFixed(1)} GiB at ${formatContext(row.contextTokens)} of context and ${rate}.`;
}

/** The factor that costs most, where one costs more than a tenth. */
function lossSentence(row: RankedModel): string {
  if (!row.fitsHardware || row.quality === 0) return '';
  const { benchmarkConfidence, speedConfidence, quantisation, usability } = row.factors;
  const losses: readonly (readonly [number, string])[] = [
    [benchmarkConfidence, 'that evidence is thin or old'],
    [speedConfidence, 'the speed is uncertain'],
    [quantisation, 'the quantisation is coarse'],
    [usability, 'it is slow or short of context for this task'],
  ];
  const [factor, why] = losses.reduce((worst, loss) => (loss[0] < worst[0] ? loss : worst));
  return factor < 0.9 ? `It loses most, ${((1 - factor) * 100).toFixed(0)} %, because ${why}.` : '';
}

function evidenceRows(row: RankedModel): ExplanationRow[] {
  const { contributions, interpolatedFrom, unscoredObservations = 0 } = row.benchmarkScore;
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
      note: `80 % between ${row.benchmarkScore.interval.map((end) => end.toFixed(0)).join(' and ')}`,
    },
  ];
}

function contributionRow(part: Contribution): ExplanationRow {
  const who = part.independent ? part.source : `${part.source} (maker's own)`;
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
  return [
    {
      label: 'Memory',
      value: `${row.estimatedVramGb.toFixed(1)} GiB`,
      note:
        `weights ${weightsGb.toFixed(1)}, cache ${kvCacheGb.toFixed(1)}, buffers ${(activationsGb + overheadGb).toFixed(1)}; ` +
        (basis === 'gguf' ? 'from the file and the architecture' : 'estimated from the number of parameters'),
    },
    {
      label: 'Speed',
      value: formatTokensPerSecond(row.estimatedTokPerSec),
      note:
        row.speedEstimate.basis === 'measured'
          ? 'measured'
          : `estimated, ${rangeText(row.speedEstimate.range)}`,
    },
  ];
}

function rangeText([low, high]: readonly [number, number]): string {
  const digits = high < 10 ? 1 : 0;
  return `${low.toFixed(digits)} to ${high.toFixed(digits)}`;
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
