import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import type { Backend, ListedModel, ProbeFailure } from '../backends/contract';
import { abortReason, untilAborted } from '../shared/abort';
import type { Clock } from '../shared/clock';
import { messageOf } from '../shared/errors';
import { originOf } from '../shared/http';
import { redactText } from '../shared/redact';
import { shorten } from '../shared/shorten';

/** What a server says of itself is kept in the state of all windows, and bounded there. */
export const MAX_TEXT_CHARACTERS = 2_000;

export const MAX_LIMITS = 20;

const boundedText = z.string().transform((text) => shorten(text, MAX_TEXT_CHARACTERS));

const probeResult = z.union([
  z.object({
    readiness: z.literal('ok'),
    version: z.exactOptional(boundedText),
    limits: z.exactOptional(z.array(boundedText).max(MAX_LIMITS)),
    // Models are checked one by one when they are stored, so that a bad one drops itself alone.
    models: z.array(z.custom<ListedModel>((value) => typeof value === 'object' && value !== null)),
  }),
  z.object({
    readiness: z.enum([
      ...['invalid_url', 'unreachable', 'bad_status', 'bad_response'],
      ...['model_missing', 'too_old', 'unauthorized'],
    ] as const),
    message: boundedText,
    nextStep: boundedText,
  }),
]);

export type ProbeOutcome =
  | {
      readonly readiness: 'ok';
      readonly version?: string;
      readonly limits?: readonly string[];
      readonly models: readonly ListedModel[];
    }
  | ProbeFailure;

/**
 * Probes one backend, with a deadline in milliseconds. A probe that hangs, throws or answers with something else than a
 * result is a failure. Rejects with the signal's reason, and only then, even when the backend ignores its signal.
 */
export async function runProbe(
  backend: Backend,
  clock: Clock,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const { id, url } = backend.config;
  const deadline = new AbortController();
  const cancelDeadline = clock.after(deadlineMs, () => deadline.abort(new Error('deadline')));
  const both = AbortSignal.any([signal, deadline.signal]);
  try {
    const raw: unknown = await untilAborted(backend.probe(both), both);
    const parsed = probeResult.safeParse(raw);
    if (parsed.success) return parsed.data;
    return badResponse(l10n.t('The backend {0} gave a list of models that cannot be read.', id));
  } catch (thrown) {
    if (signal.aborted) throw abortReason(signal);
    if (!deadline.signal.aborted)
      return badResponse(l10n.t('Asking the backend {0} failed: {1}.', id, redactText(messageOf(thrown))));
    return {
      readiness: 'unreachable',
      message: l10n.t(
        'The backend {0} at {1} did not answer within {2} s.',
        id,
        originOf(url),
        Math.round(deadlineMs / 1_000),
      ),
      nextStep: l10n.t(
        'See whether that server hangs or is overloaded, and restart it if so; it is asked again by itself.',
      ),
    };
  } finally {
    cancelDeadline();
  }
}

function badResponse(message: string): ProbeFailure {
  return {
    readiness: 'bad_response',
    message,
    nextStep: l10n.t(
      'See whether its address and kind in modelPool.backends are right; it is asked again by itself.',
    ),
  };
}
