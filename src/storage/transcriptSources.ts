import { join } from 'node:path';
import { parseJson } from '../shared/json';
import type { FileHandle, FileLayer } from './fileLayer';
import { linesBackward } from './linesBackward';
import type { RecordSource } from './newestFirst';
import { parseTranscriptFileName, type TranscriptFileName } from './transcriptName';

/** Lines that are in memory only, newest first, as a source that comes before every file. */
export function linesSource(lines: readonly string[]): RecordSource {
  return {
    latest: '9999',
    async *records() {
      for (const line of lines) yield* parsedLine(line);
    },
  };
}

/**
 * One source for each writer's day in the transcript's folder. The files of `ourWriterId` are measured now: what is
 * appended to them later is left out. Rejects where the folder cannot be listed.
 */
export async function fileSources(
  layer: FileLayer,
  folder: string,
  ourWriterId: string,
): Promise<readonly RecordSource[]> {
  const names = await layer.names(folder);
  const files = names.flatMap((name) => parseTranscriptFileName(name) ?? []);
  return Promise.all([...seriesOf(files)].map((series) => seriesSource(layer, folder, ourWriterId, series)));
}

/** The parts of one writer's day, newest first. */
type Series = readonly [TranscriptFileName, ...TranscriptFileName[]];

function seriesOf(files: readonly TranscriptFileName[]): Iterable<Series> {
  const bySeries = new Map<string, Series>();
  for (const file of [...files].sort((a, b) => a.part - b.part)) {
    bySeries.set(file.series, [file, ...(bySeries.get(file.series) ?? [])]);
  }
  return bySeries.values();
}

async function seriesSource(
  layer: FileLayer,
  folder: string,
  ourWriterId: string,
  [newest, ...older]: Series,
): Promise<RecordSource> {
  const parts: { readonly file: string; readonly sizeBytes: number | undefined }[] = [];
  for (const { name, series } of [newest, ...older]) {
    const file = join(folder, name);
    // Only our own files grow by what is pending now; those of other windows are measured when they are opened.
    const ours = series.endsWith(`-${ourWriterId}`);
    parts.push({ file, sizeBytes: ours ? await sizeOf(layer, file) : undefined });
  }
  return {
    latest: newest.latest,
    async *records() {
      for (const { file, sizeBytes } of parts) yield* recordsOf(layer, file, sizeBytes);
    },
  };
}

async function sizeOf(layer: FileLayer, file: string): Promise<number> {
  try {
    const handle = await layer.open(file, 'read');
    try {
      return await handle.sizeBytes();
    } finally {
      await handle.close();
    }
  } catch {
    // Retention in another window may delete a file at any moment.
    return 0;
  }
}

async function* recordsOf(
  layer: FileLayer,
  file: string,
  sizeBytes: number | undefined,
): AsyncGenerator<unknown, void, undefined> {
  let handle: FileHandle;
  try {
    handle = await layer.open(file, 'read');
  } catch {
    return;
  }
  try {
    for await (const line of linesBackward(handle, sizeBytes ?? (await handle.sizeBytes())))
      yield* parsedLine(line);
  } finally {
    await handle.close();
  }
}

/** The record of a line; nothing where the line is torn or is not a JSON object. */
function* parsedLine(line: string): Generator<unknown, void, undefined> {
  const value = parseJson(line);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) yield value;
}
