import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import { retryChoiceSchema } from './retryPolicy';
import { thinkingSchema } from './thinking';

/** The wire formats that a model can be called with. */
export const WIRE_FORMATS = ['ollama', 'openai_compat', 'anthropic_native', 'gemini', 'vscode'] as const;
export type WireFormat = (typeof WIRE_FORMATS)[number];

const name = z.string().min(1).max(500);
const contextTokens = z.number().int().min(1).max(100_000_000);

/**
 * Where a call goes once more after its own route has failed for good. What it does not name is taken over from the
 * primary route, and the record says so.
 */
export const escalationSchema = z
  .strictObject({
    backend: z.exactOptional(name),
    provider: z.exactOptional(name),
    model: z.exactOptional(name),
    thinking: z.exactOptional(thinkingSchema),
    contextTokens: z.exactOptional(contextTokens),
    retry: z.exactOptional(retryChoiceSchema),
  })
  .refine(({ backend, provider, model }) => (backend ?? provider ?? model) !== undefined, {
    error: () => l10n.t('name at least a model or a backend'),
  });
export type EscalationSetting = Readonly<z.infer<typeof escalationSchema>>;

/** What the user knows better of some models than the built-in table. The first rule that matches counts. */
export const capabilityRuleSchema = z.strictObject({
  /** Id of a backend; absent: any. */
  backend: z.exactOptional(name),
  /** Absent: any. */
  provider: z.exactOptional(name),
  /** The model's family as its server says it; absent: any. */
  family: z.exactOptional(name),
  /** Glob on the model's id. */
  model: name,
  wireFormat: z.exactOptional(z.enum(WIRE_FORMATS)),
  /** Whether the model can call tools. */
  tools: z.exactOptional(z.boolean()),
  /** Whether the model can think. */
  thinking: z.exactOptional(z.boolean()),
});
export type CapabilityRule = Readonly<z.infer<typeof capabilityRuleSchema>>;
