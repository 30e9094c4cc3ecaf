import * as z from 'zod';
import { silentLogger } from '../shared/logger';
import { dataAnswer, parseEach } from './answerShapes';
import { baseUrl } from './baseUrl';
import type { Backend, BackendOptions, ListedModel, ProbeResult } from './contract';
import { modelList } from './listedModels';
import type { ServerWords } from './readiness';
import { invalidUrl, readinessOf } from './readiness';

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

/** A backend of which nothing is asked but this list; `listed` returns null for an entry that is left out. */
export function openaiListBackend<T>(
  { config, http, logger = silentLogger }: BackendOptions,
  words: ServerWords,
  entry: z.ZodType<T>,
  listed: (entry: T) => ListedModel | null,
): Backend {
  const base = baseUrl(config.url);
  return {
    config,
    async probe(signal): Promise<ProbeResult> {
      const invalid = invalidUrl(config.url);
      if (invalid) return invalid;
      const answer = await http.json(`${base}${OPENAI_MODELS}`, dataAnswer, { signal });
      if (!answer.ok) return readinessOf(answer.failure, words);
      const entries = parseEach(entry, answer.value.data, OPENAI_MODELS, logger);
      return { readiness: 'ok', models: modelList(entries.map(listed).filter((model) => model !== null)) };
    },
  };
}
