import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import type { HttpFailure, HttpHeaders, HttpResult } from '../shared/http';
import { originOf } from '../shared/http';
import { parseJson } from '../shared/json';
import { silentLogger } from '../shared/logger';
import { amount, dataAnswer, parseEach, text, tokens } from './answerShapes';
import type { AskedServer, BackendKindRow, Recognised } from './backendKind';
import { baseUrl } from './baseUrl';
import type {
  Backend,
  BackendOptions,
  ListedCapabilities,
  ListedModel,
  ProbeFailure,
  ProbeResult,
} from './contract';
import { displayNameOf, modelList } from './listedModels';
import { allOwnedBy, OPENAI_MODELS } from './openaiList';
import { presentFields } from './presentFields';
import type { ServerWords } from './readiness';
import { invalidUrl, readinessOf } from './readiness';

const LLAMA_SERVER_WORDS = {
  label: 'llama-server',
  start: 'llama-server -m MODEL.gguf',
} as const satisfies ServerWords;

/** `/v1/models` in both modes: a single model has `meta`, a router's models have `status`. */
const model = z.object({
  id: z.string().min(1),
  owned_by: text,
  /** Router mode: the model's own limit. */
  context_length: tokens,
  /** Router mode: `unloaded`, `loading` or `loaded`. */
  status: z
    .object({ value: z.enum(['unloaded', 'loading', 'loaded']) })
    .optional()
    .catch(undefined),
  meta: z
    .object({ n_ctx: tokens, n_ctx_train: tokens, n_params: amount, size: amount, ftype: text })
    .nullish()
    .catch(undefined),
  architecture: z
    .object({ input_modalities: z.array(z.string()) })
    .optional()
    .catch(undefined),
});
type ServedModel = z.infer<typeof model>;

const propsAnswer = z.object({
  default_generation_settings: z.object({ n_ctx: tokens }).optional().catch(undefined),
  model_ftype: text,
  model_path: z.string().optional().catch(undefined),
  build_info: text,
  modalities: z.object({ vision: z.boolean() }).optional().catch(undefined),
  chat_template_caps: z
    .object({ supports_tools: z.boolean().optional(), supports_tool_calls: z.boolean().optional() })
    .optional()
    .catch(undefined),
});
type Props = z.infer<typeof propsAnswer>;

/** A running llama-server, with one model or as a router: `/v1/models`, and `/props` for what is allocated. */
export function createLlamaServerBackend({ config, http, logger = silentLogger }: BackendOptions): Backend {
  const base = baseUrl(config.url);

  async function props(query: string, signal: AbortSignal): Promise<HttpResult<Props>> {
    const answer = await http.json(`${base}/props${query}`, propsAnswer, { signal });
    if (!answer.ok)
      logger.log('info', 'llama_server.props_failed', {
        status: answer.failure.status,
        why: answer.failure.message,
      });
    return answer;
  }

  return {
    config,
    async probe(signal): Promise<ProbeResult> {
      const invalid = invalidUrl(config.url);
      if (invalid) return invalid;
      const answer = await http.json(`${base}${OPENAI_MODELS}`, dataAnswer, { signal });
      if (!answer.ok) return failureOf(answer.failure);
      const served = parseEach(model, answer.value.data, OPENAI_MODELS, logger);
      const asked = await props('', signal);
      // It died after it had listed its models: they are not there, rather than there with less known of them.
      if (!asked.ok && asked.failure.code === 'network') return failureOf(asked.failure);
      const server = asked.ok ? asked.value : null;
      const models = await Promise.all(
        served.map(async (entry) => {
          if (entry.status === undefined) return listedModel(entry, server);
          if (entry.status.value !== 'loaded') return listedModel(entry, null);
          // Asking a router about a model loads it, unless told not to.
          const own = await props(`?model=${encodeURIComponent(entry.id)}&autoload=false`, signal);
          return listedModel(entry, own.ok ? own.value : null);
        }),
      );
      return {
        readiness: 'ok',
        ...presentFields({ version: server?.build_info }),
        models: modelList(models),
      };
    },
  };
}

const unavailable = z.object({ error: z.object({ type: z.literal('unavailable_error') }) });

/** Whether the server says that it is still reading its model: 503 `unavailable_error`, on every route. */
function isLoading(failure: HttpFailure): boolean {
  if (failure.status !== 503 || failure.body === undefined) return false;
  return unavailable.safeParse(parseJson(failure.body)).success;
}

