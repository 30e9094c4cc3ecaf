import * as z from 'zod';
import type { HttpFailure } from '../shared/http';
import { silentLogger } from '../shared/logger';
import { flag, parseEach, text, tokens } from './answerShapes';
import type { BackendKindRow } from './backendKind';
import { baseUrl } from './baseUrl';
import type { Backend, BackendOptions, ListedModel, ProbeResult } from './contract';
import { displayNameOf, modelList } from './listedModels';
import { allPages } from './pages';
import { presentFields } from './presentFields';
import { invalidUrl, readinessOf } from './readiness';
import { recogniseHosted } from './recogniseHosted';

const WORDS = { label: 'Anthropic' } as const;

/** 1,000 entries are the most that a page may hold. */
const MODELS = '/v1/models?limit=1000';

const page = z.object({
  data: z.array(z.unknown()),
  has_more: flag,
  last_id: z.string().nullish().catch(undefined),
});

const support = z.object({ supported: flag }).nullish().catch(undefined);

const model = z.object({
  id: z.string().min(1),
  display_name: text,
  max_input_tokens: tokens,
  capabilities: z.object({ image_input: support, thinking: support }).nullish().catch(undefined),
});

/**
 * Anthropic's own service: every page of `/v1/models`
 * (https://platform.claude.com/docs/en/api/cli/models/list.md; the fields of `capabilities` as in
 * github:anthropics/anthropic-sdk-typescript `src/resources/models.ts`). Whether a model calls tools it does not tell.
 */
function createAnthropicBackend({ config, http, logger = silentLogger }: BackendOptions): Backend {
  const base = baseUrl(config.url);
  return {
    config,
    async probe(signal): Promise<ProbeResult> {
      const invalid = invalidUrl(config.url);
      if (invalid) return invalid;
      const failed = (failure: HttpFailure): ProbeResult => readinessOf(failure, WORDS);
      const entries = await allPages(async (after) => {
        const query = after === undefined ? '' : `&after_id=${encodeURIComponent(after)}`;
        const answer = await http.json(`${base}${MODELS}${query}`, page, { signal });
        if (!answer.ok) return answer;
        const { data, has_more: more, last_id: last } = answer.value;
        return { ok: true, entries: data, next: more === true ? (last ?? undefined) : undefined };
      });
      if (!entries.ok) return failed(entries.failure);
      const models = parseEach(model, entries.entries, '/v1/models', logger);
      return { readiness: 'ok', models: modelList(models.map(listedModel)) };
    },
  };
}

function listedModel(served: z.infer<typeof model>): ListedModel {
  return {
    modelId: served.id,
    displayName: displayNameOf(served.display_name, served.id),
    capabilities: presentFields({
      vision: served.capabilities?.image_input?.supported,
      thinking: served.capabilities?.thinking?.supported,
      contextLength: served.max_input_tokens,
    }),
  };
}

export const anthropicKind: BackendKindRow = {
  label: WORDS.label,
  hosted: true,
  defaultUrls: ['https://api.anthropic.com'],
  auth: 'x-api-key',
  fixedHeaders: { 'anthropic-version': '2023-06-01' },
  provider: { always: 'anthropic' },
  create: createAnthropicBackend,
  recognise: (server) => recogniseHosted(server, MODELS),
};
