import type { BackendKind } from '../backends/contract';
import type { RankedModel } from '../ranking/rankTypes';
import type { ModelRegistry } from '../registry/registry';
import type { RegisteredModel } from '../registry/row';
import type { DispatchRecord } from '../shared/dispatchRecord';
import { modelRefKey, type HostId, type ModelRef } from '../shared/modelRef';
import { servedFit, servedRank, type ServedFit, type ServedRank } from './servedFit';

/** Kinds that load a model with a context of their own choice, whatever the model could hold. */
const CHOOSES_CONTEXT: readonly BackendKind[] = ['ollama', 'lm_studio'];

export interface ServedModelsSources {
  readonly registry: Pick<ModelRegistry, 'listAllByBackend'>;
  readonly kindOf: (backendId: string) => BackendKind | undefined;
  readonly hostOf: (backendId: string) => HostId;
  /** Whether a backend is somebody's service, whose models run on no machine of ours. */
  readonly isService: (backendId: string) => boolean;
  readonly canonicalId: (model: RegisteredModel) => string | undefined;
  /** The ranking of a machine for the task of the settings, where it was computed already. */
  readonly ranked: (host: HostId) => readonly RankedModel[];
  /** The context that a model is to be loaded with; null: its server's own. */
  readonly contextFor: (model: RegisteredModel) => number | null;
  /** Whether a model calls tools, as found by trying. */
  readonly triedToolCalling: (model: RegisteredModel) => boolean | undefined;
}

/** Every model that the backends serve, and what is known of each beyond what its backend says. */
export class ServedModels {
  /** Decode rate of the last call of each model in this window, tokens per second. */
  readonly #lastRates = new Map<string, number>();

  constructor(private readonly sources: ServedModelsSources) {}

  /** Every model that any backend serves. */
  all(): readonly RegisteredModel[] {
    return [...this.sources.registry.listAllByBackend().values()].flat();
  }

  /** Those that can be talked to: embedding models cannot. */
  chat(): readonly RegisteredModel[] {
    return this.all().filter(({ capabilities }) => capabilities.embedding !== true);
  }

  /** Whether it is a chat model that runs on a machine of ours, so that it can be loaded and measured there. */
  isOwn({ backend, capabilities }: RegisteredModel): boolean {
    return capabilities.embedding !== true && !this.sources.isService(backend);
  }

  /** The machines of ours that serve a chat model, where there is more than one such model to choose from. */
  hostsWithChoice(): ReadonlySet<HostId> {
    const own = this.chat().filter((model) => this.isOwn(model));
    return new Set(own.length > 1 ? own.map(({ backend }) => this.sources.hostOf(backend)) : []);
  }

  /**
   * The context that a call to this model has now, in tokens: what is allocated, else what it is to be loaded with, else
   * what its backend serves it with. Undefined where nobody says.
   */
  contextOf(model: RegisteredModel): number | undefined {
    const { capabilities, running, backend } = model;
    const allocated = running?.contextTokens ?? capabilities.allocatedContext;
    if (allocated !== undefined) return allocated;
    const chosen = this.sources.contextFor(model);
    if (chosen !== null) return chosen;
    const kind = this.sources.kindOf(backend);
    return kind === undefined || CHOOSES_CONTEXT.includes(kind) ? undefined : capabilities.contextLength;
  }

  /** How it fits its machine with that context, by our estimate; undefined where it is not ranked there. */
  fitOf(
    model: RegisteredModel,
    contextTokens: number | null = this.contextOf(model) ?? null,
  ): ServedFit | undefined {
    return servedFit(model, contextTokens, this.sources);
  }

  /** Where it stands in the ranking of its machine for the task of the settings; undefined where it is not ranked there. */
  rankOf(model: RegisteredModel): ServedRank | undefined {
    return this.sources.isService(model.backend) ? undefined : servedRank(model, this.sources);
  }

  /** Whether it calls tools: what was tried counts for more than what is listed. Undefined: not known. */
  toolCallingOf(model: RegisteredModel): boolean | undefined {
    return this.sources.triedToolCalling(model) ?? model.capabilities.tools;
  }

  /** Tokens per second of a model's last answer in this window, as its server measured it; null before. */
  lastDecodeRate(ref: ModelRef): number | null {
    return this.#lastRates.get(modelRefKey(ref)) ?? null;
  }

  /** A call tells how fast its model is. */
  learnFrom(record: DispatchRecord): void {
    const rate = record.timings?.measuredBy === 'server' ? record.timings.decodeTokPerSec : undefined;
    if (rate === undefined || rate <= 0) return;
    const { backend, provider, model: modelId } = record;
    this.#lastRates.set(modelRefKey({ backend, provider, modelId }), rate);
  }
}
