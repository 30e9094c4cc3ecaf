import { Agent } from 'undici';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import type { InstallEvent, InstallResult } from '../../src/backends/installAdapter';
import type { OllamaInstallOptions } from '../../src/backends/ollamaInstall';
import { OllamaInstallAdapter } from '../../src/backends/ollamaInstall';
import type { PullRun } from '../../src/pool/pullRuns';
import { PullRuns } from '../../src/pool/pullRuns';
import type { Clock } from '../../src/shared/clock';
import { systemClock } from '../../src/shared/clock';
import { HttpClient } from '../../src/shared/http';
import { silentLogger } from '../../src/shared/logger';
import { describeModel, declaredBytes } from '../fakes/ollama/package';
import type { FakeOllama, FakeOllamaOptions } from '../fakes/ollama/server';
import { startFakeOllama } from '../fakes/ollama/server';
import { MemoryState } from '../support/registryState';
import { until } from '../unit/backends/loopback';
import { containing } from '../unit/backends/textMatchers';

/** Backoffs and patience pass fifty times faster; the rest is real time. */
const hastyClock: Clock = { ...systemClock, after: (delayMs, fn) => systemClock.after(delayMs / 50, fn) };

const MODEL = describeModel({ weightsBytes: 40_000_000, capabilities: ['completion', 'tools'] });
const NAME = 'qwen3:8b';

/** For servers that go away for as long as a busy test machine needs to start them again. */
const PATIENT = { server: { bytesPerSecond: 40_000_000 }, adapter: { maxAttemptsWithoutBytes: 50 } } as const;

type Progress = Extract<InstallEvent, { type: 'progress' }>;

let fakes: FakeOllama[] = [];
afterEach(async () => {
  await Promise.all(fakes.map((fake) => fake.stop()));
  fakes = [];
});

async function setUp(options: FakeOllamaOptions = {}, adapterOptions: Partial<OllamaInstallOptions> = {}) {
  const fake = await startFakeOllama({ registry: { [NAME]: MODEL }, progressIntervalMs: 20, ...options });
  fakes.push(fake);
  const agent = new Agent();
  onTestFinished(() => agent.destroy());
  const adapter = new OllamaInstallAdapter({
    baseUrl: fake.url,
    http: new HttpClient(agent),
    clock: hastyClock,
    ...adapterOptions,
  });
  const events: InstallEvent[] = [];
  const install = (signal?: AbortSignal): Promise<InstallResult> =>
    adapter.install({
      name: NAME,
      onEvent: (event) => void events.push(event),
      ...(signal ? { signal } : {}),
    });
  const progress = (): readonly Progress[] => events.filter((event) => event.type === 'progress');
  const reached = (bytes: number) =>
    until(() => (progress().at(-1)?.completedBytes ?? 0) >= bytes, `${bytes} bytes`);
  return { fake, adapter, events, install, progress, reached };
}

