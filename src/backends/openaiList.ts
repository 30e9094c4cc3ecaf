import * as z from 'zod';
import { dataAnswer } from './answerShapes';

/** The list of models that servers have in common since OpenAI's API. */
export const OPENAI_MODELS = '/v1/models';

const owned = z.object({ owned_by: z.string() });

/**
 * Whether an answer to `/v1/models` lists models of this owner alone, and at least one. Servers write their own name
 * there; a proxy in front of several lists the names of all.
 */
export function allOwnedBy(answer: unknown, owner: string): boolean {
  const list = dataAnswer.safeParse(answer).data?.data ?? [];
  const owners = list.flatMap((entry) => owned.safeParse(entry).data?.owned_by ?? []);
  return owners.length > 0 && owners.every((name) => name === owner);
}
