/** The day of a transcript file, `yyyymmdd` in UTC. */
export function dayOf(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10).replaceAll('-', '');
}

/** `<yyyymmdd>-<writer>.jsonl`; the second and later files of a day are `<yyyymmdd>-<writer>.<n>.jsonl`. */
export function transcriptFileName(day: string, writerId: string, part: number): string {
  return part === 1 ? `${day}-${writerId}.jsonl` : `${day}-${writerId}.${part}.jsonl`;
}

export interface TranscriptFileName {
  readonly name: string;
  readonly day: string;
  /** ISO 8601 instant after which nothing in this file can have ended. */
  readonly latest: string;
}

/** Parses a name in the transcript folder; undefined for files that are not ours. */
export function parseTranscriptFileName(name: string): TranscriptFileName | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})-[A-Za-z0-9_-]+(?:\.\d+)?\.jsonl$/.exec(name);
  if (!match) return undefined;
  const [, year = '', month = '', dayOfMonth = ''] = match;
  return {
    name,
    day: `${year}${month}${dayOfMonth}`,
    // Compares above every instant of that day, as ISO text.
    latest: `${year}-${month}-${dayOfMonth}T24`,
  };
}
