import * as z from 'zod';
import { silentLogger } from '../shared/logger';
import { dataAnswer, parseEach } from './answerShapes';
import type { BackendKindRow } from './backendKind';
import { baseUrl } from './baseUrl';
import type { Backend, BackendOptions, ListedModel, ProbeResult } from './contract';
import { displayNameOf, modelList } from './listedModels';
import { OPENAI_MODELS } from './openaiList';
import { invalidUrl, readinessOf } from './readiness';
import { recogniseHosted } from './recogniseHosted';

const WORDS = { label: 'OpenAI' } as const;

const model = z.object({ id: z.string().min(1) });

/**
 * OpenAI's own service. Its list (https://developers.openai.com/api/reference/resources/models/methods/list) tells ids
 * alone, of everything it sells, so the ids decide: a model is left out when a word of its id names what is no
 * conversation in text (speech, transcription, images, video, moderation, the old completion models).
 */
function createOpenaiBackend({ config, http, logger = silentLogger }: BackendOptions): Backend {
  const base = baseUrl(config.url);
  return {
    config,
    async probe(signal): Promise<ProbeResult> {
      const invalid = invalidUrl(config.url);
      if (invalid) return invalid;
      const answer = await http.json(`${base}${OPENAI_MODELS}`, dataAnswer, { signal });
      if (!answer.ok) return readinessOf(answer.failure, WORDS);
      const models = parseEach(model, answer.value.data, OPENAI_MODELS, logger);
      return {
        readiness: 'ok',
        models: modelList(models.filter(({ id }) => !NO_CHAT.test(id)).map(listedModel)),
      };
    },
  };
}

const NO_CHAT =
  /(?:^|[-:])(?:tts|whisper|transcribe|translate|audio|realtime|live|dall-e|image|sora|moderation|davinci|babbage|instruct)(?:$|[-:])/i;

function listedModel({ id }: z.infer<typeof model>): ListedModel {
  const embedding = /(?:^|[-:])embedding(?:$|[-:])/i.test(id);
  return { modelId: id, displayName: displayNameOf(id, id), capabilities: { embedding } };
}

export const openaiKind: BackendKindRow = {
  label: WORDS.label,
  hosted: true,
  defaultUrls: ['https://api.openai.com'],
  auth: 'bearer',
  provider: { always: 'openai' },
  create: createOpenaiBackend,
  recognise: (server) => recogniseHosted(server, OPENAI_MODELS),
};
