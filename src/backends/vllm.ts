import * as z from 'zod';
import { silentLogger } from '../shared/logger';
import { dataAnswer, parseEach, text, tokens } from './answerShapes';
import type { AskedServer, BackendKindRow, Recognised } from './backendKind';
import { baseUrl } from './baseUrl';
import type { Backend, BackendOptions, ListedModel, ProbeResult } from './contract';
import { displayNameOf, modelList } from './listedModels';
import { limitsOf, tooOld } from './minimumVersions';
import { allOwnedBy, OPENAI_MODELS } from './openaiList';
import { presentFields } from './presentFields';
import type { ServerWords } from './readiness';
import { invalidUrl, readinessOf } from './readiness';

const WORDS = { label: 'vLLM', start: 'vllm serve ORGANISATION/MODEL' } as const satisfies ServerWords;

const model = z.object({
  /** The name that it is served under. */
  id: z.string().min(1),
  /** The repository or the folder that it was loaded from. */
  root: text,
  max_model_len: tokens,
});

const versionAnswer = z.object({ version: z.string().min(1).max(200) });

/** `Qwen/Qwen3-8B`: a repository of a hub, and no path of a folder. */
const REPOSITORY = /^([\w-][\w.-]*)\/[\w.-]+$/;

/**
 * A running vLLM: `/v1/models` and `/version`. The fields are those of ModelCard in vLLM's
 * `vllm/entrypoints/openai/protocol.py`; that only `/v1` asks for the key, and `/version` does not, is said in
 * https://docs.vllm.ai/en/v0.28.0/serving/online_serving/openai_compatible_server/. What a model can do it does not tell.
 */
function createVllmBackend({ config, http, logger = silentLogger }: BackendOptions): Backend {
  const base = baseUrl(config.url);
  return {
    config,
    async probe(signal): Promise<ProbeResult> {
      const invalid = invalidUrl(config.url);
      if (invalid) return invalid;
      const [answer, told] = await Promise.all([
        http.json(`${base}${OPENAI_MODELS}`, dataAnswer, { signal }),
        http.json(`${base}/version`, versionAnswer, { signal }),
      ]);
      if (!answer.ok) return readinessOf(answer.failure, WORDS);
      const version = told.ok ? told.value.version : undefined;
      const old = tooOld('vllm', version);
      if (old) return old;
      const models = parseEach(model, answer.value.data, OPENAI_MODELS, logger);
      return {
        readiness: 'ok',
        ...presentFields({ version }),
        ...limitsOf('vllm', version),
        models: modelList(models.map(listedModel)),
      };
    },
  };
}

function listedModel({ id, root, max_model_len: contextTokens }: z.infer<typeof model>): ListedModel {
  const provider = REPOSITORY.exec(root ?? '')?.[1];
  return {
    modelId: id,
    displayName: displayNameOf(id, id),
    ...presentFields({ provider }),
    // The longest that this server takes; the model's own limit may be longer.
    capabilities: presentFields({ allocatedContext: contextTokens }),
    running: presentFields({ contextTokens }),
  };
}

/** By who owns its models; one that wants a key still tells its version. */
async function recognise(server: AskedServer): Promise<Recognised | null> {
  const models = await server.get(OPENAI_MODELS);
  const locked = !models.ok && models.failure.status === 401;
  if (models.ok ? !allOwnedBy(models.value, 'vllm') : !locked) return null;
  const told = await server.get('/version');
  const version = told.ok ? versionAnswer.safeParse(told.value).data?.version : undefined;
  if (models.ok) return { readiness: 'ok', ...presentFields({ version }) };
  return version === undefined ? null : { readiness: 'unauthorized', version };
}

export const vllmKind: BackendKindRow = {
  label: WORDS.label,
  hosted: false,
  defaultUrls: ['http://127.0.0.1:8000'],
  auth: 'bearer',
  provider: 'repository',
  create: createVllmBackend,
  recognise,
};
