import { readFile as readFileFromDisk } from 'node:fs/promises';
import nodeOs from 'node:os';
import * as l10n from '@vscode/l10n';
import { abortReason, untilAborted } from '../shared/abort';
import { messageOf } from '../shared/errors';
import type { Logger } from '../shared/logger';
import { silentLogger } from '../shared/logger';
import { LOCAL_HOST } from '../shared/modelRef';
import { assembleProfile } from './assembleProfile';
import { readCgroupLimits } from './cgroup';
import type { CommandRunner } from './commandRunner';
import { ExecaCommandRunner } from './commandRunner';
import { readCpu } from './cpu';
import type { DeviceTable } from './deviceTable';
import { findGpuSigns } from './gpuSigns';
import { readMemory } from './memory';
import { profileFromOverride } from './overrideProfile';
import type { BaseContext, OsFacts, Probe, ProbeContext, ProbeFinding } from './probe';
import { NOTHING_FOUND, warning } from './probe';
import { LAST_RESORT, PROBES } from './probes';
import type { HardwareOverride, HardwareProfile } from './profile';

export interface HardwareDetectorOptions {
  /** The table, or the promise of `DeviceTable.load`. */
  readonly deviceTable: DeviceTable | Promise<DeviceTable>;
  /** The machine as its owner describes it, or how to look that up; nothing is detected then. */
  readonly override?: HardwareOverride | null | undefined | (() => HardwareOverride | null);
  readonly runner?: CommandRunner;
  readonly os?: OsFacts;
  readonly platform?: NodeJS.Platform;
  /** Wall-clock milliseconds since the epoch. */
  readonly now?: () => number;
  /** How long a profile is good for, milliseconds. Default 24 h. */
  readonly cacheTtlMs?: number;
  readonly readFile?: (path: string) => Promise<string>;
  readonly logger?: Logger;
}

const CACHE_TTL_MS = 24 * 60 * 60 * 1_000;
/** A profile that lacks a vendor because its tool failed is tried again sooner: the cause is often a driver update. */
const FAILED_TTL_MS = 5 * 60 * 1_000;

/**
 * How long tools may take that something else can stand in for, together: a detection should end within two seconds. The
 * tools that nothing stands in for (`nvidia-smi` above all, which is slow on servers) have the runner's own limit.
 */
const TOOLS_MS = 1_400;

interface Running {
  readonly profile: Promise<HardwareProfile>;
  readonly controller: AbortController;
  waiting: number;
  settled: boolean;
}

/**
 * Tells what machine this is. One detector per engine: it caches. The order is override (verbatim, nothing is run,
 * never cached), cache, the platform's probes, and the processor alone with warnings that say why.
 */
export class HardwareDetector {
  readonly #options: HardwareDetectorOptions;
  readonly #now: () => number;
  readonly #logger: Logger;
  #cached: { readonly profile: HardwareProfile; readonly at: number } | null = null;
  #running: Running | null = null;

