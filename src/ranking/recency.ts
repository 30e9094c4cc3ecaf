/** Months after which an observation counts half. */
export const HALFLIFE_MONTHS = 9;
/** Factor per newer generation of the model's series. */
export const LINEAGE_STEP_PENALTY = 0.6;
/** No observation counts less than this for its age. */
export const MIN_RECENCY_WEIGHT = 0.05;

const MS_PER_MONTH = 30 * 24 * 60 * 60 * 1000;

export interface RecencyInput {
  readonly observedAt: string;
  /** The date against which age is counted. */
  readonly snapshotDate: string;
  /** Newer generations of the series; 0 or absent is the newest. */
  readonly lineagePosition?: number | undefined;
}

export interface RecencyDecay {
  /** Months of 30 days, at least 0. */
  readonly ageMonths: number;
  /** 0.05..1. */
  readonly weight: number;
  readonly lineagePenaltyApplied: number;
}

/**
 * max(0.05, 0.5^(age / 9 months) x 0.6^lineagePosition). A date in the future, or one that is not a date, counts as
 * age zero; a lineage position that is not a positive number as 0.
 */
export function applyRecencyDecay(input: RecencyInput): RecencyDecay {
  const ageMonths = ageInMonths(dateMs(input.observedAt), dateMs(input.snapshotDate));
  const lineagePenaltyApplied = lineagePenalty(input.lineagePosition ?? 0);
  return {
    ageMonths,
    weight: recencyWeight(ageDecay(ageMonths), lineagePenaltyApplied),
    lineagePenaltyApplied,
  };
}

/** Months of 30 days from a time until another, both from `dateMs`; at least 0, and 0 where either is not a date. */
export function ageInMonths(observedMs: number, atMs: number): number {
  const ageMs = atMs - observedMs;
  return Number.isFinite(ageMs) ? Math.max(0, ageMs / MS_PER_MONTH) : 0;
}

/** The part of a recency weight that is the same for all observations of one date, 0..1. */
export function ageDecay(ageMonths: number): number {
  return 0.5 ** (ageMonths / HALFLIFE_MONTHS);
}

/** The part that is the same for all observations of one model, 0..1. */
export function lineagePenalty(position: number): number {
  return position > 0 ? LINEAGE_STEP_PENALTY ** position : 1;
}

/** Both parts together, 0.05..1. */
export function recencyWeight(decay: number, penalty: number): number {
  return Math.max(MIN_RECENCY_WEIGHT, decay * penalty);
}

const PLAIN_DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;
const FULL_DATE = /^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})$/;

/** Dates repeat: a snapshot holds some hundred in tens of thousands of rows. */
const parsed = new Map<string, number>();
const MAX_PARSED = 4096;

/**
 * Milliseconds since the epoch of `YYYY`, `YYYY-MM`, `YYYY-MM-DD` (UTC, start of the period) or a full ISO 8601 time
 * with its zone; NaN for anything else, so that no machine's own time zone comes in.
 */
export function dateMs(text: string): number {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  if (parsed.size >= MAX_PARSED) parsed.clear();
  const ms = parseDate(text);
  parsed.set(text, ms);
  return ms;
}

function parseDate(text: string): number {
  const plain = PLAIN_DATE.exec(text);
  if (plain !== null) {
    const month = Number(plain[2] ?? 1);
    const day = Number(plain[3] ?? 1);
    return month >= 1 && month <= 12 && day >= 1 && day <= 31
      ? Date.UTC(Number(plain[1]), month - 1, day)
      : NaN;
  }
  return FULL_DATE.test(text) ? Date.parse(text) : NaN;
}
