import * as z from 'zod';
import type { HttpFailure } from '../shared/http';
import { originOf } from '../shared/http';
import { parseJson } from '../shared/json';
import { silentLogger } from '../shared/logger';
import { flag, names, parseEach, text, tokens } from './answerShapes';
import type { BackendKindRow } from './backendKind';
import { baseUrl } from './baseUrl';
import type { Backend, BackendOptions, ListedModel, ProbeFailure, ProbeResult } from './contract';
import { displayNameOf, modelList } from './listedModels';
import { allPages } from './pages';
import { presentFields } from './presentFields';
import { invalidUrl, readinessOf, unauthorized } from './readiness';
import { recogniseHosted } from './recogniseHosted';

const WORDS = { label: 'Gemini' } as const;

/** 1,000 entries are the most that a page may hold. */
const MODELS = '/v1beta/models?pageSize=1000';

const page = z.object({
  models: z.array(z.unknown()),
  nextPageToken: z.string().optional().catch(undefined),
});

const model = z.object({
  /** `models/gemini-...`. */
  name: z.string().min(1),
  displayName: text,
  inputTokenLimit: tokens,
  supportedGenerationMethods: names,
  thinking: flag,
});
type GeminiModel = z.infer<typeof model>;

/**
 * Google's Gemini API: every page of `/v1beta/models` (https://ai.google.dev/api/models). Models with which nobody can
 * chat are left out: those that neither generate content nor embed it, and those whose id names speech, images, video or
 * live audio, for they generate content as well. Whether a model calls tools or sees images it does not tell.
 */
function createGeminiBackend({ config, http, logger = silentLogger }: BackendOptions): Backend {
  const base = baseUrl(config.url);
  return {
    config,
    async probe(signal): Promise<ProbeResult> {
      const invalid = invalidUrl(config.url);
      if (invalid) return invalid;
      const entries = await allPages(async (token) => {
        const query = token === undefined ? '' : `&pageToken=${encodeURIComponent(token)}`;
        const answer = await http.json(`${base}${MODELS}${query}`, page, { signal });
        if (!answer.ok) return answer;
        return { ok: true, entries: answer.value.models, next: answer.value.nextPageToken };
      });
      if (!entries.ok) return failureOf(entries.failure);
      const models = parseEach(model, entries.entries, '/v1beta/models', logger);
      return { readiness: 'ok', models: modelList(models.filter(isListed).map(listedModel)) };
    },
  };
}

const badKey = z.object({
  error: z.object({
    details: z.array(z.object({ reason: z.string().optional() })),
  }),
});

/** A key that Google does not know gets 400 with the reason `API_KEY_INVALID`, seen in public clients' records. */
function failureOf(failure: HttpFailure): ProbeFailure {
  const { status, body, url } = failure;
  const reasons = badKey.safeParse(parseJson(body ?? '')).data?.error.details ?? [];
  return status === 400 && reasons.some(({ reason }) => reason === 'API_KEY_INVALID')
    ? unauthorized(status, originOf(url), WORDS.label)
    : readinessOf(failure, WORDS);
}

const NO_CHAT = /-(?:tts|image|audio|live|transcribe|translate|omni)(?:$|-)/i;

function isListed({ name, supportedGenerationMethods: methods = [] }: GeminiModel): boolean {
  return embeds(methods) || (methods.includes('generateContent') && !NO_CHAT.test(name));
}

function embeds(methods: readonly string[]): boolean {
  return methods.includes('embedContent') && !methods.includes('generateContent');
}

function listedModel(served: GeminiModel): ListedModel {
  const id = served.name.replace(/^models\//, '');
  return {
    modelId: id,
    displayName: displayNameOf(served.displayName, id),
    capabilities: presentFields({
      thinking: served.thinking,
      embedding: embeds(served.supportedGenerationMethods ?? []),
      contextLength: served.inputTokenLimit,
    }),
  };
}

export const geminiKind: BackendKindRow = {
  label: WORDS.label,
  hosted: true,
  defaultUrls: ['https://generativelanguage.googleapis.com'],
  auth: 'x-goog-api-key',
  provider: { always: 'google' },
  create: createGeminiBackend,
  recognise: (server) => recogniseHosted(server, MODELS),
};
