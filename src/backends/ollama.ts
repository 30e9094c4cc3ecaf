import { compareCodePoints } from '../shared/codePointOrder';
import type { HttpFailure } from '../shared/http';
import { silentLogger } from '../shared/logger';
import type {
  Backend,
  BackendOptions,
  ListedCapabilities,
  ListedModel,
  ProbeResult,
  RunningModel,
} from './contract';
import type { OllamaLoaded, OllamaShow, OllamaTag } from './ollamaApi';
import {
  contextLengthOf,
  known,
  listAnswer,
  OLLAMA_WORDS,
  parseLoaded,
  parseTags,
  showAnswer,
  versionAnswer,
} from './ollamaApi';
import { presentFields } from './presentFields';
import { invalidUrl, readinessOf } from './readiness';

/** How many `/api/show` are asked at the same time. */
const SHOWS_AT_ONCE = 4;

/** Ollama keeps a model "for ever" by an expiry of 292 years from now (keep_alive -1). */
const FOR_EVER_YEAR = 2200;

type Shown = Pick<OllamaShow, 'capabilities'> & { readonly contextLength?: number };

/**
 * A running Ollama: `/api/version`, `/api/tags`, `/api/ps`, and `/api/show` for what each model can do: the list of
 * v0.32.15 calls an embedding model `completion`, older lists say nothing. A model that cannot be shown stays listed.
 */
export function createOllamaBackend({ config, http, logger = silentLogger }: BackendOptions): Backend {
  /** By digest, which names the content: what a model can do never changes under it. */
  const shown = new Map<string, Shown>();
  const base = config.url.replace(/\/+$/, '');

  async function showEach(tags: readonly OllamaTag[], signal: AbortSignal): Promise<void> {
    const wanted = tags.filter((tag) => !shown.has(tag.digest ?? tag.name));
    const next = wanted.values();
    const worker = async (): Promise<void> => {
      for (const tag of next) {
        const answer = await http.json(`${base}/api/show`, showAnswer, {
          json: { model: tag.name },
          signal,
        });
        if (answer.ok) {
          const facts = presentFields({
            capabilities: answer.value.capabilities,
            contextLength: contextLengthOf(answer.value),
          });
          shown.set(tag.digest ?? tag.name, facts);
        } else {
          logger.log('info', 'ollama.show_failed', { model: tag.name, status: answer.failure.status });
        }
      }
    };
    await Promise.all(Array.from({ length: SHOWS_AT_ONCE }, worker));
    const listed = new Set(tags.map((tag) => tag.digest ?? tag.name));
    for (const key of shown.keys()) if (!listed.has(key)) shown.delete(key);
  }

  return {
    config,
    async probe(signal): Promise<ProbeResult> {
      const invalid = invalidUrl(config.url);
      if (invalid) return invalid;
      const failed = (failure: HttpFailure): ProbeResult => readinessOf(failure, OLLAMA_WORDS);

      const version = await http.json(`${base}/api/version`, versionAnswer, { signal });
      if (!version.ok) return failed(version.failure);
      const [listed, running] = await Promise.all([
        http.json(`${base}/api/tags`, listAnswer, { signal }),
        http.json(`${base}/api/ps`, listAnswer, { signal }),
      ]);
      if (!listed.ok) return failed(listed.failure);
      if (!running.ok) logger.log('warn', 'ollama.ps_failed', { why: running.failure.message });
      const tags = parseTags(listed.value.models, logger);
      const loaded = running.ok ? parseLoaded(running.value.models, logger) : [];
      await showEach(tags, signal);

      const byName = new Map(loaded.map((entry) => [entry.name, entry]));
      const models = tags.map((tag) =>
        listedModel(tag, shown.get(tag.digest ?? tag.name), byName.get(tag.name)),
      );
      return {
        readiness: 'ok',
        version: version.value.version,
        models: models.sort((a, b) => compareCodePoints(a.modelId, b.modelId)),
      };
    },
  };
}

function listedModel(tag: OllamaTag, show: Shown | undefined, loaded: OllamaLoaded | undefined): ListedModel {
  const can = show?.capabilities ?? tag.capabilities;
  const capabilities: ListedCapabilities = presentFields({
    tools: can?.includes('tools'),
    vision: can?.includes('vision'),
    thinking: can?.includes('thinking'),
    embedding: can?.includes('embedding'),
    contextLength: show?.contextLength ?? tag.details?.context_length,
    allocatedContext: loaded?.context_length,
    parameterSize: known(tag.details?.parameter_size),
    quant: known(tag.details?.quantization_level),
    sizeBytes: tag.size,
    digest: known(tag.digest),
    family: known(tag.details?.family),
    modifiedAt: known(tag.modified_at),
  });
  const base = { modelId: tag.name, displayName: tag.name, capabilities };
  return loaded === undefined ? base : { ...base, running: runningModel(loaded) };
}

function runningModel(loaded: OllamaLoaded): RunningModel {
  const year = Number(loaded.expires_at?.slice(0, 4));
  return presentFields({
    sizeBytes: loaded.size,
    vramBytes: loaded.size_vram,
    contextTokens: loaded.context_length,
    expiresAt: year >= FOR_EVER_YEAR ? undefined : known(loaded.expires_at),
  });
}
