import { beforeAll, describe, expect, it, vi } from 'vitest';
import { HardwareStore } from '../../../src/engine/hardwareStore';
import { Hosts } from '../../../src/engine/hosts';
import { isUnknownHardware, profileFromOverride } from '../../../src/hardware/overrideProfile';
import type { HardwareProfile } from '../../../src/hardware/profile';
import { silentLogger } from '../../../src/shared/logger';
import { DEFAULT_SETTINGS, type Settings } from '../../../src/shared/settings';
import { systemClock, type Clock } from '../../../src/shared/clock';
import { FakeClock } from '../../fakes/fakeClock';
import { patientClock } from '../../support/patientClock';
import { bundledProgram } from '../../support/programs';
import { MemoryState, SharedMemory } from '../../support/registryState';

const MACHINE = { hostName: 'box', cpu: 'CPU', cores: 4, memoryGib: 32 };
const HOUR_MS = 3_600_000;

/** A detector that finds what it is told to find, at the clock's time. */
class ScriptedDetector {
  detections = 0;
  ramGb = 32;
  warnings: HardwareProfile['warnings'] = [];
  override: Settings['hardwareOverride'] = null;
  /** Set to hold detections back until it resolves. */
  gate: Promise<void> = Promise.resolve();

  constructor(private readonly clock: Clock) {}

  async detect(): Promise<HardwareProfile> {
    if (this.override) return profileFromOverride('local', this.override, this.clock);
    this.detections += 1;
    const { ramGb, warnings, gate } = this;
    await gate;
    const profile = profileFromOverride(
      ...(['local', { platform: 'cpu', vramGb: 0, ramGb, bandwidthGbps: 40 }, this.clock] as const),
    );
    return {
      ...profile,
      ...{ source: 'cpu', hostName: 'box', warnings },
      memory: { ...profile.memory, basis: 'assumed', availableGib: this.detections },
    };
  }

  invalidate(): void {
    // It keeps nothing.
  }
}

