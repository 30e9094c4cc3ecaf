import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { dispatchRecordSchema, type DispatchRecord } from '../../src/shared/dispatchRecord';
import { sampleDispatches } from '../fixtures/report/sampleMessages.mjs';

const samples = z
  .object({ records: dispatchRecordSchema.array() })
  .parse(sampleDispatches(1_000, 0, 1_000)).records;

/** A made-up record that ended at a moment; `n` makes its id and chooses the rest. */
export function dispatchRecord(
  n: number,
  endedMs: number,
  changes: Partial<DispatchRecord> = {},
): DispatchRecord {
  const sample = samples[n % samples.length];
  if (!sample) throw new Error('no sample record');
  const endedAt = new Date(endedMs).toISOString();
  const startedMs = endedMs - sample.durationMs;
  const laterMs = startedMs - Date.parse(sample.startedAt);
  const later = (iso: string): string => new Date(Date.parse(iso) + laterMs).toISOString();
  return {
    ...sample,
    recordId: `record-${n}`,
    startedAt: new Date(startedMs).toISOString(),
    firstTokenAt: sample.firstTokenAt === null ? null : later(sample.firstTokenAt),
    endedAt,
    attempts: sample.attempts.map((attempt) => ({ ...attempt, startedAt: later(attempt.startedAt) })),
    ...changes,
  };
}

export function recordLine(record: object): string {
  return `${JSON.stringify(record)}\n`;
}

/** Writes `count` records into files of 5,000, half a day apart; the last of them ends at `endMs`. Oldest number first. */
export function seedTranscript(transcriptFolder: string, count: number, endMs: number): void {
  const perFile = 5_000;
  mkdirSync(transcriptFolder, { recursive: true });
  for (let first = 0; first < count; first += perFile) {
    const end = Math.min(count, first + perFile);
    const fileEndMs = endMs - ((count - end) / perFile) * 43_200_000;
    const lines = Array.from({ length: end - first }, (_, index) =>
      recordLine(dispatchRecord(first + index, fileEndMs - (end - first - 1 - index) * 1_000)),
    );
    const day = new Date(fileEndMs).toISOString().slice(0, 10).replaceAll('-', '');
    writeFileSync(path.join(transcriptFolder, `${day}-seed${first}.jsonl`), lines.join(''));
  }
}