function failureOf(failure: HttpFailure): ProbeFailure {
  const said = readinessOf(failure, LLAMA_SERVER_WORDS);
  if (!isLoading(failure)) return said;
  return {
    readiness: 'bad_status',
    message: l10n.t('llama-server at {0} is still loading its model.', originOf(failure.url)),
    nextStep: l10n.t('Wait: large models take minutes. It is asked again by itself.'),
  };
}

function listedModel(served: ServedModel, props: Props | null): ListedModel {
  const { meta } = served;
  const allocatedContext = props?.default_generation_settings?.n_ctx ?? meta?.n_ctx;
  const caps = props?.chat_template_caps;
  const capabilities: ListedCapabilities = presentFields({
    tools: caps?.supports_tools ?? caps?.supports_tool_calls,
    vision: props?.modalities?.vision ?? served.architecture?.input_modalities.includes('image'),
    contextLength: meta?.n_ctx_train ?? served.context_length,
    allocatedContext,
    parameterSize: meta?.n_params === undefined ? undefined : formatParameters(meta.n_params),
    quant: meta?.ftype ?? props?.model_ftype ?? quantOfFileName(props?.model_path ?? served.id),
    sizeBytes: meta?.size,
  });
  const base = {
    modelId: served.id,
    displayName: displayNameOf(ownNameOf(served.id), served.id),
    capabilities,
  };
  const loaded = served.status === undefined || served.status.value === 'loaded';
  if (!loaded) return base;
  return { ...base, running: presentFields({ sizeBytes: meta?.size, contextTokens: allocatedContext }) };
}

/** `8.0B`, `386K`: as Ollama writes it. */
function formatParameters(parameters: number): string {
  const units = [
    ['B', 1e9],
    ['M', 1e6],
    ['K', 1e3],
  ] as const;
  for (const [unit, size] of units) {
    if (parameters < size) continue;
    const value = parameters / size;
    return `${value.toFixed(value < 100 ? 1 : 0)}${unit}`;
  }
  return String(parameters);
}

/** The quantisation that a GGUF file name states (`model-Q4_K_M.gguf`), upper case; undefined where it states none. */
export function quantOfFileName(path: string): string | undefined {
  const found = QUANT_IN_NAME.exec(fileNameOf(path));
  return found?.[1]?.toUpperCase();
}

const QUANT_IN_NAME = /(?:^|[-._])((?:UD-)?(?:I?Q\d(?:_[0-9A-Z]+)*|TQ\d_\d|BF16|F16|F32|MXFP4))(?=[-.]|$)/i;

/** The file's own name for a model that is known by its path. */
function ownNameOf(id: string): string {
  const file = fileNameOf(id);
  return /\.gguf$/i.test(file) ? file.slice(0, -'.gguf'.length) : id;
}

/** The part after the last separator of either system: the server may run on another one. */
function fileNameOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

/** By who owns its models, else by the name in its headers: a router may have none, and one that loads tells none. */
async function recognise(server: AskedServer): Promise<Recognised | null> {
  const models = await server.get(OPENAI_MODELS);
  if (!models.ok) {
    const { failure } = models;
    if (isLoading(failure)) return { readiness: 'bad_status' };
    return failure.status === 401 && isLlamaCpp(failure.headers) ? { readiness: 'unauthorized' } : null;
  }
  if (!dataAnswer.safeParse(models.value).success) return null;
  if (!allOwnedBy(models.value, 'llamacpp') && !isLlamaCpp(models.headers)) return null;
  const props = await server.get('/props');
  const build = props.ok ? propsAnswer.safeParse(props.value).data?.build_info : undefined;
  return { readiness: 'ok', ...presentFields({ version: build }) };
}

function isLlamaCpp(headers: HttpHeaders | undefined): boolean {
  return headers?.['server'] === 'llama.cpp';
}

export const llamaServerKind: BackendKindRow = {
  label: LLAMA_SERVER_WORDS.label,
  hosted: false,
  // 8080 in the project's own builds, 9931 in Debian's.
  defaultUrls: ['http://127.0.0.1:8080', 'http://127.0.0.1:9931'],
  auth: 'bearer',
  provider: 'repository',
  create: createLlamaServerBackend,
  recognise,
};