/** One window. Those with the same memory share their state, as windows of one machine do. */
function windowOf(
  options: {
    readonly memory?: SharedMemory;
    readonly clock?: Clock;
    readonly bootId?: string;
    readonly settings?: Partial<Settings>;
    readonly bandwidthWorker?: string;
    readonly isOpen?: boolean;
  } = {},
) {
  const { memory = new SharedMemory(), clock = new FakeClock(), bootId = 'boot' } = options;
  const detector = new ScriptedDetector(clock);
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  detector.override = settings.hardwareOverride;
  const state = new MemoryState(memory, options.isOpen);
  const hosts = new Hosts({
    settings: () => settings,
    detector: () => detector,
    store: new HardwareStore({ state, machine: MACHINE, bootId, clock, logger: silentLogger }),
    ...{ bootId, clock, logger: silentLogger },
    bandwidthWorker: options.bandwidthWorker ?? '/nowhere.cjs',
    plan: () => Promise.resolve({ threads: 1, bytesPerThread: 2 ** 20 }),
  });
  return { hosts, detector, settings };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('this machine', () => {
  it('is detected once, however often and by however many it is asked for', async () => {
    const { hosts, detector } = windowOf();
    const [first, second] = await Promise.all([hosts.profileOf('local'), hosts.profileOf('local')]);
    await hosts.profileOf('local');
    expect(detector.detections).toBe(1);
    expect(first).toEqual(second);
    expect(first).toMatchObject({ host: 'local', ramGb: 32, source: 'cpu' });
  });

  it('is known at once in another window, without a detection while it is fresh', async () => {
    const memory = new SharedMemory();
    const clock = new FakeClock();
    await windowOf({ memory, clock }).hosts.profileOf('local');
    clock.stepWall(24 * HOUR_MS - 1);
    const next = windowOf({ memory, clock });
    expect(await next.hosts.profileOf('local')).toMatchObject({ ramGb: 32, source: 'cache' });
    await settle();
    expect(next.detector.detections).toBe(0);
  });

  it.each([
    ['after a day', { stepMs: 24 * HOUR_MS, bootId: 'boot', failed: false }],
    ['after another start of the system', { stepMs: 1_000, bootId: 'boot-2', failed: false }],
    ['when the clock was set back', { stepMs: -1_000, bootId: 'boot', failed: false }],
    ['after five minutes where a tool had failed', { stepMs: 300_000, bootId: 'boot', failed: true }],
  ])('is known at once %s too, and detected anew meanwhile', async (_when, { stepMs, bootId, failed }) => {
    const memory = new SharedMemory();
    const clock = new FakeClock();
    const before = windowOf({ memory, clock });
    if (failed) before.detector.warnings = [{ code: 'nvidia_probe_failed', message: 'x' }];
    await before.hosts.profileOf('local');
    await settle();
    clock.stepWall(stepMs);
    const next = windowOf({ memory, clock, bootId });
    next.detector.ramGb = 64;
    const heard = vi.fn();
    next.hosts.onDidChange(heard);
    expect(await next.hosts.profileOf('local')).toMatchObject({ ramGb: 32, source: 'cache' });
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(1));
    expect(await next.hosts.profileOf('local')).toMatchObject({ ramGb: 64 });
    expect(next.detector.detections).toBe(1);
  });

  it('is no news when it is found as it was, but for what is free', async () => {
    const memory = new SharedMemory();
    const clock = new FakeClock();
    await windowOf({ memory, clock }).hosts.profileOf('local');
    await settle();
    clock.stepWall(25 * HOUR_MS);
    const next = windowOf({ memory, clock });
    const heard = vi.fn();
    next.hosts.onDidChange(heard);
    await next.hosts.profileOf('local');
    await vi.waitFor(() => expect(next.detector.detections).toBe(1));
    await settle();
    expect(heard).not.toHaveBeenCalled();
  });

  it('is detected anew after it was forgotten, and what was under way then does not count', async () => {
    const { hosts, detector } = windowOf();
    let open = (): void => undefined;
    detector.gate = new Promise((resolve) => (open = resolve));
    const early = hosts.profileOf('local');
    await settle();
    hosts.forget();
    detector.ramGb = 64;
    detector.gate = Promise.resolve();
    expect(await hosts.profileOf('local')).toMatchObject({ ramGb: 64 });
    open();
    await early;
    expect(await hosts.profileOf('local')).toMatchObject({ ramGb: 64 });
    expect(detector.detections).toBe(2);
  });

  it('changes in an open window when another window has found something else', async () => {
    const memory = new SharedMemory();
    const clock = new FakeClock();
    const [one, other] = [windowOf({ memory, clock }), windowOf({ memory, clock })];
    await one.hosts.profileOf('local');
    await settle();
    await other.hosts.profileOf('local');
    const heard = vi.fn();
    one.hosts.onDidChange(heard);
    other.hosts.forget();
    other.detector.ramGb = 64;
    clock.stepWall(1_000);
    await other.hosts.profileOf('local');
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(1));
    expect(await one.hosts.profileOf('local')).toMatchObject({ ramGb: 64 });
  });

  it('is what the override says, which is never stored', async () => {
    const memory = new SharedMemory();
    const hardwareOverride = { platform: 'cpu', vramGb: 0, ramGb: 8, bandwidthGbps: 20 } as const;
    const described = windowOf({ memory, settings: { hardwareOverride } });
    expect(await described.hosts.profileOf('local')).toMatchObject({ ramGb: 8, source: 'override' });
    await settle();
    const next = windowOf({ memory });
    expect(await next.hosts.profileOf('local')).toMatchObject({ ramGb: 32, source: 'cpu' });
  });

  it('is not kept as described when a description comes and goes while it is being detected', async () => {
    const { hosts, detector } = windowOf();
    detector.override = { platform: 'cpu', vramGb: 0, ramGb: 8, bandwidthGbps: 20 };
    expect(await hosts.profileOf('local')).toMatchObject({ ramGb: 8 });
    detector.override = null;
    expect(await hosts.profileOf('local')).toMatchObject({ ramGb: 32 });
  });

  it('is detected once a window where nothing can be stored', async () => {
    const { hosts, detector } = windowOf({ isOpen: false });
    await hosts.profileOf('local');
    await hosts.profileOf('local');
    expect(detector.detections).toBe(1);
  });
});

