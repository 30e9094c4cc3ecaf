import * as l10n from '@vscode/l10n';
import * as z from 'zod';

const milliseconds = z.number().min(0).max(86_400_000);

const retryOn = z.strictObject({
  network: z.exactOptional(z.boolean()),
  timeout: z.exactOptional(z.boolean()),
  rateLimit: z.exactOptional(z.boolean()),
  /** Any status of 500 or more, and 409 of a hosted provider. */
  serverError: z.exactOptional(z.boolean()),
});

const partialPolicy = z.strictObject({
  /** The first one included. */
  maxAttempts: z.exactOptional(z.number().int().min(1).max(20)),
  /** For all attempts after the first one, counted from the first one's end. */
  maxActiveElapsedMs: z.exactOptional(milliseconds),
  /** Longest wait before one attempt; what is longer is left for later. */
  maxActiveDelayMs: z.exactOptional(milliseconds),
  /** Longest wait that is left for later; null = any. */
  maxDeferredDelayMs: z.exactOptional(milliseconds.nullable()),
  /** Whether the provider's own delay counts instead of ours. */
  respectRetryAfter: z.exactOptional(z.boolean()),
  minDelayMs: z.exactOptional(milliseconds),
  maxDelayMs: z.exactOptional(milliseconds),
  retryOn: z.exactOptional(retryOn),
  /** What becomes of a wait that is too long: the call fails, or fails as one to try again then. */
  longRetry: z.exactOptional(z.enum(['error', 'defer'])),
});

/** `true`: the defaults; `false`: one attempt; an object: the defaults with changes. */
export const retryChoiceSchema = z
  .union([z.boolean(), partialPolicy])
  .refine((choice) => typeof choice === 'boolean' || minDelayOf(choice) <= maxDelayOf(choice), {
    error: () => l10n.t('minDelayMs is more than maxDelayMs'),
  });
export type RetryChoice = z.infer<typeof retryChoiceSchema>;

/** How often and how long a call is tried again. Times in milliseconds. */
export interface ModelRetryPolicy {
  readonly maxAttempts: number;
  readonly maxActiveElapsedMs: number;
  readonly maxActiveDelayMs: number;
  readonly maxDeferredDelayMs: number | null;
  readonly respectRetryAfter: boolean;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  readonly retryOn: Readonly<Record<keyof z.infer<typeof retryOn>, boolean>>;
  readonly longRetry: 'error' | 'defer';
}

export const DEFAULT_RETRY_POLICY: ModelRetryPolicy = {
  maxAttempts: 3,
  maxActiveElapsedMs: 60_000,
  maxActiveDelayMs: 20_000,
  maxDeferredDelayMs: null,
  respectRetryAfter: true,
  minDelayMs: 500,
  maxDelayMs: 8_000,
  retryOn: { network: true, timeout: true, rateLimit: true, serverError: true },
  longRetry: 'error',
};

function minDelayOf({ minDelayMs }: z.infer<typeof partialPolicy>): number {
  return minDelayMs ?? DEFAULT_RETRY_POLICY.minDelayMs;
}

function maxDelayOf({ maxDelayMs }: z.infer<typeof partialPolicy>): number {
  return maxDelayMs ?? DEFAULT_RETRY_POLICY.maxDelayMs;
}

/** The policy that a choice means. */
export function retryPolicyOf(choice: RetryChoice): ModelRetryPolicy {
  if (choice === true) return DEFAULT_RETRY_POLICY;
  if (choice === false) return { ...DEFAULT_RETRY_POLICY, maxAttempts: 1 };
  return {
    ...DEFAULT_RETRY_POLICY,
    ...choice,
    retryOn: { ...DEFAULT_RETRY_POLICY.retryOn, ...choice.retryOn },
  };
}
