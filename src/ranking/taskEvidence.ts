import type { MergeObservation } from './merge';
import { voiceOf } from './rankIndex';
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
  const relevant: {
    readonly row: IndexedObservation;
    readonly value: number;
    readonly pull: number;
    readonly voice: Voice;
  }[] = [];
  let unscored = 0;
  for (const row of rows) {
    const relevance = profile.relevance[row.observation.task] ?? 0;
    if (relevance <= 0) continue;
    if (row.normalisedValue === undefined) {
      unscored += 1;
      continue;
    }
    const key = voiceOf(row.observation);
    const voice = voices.get(key) ?? { relevance: 0, sum: 0 };
    const pull = relevance * row.reliability;
    voice.relevance = Math.max(voice.relevance, relevance);
    voice.sum += pull;
    voices.set(key, voice);
    relevant.push({ row, value: row.normalisedValue, pull, voice });
  }
  const observations = relevant.map(({ row, value, pull, voice }): MergeObservation => {
    const { observation } = row;
    return {
      source: observation.source,
      benchmark: observation.benchmark,
      value: observation.value,
      observedAt: observation.observedAt,
      scale: observation.scale,
      independent: observation.independent,
      ...(observation.quant === undefined ? {} : { quant: observation.quant }),
      ...(observation.evidence === undefined ? {} : { evidence: observation.evidence }),
      ...(observation.url === undefined ? {} : { url: observation.url }),
      normalisedValue: value,
      standardError: row.standardError,
      relevance: voice.relevance,
      share: voice.sum > 0 ? pull / voice.sum : 0,
    };
  });
  return { observations, unscored };
}
