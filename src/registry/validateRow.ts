import * as z from 'zod';
import type { ListedModel } from '../backends/contract';
import { messageOf } from '../shared/errors';
import { idPattern } from '../shared/settings';
import type { RegistryRow } from './row';

const MAX_MODELS = 500;
const MAX_NAME_BYTES = 256;
const MAX_CAPABILITIES_BYTES = 8 * 1024;

/**
 * Letters, digits and combining marks of any script, space, and the signs that real model names use; the backslash,
 * because llama-server calls a model by the path of its file.
 */
const NAME = /^[\p{L}\p{N}\p{M}._\-:/\\ ()+@,]+$/u;

/** A write that may be stored, with the models that were left out of it and why; or why none of it may be. */
export type ValidatedRow =
  | { readonly ok: true; readonly row: RegistryRow; readonly dropped: readonly DroppedModel[] }
  | { readonly ok: false; readonly reason: string };

interface DroppedModel {
  /** Position in the list that was written. */
  readonly index: number;
  readonly reason: string;
}

const name = z
  .string()
  .min(1)
  .refine((text) => Buffer.byteLength(text) <= MAX_NAME_BYTES, 'longer than 256 bytes')
  .refine((text) => NAME.test(text), 'has characters that model names do not have');

const tokens = z.number().int().min(0);
const bytes = z.number().min(0);
const shortText = z.string().max(200);

const capabilities = z.object({
  tools: z.exactOptional(z.boolean()),
  vision: z.exactOptional(z.boolean()),
  thinking: z.exactOptional(z.boolean()),
  embedding: z.exactOptional(z.boolean()),
  contextLength: z.exactOptional(tokens),
  ownContext: z.exactOptional(tokens),
  allocatedContext: z.exactOptional(tokens),
  parameterSize: z.exactOptional(shortText),
  quant: z.exactOptional(shortText),
  sizeBytes: z.exactOptional(bytes),
  digest: z.exactOptional(shortText),
  family: z.exactOptional(shortText),
  modifiedAt: z.exactOptional(shortText),
});

const model = z.object({
  modelId: name,
  displayName: name,
  capabilities: z
    .unknown()
    .refine((value) => jsonBytes(value) <= MAX_CAPABILITIES_BYTES, 'capabilities are larger than 8 KiB')
    .pipe(capabilities),
  running: z.exactOptional(
    z.object({
      sizeBytes: z.exactOptional(bytes),
      vramBytes: z.exactOptional(bytes),
      contextTokens: z.exactOptional(tokens),
      expiresAt: z.exactOptional(shortText),
    }),
  ),
});

const row = z.object({
  backend: z.string().regex(idPattern),
  provider: z.string().regex(idPattern),
  source: z.enum(['baseline', 'probe', 'session']),
  refreshedAt: z.number().int().min(0),
  refreshedMono: z.number().int().min(0),
  bootId: z.string().min(1).max(64),
  models: z.array(z.unknown()),
});

/**
 * Parses one write. A bad key or stamp refuses the row; a bad model is left out alone, as are models beyond the first
 * 500 and all but the last of those with one id.
 */
export function validateRow(write: unknown): ValidatedRow {
  const parsed = parse(row, write);
  if (!parsed.ok) return parsed;
  const models = new Map<string, { readonly index: number; readonly model: ListedModel }>();
  const dropped: DroppedModel[] = [];
  for (const [index, entry] of parsed.value.models.entries()) {
    const result = parse(model, entry);
    if (!result.ok) {
      dropped.push({ index, reason: result.reason });
      continue;
    }
    const { modelId } = result.value;
    const earlier = models.get(modelId);
    if (earlier) dropped.push({ index: earlier.index, reason: 'a later model has the same id' });
    else if (models.size >= MAX_MODELS) {
      dropped.push({ index, reason: `more than ${MAX_MODELS} models` });
      continue;
    }
    models.set(modelId, { index, model: result.value });
  }
  return {
    ok: true,
    row: { ...parsed.value, models: [...models.values()].map((kept) => kept.model) },
    dropped,
  };
}

function parse<T>(
  schema: z.ZodType<T>,
  value: unknown,
): { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string } {
  try {
    const parsed = schema.safeParse(value);
    return parsed.success
      ? { ok: true, value: parsed.data }
      : { ok: false, reason: firstIssue(parsed.error) };
  } catch (thrown) {
    // A getter of an object that came from another extension.
    return { ok: false, reason: messageOf(thrown) };
  }
}

function jsonBytes(value: unknown): number {
  try {
    return value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue ? `${issue.path.join('.') || 'row'}: ${issue.message}` : 'not valid';
}
