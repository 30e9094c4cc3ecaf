import type { MergeObservation } from './merge';
import type { IndexedObservation } from './rankIndex';
import type { TaskProfile } from './tasks';

export interface TaskEvidence {
  readonly observations: readonly MergeObservation[];
  /** Rows that speak of the task but are not on the common scale, or are marked weak. */
  readonly unscored: number;
}

interface Voice {
  /** Of its most relevant row, 0..1. */
  relevance: number;
  sum: number;
}

/**
 * A model's observations as the task sees them. A source that publishes many columns is one voice: its columns share
 * its weight by how relevant each is to the task and how well it agrees with the common scale.
 */
export function evidenceForTask(rows: readonly IndexedObservation[], profile: TaskProfile): TaskEvidence {
  const voices = new Map<string, Voice>();
  let unscored = 0;
  for (const { observation, voice: name, normalisedValue, reliability } of rows) {
    const relevance = profile.relevance[observation.task] ?? 0;
    if (relevance <= 0) continue;
    if (normalisedValue === undefined) {
      unscored += 1;
      continue;
    }
    let voice = voices.get(name);
    if (voice === undefined) voices.set(name, (voice = { relevance: 0, sum: 0 }));
    voice.relevance = Math.max(voice.relevance, relevance);
    voice.sum += relevance * reliability;
  }
  const observations: MergeObservation[] = [];
  for (const { observation, voice: name, normalisedValue, reliability, standardError } of rows) {
    const relevance = profile.relevance[observation.task] ?? 0;
    const voice = voices.get(name);
    if (relevance <= 0 || normalisedValue === undefined || voice === undefined) continue;
    observations.push({
      source: observation.source,
      benchmark: observation.benchmark,
      value: observation.value,
      observedAt: observation.observedAt,
      scale: observation.scale,
      independent: observation.independent,
      quant: observation.quant,
      evidence: observation.evidence,
      url: observation.url,
      normalisedValue,
      standardError,
      relevance: voice.relevance,
      share: voice.sum > 0 ? (relevance * reliability) / voice.sum : 0,
    });
  }
  return { observations, unscored };
}
