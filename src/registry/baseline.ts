import * as z from 'zod';
import type { Logger } from '../shared/logger';
import type { RegistryRow } from './row';
import type { Server } from './server';
import { BASELINE_BOOT_ID, MICROSECONDS_PER_MILLISECOND } from './stamp';
import { validateRow } from './validateRow';

const baselineSchema = z.object({
  /** The day on which somebody looked. */
  observedAt: z.union([z.iso.date(), z.iso.datetime()]),
  /** What backends of each kind serve, row by row; entries are checked one by one. */
  kinds: z.record(z.string(), z.array(z.unknown())),
});
const entrySchema = z.object({ provider: z.string(), models: z.array(z.unknown()) });

/** What ships with the extension, to be shown before any probe. */
export type Baseline = z.infer<typeof baselineSchema>;

export const EMPTY_BASELINE: Baseline = { observedAt: '1970-01-01', kinds: {} };

/** The bundled file; undefined, with a log line, where it is none. */
export function parseBaseline(raw: unknown, logger: Logger): Baseline | undefined {
  const parsed = baselineSchema.safeParse(raw);
  if (!parsed.success)
    logger.log('error', 'registry.baseline.unreadable', { why: z.prettifyError(parsed.error) });
  return parsed.data;
}

/** The bundled rows of the servers whose kind the baseline knows. Bad entries are left out and named in the log. */
export function baselineRows(
  { observedAt, kinds }: Baseline,
  servers: Iterable<Server>,
  logger: Logger,
): readonly RegistryRow[] {
  const rows: RegistryRow[] = [];
  for (const { backend, kind } of servers) {
    for (const [index, raw] of (kinds[kind] ?? []).entries()) {
      const drop = (facts: Readonly<Record<string, unknown>>): void =>
        logger.log('warn', 'registry.baseline.dropped', { kind, index, ...facts });
      const entry = entrySchema.safeParse(raw);
      if (!entry.success) {
        drop({ reason: z.prettifyError(entry.error) });
        continue;
      }
      const result = validateRow({
        ...entry.data,
        backend,
        source: 'baseline',
        refreshedAt: Date.parse(observedAt) * MICROSECONDS_PER_MILLISECOND,
        refreshedMono: 0,
        bootId: BASELINE_BOOT_ID,
      });
      if (!result.ok) {
        drop({ provider: entry.data.provider, reason: result.reason });
        continue;
      }
      for (const { index: model, reason } of result.dropped)
        drop({ provider: entry.data.provider, model, reason });
      if (result.row.models.length > 0) rows.push(result.row);
    }
  }
  return rows;
}
