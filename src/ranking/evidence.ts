import { normalizeQuantId } from './quantisation';
import type { EvidenceGrade } from './rankTypes';

/** How much an observation counts by how directly it speaks of the model and build at hand. */
export const EVIDENCE_CONFIDENCE: Readonly<Record<EvidenceGrade, number>> = {
  direct: 1.0,
  variant: 0.85,
  base: 0.7,
  interpolated: 0.5,
  'self-reported': 0.35,
};

/** From the strongest to the weakest. */
export const EVIDENCE_GRADES: readonly EvidenceGrade[] = [
  'direct',
  'variant',
  'base',
  'interpolated',
  'self-reported',
];

const MIRROR_SUFFIX = /-(?:gguf|mlx|awq|gptq)$/i;
const VARIANT_SUFFIX = /-(?:instruct|chat|it|base)$/i;
const SIZE_SUFFIX = /-\d+(?:\.\d+)?b(?:-a\d+(?:\.\d+)?b)?$/i;

export interface EvidenceInput {
  readonly observationModel: string;
  readonly observationQuant?: string | undefined;
  readonly observationEvidence?: EvidenceGrade | undefined;
  readonly targetModel: string;
  readonly targetQuant?: string | undefined;
}

export interface GradedEvidence {
  readonly grade: EvidenceGrade;
  /** 0..1, from `EVIDENCE_CONFIDENCE`. */
  readonly confidence: number;
}

/**
 * How directly an observation of one model and quantisation applies to another. A self-reported figure stays
 * self-reported. Otherwise, after one mirror suffix (-GGUF, -MLX, -AWQ, -GPTQ) is dropped and without regard to case:
 * same id and same known quantisation is `direct`, same id `variant`, same id without -Instruct/-Chat/-it/-Base and
 * size `base`, anything else `interpolated`.
 */
export function gradeEvidence(input: EvidenceInput): GradedEvidence {
  const grade = gradeOf(input);
  return { grade, confidence: EVIDENCE_CONFIDENCE[grade] };
}

function gradeOf(input: EvidenceInput): EvidenceGrade {
  if (input.observationEvidence === 'self-reported') return 'self-reported';
  if (sameModel(input.observationModel, input.targetModel))
    return sameKnownQuant(input.observationQuant, input.targetQuant) ? 'direct' : 'variant';
  return baseForm(input.observationModel) === baseForm(input.targetModel) ? 'base' : 'interpolated';
}

/** The id by which observations and candidates meet: trimmed, without one mirror suffix, lower case. */
export function identityKey(modelId: string): string {
  return modelId.trim().replace(MIRROR_SUFFIX, '').toLowerCase();
}

function sameModel(a: string, b: string): boolean {
  return a === b || identityKey(a) === identityKey(b);
}

function baseForm(modelId: string): string {
  let form = identityKey(modelId);
  while (VARIANT_SUFFIX.test(form)) form = form.replace(VARIANT_SUFFIX, '');
  return form.replace(SIZE_SUFFIX, '');
}

function sameKnownQuant(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  const left = normalizeQuantId(a);
  const right = normalizeQuantId(b);
  return left.known && right.known && left.canonical === right.canonical;
}

/** The least trustworthy of some grades; `interpolated` where there are none. */
export function weakestEvidence(grades: Iterable<EvidenceGrade>): EvidenceGrade {
  let weakest = -1;
  for (const grade of grades) weakest = Math.max(weakest, EVIDENCE_GRADES.indexOf(grade));
  return EVIDENCE_GRADES[weakest] ?? 'interpolated';
}