describe('another machine', () => {
  const gpubox = { platform: 'nvidia', vramGb: 24, ramGb: 64, bandwidthGbps: 1008 } as const;

  it('is what the setting says of it', async () => {
    const { hosts, detector } = windowOf({ settings: { hosts: { gpubox } } });
    expect(await hosts.profileOf('gpubox')).toMatchObject({
      ...{ ...gpubox, host: 'gpubox', hostName: 'gpubox', source: 'override', warnings: [] },
    });
    expect(detector.detections).toBe(0);
  });

  it.each(['nas', 'GPUBOX', 'constructor', '__proto__'])(
    'that the setting does not name has no figure, least of all of this one: %s',
    async (host) => {
      const { hosts, detector } = windowOf({ settings: { hosts: { gpubox } } });
      const profile = await hosts.profileOf(host);
      expect(isUnknownHardware(profile)).toBe(true);
      expect(profile).toMatchObject({ host, ramGb: 0, bandwidthGbps: 0 });
      expect(detector.detections).toBe(0);
    },
  );

  it('is known when a backend runs on it or the setting names it; hosted providers run on none', () => {
    const { hosts } = windowOf({
      settings: {
        hosts: { gpubox },
        backends: [
          { id: 'ollama', kind: 'ollama', url: 'http://127.0.0.1:11434' },
          { id: 'nas', kind: 'ollama', url: 'http://nas.lan:11434' },
          { id: 'box', kind: 'llama_server', url: 'http://10.0.0.7:8080', host: 'gpubox' },
          { id: 'off', kind: 'ollama', url: 'http://off.lan:11434', enabled: false },
          { id: 'openai', kind: 'openai' },
          { id: 'vscode', kind: 'vscode' },
        ],
      },
    });
    expect(hosts.known()).toEqual(['local', 'gpubox', 'nas.lan']);
    expect(windowOf().hosts.known()).toEqual(['local']);
  });
});

describe('a measurement', () => {
  let bandwidthWorker: string;
  beforeAll(async () => {
    bandwidthWorker = await bundledProgram('src/hardware/bandwidthWorker.ts');
  });

  it('stands in the profile from then on, in every window, and after a new detection', async () => {
    const memory = new SharedMemory();
    // On a busy machine the measurement would give up before it has its figure.
    const { hosts } = windowOf({ memory, clock: patientClock, bandwidthWorker });
    const other = windowOf({ memory, clock: systemClock });
    await hosts.profileOf('local');
    await other.hosts.profileOf('local');
    const heard = vi.fn();
    hosts.onDidChange(heard);
    other.hosts.onDidChange(heard);
    const result = await hosts.measureBandwidth();
    if (!result.ok) throw new Error(result.message);
    expect(result.before.memory).toMatchObject({ bandwidthGBps: 40, basis: 'assumed' });
    const { bandwidthGBps } = result.measured;
    expect(result.after).toMatchObject({ bandwidthGbps: bandwidthGBps, memory: { basis: 'measured' } });
    expect(heard).toHaveBeenCalledTimes(2);
    hosts.forget();
    const restarted = windowOf({ memory, clock: systemClock });
    for (const each of [hosts, other.hosts, restarted.hosts]) {
      const profile = await each.profileOf('local');
      expect(profile.memory).toMatchObject({ bandwidthGBps, basis: 'measured' });
      expect(profile.bandwidthGbps).toBe(bandwidthGBps);
    }
  });

  it('that fails changes nothing', async () => {
    const { hosts } = windowOf({ clock: systemClock });
    expect(await hosts.measureBandwidth()).toMatchObject({ ok: false, code: 'failed' });
    expect((await hosts.profileOf('local')).memory.basis).toBe('assumed');
  });

  it('that is cancelled rejects, and changes nothing', async () => {
    const { hosts } = windowOf({ clock: systemClock, bandwidthWorker });
    const abort = new AbortController();
    const onProgress = (): void => abort.abort(new Error('enough'));
    await expect(hosts.measureBandwidth({ signal: abort.signal, onProgress })).rejects.toThrow('enough');
    expect((await hosts.profileOf('local')).memory.basis).toBe('assumed');
  });
});
