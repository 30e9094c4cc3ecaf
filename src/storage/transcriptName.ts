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
  /** `<yyyymmdd>-<writer>`, which all parts of one writer's day share. */
  readonly series: string;
  readonly part: number;
  /** ISO 8601 text that compares above every instant of the file's day: nothing in it can have ended later. */
  readonly latest: string;
}

/** Parses a name in the transcript folder; undefined for files that are not ours. */
export function parseTranscriptFileName(name: string): TranscriptFileName | undefined {
  const match = /^((\d{4})(\d{2})(\d{2})-[A-Za-z0-9_-]+)(?:\.(\d+))?\.jsonl$/.exec(name);
  if (!match) return undefined;
  const [, series = '', year = '', month = '', dayOfMonth = '', part = '1'] = match;
  return { name, series, part: Number(part), latest: `${year}-${month}-${dayOfMonth}T24` };
}
