import * as z from 'zod';
import type { HardwareProfile, HardwareWarningCode } from '../hardware/profile';
import type { MeasuredBandwidth } from '../hardware/measureBandwidth';
import type { Clock } from '../shared/clock';
import { Emitter } from '../shared/events';
import { messageOf } from '../shared/errors';
import { parseJson } from '../shared/json';
import type { Logger } from '../shared/logger';
import { LOCAL_HOST } from '../shared/modelRef';
import { bytesToGib } from '../shared/units';
import type { SqlReader, SqlWriter, StateDatabase, StateView } from '../storage/stateDatabase';

/** By what one machine is told from another one that uses the same folder, and from itself with other parts. */
export interface Machine {
  readonly hostName: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
}

/** A profile as it was detected, by this window or another one of this machine. */
export interface StoredProfile {
  readonly profile: HardwareProfile;
  readonly detectedAtMs: number;
  /** Of the start of the operating system in which it was detected. */
  readonly bootId: string;
}

export interface StoredMeasurement {
  readonly measured: MeasuredBandwidth;
  readonly measuredAtMs: number;
}

export interface HardwareStoreOptions {
  readonly state: StateDatabase;
  readonly machine: Machine;
  readonly bootId: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Stored {
  readonly profile: StoredProfile | null;
  readonly measurement: StoredMeasurement | null;
  /** The rows as they were read, by which an unchanged one is known. */
  readonly texts: string;
}

/** How long the first profile waits for the state to be read; after that it is detected. */
const OPEN_WAIT_MS = 1_000;
/** A folder that many short-lived containers share does not grow for ever. */
const MAX_MACHINES = 32;
/** The system's own share of the memory is not the same at every start. */
const MEMORY_TOLERANCE = 0.02;
const US_PER_MS = 1_000;

/**
 * What this machine is, in the state that all windows share. What cannot be stored is kept for this window; what is
 * stored of another machine, or of this one with another processor or memory, is as if it were not there.
 */
export class HardwareStore {
  readonly #stored: StateView<Stored>;
  readonly #changed: Emitter<void>;
  /** Calls the listener when another profile or measurement of this machine has come. */
  readonly onDidChange: (listener: () => void) => () => void;
  #keptProfile: StoredProfile | null = null;
  #keptMeasurement: StoredMeasurement | null = null;

  constructor(private readonly options: HardwareStoreOptions) {
    const { state, logger } = options;
    this.#changed = new Emitter((thrown) =>
      logger.log('error', 'hardware.listener.failed', { error: messageOf(thrown) }),
    );
    this.onDidChange = this.#changed.on;
    const nothing: Stored = { profile: null, measurement: null, texts: '' };
    this.#stored = state.view(nothing, (sql, previous) => this.#read(sql, previous));
    this.#stored.onDidChange(() => this.#changed.fire());
  }

