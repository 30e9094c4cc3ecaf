import type { Engine } from '../engine';
import type { Ranking } from '../engine/rankingService';
import type { ExplainedResolution, Explanation } from '../dispatch/explanation';
import type { RankedModel } from '../ranking/rankTypes';
import type { RegisteredModel } from '../registry/row';
import { bytesToGib } from '../shared/units';
import type { ToolInput } from './languageModelToolInputs';
import type { UserPick } from './pickStore';

/** What the tools read of the engine. */
export type ToolEngine = Pick<Engine, 'hostOf'> & {
  readonly registry: Pick<Engine['registry'], 'backends'>;
  readonly served: Pick<Engine['served'], 'all' | 'chat' | 'contextOf' | 'toolCallingOf'>;
};

/** Plain data that becomes a small JSON text; nothing in it is private: no address, no prompt, no key. */
type Answer = Readonly<Record<string, unknown>>;

/** What is served now and by whom, and what the user picked. */
export function listModelsAnswer(
  engine: ToolEngine,
  { backend, limit }: ToolInput<'model_pool_list_models'>,
  pick: UserPick | null,
): Answer {
  const { registry, served } = engine;
  const wanted = (id: string): boolean => backend === undefined || id === backend;
  const backends = registry.backends().filter(({ id }) => wanted(id));
  const models = served.all().filter((model) => wanted(model.backend));
  return {
    backends: backends.map(({ id, kind, host, readiness }) => ({
      id,
      kind,
      machine: host,
      state: readiness,
    })),
    models: models.slice(0, limit).map((model) => servedAnswer(model, served, engine.hostOf(model.backend))),
    ...more(models.length, limit),
    // Where a call that names no model goes: to this one, or to the best one for a task at each call.
    ...(pick ? { picked: 'best' in pick ? { bestFor: pick.best.task } : pick } : {}),
    ...(backends.length === 0 ? { note: noBackend(backend) } : {}),
  };
}

function servedAnswer(model: RegisteredModel, served: ToolEngine['served'], machine: string): Answer {
  const { backend, provider, modelId, capabilities, running } = model;
  return known({
    ...{ backend, provider, modelId, machine, loaded: running !== undefined },
    contextTokens: served.contextOf(model),
    callsTools: served.toolCallingOf(model),
    quant: capabilities.quant,
    sizeGib: capabilities.sizeBytes === undefined ? undefined : rounded(bytesToGib(capabilities.sizeBytes)),
    embeddingOnly: capabilities.embedding === true ? true : undefined,
  });
}

function noBackend(asked: string | undefined): string {
  return asked === undefined
    ? 'No model server is set up. The user can add one with the command "Model Pool: Add Backend".'
    : `There is no backend ${asked}.`;
}

/** What of the ranking of a machine tells a model enough to recommend one. */
export function rankAnswer(
  ranking: Ranking,
  { limit, onlyFitting }: ToolInput<'model_pool_rank'>,
  isInstalled: (model: RankedModel) => boolean,
): Answer {
  const { profile, hardwareKnown, snapshotDate, task } = ranking;
  const models = ranking.models.filter((model) => model.fitsHardware || !onlyFitting || !hardwareKnown);
  return {
    task,
    machine: known({
      name: profile.host,
      gpuMemoryGib: rounded(profile.vramGb),
      memoryGib: rounded(profile.ramGb),
      hardwareKnown,
    }),
    scoresOf: snapshotDate,
    models: models.slice(0, limit).map((model) => rankedAnswer(model, hardwareKnown, isInstalled(model))),
    ...more(models.length, limit),
    ...(ranking.problems.length === 0 ? {} : { problems: ranking.problems }),
  };
}

/** On a machine that nobody described nothing is known of fit and speed. */
function rankedAnswer(model: RankedModel, hardwareKnown: boolean, installed: boolean): Answer {
  const { modelId, name, quant, score, benchmarkScore, fileBytes, licence, toolCalling } = model;
  const here = hardwareKnown
    ? {
        fit: model.fit,
        whyNot: model.unfitReason,
        memoryGib: rounded(model.estimatedVramGb),
        tokensPerSecond: rounded(model.estimatedTokPerSec),
        speed: model.speedEstimate.basis,
      }
    : {};
  return known({
    ...{ modelId, name, quant, score: rounded(score), confidence: benchmarkScore.confidence, ...here },
    sizeGib: fileBytes === undefined ? undefined : rounded(bytesToGib(fileBytes)),
    ...{ licence, callsTools: toolCalling ?? undefined, installed },
  });
}

/** The served model that is meant: the one of that id, on that backend where one is named; else a sentence. */
export function servedModelOf(
  { served }: Pick<ToolEngine, 'served'>,
  { modelId, backend }: ToolInput<'model_pool_explain_route'>,
): RegisteredModel | string | undefined {
  if (modelId === undefined) return undefined;
  const same = served
    .chat()
    .filter((model) => model.modelId === modelId && (backend === undefined || model.backend === backend));
  const [only, ...others] = same;
  if (!only) {
    return `No backend serves ${modelId} for chat now. model_pool_list_models says what is served.`;
  }
  if (others.length === 0) return only;
  return `Several backends serve ${modelId}: ${same.map((model) => model.backend).join(', ')}. Name one.`;
}

/** What `engine.dispatcher` explains, with the names of machines in place of their addresses. */
export function explainRouteAnswer(
  engine: Pick<ToolEngine, 'hostOf'>,
  { primary, runnersUp, escalation, warnings }: Explanation,
): Answer {
  return {
    goesTo: resolutionAnswer(engine, primary),
    instead: runnersUp.map(({ ref, why }) => ({ backend: ref.backend, modelId: ref.modelId, why })),
    afterFailure: escalation === null ? null : resolutionAnswer(engine, escalation),
    warnings,
  };
}

function resolutionAnswer(engine: Pick<ToolEngine, 'hostOf'>, resolution: ExplainedResolution): Answer {
  if (!resolution.ok) {
    const { failure, ref } = resolution;
    return { nowhere: failure.message, code: failure.code, asked: ref?.modelId ?? null };
  }
  const { ref, wireFormat, thinking, contextTokens, provenance, breaker } = resolution;
  return {
    ...{ backend: ref.backend, provider: ref.provider, modelId: ref.modelId, wireFormat },
    ...{
      machine: engine.hostOf(ref.backend),
      thinking: thinking.mode,
      contextTokens,
      leftAlone: breaker === 'open',
      origins: provenance,
    },
  };
}

function more(count: number, limit: number): Answer {
  return count > limit ? { notShown: count - limit } : {};
}

/** Without what nobody knows. */
function known(answer: Answer): Answer {
  return Object.fromEntries(Object.entries(answer).filter(([, value]) => value !== undefined));
}

/** One decimal says enough to a model, and takes few tokens. */
function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
