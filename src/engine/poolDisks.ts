import { normaliseModelName } from '../backends/installAdapter';
import { freedBytes, distinctBytes } from '../pool/diskUse';
import type { PartialDownload } from '../pool/modelsFolder';
import { planEviction } from '../pool/planEviction';
import { entryKey, gibToBytes, type PoolBlob, type PoolEntry } from '../pool/poolState';
import type { PullRun } from '../pool/pullRuns';
import type { PoolDiskReport } from '../shared/poolMessage';

/** Something that a backend serves and that the pool does not keep. */
export interface OutsideModel {
  readonly name: string;
  readonly blobs: readonly PoolBlob[];
  /** Whether `blobs` is one of the tag's size, because nobody could read the layers. */
  readonly guessed: boolean;
}

/** Everything that is known of the disk on which the models of one host lie. */
export interface PoolDiskFacts {
  /** As a person says it. */
  readonly host: string;
  readonly budgetGb: number;
  /** The pool's entries on that host. */
  readonly entries: readonly PoolEntry[];
  readonly outside: readonly OutsideModel[];
  /** Keys of entries that a call uses, and of those that are loaded. */
  readonly inUse: ReadonlySet<string>;
  readonly running: ReadonlySet<string>;
  /** Pulls to that host. */
  readonly runs: readonly PullRun[];
  readonly freeBytes: number | null;
  /** Null where they cannot be seen from here. */
  readonly partials: readonly PartialDownload[] | null;
}

/** Templates, licences and settings are layers of some kilobytes: together they are a line. */
const SMALL_BYTES = 2 ** 20;

/** What lies on a disk, layer by layer, and in which order the pool would take it away. Pure. */
export function poolDisk(facts: PoolDiskFacts): PoolDiskReport {
  const { host, budgetGb, entries, outside, runs, freeBytes, partials } = facts;
  const own = entries.filter(({ origin }) => origin === 'pool');
  const blobs = blobsOf(facts);
  const small = blobs.filter(({ bytes }) => bytes < SMALL_BYTES);
  const coming = runs.filter(({ status }) => ['queued', 'pulling', 'verifying'].includes(status));
  const guessed = [...entries.map(({ basis }) => basis === 'tag'), ...outside.map((model) => model.guessed)];
  return {
    ...{ host, budgetBytes: gibToBytes(budgetGb), freeBytes },
    usedBytes: distinctBytes(own),
    comingBytes: coming.reduce((sum, { totalBytes }) => sum + totalBytes, 0),
    blobs: blobs.filter(({ bytes }) => bytes >= SMALL_BYTES),
    smaller: { count: small.length, bytes: small.reduce((sum, { bytes }) => sum + bytes, 0) },
    partialsKnown: partials !== null,
    guessedModels: guessed.filter(Boolean).length,
    ...orderOf(facts),
  };
}

/** A key of what is served, in the form of an entry's. */
export function servedKey(backend: string, modelId: string): string {
  return entryKey({ backend, ollamaName: normaliseModelName(modelId) });
}

/** The whole order: what would go if no end of space were needed. */
function orderOf({
  entries,
  outside,
  inUse,
  running,
}: PoolDiskFacts): Pick<PoolDiskReport, 'leaving' | 'staying'> {
  const { evict, kept } = planEviction({ entries, neededBytes: Infinity, inUse, running });
  // What goes already frees nothing more, and shields no layer of another.
  const there = entries.filter(({ pendingEviction }) => !pendingEviction);
  const freedBy = (count: number): number => freedBytes(there, evict.slice(0, count));
  return {
    leaving: evict.map((entry, index) => ({
      ...{ model: entry.ollamaName, score: entry.currentScore },
      ...{ lastUsedAt: entry.lastUsedAt, installedAt: entry.installedAt },
      freesBytes: freedBy(index + 1) - freedBy(index),
      freedByThenBytes: freedBy(index + 1),
    })),
    staying: [
      ...kept.map(({ entry, reason }) => ({
        ...{ model: entry.ollamaName, reason, bytes: distinctBytes([entry]) },
      })),
      ...outside.map(({ name, blobs }) => ({
        ...{ model: name, reason: 'user' as const, bytes: distinctBytes([{ blobs }]) },
      })),
    ],
  };
}

function blobsOf({ entries, outside, partials }: PoolDiskFacts): PoolDiskReport['blobs'] {
  const found = new Map<string, PoolDiskReport['blobs'][number]>();
  const note = (kind: 'pool' | 'outside', model: string, blobs: readonly PoolBlob[]): void => {
    for (const { digest, bytes } of blobs) {
      const known = found.get(digest);
      found.set(digest, {
        digest,
        bytes: Math.max(bytes, known?.bytes ?? 0),
        models: known?.models.includes(model) === true ? known.models : [...(known?.models ?? []), model],
        // What the pool keeps counts against its budget, whoever else has it.
        kind: known?.kind === 'pool' ? 'pool' : kind,
      });
    }
  };
  for (const { ollamaName, origin, blobs } of entries) {
    note(origin === 'pool' ? 'pool' : 'outside', ollamaName, blobs);
  }
  for (const { name, blobs } of outside) note('outside', name, blobs);
  const unfinished = (partials ?? []).map(({ digest, bytes }): PoolDiskReport['blobs'][number] => ({
    ...{ digest, bytes, models: [], kind: 'partial' },
  }));
  return [...found.values(), ...unfinished].sort(
    (a, b) => b.bytes - a.bytes || (a.digest < b.digest ? -1 : 1),
  );
}