describe('installing through Ollama', () => {
  it('installs with progress up to 100 %, and the model is listed', async () => {
    const { fake, adapter, events, install, progress } = await setUp({ bytesPerSecond: 100_000_000 });
    await expect(install()).resolves.toEqual({ status: 'success', name: NAME, alreadyInstalled: false });
    const counts = progress().map(({ completedBytes }) => completedBytes);
    expect(counts.length).toBeGreaterThan(5);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect(progress().at(-1)).toMatchObject({ completedBytes: progress().at(-1)?.totalBytes });
    expect(counts.at(-1)).toBeGreaterThanOrEqual(40_000_000);
    expect(counts.at(-1)).toBeLessThanOrEqual(declaredBytes(MODEL));
    expect(events.map(({ type }) => type).filter((type) => type !== 'progress')).toEqual([
      ...['pulling', 'verifying', 'verifying', 'success'],
    ]);
    expect(fake.store.names()).toEqual([NAME]);
    const [listed] = await adapter.list();
    expect(listed).toMatchObject({ ollamaName: NAME, quant: 'Q4_K_M' });
    expect((listed?.sizeOnDiskGb ?? 0) * 2 ** 30).toBeCloseTo(declaredBytes(MODEL), 0);
    await expect(adapter.inspect({ name: NAME })).resolves.toMatchObject({
      capabilities: ['completion', 'tools'],
      contextLength: 32_768,
    });
    await expect(install()).resolves.toMatchObject({ status: 'success', alreadyInstalled: true });
  });

  it('reports a speed near the real one', async () => {
    const { install, progress } = await setUp({ bytesPerSecond: 30_000_000 });
    const startedMs = Date.now();
    await install();
    const mean = declaredBytes(MODEL) / ((Date.now() - startedMs) / 1_000);
    const speeds = progress().flatMap(({ bytesPerSecond }) => bytesPerSecond ?? []);
    expect(speeds.at(-1)).toBeGreaterThan(mean / 2);
    expect(speeds.at(-1)).toBeLessThan(mean * 2);
  });

  it('resumes what was cancelled from where it stood', async () => {
    const { fake, install, progress, reached, events } = await setUp({ bytesPerSecond: 40_000_000 });
    const controller = new AbortController();
    const first = install(controller.signal);
    await reached(20_000_000);
    controller.abort();
    await expect(first).resolves.toMatchObject({ status: 'error', code: 'cancelled' });
    await until(() =>
      [...fake.store.partials.values()].some(({ completedBytes }) => completedBytes >= 20_000_000),
    );
    expect(fake.store.names()).toEqual([]);
    events.length = 0;
    await expect(install()).resolves.toMatchObject({ status: 'success', alreadyInstalled: false });
    const from = progress()[0]?.completedBytes ?? 0;
    expect(from).toBeGreaterThanOrEqual(20_000_000);
    expect(from).toBeLessThan(40_000_000);
  });

  it('resumes by itself when the server is stopped and started again', async () => {
    const { fake, install, progress, reached, events } = await setUp(PATIENT.server, PATIENT.adapter);
    const result = install();
    await reached(15_000_000);
    await fake.stop();
    await until(() => events.some((event) => event.type === 'pulling' && event.message.includes('Resuming')));
    const before = progress().length;
    await fake.restart();
    await expect(result).resolves.toMatchObject({ status: 'success' });
    expect(progress()[before]?.completedBytes).toBeGreaterThanOrEqual(15_000_000);
  });

  it('starts over when the server was killed and its parts are lost', async () => {
    const { fake, install, reached } = await setUp(PATIENT.server, PATIENT.adapter);
    const result = install();
    await reached(15_000_000);
    await fake.kill();
    await fake.restart();
    await expect(result).resolves.toMatchObject({ status: 'success' });
    expect(fake.store.names()).toEqual([NAME]);
  });

  it('ends a stall and resumes', async () => {
    const { fake, install, events } = await setUp(
      { bytesPerSecond: 100_000_000, faults: { stallAfterBytes: 10_000_000 } },
      { stallMs: 10_000 },
    );
    const result = install();
    await until(() => events.some((event) => event.type === 'pulling' && event.message.includes('stalled')));
    fake.faults.stallAfterBytes = null;
    await expect(result).resolves.toMatchObject({ status: 'success' });
    expect(fake.requests.filter(({ path }) => path === '/api/pull').length).toBeGreaterThan(1);
  });

  it('gives up a download that stalls for ever', async () => {
    const { install } = await setUp({ faults: { stallAfterBytes: 10_000_000 } }, { stallMs: 5_000 });
    await expect(install()).resolves.toMatchObject({
      code: 'installer_unavailable',
      message: containing('stalled'),
    });
  });

  it('gives up a registry that never answers', async () => {
    const { install } = await setUp(
      { faults: { manifestHang: true } },
      { firstByteMs: 5_000, maxAttemptsWithoutBytes: 2 },
    );
    await expect(install()).resolves.toMatchObject({
      code: 'installer_unavailable',
      message: containing('sent nothing'),
    });
  });

  it('waits while the server verifies in silence', async () => {
    const { install, events } = await setUp({ verifyMs: 1_500 }, { stallMs: 5_000 });
    await expect(install()).resolves.toMatchObject({ status: 'success' });
    expect(events.filter(({ type }) => type === 'error')).toEqual([]);
  });
});

