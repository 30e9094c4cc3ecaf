import * as vscode from 'vscode';
import type { Engine } from '../engine';
import type { RegisteredModel } from '../registry/row';
import { formatNumber } from '../shared/numberText';
import { formatContext, formatGib, formatTokensPerSecond } from '../shared/units';
import type { CardLine } from './hoverCard';
import { fitText } from './modelText';
import { evidenceText, scoreText, speedLine } from './recommendedCard';

type Build = NonNullable<NonNullable<ReturnType<Engine['served']['rankOf']>>['build']>;
type RankingEngine = Pick<Engine, 'served' | 'trials'>;

/**
 * `34 tok/s · fits the GPU · score 62 from 5 results`: what is known of a served model on its machine, in one
 * line; empty where nothing is. A rate that was measured stands without a `~`.
 */
export function rankLine({ served, trials }: RankingEngine, model: RegisteredModel): string {
  const rank = served.rankOf(model);
  const fit = served.fitOf(model);
  const rate = trials.measured(model)?.decodeTokPerSec ?? served.lastDecodeRate(model);
  const build = rank?.build;
  const kind = fit?.kind ?? build?.fit;
  const parts = [
    rate === null ? build && buildSpeed(build) : formatTokensPerSecond(rate),
    kind && fitText(kind),
    rank && evidencePart(rank.model),
  ];
  return parts.filter((part) => part !== undefined).join(' · ');
}

/** Nothing where it does not fit: a rate means nothing then. */
function buildSpeed({ fit, tokPerSec, speedBasis }: Build): string | undefined {
  if (fit === 'none') return undefined;
  return `${speedBasis === 'measured' ? '' : '~'}${formatTokensPerSecond(tokPerSec)}`;
}

function evidencePart({ score, benchmarkScore }: Parameters<typeof scoreText>[0]): string {
  const counting = benchmarkScore.contributions.filter(({ combinedWeight }) => combinedWeight > 0);
  const points = formatNumber(score);
  if (counting.length === 0) return vscode.l10n.t('score {0}, inferred', points);
  return counting.length === 1
    ? vscode.l10n.t('score {0} from 1 result', points)
    : vscode.l10n.t('score {0} from {1} results', points, counting.length);
}

/** `Q4_K_M: takes ~5.4 GiB, fits the GPU, ~103 tok/s`. */
function buildLine(build: Build): string {
  const parts = [
    vscode.l10n.t('takes ~{0}', formatGib(build.memoryGib)),
    fitText(build.fit),
    buildSpeed(build),
  ];
  return `${build.quant}: ${parts.filter((part) => part !== undefined).join(', ')}`;
}

/** The lines of a served model's card on how it does on its machine: score, evidence, speed, fit by context. */
export function rankCardLines(
  { served }: Pick<Engine, 'served'>,
  model: RegisteredModel,
): readonly CardLine[] {
  const rank = served.rankOf(model);
  if (!rank) return [];
  const { model: ranked, isSameBuild, build } = rank;
  const score = [scoreText(ranked), evidenceText(ranked)];
  if (!isSameBuild) return [...score, build && buildLine(build)];
  return [
    ...score,
    speedLine(ranked),
    vscode.l10n.t('Memory by context:'),
    {
      list: ranked.fitByContext.map(
        ({ contextTokens, totalGb, fit }) =>
          `${formatContext(contextTokens)}: ${formatGib(totalGb)}, ${fitText(fit)}`,
      ),
    },
  ];
}
