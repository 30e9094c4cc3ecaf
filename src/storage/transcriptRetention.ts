import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../shared/clock';
import { messageOf } from '../shared/errors';
import type { Logger } from '../shared/logger';
import { systemCodeOf } from './fileLayer';
import { dayOf, parseTranscriptFileName } from './transcriptName';

const DAY_MS = 86_400_000;

/** A file in the transcript's folder. */
export interface RetentionFile {
  readonly name: string;
  readonly sizeBytes: number;
}

export interface RetentionLimits {
  /** Records are kept at least this many days, 1 or more, while the size allows it. */
  readonly retentionDays: number;
  readonly maxBytes: number;
}

/**
 * The names of the transcript's files to delete, oldest first; files that are not ours are never among them.
 *
 * A file that a writer may still write to is kept: the last part of each writer's files of today and yesterday (a batch
 * that began before midnight is written to the day before). So are files of days to come: they say that some clock was
 * wrong, not that the records are old.
 *
 * When no call was recorded for longer than the retention, either nobody was here or the clock has jumped ahead, and
 * nothing tells which. The age is then counted from the last day before today that has records, so that a jump
 * deletes nothing; once calls of a second day are recorded, the jump is taken for the truth.
 */
export function planRetention(
  files: readonly RetentionFile[],
  nowMs: number,
  { retentionDays, maxBytes }: RetentionLimits,
): readonly string[] {
  const known = files
    .flatMap((file) => {
      const parsed = parseTranscriptFileName(file.name);
      return parsed ? [{ ...file, ...parsed, day: file.name.slice(0, 8) }] : [];
    })
    .sort((a, b) => compare(a.day, b.day) || compare(a.series, b.series) || a.part - b.part);
  const today = dayOf(nowMs);
  const yesterday = dayOf(nowMs - DAY_MS);
  const lastParts = new Map(known.map(({ series, name }) => [series, name]));
  const deletable = known.filter(
    ({ day, series, name }) => day <= today && (day < yesterday || lastParts.get(series) !== name),
  );
  const lastDayBefore = known.findLast(({ day }) => day < today)?.day ?? today;
  const steady = lastDayBefore >= dayOf(nowMs - retentionDays * DAY_MS);
  const oldestKept = daysBefore(steady ? today : lastDayBefore, retentionDays);
  let excessBytes = known.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) - maxBytes;
  const planned: string[] = [];
  for (const { name, day, sizeBytes } of deletable) {
    if (day >= oldestKept && excessBytes <= 0) continue;
    planned.push(name);
    excessBytes -= sizeBytes;
  }
  return planned;
}

/** The few file operations that retention needs, so that tests can make any of them fail. */
export interface RetentionFiles {
  /** The files of a folder; none where it does not exist. */
  list(folder: string): Promise<readonly RetentionFile[]>;
  /** Deletes a file; one that is gone already is no failure. */
  remove(file: string): Promise<void>;
}

export const nodeRetentionFiles: RetentionFiles = {
  async list(folder) {
    const names = await readdir(folder).catch((thrown: unknown) => {
      if (systemCodeOf(thrown) === 'ENOENT') return [];
      throw thrown;
    });
    const files = await Promise.all(
      names.map(async (name) => {
        const stats = await stat(join(folder, name)).catch(() => undefined);
        return stats?.isFile() ? [{ name, sizeBytes: stats.size }] : [];
      }),
    );
    return files.flat();
  },
  remove: (file) => rm(file, { force: true }),
};

export interface RetentionRun extends RetentionLimits {
  /** The transcript's folder. */
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly files?: RetentionFiles;
}

/**
 * Deletes what `planRetention` says and returns how many files went. For the window that leads, some times a day. Never
 * rejects: what cannot be deleted is logged and tried again the next time.
 */
export async function runRetention({
  folder,
  clock,
  logger,
  files = nodeRetentionFiles,
  ...limits
}: RetentionRun): Promise<number> {
  let deleted = 0;
  try {
    for (const name of planRetention(await files.list(folder), clock.now(), limits)) {
      try {
        await files.remove(join(folder, name));
        deleted += 1;
      } catch (thrown) {
        // On Windows a file that another program reads cannot be deleted now.
        logger.log('warn', 'transcript.retention.kept', { name, code: systemCodeOf(thrown) });
      }
    }
  } catch (thrown) {
    logger.log('warn', 'transcript.retention.failed', { error: messageOf(thrown) });
  }
  if (deleted > 0) logger.log('info', 'transcript.retention.deleted', { files: deleted });
  return deleted;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The day, `yyyymmdd`, so many days before another one. */
function daysBefore(day: string, days: number): string {
  const midnight = Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00Z`);
  return dayOf(midnight - days * DAY_MS);
}