describe('installing through Ollama when something is wrong', () => {
  it.each([
    ['a model that does not exist', { missing: true }, 'failed_target_missing', 'registry does not have', 1],
    ['a registry that is down', { registryDown: true }, 'installer_unavailable', 'connection refused', 5],
    ['a name that does not resolve', { dnsDown: true }, 'installer_unavailable', 'no such host', 5],
    ['a registry that has too much to do', { status429: true }, 'installer_unavailable', 'patience', 5],
    ['a registry with a fault', { status500: true }, 'installer_unavailable', 'internal oops', 5],
    ['a models folder that cannot be written', { readOnlyDisk: true }, 'install_failed', 'models folder', 1],
    ['a full disk', { diskBytes: 10_000_000 }, 'disk_full', 'Free some space', 1],
    ['damaged layers', { digestMismatch: true }, 'install_failed', 'digest mismatch', 2],
    ['a web page on its port', { html: true }, 'parse_failed', 'does not look like Ollama', 1],
  ] as const)('%s', async (_what, faults, code, words, pulls) => {
    const { fake, events, install } = await setUp({ faults });
    await expect(install()).resolves.toMatchObject({
      status: 'error',
      code,
      message: containing(words),
    });
    expect(fake.requests.filter(({ path }) => path === '/api/pull')).toHaveLength(pulls);
    expect(events.at(-1)).toMatchObject({ type: 'error', code });
    expect(fake.store.names()).toEqual([]);
  });

  it.each([
    ['registryDown', 2],
    ['status429', 1],
    ['digestMismatch', 1],
  ] as const)('gets over %s, %i times', async (fault, times) => {
    const { fake, install } = await setUp({ faults: { [fault]: times } });
    await expect(install()).resolves.toMatchObject({ status: 'success' });
    expect(fake.store.names()).toEqual([NAME]);
  });

  it('gets over a server that dies again and again as long as bytes come', async () => {
    const { fake, install } = await setUp(
      { bytesPerSecond: 40_000_000, faults: { dieMidStream: 12 } },
      { maxAttemptsWithoutBytes: 2 },
    );
    await expect(install()).resolves.toMatchObject({ status: 'success' });
    expect(fake.requests.filter(({ path }) => path === '/api/pull').length).toBeGreaterThan(3);
  });
});

describe('removing through Ollama', () => {
  it('removes a model, and says so when there is nothing to remove', async () => {
    const { fake, adapter } = await setUp({ installed: { [NAME]: MODEL } });
    await expect(adapter.evict({ name: NAME })).resolves.toEqual({ status: 'success', name: NAME });
    expect(fake.store.names()).toEqual([]);
    await expect(adapter.evict({ name: NAME })).resolves.toMatchObject({ code: 'not_in_pool' });
    await expect(adapter.list()).resolves.toEqual([]);
  });

  it('is installer_unavailable while the server is down', async () => {
    const { fake, adapter } = await setUp({ installed: { [NAME]: MODEL } });
    await fake.stop();
    await expect(adapter.evict({ name: NAME })).resolves.toMatchObject({ code: 'installer_unavailable' });
  });
});

describe('PullRuns over Ollama', () => {
  async function runs(options: FakeOllamaOptions) {
    const parts = await setUp(options);
    const pulls = new PullRuns({
      adapterFor: () => parts.adapter,
      ...{ state: new MemoryState(), scope: { hostOf: () => 'local', hostName: 'desk' } },
      ...{ owner: 'w1', bootId: 'boot', clock: systemClock, logger: silentLogger },
    });
    onTestFinished(() => pulls.dispose());
    const run = await pulls.start({ backend: 'ollama', name: NAME, label: 'Qwen3 8B' });
    const now = (): PullRun | undefined => pulls.runs.find(({ runId }) => runId === run.runId);
    return { ...parts, pulls, run, now };
  }

  it('cancels and resumes the same run', async () => {
    const { fake, pulls, run, now } = await runs({ bytesPerSecond: 40_000_000 });
    await until(() => (now()?.completedBytes ?? 0) >= 10_000_000);
    pulls.cancel(run.runId);
    await expect(pulls.whenOver(run.runId)).resolves.toMatchObject({ status: 'cancelled' });
    pulls.resume(run.runId);
    await expect(pulls.whenOver(run.runId)).resolves.toMatchObject({ status: 'succeeded', attempt: 2 });
    expect(now()?.completedBytes).toBe(now()?.totalBytes);
    expect(fake.store.names()).toEqual([NAME]);
  });

  it('tells a long pull four times a second', async () => {
    const { pulls, run } = await runs({ bytesPerSecond: 20_000_000 });
    const states: PullRun[] = [];
    const startedMs = Date.now();
    pulls.onDidChange(([first]) => {
      if (first) states.push(first);
    });
    await pulls.whenOver(run.runId);
    const seconds = (Date.now() - startedMs) / 1_000;
    expect(states.length).toBeGreaterThan(4);
    expect(states.length).toBeLessThanOrEqual(Math.ceil(seconds * 4) + 2);
    expect(states.at(-1)?.status).toBe('succeeded');
  });
});