  constructor(options: HardwareDetectorOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => Date.now());
    this.#logger = options.logger ?? silentLogger;
  }

  /** The profile of this machine. Rejects only when `signal` aborts; calls at the same time share one detection. */
  async detect(signal?: AbortSignal): Promise<HardwareProfile> {
    if (signal?.aborted) throw abortReason(signal);
    const { override } = this.#options;
    const described = typeof override === 'function' ? override() : override;
    if (described) return profileFromOverride(LOCAL_HOST, described, { now: this.#now });
    const cached = this.#fromCache();
    if (cached) return cached;
    const running = (this.#running ??= this.#start());
    running.waiting++;
    try {
      return await untilAborted(running.profile, signal);
    } finally {
      running.waiting--;
      if (running.waiting === 0 && !running.settled) {
        // Nobody waits for it any longer, so its child processes end too.
        if (this.#running === running) this.#running = null;
        running.controller.abort();
      }
    }
  }

  /** Forgets the cached profile, and does not let a detection that is under way fill the cache. */
  invalidate(): void {
    this.#cached = null;
    this.#running = null;
  }

  #fromCache(): HardwareProfile | null {
    if (!this.#cached) return null;
    const { profile, at } = this.#cached;
    const failed = profile.warnings.some(({ code }) => code.endsWith('_probe_failed'));
    const ttlMs = this.#options.cacheTtlMs ?? CACHE_TTL_MS;
    const ageMs = this.#now() - at;
    // A wall clock that was set back gives a negative age, which says nothing about how old the profile is.
    const fresh = ageMs >= 0 && ageMs < (failed ? Math.min(ttlMs, FAILED_TTL_MS) : ttlMs);
    return fresh ? { ...profile, source: 'cache' } : null;
  }

  #start(): Running {
    const controller = new AbortController();
    const running: Running = {
      controller,
      waiting: 0,
      settled: false,
      profile: this.#probe(controller.signal).then(
        (profile) => {
          running.settled = true;
          if (this.#running === running) {
            this.#running = null;
            this.#cached = { profile, at: this.#now() };
          }
          return profile;
        },
        (thrown: unknown) => {
          running.settled = true;
          if (this.#running === running) this.#running = null;
          throw thrown;
        },
      ),
    };
    running.profile.catch(() => undefined);
    return running;
  }

  async #probe(signal: AbortSignal): Promise<HardwareProfile> {
    const options = this.#options;
    const platform = options.platform ?? process.platform;
    const os = options.os ?? nodeOs;
    const readFile = options.readFile ?? ((path: string) => readFileFromDisk(path, 'utf8'));
    const readText = (path: string): Promise<string | null> => readFile(path).catch(() => null);
    const devices = await options.deviceTable;
    if (devices.problem !== undefined) {
      this.#logger.log('warn', 'hardware.device_table', { problem: devices.problem });
    }
    const linux = platform === 'linux';
    const limits = linux ? await readCgroupLimits(readText) : {};
    const memory = readMemory(os, linux ? await readText('/proc/meminfo') : null, limits);
    const base: BaseContext = {
      platform,
      os,
      devices,
      readText,
      memory: memory.amounts,
      runner: options.runner ?? new ExecaCommandRunner(),
      signal,
      deadline: AbortSignal.timeout(TOOLS_MS),
    };
    const cpuFinding = readCpu(base, limits);
    const context: ProbeContext = { ...base, systemBandwidth: () => cpuFinding };
    const [cpu, ...probes] = await Promise.all([
      cpuFinding,
      ...PROBES.filter((probe) => probe.platforms.includes(platform)).map((probe) =>
        this.#run(probe, context),
      ),
    ]);
    if (!hasAccelerator(probes) && LAST_RESORT.platforms.includes(platform)) {
      probes.push(await this.#run(LAST_RESORT, context));
    }
    if (!hasAccelerator(probes)) {
      probes.push({ ...NOTHING_FOUND, warnings: probes.flatMap(({ otherwise }) => otherwise ?? []) });
    }
    if (probes.every((finding) => finding.accelerators.every(({ unified }) => unified))) {
      probes.push({ ...NOTHING_FOUND, warnings: await findGpuSigns(context, probes) });
    }
    const profile = assembleProfile({
      hostName: os.hostname(),
      detectedAt: new Date(this.#now()).toISOString(),
      memory,
      cpu,
      probes,
    });
    this.#logger.log('info', 'hardware.detected', {
      platform: profile.platform,
      accelerators: profile.accelerators.length,
      warnings: profile.warnings.map(({ code }) => code),
    });
    return profile;
  }

  async #run(probe: Probe, context: ProbeContext): Promise<ProbeFinding> {
    try {
      return await probe.run(context);
    } catch (thrown) {
      if (context.signal?.aborted) throw thrown;
      this.#logger.log('error', 'hardware.probe_broke', { probe: probe.id, error: thrown });
      const message = l10n.t(
        'The graphics hardware could not be read, so models are ranked for the processor alone.',
      );
      return { accelerators: [], warnings: [warning(probe.failure, message, messageOf(thrown))] };
    }
  }
}

function hasAccelerator(probes: readonly ProbeFinding[]): boolean {
  return probes.some((finding) => finding.accelerators.length > 0);
}
