import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { isDeepStrictEqual } from 'node:util';
import { BACKEND_KIND_TABLE } from '../backends/backendKinds';
import { HardwareDetector } from '../hardware/detector';
import { DeviceTable } from '../hardware/deviceTable';
import { measureBandwidth, type BandwidthResult } from '../hardware/measureBandwidth';
import { withMeasuredBandwidth } from '../hardware/measureBandwidthApplied';
import { lastLevelCacheBytes, planBandwidth, type BandwidthPlan } from '../hardware/measureBandwidthPlan';
import { profileFromOverride, unknownProfile } from '../hardware/overrideProfile';
import type { HardwareProfile } from '../hardware/profile';
import type { Clock } from '../shared/clock';
import { messageOf } from '../shared/errors';
import { Emitter } from '../shared/events';
import type { Logger } from '../shared/logger';
import { LOCAL_HOST, type HostId } from '../shared/modelRef';
import type { Settings } from '../shared/settings';
import type { StateDatabase } from '../storage/stateDatabase';
import { backendConfigs } from './backendConfigs';
import { HardwareStore, readMachine, type StoredProfile } from './hardwareStore';

export interface HostsOptions {
  readonly settings: () => Settings;
  /** Of this machine; asked on first use. */
  readonly detector: () => Pick<HardwareDetector, 'detect' | 'invalidate'>;
  readonly store: HardwareStore;
  readonly bootId: string;
  /** The bundle of `hardware/bandwidthWorker.ts`. */
  readonly bandwidthWorker: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What a measurement reads; by this machine's own cores, cache and free memory where it is not given. */
  readonly plan?: () => Promise<BandwidthPlan | null>;
}

export interface MeasureOptions {
  readonly signal?: AbortSignal;
  /** The part of the time that has passed, 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
}

/** What a measurement came to, with the profile of this machine before and after it. */
export type MeasuredHost =
  | (Extract<BandwidthResult, { ok: true }> & {
      readonly before: HardwareProfile;
      readonly after: HardwareProfile;
    })
  | Extract<BandwidthResult, { ok: false }>;

/** How long a detected profile is good for; one that lacks a vendor whose tool failed is tried again sooner. */
const FRESH_MS = 24 * 60 * 60 * 1_000;
const FAILED_FRESH_MS = 5 * 60 * 1_000;

/**
 * The machines that models may run on, and what is known of each: this one by detection, others by the setting
 * `modelPool.hosts`, else nothing. No other machine gets a figure of this one.
 */
export class Hosts {
  readonly #changed: Emitter<void>;
  /** Calls the listener when something else is known of this machine than `profileOf` said last. */
  readonly onDidChange: (listener: () => void) => () => void;
  #detecting: Promise<HardwareProfile> | undefined;
  /** Counts what makes a detection that is under way worthless. */
  #round = 0;
  /** Set until the next detection has ended: what is stored may not be used. */
  #forgotten = false;
  #said: HardwareProfile | undefined;

  constructor(private readonly options: HostsOptions) {
    const { logger, store } = options;
    this.#changed = new Emitter((thrown) =>
      logger.log('error', 'hosts.listener.failed', { error: messageOf(thrown) }),
    );
    this.onDidChange = this.#changed.on;
    store.onDidChange(() => this.#tellNews());
  }

  /** This machine, then those of the backends and of the setting, by name. Hosted providers run on nobody's machine. */
  known(): readonly HostId[] {
    const settings = this.options.settings();
    const others = new Set([
      ...backendConfigs(settings).flatMap(({ kind, host }) =>
        BACKEND_KIND_TABLE[kind].hosted ? [] : [host],
      ),
      ...Object.keys(settings.hosts),
    ]);
    others.delete(LOCAL_HOST);
    return [LOCAL_HOST, ...[...others].sort()];
  }

  /** What is known of a machine. Never rejects; of an unknown one `isUnknownHardware` is true. */
  async profileOf(host: HostId): Promise<HardwareProfile> {
    if (host === LOCAL_HOST) return this.#local();
    const { hosts } = this.options.settings();
    const described = Object.hasOwn(hosts, host) ? hosts[host] : undefined;
    if (!described) return unknownProfile(host, this.options.clock);
    return { ...profileFromOverride(host, described, this.options.clock), hostName: host };
  }

  /** The next `profileOf` of this machine detects it anew. */
  forget(): void {
    this.#round += 1;
    this.#detecting = undefined;
    this.#forgotten = true;
  }

