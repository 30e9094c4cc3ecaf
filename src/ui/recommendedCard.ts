import * as vscode from 'vscode';
import type { ContextLimits } from '../engine/machineLimits';
import type { PullRun } from '../pool/pullRuns';
import type { Confidence, EvidenceGrade, MergedScore, RankedModel } from '../ranking/rankTypes';
import { formatNumber } from '../shared/numberText';
import { formatContext, formatGib, formatTokensPerSecond } from '../shared/units';
import { hoverCard } from './hoverCard';
import { fitText, sizeText, speedText } from './modelText';

interface RecommendedCard {
  readonly model: RankedModel;
  readonly rank: number;
  /** Null for a machine that nobody described, of which fit and speed mean nothing. */
  readonly limits: ContextLimits | null;
  /** The install of it that is listed. */
  readonly run: PullRun | undefined;
}

/** The card behind a recommended model's row: score, evidence with its date, fit by context and speed. */
export function recommendedCard({ model, rank, limits, run }: RecommendedCard): vscode.MarkdownString {
  return hoverCard(`${rank}. ${model.name}`, [
    model.modelId,
    run?.status === 'failed' && run.message !== undefined ? { warning: run.message } : undefined,
    scoreText(model),
    evidenceText(model),
    ...(limits === null ? [model.unfitReason] : machineLines(model, limits)),
    model.licence
      ? vscode.l10n.t('Licence: {0}', model.licence)
      : vscode.l10n.t('Licence: not known here, see the model page'),
  ]);
}

/** `14k on the GPU, 96k with RAM`: how long a context the machine leaves to a model; undefined where nobody can say. */
export function contextLimitText(
  { contextMax, fit }: Pick<RankedModel, 'contextMax' | 'fit'>,
  { onAccelerators, atAll }: ContextLimits,
): string | undefined {
  // Without the model's own maximum the memory says nothing once it is plenty.
  if (atAll === 0 || (contextMax === undefined && atAll > 131_072)) return undefined;
  if (onAccelerators === atAll) return vscode.l10n.t('{0} on the GPU', formatContext(atAll));
  if (onAccelerators === 0) {
    return fit === 'cpu'
      ? vscode.l10n.t('{0} in RAM', formatContext(atAll))
      : vscode.l10n.t('{0} on GPU and RAM', formatContext(atAll));
  }
  return vscode.l10n.t('{0} on the GPU, {1} with RAM', formatContext(onAccelerators), formatContext(atAll));
}

export function confidenceText(confidence: Confidence): string {
  switch (confidence) {
    case 'high':
      return vscode.l10n.t('high confidence');
    case 'medium':
      return vscode.l10n.t('medium confidence');
    case 'low':
      return vscode.l10n.t('low confidence');
  }
}

/** `Score 62.0 of 100, probably 55 to 68 (high confidence)`. */
export function scoreText({ score, quality, benchmarkScore }: RankedModel): string {
  // The factors are known; the interval is of the quality that they are applied to.
  const factor = quality > 0 ? score / quality : 0;
  const [low, high] = benchmarkScore.interval.map((end) => formatNumber(end * factor));
  return vscode.l10n.t(
    'Score {0} of 100, probably {1} to {2} ({3})',
    formatNumber(score, 1),
    low ?? '',
    high ?? '',
    confidenceText(benchmarkScore.confidence),
  );
}

/** What a score rests on, in a sentence. */
export function evidenceText({ benchmarkScore, evidence }: RankedModel): string {
  const counting = benchmarkScore.contributions.filter((part) => part.combinedWeight > 0);
  if (counting.length === 0) return standInText(benchmarkScore);
  const sources = new Set(counting.map((part) => part.source)).size;
  const newest = counting.reduce((date, { observedAt }) => (observedAt > date ? observedAt : date), '');
  const [day, grade] = [newest.slice(0, 10), gradeText(evidence)];
  if (counting.length === 1) return vscode.l10n.t('Evidence: 1 result, of {0}, {1}', day, grade);
  return sources === 1
    ? vscode.l10n.t(
        'Evidence: {0} results from 1 source, the newest of {1}, the weakest {2}',
        counting.length,
        day,
        grade,
      )
    : vscode.l10n.t(
        'Evidence: {0} results from {1} sources, the newest of {2}, the weakest {3}',
        counting.length,
        sources,
        day,
        grade,
      );
}

/** What a score without results of its own rests on. */
function standInText({ interpolatedFrom, succeeds, guessed }: MergedScore): string {
  if (interpolatedFrom !== undefined && interpolatedFrom.length > 0) {
    return vscode.l10n.t(
      'Evidence: none of its own; inferred from {0} of its series',
      interpolatedFrom.length,
    );
  }
  if (succeeds !== undefined) {
    return vscode.l10n.t(
      'Evidence: none of its own yet; the score of {0}, the model before it in its line and size',
      succeeds.split('/').pop() ?? succeeds,
    );
  }
  if (guessed === undefined) return vscode.l10n.t('Evidence: no results that can be compared');
  return guessed === 'size'
    ? vscode.l10n.t('Evidence: none of its own or of a relative; guessed from its size')
    : vscode.l10n.t('Evidence: none of its own or of a relative; guessed from its size and date');
}

/** In the words of the report. */
function gradeText(grade: EvidenceGrade): string {
  switch (grade) {
    case 'direct':
      return vscode.l10n.t('direct');
    case 'variant':
      return vscode.l10n.t('of a variant');
    case 'base':
      return vscode.l10n.t('of its base model');
    case 'interpolated':
      return vscode.l10n.t('inferred');
    case 'self-reported':
      return vscode.l10n.t("the maker's own");
  }
}

function machineLines(model: RankedModel, limits: ContextLimits): Parameters<typeof hoverCard>[1] {
  const longest = contextLimitText(model, limits);
  const made = model.contextMax;
  return [
    `${model.quant} · ${sizeText(model)} · ${fitText(model.fit)}`,
    speedLine(model),
    longest === undefined
      ? undefined
      : made === undefined
        ? vscode.l10n.t('Longest context that fits: {0}', longest)
        : vscode.l10n.t('Longest context that fits: {0} (made for {1})', longest, formatContext(made)),
    vscode.l10n.t('Memory by context:'),
    {
      list: model.fitByContext.map(
        (fit) => `${formatContext(fit.contextTokens)}: ${formatGib(fit.totalGb)}, ${fitText(fit.fit)}`,
      ),
    },
  ];
}

/** The speed on its machine, with its range where it is an estimate. */
export function speedLine(model: RankedModel): string {
  const { basis, calibration, range, confidence, measured } = model.speedEstimate;
  if (basis === 'measured') {
    const rate = speedText(model);
    const seen = measured ? formatTokensPerSecond(measured.tokPerSec) : rate;
    // Read at another context than the one that all rows speak of: who has just seen that number looks for it here.
    return measured && seen !== rate
      ? vscode.l10n.t('{0}, from {1} measured here with {2} tokens', rate, seen, measured.readTokens)
      : vscode.l10n.t('{0}, measured here', rate);
  }
  const [low, high] = range.map((rate) => formatNumber(rate, rate < 10 ? 1 : 0));
  const estimate = vscode.l10n.t(
    '{0}, estimated: {1} to {2} ({3})',
    speedText(model),
    low ?? '',
    high ?? '',
    confidenceText(confidence),
  );
  if (calibration === undefined) return estimate;
  return vscode.l10n.t('{0}, corrected by what was measured here', estimate);
}
