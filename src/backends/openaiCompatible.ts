import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import { parseJson } from '../shared/json';
import { dataAnswer, names, text, tokens } from './answerShapes';
import type { AskedServer, BackendKindRow, Recognised } from './backendKind';
import type { Backend, BackendOptions, ListedCapabilities, ListedModel } from './contract';
import { displayNameOf } from './listedModels';
import { OPENAI_MODELS, openaiListBackend } from './openaiList';
import { presentFields } from './presentFields';
import type { ServerWords } from './readiness';

/** How a server is spoken of that may be anything. */
const words = (): ServerWords => ({ label: l10n.t('the server') });

const model = z.object({
  id: z.string().min(1),
  /** From here on OpenRouter's fields, which other gateways have taken over. */
  name: text,
  context_length: tokens,
  architecture: z.object({ input_modalities: names, output_modalities: names }).optional().catch(undefined),
  supported_parameters: names,
  /** vLLM's, told by proxies that pass its list on. */
  max_model_len: tokens,
});
type GatewayModel = z.infer<typeof model>;

/**
 * Anything that lists its models at `/v1/models` and chats at `/v1/chat/completions`. Beyond the ids it reads what
 * OpenRouter tells of each model (https://openrouter.ai/docs/models). Models that write neither text nor embeddings are
 * left out: nobody can chat with them.
 */
function createOpenaiCompatibleBackend(options: BackendOptions): Backend {
  return openaiListBackend(options, words(), model, (served) =>
    writes(served) ? listedModel(served) : null,
  );
}

function writes({ architecture }: GatewayModel): boolean {
  const outputs = architecture?.output_modalities;
  return outputs === undefined || outputs.includes('text') || outputs.includes('embeddings');
}

function listedModel({ id, name, ...served }: GatewayModel): ListedModel {
  const { input_modalities: inputs, output_modalities: outputs } = served.architecture ?? {};
  const parameters = served.supported_parameters;
  const capabilities: ListedCapabilities = presentFields({
    tools: parameters?.includes('tools'),
    thinking: parameters?.includes('reasoning'),
    vision: inputs?.includes('image'),
    embedding: outputs === undefined ? undefined : !outputs.includes('text'),
    contextLength: served.context_length,
    allocatedContext: served.max_model_len,
  });
  return { modelId: id, displayName: displayNameOf(name, id), capabilities };
}

const entry = z.object({ id: z.string().min(1) });
const refusal = z.object({ error: z.unknown() });

/** Whatever lists models, or wants a key before it does and says so as such servers do. */
async function recognise(server: AskedServer): Promise<Recognised | null> {
  const models = await server.get(OPENAI_MODELS);
  if (!models.ok) {
    const { status, body } = models.failure;
    const refused = status === 401 && refusal.safeParse(parseJson(body ?? '')).success;
    return refused ? { readiness: 'unauthorized' } : null;
  }
  const list = dataAnswer.safeParse(models.value).data;
  if (list === undefined) return null;
  const entries = list.data ?? [];
  return entries.length === 0 || entries.some((each) => entry.safeParse(each).success)
    ? { readiness: 'ok' }
    : null;
}

export const openaiCompatibleKind: BackendKindRow = {
  get label() {
    return l10n.t('OpenAI-compatible server');
  },
  hosted: false,
  defaultUrls: [],
  auth: 'bearer',
  provider: 'gateway',
  create: createOpenaiCompatibleBackend,
  recognise,
};
