import { normaliseModelName } from '../backends/installAdapter';
import type { PoolEntry } from '../pool/poolState';
import type { RankedModel } from '../ranking/rankTypes';
import { ollamaNameOf } from './installPlanner';
import type { Ranking } from './rankingService';

/**
 * Scores of installed models by the rankings of their machine: 0..100 for a task, 0 where the model does not fit or cannot
 * do the task; undefined where the catalogue does not know it, or nothing is known of the machine.
 */
export function poolScores(
  rankings: readonly Pick<Ranking, 'task' | 'models' | 'hardwareKnown'>[],
): (entry: PoolEntry, task: string) => number | undefined {
  const byTask = new Map(
    rankings
      .filter(({ hardwareKnown }) => hardwareKnown)
      .map(({ task, models }) => [task as string, new Map(models.map((model) => [model.modelId, model]))]),
  );
  return (entry, task) => {
    const model = entry.hfRepoId === null ? undefined : byTask.get(task)?.get(entry.hfRepoId);
    return model && scoreOf(entry, model);
  };
}

/** Of the very build, else of one of its quantisation, else of the model's best: how Ollama names what it lists differs. */
function scoreOf(entry: PoolEntry, model: RankedModel): number {
  const builds = [model, ...model.otherBuilds];
  const name = normaliseModelName(entry.ollamaName);
  const same =
    builds.find((build) => {
      const pulled = ollamaNameOf(build);
      return pulled !== null && normaliseModelName(pulled) === name;
    }) ?? builds.find(({ quant }) => quant === entry.quant);
  return (same ?? model).score;
}
