import * as z from 'zod';
import type { HttpFailure, HttpResult } from '../shared/http';
import { silentLogger } from '../shared/logger';
import { dataAnswer, names, parseEach, text, tokens } from './answerShapes';
import type { AskedServer, BackendKindRow, Recognised } from './backendKind';
import { baseUrl } from './baseUrl';
import type { Backend, BackendOptions, ListedCapabilities, ListedModel, ProbeResult } from './contract';
import { displayNameOf, modelList } from './listedModels';
import { allOwnedBy, OPENAI_MODELS } from './openaiList';
import { presentFields } from './presentFields';
import type { ServerWords } from './readiness';
import { invalidUrl, readinessOf } from './readiness';

const WORDS = { label: 'LM Studio', start: 'lms server start' } as const satisfies ServerWords;

/** LM Studio's own list, since 0.3.5; its newer `/api/v1/models` does not say more that we need. */
const OWN_MODELS = '/api/v0/models';

const model = z.object({
  id: z.string().min(1),
  /** `llm`, `vlm` or `embeddings`; absent in `/v1/models`. */
  type: text,
  /** Whose files they are: the organisation of the repository. */
  publisher: text,
  arch: text,
  quantization: text,
  /** `loaded` or `not-loaded`; seen as well: `loading`. */
  state: text,
  max_context_length: tokens,
  loaded_context_length: tokens,
  /** `tool_use`; since 0.3.16. */
  capabilities: names,
});
type StudioModel = z.infer<typeof model>;

/**
 * A running LM Studio: `/api/v0/models`, or `/v1/models` where it does not have that. The fields are those of
 * https://lmstudio.ai/docs/developer/rest/endpoints and its API changelog; `loaded_context_length` stands in neither,
 * and was found in public clients only.
 */
function createLmStudioBackend({ config, http, logger = silentLogger }: BackendOptions): Backend {
  const base = baseUrl(config.url);
  const list = (path: string, signal: AbortSignal): Promise<HttpResult<z.infer<typeof dataAnswer>>> =>
    http.json(`${base}${path}`, dataAnswer, { signal });

  return {
    config,
    async probe(signal): Promise<ProbeResult> {
      const invalid = invalidUrl(config.url);
      if (invalid) return invalid;
      let route = OWN_MODELS;
      let answer = await list(route, signal);
      if (!answer.ok && isUnknownRoute(answer.failure)) {
        route = OPENAI_MODELS;
        answer = await list(route, signal);
      }
      if (!answer.ok) return readinessOf(answer.failure, WORDS);
      const models = parseEach(model, answer.value.data, route, logger);
      return { readiness: 'ok', models: modelList(models.map(listedModel)) };
    },
  };
}

/** LM Studio answers a route that it does not know with 200 and an error; a proxy in front of it with 404. */
function isUnknownRoute({ code, status }: HttpFailure): boolean {
  return code === 'bad_shape' || (code === 'bad_status' && (status === 404 || status === 405));
}

function listedModel(served: StudioModel): ListedModel {
  const { id, type, publisher } = served;
  const capabilities: ListedCapabilities = presentFields({
    tools: served.capabilities?.includes('tool_use'),
    vision: type === undefined ? undefined : type === 'vlm',
    embedding: type === undefined ? undefined : type === 'embeddings',
    contextLength: served.max_context_length,
    allocatedContext: served.loaded_context_length,
    quant: served.quantization,
    family: served.arch,
  });
  const base = {
    modelId: id,
    displayName: displayNameOf(id, id),
    capabilities,
    ...presentFields({ provider: publisher }),
  };
  if (served.state !== 'loaded') return base;
  return { ...base, running: presentFields({ contextTokens: served.loaded_context_length }) };
}

const ownEntry = z.object({ id: z.string(), type: z.string(), state: z.string() });

/** By its own list, else, where that is not to be had, by what it writes as the owner of each model. */
async function recognise(server: AskedServer): Promise<Recognised | null> {
  const own = await server.get(OWN_MODELS);
  if (own.ok) {
    const entries = dataAnswer.safeParse(own.value).data?.data;
    if (entries?.every((entry) => ownEntry.safeParse(entry).success)) return { readiness: 'ok' };
  }
  const models = await server.get(OPENAI_MODELS);
  if (models.ok) return allOwnedBy(models.value, 'organization_owner') ? { readiness: 'ok' } : null;
  return null;
}

export const lmStudioKind: BackendKindRow = {
  label: WORDS.label,
  hosted: false,
  defaultUrls: ['http://127.0.0.1:1234'],
  auth: 'bearer',
  provider: 'repository',
  create: createLmStudioBackend,
  recognise,
};
