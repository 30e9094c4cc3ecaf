import * as z from 'zod';
import type { RunningModel } from '../backends/contract';
import { parseJson } from '../shared/json';
import type { HostId, Measurement } from '../shared/modelRef';
import { hostNameOf, type HostStoreOptions } from './contextStore';
import { Findings } from './findings';

/** How many are kept of one model file, quantisation, context and origin on one machine. */
const MAX_PER_KEY = 5;
/** In all. */
const MAX_MEASUREMENTS = 1_000;
const US_PER_MS = 1_000;

const rate = z.number().positive();

const rates = z.object({
  decodeTokPerSec: rate,
  promptTokPerSec: z.exactOptional(rate),
  loadMs: z.exactOptional(z.number().nonnegative()),
  readTokens: z.exactOptional(z.number().nonnegative()),
  acceleratorShare: z.exactOptional(z.number().min(0).max(1)),
});

const row = z
  .object({
    host: z.string(),
    host_name: z.string(),
    subject: z.string(),
    quant: z.string(),
    context_tokens: z.number().int().positive(),
    origin: z.enum(['dispatch', 'measure']),
    rates: z.string().transform(parseJson).pipe(rates),
    measured_at: z.number().nonnegative(),
  })
  .transform((stored) => {
    const atMs = stored.measured_at / US_PER_MS;
    const measurement: Measurement = {
      hostId: stored.host,
      digest: stored.subject,
      quant: stored.quant,
      contextTokens: stored.context_tokens,
      ...stored.rates,
      measuredAt: new Date(atMs).toISOString(),
      from: stored.origin,
    };
    return {
      key: keyOf(measurement, stored.host_name),
      value: { measurement, hostName: stored.host_name },
      atMs,
    };
  });

interface Kept {
  readonly measurement: Measurement;
  readonly hostName: string;
}

/** Rates that were measured, for all windows. Their `digest` is the model's subject (`modelSubject`). */
export class MeasurementStore {
  readonly #findings: Findings<Kept>;
  readonly onDidChange: Findings<Kept>['onDidChange'];

  constructor(private readonly options: HostStoreOptions) {
    this.#findings = new Findings({
      ...{ state: options.state, logger: options.logger, row, name: 'measurement' },
      query: `SELECT host, host_name, subject, quant, context_tokens, origin, rates, measured_at FROM measurements
        ORDER BY measured_at, host, host_name, subject, quant, context_tokens, origin`,
    });
    this.onDidChange = this.#findings.onDidChange;
  }

  /** Those of this machine and of the other ones that are known by name, newest first. */
  all(): readonly Measurement[] {
    return this.#findings
      .all()
      .filter(({ value: { measurement, hostName } }) => hostName === this.#nameOf(measurement.hostId))
      .sort((a, b) => b.atMs - a.atMs)
      .map(({ value }) => value.measurement);
  }

  /** The newest one of a model file on a machine; null where it was never measured there. */
  newest(host: HostId, subject: string): Measurement | null {
    return this.all().find(({ hostId, digest }) => hostId === host && digest === subject) ?? null;
  }

  /** Never rejects. */
  async save(measurement: Measurement): Promise<void> {
    const { hostId, digest, quant, contextTokens, from, measuredAt } = measurement;
    const { decodeTokPerSec, promptTokPerSec, loadMs, readTokens, acceleratorShare } = measurement;
    const hostName = this.#nameOf(hostId);
    const atMs = Date.parse(measuredAt);
    const finding = { key: keyOf(measurement, hostName), value: { measurement, hostName }, atMs };
    const of = [hostId, hostName, digest, quant, contextTokens, from];
    await this.#findings.keep(finding, (sql) => {
      sql.run(
        `INSERT INTO measurements (host, host_name, subject, quant, context_tokens, origin, rates, measured_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (host, host_name, subject, quant, context_tokens, origin, measured_at)
         DO UPDATE SET rates = excluded.rates`,
        [
          ...of,
          JSON.stringify({ decodeTokPerSec, promptTokPerSec, loadMs, readTokens, acceleratorShare }),
          atMs * US_PER_MS,
        ],
      );
      sql.run(
        `DELETE FROM measurements WHERE ${OF_ONE_KEY} AND measured_at NOT IN
           (SELECT measured_at FROM measurements WHERE ${OF_ONE_KEY} ORDER BY measured_at DESC LIMIT ${MAX_PER_KEY})`,
        [...of, ...of],
      );
      sql.run(
        `DELETE FROM measurements WHERE rowid NOT IN
           (SELECT rowid FROM measurements ORDER BY measured_at DESC LIMIT ${MAX_MEASUREMENTS})`,
      );
    });
  }

  #nameOf(host: HostId): string {
    return hostNameOf(host, this.options.hostName);
  }
}

/** Where a model lies as its server says; nothing where it does not say. */
export function placedAs(running: RunningModel | undefined): Pick<Measurement, 'acceleratorShare'> {
  const { sizeBytes, vramBytes } = running ?? {};
  if (sizeBytes === undefined || vramBytes === undefined || !(sizeBytes > 0)) return {};
  return { acceleratorShare: Math.min(1, Math.max(0, vramBytes / sizeBytes)) };
}

/** What a measurement says where the server does not say how the model is quantised. */
export function quantOf(quant: string | null | undefined): string {
  return quant ?? 'unknown';
}

const OF_ONE_KEY =
  'host = ? AND host_name = ? AND subject = ? AND quant = ? AND context_tokens = ? AND origin = ?';

function keyOf(measurement: Measurement, hostName: string): string {
  const { hostId, digest, quant, contextTokens, from, measuredAt } = measurement;
  return JSON.stringify([hostId, hostName, digest, quant, contextTokens, from, measuredAt]);
}
