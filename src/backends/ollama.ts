import type { HttpFailure } from '../shared/http';
import { silentLogger } from '../shared/logger';
import type { AskedServer, BackendKindRow, Recognised } from './backendKind';
import { baseUrl } from './baseUrl';
import type {
  Backend,
  BackendOptions,
  ListedCapabilities,
  ListedModel,
  ProbeResult,
  RunningModel,
} from './contract';
import { displayNameOf, modelList } from './listedModels';
import { limitsOf, tooOld } from './minimumVersions';
import type { OllamaLoaded, OllamaShow, OllamaTag } from './ollamaApi';
import {
  contextLengthOf,
  ownContextOf,
  known,
  listAnswer,
  OLLAMA_WORDS,
  parseLoaded,
  parseTags,
  quantOf,
  showAnswer,
  versionAnswer,
} from './ollamaApi';
import { presentFields } from './presentFields';
import { invalidUrl, readinessOf } from './readiness';

/** How many `/api/show` are asked at the same time. */
const SHOWS_AT_ONCE = 4;

/** How many are asked in one probe; the next one goes on. The registry keeps no more models of a provider. */
const SHOWS_A_PROBE = 500;

/** Ollama keeps a model "for ever" by an expiry of 292 years from now (keep_alive -1). */
const FOR_EVER_YEAR = 2200;

type Shown = Pick<OllamaShow, 'capabilities'> & Pick<ListedCapabilities, 'contextLength' | 'ownContext'>;

/**
 * A running Ollama: `/api/version`, `/api/tags`, `/api/ps`, and `/api/show` for what each model can do: the list of
 * v0.32.15 calls an embedding model `completion`, older lists say nothing. A model that cannot be shown stays listed.
 */
export function createOllamaBackend({ config, http, logger = silentLogger }: BackendOptions): Backend {
  /** By digest, which names the content: what a model can do never changes under it. */
  const shown = new Map<string, Shown>();
  const base = baseUrl(config.url);

  async function showEach(tags: readonly OllamaTag[], signal: AbortSignal): Promise<void> {
    const wanted = tags.filter((tag) => !shown.has(tag.digest ?? tag.name));
    const next = wanted.slice(0, SHOWS_A_PROBE).values();
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
            ownContext: ownContextOf(answer.value),
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
      const old = tooOld('ollama', version.value.version);
      if (old) return old;
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
        ...limitsOf('ollama', version.value.version),
        models: modelList(models),
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
    ownContext: show?.ownContext,
    allocatedContext: loaded?.context_length,
    parameterSize: known(tag.details?.parameter_size),
    quant: quantOf(tag.name, tag.details),
    sizeBytes: tag.size,
    digest: known(tag.digest),
    family: known(tag.details?.family),
    modifiedAt: known(tag.modified_at),
  });
  const base = { modelId: tag.name, displayName: displayNameOf(tag.name, tag.name), capabilities };
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

/** Its own routes say what it is; it also answers `/v1/models`. */
async function recognise(server: AskedServer): Promise<Recognised | null> {
  const [version, tags] = await Promise.all([server.get('/api/version'), server.get('/api/tags')]);
  if (!version.ok || !tags.ok || !listAnswer.safeParse(tags.value).success) return null;
  const told = versionAnswer.safeParse(version.value);
  return told.success ? { readiness: 'ok', version: told.data.version } : null;
}

export const ollamaKind: BackendKindRow = {
  label: OLLAMA_WORDS.label,
  hosted: false,
  defaultUrls: ['http://127.0.0.1:11434'],
  // Ollama itself has no keys; a proxy in front of it may want one.
  auth: 'bearer',
  provider: 'maker',
  create: createOllamaBackend,
  recognise,
};
