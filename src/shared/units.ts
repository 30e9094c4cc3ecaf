import { formatNumber } from './numberText';
import { spokenLanguage } from './spokenLanguage';

/** Bytes in a gibibyte. Sizes in this project are GiB unless their name says otherwise. */
export const BYTES_PER_GIB = 2 ** 30;

export function bytesToGib(bytes: number): number {
  return bytes / BYTES_PER_GIB;
}

/** `4.7 GiB`, `512 MiB`, `12.0 KiB`: binary units, one decimal below a hundred, as `language` writes numbers. */
export function formatBytes(bytes: number, language = spokenLanguage()): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
  let value = bytes;
  let unit: string = units[0];
  for (const next of units) {
    unit = next;
    // What rounds to 1,024 is one of the next unit.
    if (Math.abs(value) < 1023.5 || next === 'TiB') break;
    value /= 1024;
  }
  const digits = unit === 'B' || Math.abs(value) >= 99.95 ? 0 : 1;
  return `${formatNumber(value, digits, language)} ${unit}`;
}

export function formatGib(gib: number, language = spokenLanguage()): string {
  return formatBytes(gib * BYTES_PER_GIB, language);
}

/** `34 tok/s`, `3.4 tok/s`. */
export function formatTokensPerSecond(tokensPerSecond: number): string {
  return `${formatNumber(tokensPerSecond, tokensPerSecond < 9.95 ? 1 : 0)} tok/s`;
}

/** `850 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `4k`, `32k`, `128k`, `1M` for a context length in tokens (k = 1,024 as the field counts). */
export function formatContext(tokens: number): string {
  if (tokens >= 1_048_576 && tokens % 1_048_576 === 0) return `${tokens / 1_048_576}M`;
  return tokens >= 1_024 ? `${Math.round(tokens / 1_024)}k` : String(tokens);
}