  /**
   * Measures how fast this machine reads its memory and keeps that. Takes two seconds at most. Rejects only when
   * `signal` aborts; nothing is changed then, nor where it fails.
   */
  async measureBandwidth({ signal, onProgress }: MeasureOptions = {}): Promise<MeasuredHost> {
    const { store, clock, logger, bandwidthWorker: workerFile, plan = planForThisMachine } = this.options;
    const before = await this.#local();
    const result = await measureBandwidth({
      ...{ plan: await plan(), workerFile, clock },
      ...(signal ? { signal } : {}),
      ...(onProgress ? { onProgress } : {}),
    });
    if (!result.ok) {
      logger.log('warn', 'hardware.measure.failed', { code: result.code, cause: result.cause });
      return result;
    }
    logger.log('info', 'hardware.measured', { ...result.measured });
    await store.saveMeasurement(result.measured);
    this.#tellNews();
    return { ...result, before, after: await this.#local() };
  }

  async #local(): Promise<HardwareProfile> {
    const { settings, detector, store } = this.options;
    if (settings().hardwareOverride) return detector().detect();
    await store.ready();
    const known = this.#forgotten ? null : store.profile;
    if (known && !this.#isFresh(known)) {
      this.#detect().catch((thrown: unknown) =>
        this.options.logger.log('warn', 'hardware.detect.failed', { error: messageOf(thrown) }),
      );
    }
    const profile: HardwareProfile = known ? { ...known.profile, source: 'cache' } : await this.#detect();
    return (this.#said = this.#withMeasurement(profile));
  }

  /** What is stored stands until this has ended, but for a profile that was forgotten. */
  #detect(): Promise<HardwareProfile> {
    if (this.#detecting) return this.#detecting;
    const round = this.#round;
    const detector = this.options.detector();
    detector.invalidate();
    const detecting = detector
      .detect()
      .then((profile) => {
        if (round === this.#round && profile.source !== 'override') {
          this.#forgotten = false;
          void this.options.store.saveProfile(profile).then(() => this.#tellNews());
        }
        return profile;
      })
      .finally(() => {
        if (this.#detecting === detecting) this.#detecting = undefined;
      });
    return (this.#detecting = detecting);
  }

  /** A clock that was set back, or another start of the system, says nothing about how old a profile is. */
  #isFresh({ profile, detectedAtMs, bootId }: StoredProfile): boolean {
    const ageMs = this.options.clock.now() - detectedAtMs;
    const failed = profile.warnings.some(({ code }) => code.endsWith('_probe_failed'));
    return bootId === this.options.bootId && ageMs >= 0 && ageMs < (failed ? FAILED_FRESH_MS : FRESH_MS);
  }

  #withMeasurement(profile: HardwareProfile): HardwareProfile {
    const { measurement } = this.options.store;
    return measurement ? withMeasuredBandwidth(profile, measurement.measured.bandwidthGBps) : profile;
  }

  #tellNews(): void {
    const { store, settings } = this.options;
    if (!this.#said || !store.profile || settings().hardwareOverride) return;
    const now = this.#withMeasurement(store.profile.profile);
    if (isDeepStrictEqual(lasting(now), lasting(this.#said))) return;
    this.#said = now;
    this.#changed.fire();
  }
}

export interface OpenHostsOptions extends Omit<HostsOptions, 'detector' | 'store' | 'plan'> {
  /** Folder with the device table that ships with the extension. */
  readonly dataDir: string;
  readonly state: StateDatabase;
}

/** The machines of an engine; nothing is read, run or measured before the first question. */
export function openHosts(options: OpenHostsOptions): Hosts {
  const { dataDir, state, settings, bootId, clock, logger } = options;
  const machine = readMachine(os, process.constrainedMemory());
  let detector: HardwareDetector | undefined;
  return new Hosts({
    ...options,
    store: new HardwareStore({ state, machine, bootId, clock, logger }),
    detector: () =>
      (detector ??= new HardwareDetector({
        deviceTable: DeviceTable.load(path.join(dataDir, 'devices.json')),
        override: () => settings().hardwareOverride,
        now: () => clock.now(),
        logger,
      })),
  });
}

/** A profile with the same in place of what is different at every look. */
function lasting(profile: HardwareProfile): HardwareProfile {
  return {
    ...profile,
    detectedAt: '',
    source: 'cache',
    memory: { ...profile.memory, availableGib: 0 },
    accelerators: profile.accelerators.map((accelerator) => ({ ...accelerator, freeGib: 0 })),
  };
}

async function planForThisMachine(): Promise<BandwidthPlan | null> {
  const readText = (path: string): Promise<string | null> => readFile(path, 'utf8').catch(() => null);
  return planBandwidth({
    parallelism: os.availableParallelism(),
    availableBytes: process.availableMemory(),
    cacheBytes: await lastLevelCacheBytes(readText),
  });
}
