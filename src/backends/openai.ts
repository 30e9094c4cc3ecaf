import * as z from 'zod';
import type { BackendKindRow } from './backendKind';
import type { Backend, BackendOptions, ListedModel } from './contract';
import { displayNameOf } from './listedModels';
import { OPENAI_MODELS, openaiListBackend } from './openaiList';
import { recogniseHosted } from './recogniseHosted';

const WORDS = { label: 'OpenAI' } as const;

const model = z.object({ id: z.string().min(1) });

/**
 * OpenAI's own service. Its list (https://developers.openai.com/api/reference/resources/models/methods/list) tells ids
 * alone, of everything it sells, so the ids decide: a model is left out when a word of its id names what is no
 * conversation in text (speech, transcription, images, video, moderation, the old completion models).
 */
function createOpenaiBackend(options: BackendOptions): Backend {
  return openaiListBackend(options, WORDS, model, (served) =>
    NO_CHAT.test(served.id) ? null : listedModel(served),
  );
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
