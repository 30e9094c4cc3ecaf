import type { GgufHeader } from './ggufHeader';
import type { GgufOrigin } from './ggufShape';
import type { HubModel } from './hub';
import { parseModelName } from './modelName';

/** What a repository holds that is no model to talk to. */
export type OtherPurpose = 'embedding' | 'reranker' | 'adapter' | 'projector_only' | 'speech' | 'other';

/** Hugging Face's tasks. */
const BY_TASK: Readonly<Record<string, OtherPurpose>> = {
  'feature-extraction': 'embedding',
  'sentence-similarity': 'embedding',
  'text-ranking': 'reranker',
  'automatic-speech-recognition': 'speech',
  'text-to-speech': 'speech',
  'text-to-audio': 'speech',
  'audio-to-audio': 'speech',
  'audio-classification': 'speech',
  'text-classification': 'other',
  'token-classification': 'other',
  'fill-mask': 'other',
  'zero-shot-classification': 'other',
  'text-to-image': 'other',
  'image-to-image': 'other',
  'text-to-video': 'other',
  'image-to-video': 'other',
  'image-to-3d': 'other',
  'text-to-3d': 'other',
  'object-detection': 'other',
  'image-segmentation': 'other',
  'image-classification': 'other',
  'time-series-forecasting': 'other',
};

const BY_NAME: readonly (readonly [OtherPurpose, RegExp])[] = [
  ['reranker', /rerank/i],
  ['embedding', /embed|colbert|(?:^|[-_/])(?:bge|gte|e5|minilm|mxbai)(?:[-_]|$)/i],
  ['projector_only', /mmproj/i],
  ['adapter', /(?:^|[-_])(?:lora|adapter)(?:[-_]|$)/i],
  ['speech', /whisper|parakeet|(?:^|[-_])(?:tts|asr|speech)(?:[-_\d]|$)/i],
];

/** llama.cpp's architectures that are no generators of text. */
const BY_ARCHITECTURE: readonly (readonly [OtherPurpose, RegExp])[] = [
  ['embedding', /bert|embedding|^t5encoder$/],
  ['projector_only', /^(?:clip|mmproj)$/],
  ['speech', /whisper|wavtokenizer|tts|parler|kokoro|orpheus-codec/],
  ['other', /^(?:flux|sd\d?|sdxl|wan|hunyuan-?video|ltxv?|qwen_image|lumina2?|aura|hidream|cosmos)$/],
];

/** llama.cpp's `LLAMA_POOLING_TYPE_RANK`; 0 is none, the others make one vector of a text. */
const RANK_POOLING = 4;

/**
 * What a repository is for, where that is not chat: by the header's type, architecture and pooling, then by Hugging
 * Face's task, then by the name. Null for chat and base models.
 */
export function otherPurposeOf(
  repo: HubModel,
  header: GgufHeader | undefined,
  file: GgufOrigin | undefined,
): OtherPurpose | null {
  if (file?.type === 'adapter') return 'adapter';
  if (file?.type === 'mmproj') return 'projector_only';
  if (file?.pooling === RANK_POOLING) return 'reranker';
  const arch = header?.metadata.get('general.architecture');
  const byArchitecture =
    typeof arch === 'string' ? BY_ARCHITECTURE.find(([, pattern]) => pattern.test(arch))?.[0] : undefined;
  if (byArchitecture) return byArchitecture;
  const byName = BY_NAME.find(([, pattern]) => pattern.test(repo.id.slice(repo.id.indexOf('/') + 1)))?.[0];
  if (byName) return byName;
  if (file?.pooling !== undefined && file.pooling > 0) return 'embedding';
  if (repo.tags.some((tag) => tag.startsWith('base_model:adapter:')) && !repo.tags.includes('gguf'))
    return 'adapter';
  const byTask = BY_TASK[repo.pipelineTag ?? ''];
  if (byTask) return byTask;
  return parseModelName(repo.id).role === 'other' ? 'other' : null;
}
