import type { ModelCandidate } from '../dispatch/bestModel';
import type { RankedModel } from '../ranking/rankTypes';
import type { RegisteredModel } from '../registry/row';
import type { HostId } from '../shared/modelRef';

export interface CandidateSources {
  readonly hostOf: (backendId: string) => HostId;
  /** Whether a backend is somebody's service, whose models run on no machine that is ranked for. */
  readonly isService: (backendId: string) => boolean;
  /** The ranking for the task on a machine as far as it is known; a model that it does not have is not ranked there. */
  readonly rankedOn: (host: HostId) => readonly Pick<RankedModel, 'modelId' | 'score'>[];
  /** The catalogue's id of a served model; undefined where it does not know it. */
  readonly canonicalId: (model: RegisteredModel) => string | undefined;
}

/**
 * The served chat models, each with the score that its machine's ranking gives it. Models of services have none: a score
 * counts how a model runs on a machine.
 */
export function modelCandidates(
  served: readonly RegisteredModel[],
  { hostOf, isService, rankedOn, canonicalId }: CandidateSources,
): readonly ModelCandidate[] {
  const scoresByHost = new Map<HostId, ReadonlyMap<string, number>>();
  const scoresOn = (host: HostId): ReadonlyMap<string, number> => {
    const scores =
      scoresByHost.get(host) ?? new Map(rankedOn(host).map(({ modelId, score }) => [modelId, score]));
    scoresByHost.set(host, scores);
    return scores;
  };
  return served.map((model) => {
    const host = hostOf(model.backend);
    const id = isService(model.backend) ? undefined : canonicalId(model);
    return { model, host, score: id === undefined ? null : (scoresOn(host).get(id) ?? null) };
  });
}