  /** Resolves when the state was read, or cannot be for now. */
  async ready(): Promise<void> {
    const { state, clock } = this.options;
    void state.open();
    if (state.status.state !== 'closed') return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        stopListening();
        stopWaiting();
        resolve();
      };
      const stopListening = state.onDidChangeStatus((status) => {
        if (status.state !== 'closed') done();
      });
      const stopWaiting = clock.after(OPEN_WAIT_MS, done);
    });
  }

  /** The newest profile of this machine; null where none was ever detected. */
  get profile(): StoredProfile | null {
    return newer(this.#stored.value.profile, this.#keptProfile, ({ detectedAtMs }) => detectedAtMs);
  }

  /** The newest measurement of this machine's memory; null where it was never measured. */
  get measurement(): StoredMeasurement | null {
    return newer(this.#stored.value.measurement, this.#keptMeasurement, ({ measuredAtMs }) => measuredAtMs);
  }

  /** Keeps a profile that was just detected. Never rejects. */
  async saveProfile(profile: HardwareProfile): Promise<void> {
    const { machine, bootId } = this.options;
    const detectedAtMs = Date.parse(profile.detectedAt);
    this.#keptProfile = { profile, detectedAtMs, bootId };
    await this.#save('hardware.profile', (sql) => {
      sql.run(
        `INSERT INTO hardware_profiles (host, host_name, machine, boot_id, profile, detected_at)
         VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET machine = excluded.machine, boot_id = excluded.boot_id,
           profile = excluded.profile, detected_at = excluded.detected_at`,
        [
          ...[LOCAL_HOST, machine.hostName, JSON.stringify(machine), bootId],
          ...[JSON.stringify(profile), detectedAtMs * US_PER_MS],
        ],
      );
      forgetOldest(sql, 'hardware_profiles', 'detected_at');
      const [row] = sql.all(`SELECT machine FROM measured_bandwidth WHERE ${OWN_ROW}`, this.#own);
      if (row && !isSameMachine(parseJson(String(row['machine'])), machine))
        sql.run(`DELETE FROM measured_bandwidth WHERE ${OWN_ROW}`, this.#own);
    });
  }

  /** Keeps what was just measured. Never rejects. */
  async saveMeasurement(measured: MeasuredBandwidth): Promise<void> {
    const { machine, clock } = this.options;
    const measuredAtMs = clock.now();
    this.#keptMeasurement = { measured, measuredAtMs };
    await this.#save('hardware.measured', (sql) => {
      sql.run(
        `INSERT INTO measured_bandwidth (host, host_name, machine, measured, measured_at) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET machine = excluded.machine, measured = excluded.measured,
           measured_at = excluded.measured_at`,
        [
          ...[LOCAL_HOST, machine.hostName, JSON.stringify(machine)],
          ...[JSON.stringify(measured), measuredAtMs * US_PER_MS],
        ],
      );
      forgetOldest(sql, 'measured_bandwidth', 'measured_at');
    });
  }

  get #own(): readonly [string, string] {
    return [LOCAL_HOST, this.options.machine.hostName];
  }

  async #save(name: string, change: (sql: SqlWriter) => void): Promise<void> {
    const result = await this.options.state.transaction(name, change);
    if (!result.ok) this.options.logger.log('warn', 'hardware.not_stored', { name, code: result.code });
  }

  #read(sql: SqlReader, previous: Stored): Stored {
    const [profiles, measurements] = ['hardware_profiles', 'measured_bandwidth'].map((table) =>
      sql.all(`SELECT * FROM ${table} WHERE ${OWN_ROW}`, this.#own),
    );
    const texts = JSON.stringify([profiles, measurements]);
    if (texts === previous.texts) return previous;
    const profile = profileRow.safeParse(profiles?.[0]);
    const measurement = measurementRow.safeParse(measurements?.[0]);
    const { machine } = this.options;
    return {
      profile:
        profile.success && isSameMachine(profile.data.machine, machine)
          ? { ...profile.data.stored, detectedAtMs: profile.data.atMs }
          : null,
      measurement:
        measurement.success && isSameMachine(measurement.data.machine, machine)
          ? { measured: measurement.data.measured, measuredAtMs: measurement.data.atMs }
          : null,
      texts,
    };
  }
}

/** The part of `node:os` by which a machine is known. */
interface MachineFacts {
  hostname(): string;
  cpus(): readonly { readonly model: string }[];
  totalmem(): number;
}

/** This machine, as it is told from others; `limitBytes` is what a container may use, 0 where there is no limit. */
export function readMachine(os: MachineFacts, limitBytes: number): Machine {
  const cpus = os.cpus();
  const memoryBytes = Math.min(os.totalmem(), limitBytes > 0 ? limitBytes : Infinity);
  return {
    hostName: os.hostname(),
    cpu: cpus[0]?.model ?? '',
    cores: cpus.length,
    memoryGib: bytesToGib(memoryBytes),
  };
}

const OWN_ROW = 'host = ? AND host_name = ?';

