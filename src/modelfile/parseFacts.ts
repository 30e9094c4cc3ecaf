import * as z from 'zod';
import type { DescribedModel, MachineFacts } from './protocol';

/** Longest text and longest list that are taken, so that a broken client cannot make the server slow. */
const LONGEST_TEXT = 1_000;
const MOST_MODELS = 20_000;
const MOST_POINTS = 64;

const text = z.string().max(LONGEST_TEXT);
const amount = z.number().nonnegative();
const tokens = z.number().int().positive();
const memory = z
  .array(z.object({ contextTokens: amount, bytes: amount }))
  .max(MOST_POINTS)
  .transform((points) => [...points].sort((a, b) => a.contextTokens - b.contextTokens));

const model = z.object({
  name: text.min(1),
  installed: z.boolean(),
  maxContextTokens: tokens.exactOptional(),
  memory: memory.exactOptional(),
  smallerBuilds: z.array(text).max(MOST_POINTS).exactOptional(),
  rank: tokens.exactOptional(),
  quant: text.exactOptional(),
  sizeBytes: amount.exactOptional(),
  speed: z
    .object({
      tokensPerSecond: amount,
      range: z.tuple([amount, amount]).exactOptional(),
      measured: z.boolean(),
      contextTokens: amount,
    })
    .exactOptional(),
  licence: text.exactOptional(),
  evidence: text.exactOptional(),
});

const facts = z.object({
  models: z.array(z.unknown()).max(MOST_MODELS),
  usableBytes: amount.exactOptional(),
  acceleratorBytes: amount.exactOptional(),
  defaultContextTokens: tokens.exactOptional(),
  machine: text.exactOptional(),
});

/** Facts as they arrived: a model that is none is left out and counted; `null` where nothing of it can be used. */
export function parseFacts(
  params: unknown,
): { readonly facts: MachineFacts; readonly dropped: number } | null {
  const parsed = facts.safeParse(params);
  if (!parsed.success) return null;
  const models = parsed.data.models.flatMap((entry): readonly DescribedModel[] => {
    const result = model.safeParse(entry);
    return result.success ? [result.data] : [];
  });
  return { facts: { ...parsed.data, models }, dropped: parsed.data.models.length - models.length };
}
