import * as z from 'zod';

/** Where in the shared control block what stands; 32-bit integers. */
export const CONTROL = { arrived: 0, round: 1, stop: 2 } as const;
export const CONTROL_BYTES = 12;

/** What a thread is started with. */
export const threadStartSchema = z.object({
  bytes: z.number().int().positive(),
  threads: z.number().int().positive(),
  control: z.instanceof(SharedArrayBuffer),
  /** When it is enough, on the monotonic clock. */
  enoughAtMs: z.number(),
  minRounds: z.number().int().positive(),
});
export type ThreadStart = z.infer<typeof threadStartSchema>;

/** From a thread, once. */
export const threadAnswerSchema = z.discriminatedUnion('type', [
  /** When each round of this thread began and ended, monotonic milliseconds. */
  z.object({ type: z.literal('rounds'), rounds: z.array(z.tuple([z.number(), z.number()])) }),
  z.object({
    type: z.literal('failed'),
    code: z.enum(['no_memory', 'not_supported']),
    message: z.string(),
  }),
]);
export type ThreadAnswer = z.infer<typeof threadAnswerSchema>;
export type ThreadRounds = Extract<ThreadAnswer, { type: 'rounds' }>['rounds'];