function forgetOldest(sql: SqlWriter, table: 'hardware_profiles' | 'measured_bandwidth', by: string): void {
  sql.run(
    `DELETE FROM ${table} WHERE (host, host_name) NOT IN
       (SELECT host, host_name FROM ${table} ORDER BY ${by} DESC LIMIT ${MAX_MACHINES})`,
  );
}

function newer<T>(a: T | null, b: T | null, at: (one: T) => number): T | null {
  if (!a || !b) return a ?? b;
  return at(a) > at(b) ? a : b;
}

function isSameMachine(stored: unknown, machine: Machine): boolean {
  const parsed = machineSchema.safeParse(stored);
  if (!parsed.success) return false;
  const { hostName, cpu, cores, memoryGib } = parsed.data;
  return (
    hostName === machine.hostName &&
    cpu === machine.cpu &&
    cores === machine.cores &&
    Math.abs(memoryGib - machine.memoryGib) <= MEMORY_TOLERANCE * machine.memoryGib
  );
}

const machineSchema = z.object({
  hostName: z.string(),
  cpu: z.string(),
  cores: z.number(),
  memoryGib: z.number(),
});

const amount = z.number().min(0);
const basis = z.enum(['table', 'driver', 'measured', 'assumed']);
const platform = z.enum(['macos', 'nvidia', 'amd', 'intel', 'cpu']);

const profileSchema = z.object({
  platform,
  host: z.literal(LOCAL_HOST),
  hostName: z.exactOptional(z.string()),
  accelerators: z.array(
    z.object({
      index: z.number().int().min(0),
      vendor: z.enum(['nvidia', 'apple', 'amd', 'intel']),
      name: z.string(),
      totalGib: amount,
      freeGib: z.exactOptional(amount),
      bandwidthGBps: amount,
      basis,
      unified: z.boolean(),
      deviceId: z.exactOptional(z.string()),
    }),
  ),
  groups: z.array(z.object({ indexes: z.array(z.number().int()), totalGib: amount, bandwidthGBps: amount })),
  memory: z.object({
    totalGib: amount,
    availableGib: z.exactOptional(amount),
    bandwidthGBps: amount,
    basis,
    limitGib: z.exactOptional(amount),
  }),
  cpu: z.object({
    name: z.string(),
    logicalCores: z.number().positive(),
    physicalCores: z.exactOptional(z.number()),
  }),
  detectedAt: z.iso.datetime(),
  source: z.union([platform, z.literal('cache')]),
  warnings: z.array(
    z.object({
      // A code that only another version knows means nothing here, and does no harm.
      code: z.custom<HardwareWarningCode>((code) => typeof code === 'string'),
      message: z.string(),
      cause: z.exactOptional(z.string()),
    }),
  ),
  vramGb: amount,
  ramGb: amount,
  bandwidthGbps: z.number().positive(),
  gpuName: z.exactOptional(z.string()),
  cpuName: z.string(),
}) satisfies z.ZodType<HardwareProfile>;

const measuredSchema = z.object({
  bandwidthGBps: z.number().positive(),
  threads: z.number().int().positive(),
  bufferBytes: z.number().int().positive(),
  rounds: z.number().int().positive(),
}) satisfies z.ZodType<MeasuredBandwidth>;

const json = z.string().transform((text) => parseJson(text));

const profileRow = z
  .object({
    machine: json,
    boot_id: z.string(),
    profile: json.pipe(profileSchema),
    detected_at: z.number(),
  })
  .transform(({ machine, boot_id: bootId, profile, detected_at }) => ({
    machine,
    stored: { profile, bootId },
    atMs: detected_at / US_PER_MS,
  }));

const measurementRow = z
  .object({ machine: json, measured: json.pipe(measuredSchema), measured_at: z.number() })
  .transform(({ measured_at, ...row }) => ({ ...row, atMs: measured_at / US_PER_MS }));
