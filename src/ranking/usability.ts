/** At the target speed hardly anything is lost. */
const FACTOR_AT_TARGET = 0.93;

/**
 * How usable a model is for a task at a speed and context, 0..1. At the target speed 0.93, near 1 far above it, and
 * falling below it as `patience` says: with 1.3, 0.85 at half the target, 0.62 at a fifth, 0.4 at a tenth, so that a 70B
 * at 2 tok/s does not beat a 32B at 20, yet a good model that is waited for beats a useless one at once. A model made
 * for less context than the task wants loses with the square root of what is missing. 0 for a speed that is not a
 * positive number.
 */
export function usabilityFactor(input: {
  readonly tokPerSec: number;
  readonly targetTokPerSec: number;
  /** Exponent: the higher, the less a slow model is worth. */
  readonly patience: number;
  readonly contextTokens: number;
  readonly wantedContextTokens: number;
}): number {
  if (!(input.tokPerSec > 0)) return 0;
  const lostAtTarget = 1 / FACTOR_AT_TARGET - 1;
  const speed = 1 / (1 + lostAtTarget * (input.targetTokPerSec / input.tokPerSec) ** input.patience);
  const context = Math.sqrt(Math.min(1, input.contextTokens / input.wantedContextTokens));
  return speed * (Number.isFinite(context) ? context : 1);
}
