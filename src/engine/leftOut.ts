import * as l10n from '@vscode/l10n';
import type { Candidate } from '../catalog/candidate';
import type { RankedModel, RankWarning } from '../ranking/rankTypes';
import { compareCodePoints } from '../shared/codePointOrder';
import { formatNumber } from '../shared/numberText';
import { formatContext } from '../shared/units';

/** Why a model of the catalogue is not recommended. Each model has the first of these that holds. */
const LEFT_OUT_REASONS = [
  'base',
  'embedding',
  'other_purpose',
  'invalid',
  'unable',
  'too_big',
  'no_results',
  'no_build',
] as const;
type LeftOutReason = (typeof LEFT_OUT_REASONS)[number];

/** Models that are not recommended for one reason. */
export interface LeftOut {
  readonly reason: LeftOutReason;
  /** The reason in two or three words; no two are equal. `unable` has one for each thing that is lacking. */
  readonly title: string;
  /** The reason for a person, without a full stop. */
  readonly text: string;
  readonly count: number;
  /** Names of some of them, those that a person would look for first. */
  readonly examples: readonly string[];
}

export interface LeftOutInput {
  readonly candidates: readonly Candidate[];
  /** All that were ranked, with those that do not fit; before anything is taken from them for unknown hardware. */
  readonly models: readonly RankedModel[];
  readonly warnings: readonly RankWarning[];
  /** GiB that one model may take. */
  readonly usableGib: number;
}

const EXAMPLES = 6;

const TITLES: Readonly<Record<LeftOutReason, () => string>> = {
  base: () => l10n.t('Base models'),
  embedding: () => l10n.t('Embedding models'),
  other_purpose: () => l10n.t('For one purpose'),
  invalid: () => l10n.t('Faulty descriptions'),
  unable: () => l10n.t('Cannot do this task'),
  too_big: () => l10n.t('Too big'),
  no_results: () => l10n.t('No results known'),
  no_build: () => l10n.t('No file to install'),
};

/** Names of models that turn text into vectors or order by them, where the family does not say so. */
const EMBEDDING_NAME = /embed|rerank|colbert|minilm/i;

/**
 * What a ranking does not recommend and why, in the order of `LEFT_OUT_REASONS`, without empty groups. With what
 * `isRecommended` lets through this adds up to the catalogue.
 */
export function leftOutOf(input: LeftOutInput): readonly LeftOut[] {
  const left: readonly { readonly name: string; readonly why: Why }[] = [
    ...input.candidates.toSorted(newestFirst).map((one) => ({ name: one.name, why: whyRole(one) })),
    ...invalidNames(input.warnings).map((name) => ({ name, why: { reason: 'invalid' } as const })),
    ...input.models.toSorted(bestFirst).map((one) => ({ name: one.name, why: whyModel(one) })),
  ];
  return LEFT_OUT_REASONS.flatMap((reason) => {
    const byTitle = Map.groupBy(
      left.filter(({ why }) => why?.reason === reason),
      ({ why }) => why?.lacks ?? TITLES[reason](),
    );
    return [...byTitle].map(([title, group]) => ({
      ...{ reason, title, count: group.length },
      text: reason === 'unable' ? title : textOf(reason, input),
      examples: group.slice(0, EXAMPLES).map(({ name }) => name),
    }));
  });
}

/** Whether a ranked model is recommended: it fits and can do the task, has results, and there is a file to install. */
export function isRecommended(model: RankedModel, hardwareKnown = true): boolean {
  return (model.fitsHardware || !hardwareKnown) && model.score > 0 && hasBuild(model);
}

/** `lacks`: what a model cannot do, where that is the reason; null: not left out. */
type Why = { readonly reason: LeftOutReason; readonly lacks?: string } | null;

function whyRole({ role, family, name }: Candidate): Why {
  if (role === 'chat') return null;
  if (role === 'base') return { reason: 'base' };
  return { reason: family === 'embedding' || EMBEDDING_NAME.test(name) ? 'embedding' : 'other_purpose' };
}

function whyModel(model: RankedModel): Why {
  if (model.fit === 'none') return { reason: 'too_big' };
  // What would fit and is refused all the same cannot do the task.
  if (!model.fitsHardware)
    return { reason: 'unable', lacks: asTitle(model.unfitReason ?? l10n.t('cannot do this')) };
  if (model.score === 0) return { reason: 'no_results' };
  return hasBuild(model) ? null : { reason: 'no_build' };
}

/** `is made for mathematics alone`, said of one model, over many of them. Only English begins with an `is` to drop. */
function asTitle(text: string): string {
  const short = text.replace(/^is /, '');
  return short.charAt(0).toUpperCase() + short.slice(1);
}

function hasBuild({ ollamaName, buildRepo }: RankedModel): boolean {
  return ollamaName !== undefined || buildRepo !== undefined;
}

function textOf(reason: LeftOutReason, { models, usableGib }: LeftOutInput): string {
  switch (reason) {
    case 'base':
      return l10n.t('Base models, which continue a text and answer no question');
    case 'embedding':
      return l10n.t('Embedding and reranking models, which do not chat');
    case 'other_purpose':
      return l10n.t('Models for one purpose, such as reading scans, translating, or rating answers');
    case 'invalid':
      return l10n.t('Descriptions that cannot be right, for example without a number of parameters');
    case 'unable':
      return TITLES.unable();
    case 'too_big':
      return tooBigText(models, usableGib);
    case 'no_results':
      return l10n.t('No benchmark results are known that could be compared, so there is no score');
    case 'no_build':
      return l10n.t('No file to install is known; the report ranks them as if there were one of four bits');
  }
}

/** What the smallest of them would take: whether a little more memory would help. */
function tooBigText(models: readonly RankedModel[], usableGib: number): string {
  const [least] = models
    .filter(({ fit }) => fit === 'none')
    .sort((a, b) => a.estimatedVramGb - b.estimatedVramGb);
  const usable = formatNumber(usableGib, 1);
  if (least === undefined) return l10n.t('Do not fit: {0} GiB are usable', usable);
  return l10n.t(
    'Do not fit: {0} GiB are usable, the smallest ({1}) needs {2} GiB at {3}',
    usable,
    least.name,
    formatNumber(least.estimatedVramGb, 1),
    formatContext(least.contextTokens),
  );
}

/** One name a model: each of its builds that cannot be right has a warning of its own. */
function invalidNames(warnings: readonly RankWarning[]): readonly string[] {
  const ids = warnings.flatMap(({ hfRepoId }) => (hfRepoId === undefined ? [] : [hfRepoId]));
  return [...new Set(ids)].sort(compareCodePoints).map((id) => id.split('/').pop() ?? id);
}

function newestFirst(a: Candidate, b: Candidate): number {
  return compareCodePoints(b.released ?? '', a.released ?? '') || compareCodePoints(a.name, b.name);
}

/** As good as their results say, whatever the machine. */
function bestFirst(a: RankedModel, b: RankedModel): number {
  return b.quality - a.quality || compareCodePoints(a.name, b.name);
}
