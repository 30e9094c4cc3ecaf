import * as z from 'zod';

/** How hard a model may think, where its server takes a word for it. */
export const THINKING_LEVELS = ['minimal', 'low', 'medium', 'high', 'max'] as const;

/**
 * What is asked of a model that can think before it answers: `off`; `enabled`, with at most `budgetTokens` of thinking;
 * `adaptive`, where the model decides; or an `effort`.
 */
export const thinkingSchema = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('off') }),
  z.strictObject({
    mode: z.literal('enabled'),
    budgetTokens: z.exactOptional(z.number().int().min(1).max(1_000_000)),
  }),
  z.strictObject({ mode: z.literal('adaptive') }),
  z.strictObject({ mode: z.literal('effort'), level: z.enum(THINKING_LEVELS) }),
]);
export type Thinking = Readonly<z.infer<typeof thinkingSchema>>;

/** The setting's words: `default` leaves it to the server, a level is an effort. */
export const THINKING_CHOICES = ['default', 'off', 'on', 'adaptive', ...THINKING_LEVELS] as const;
export type ThinkingChoice = (typeof THINKING_CHOICES)[number];

/** What a word of the setting asks for; undefined for `default`. */
export function thinkingOf(choice: ThinkingChoice): Thinking | undefined {
  switch (choice) {
    case 'default':
      return undefined;
    case 'on':
      return { mode: 'enabled' };
    case 'off':
    case 'adaptive':
      return { mode: choice };
    default:
      return { mode: 'effort', level: choice };
  }
}
