import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { measureBandwidth, measuredBy } from '../../../src/hardware/measureBandwidth';
import { systemClock, type Clock } from '../../../src/shared/clock';
import { FakeClock } from '../../fakes/fakeClock';
import { AwakeTime } from '../../support/awakeTime';
import { patientClock } from '../../support/patientClock';
import { bundledProgram } from '../../support/programs';

const MIB = 2 ** 20;
const SMALL = { threads: 2, bytesPerThread: MIB };

let folder: string;
let realWorker: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'mpw-'));
  realWorker = await bundledProgram('src/hardware/bandwidthWorker.ts');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A thread that does something else. */
function worker(name: string, code: string): string {
  const file = path.join(folder, `${name}.cjs`);
  writeFileSync(file, `const { parentPort, workerData } = require('node:worker_threads');\n${code}`);
  return file;
}

function measure(workerFile: string, more: { readonly clock?: Clock; readonly signal?: AbortSignal } = {}) {
  return measureBandwidth({ plan: SMALL, workerFile, clock: systemClock, ...more });
}

describe('a measurement', () => {
  it('reads with all threads at once, five rounds or more, and says how much', async () => {
    const awake = new AwakeTime();
    // On a busy machine it would say that this is too slow; that it ends then is shown below.
    const result = await measure(realWorker, { clock: patientClock });
    expect(awake.stop()).toBeLessThan(3_000);
    if (!result.ok) throw new Error(`${result.message} ${result.cause ?? ''}`);
    const { measured } = result;
    expect(measured).toMatchObject({ threads: 2, bufferBytes: 2 * MIB });
    expect(measured.rounds).toBeGreaterThanOrEqual(5);
    // A buffer that the cache holds is read faster than any memory could be, and slower than nothing.
    expect(measured.bandwidthGBps).toBeGreaterThan(0.1);
    expect(measured.bandwidthGBps).toBeLessThan(10_000);
  });

  it('lets this thread go on meanwhile, and tells how far it is', async () => {
    const told: number[] = [];
    await measureBandwidth({
      ...{ plan: SMALL, workerFile: realWorker, clock: systemClock },
      onProgress: (fraction) => told.push(fraction),
    });
    expect(told.length).toBeGreaterThan(3);
    expect(told.at(0)).toBeLessThan(0.1);
    expect(told.at(-1)).toBeGreaterThan(0.5);
    expect(told.every((fraction) => fraction >= 0 && fraction <= 1)).toBe(true);
    expect([...told].sort((a, b) => a - b)).toEqual(told);
  });

  it('counts the best round, each from its first begin to its last end', () => {
    const rounds = [
      [
        [0, 20],
        [100, 105],
        [200, 204],
      ],
      [
        [1, 15],
        [101, 110],
        [202, 220],
        [300, 301],
      ],
    ] as [number, number][][];
    const measured = measuredBy({ threads: 2, bytesPerThread: 50e6 }, rounds);
    expect(measured).toEqual({ bandwidthGBps: 10, threads: 2, bufferBytes: 100e6, rounds: 3 });
  });
});

describe('a measurement that cannot be made', () => {
  it.each([
    ['throws', "throw new Error('broken')", 'failed', /broken/],
    ['ends without a word', '', 'failed', /without an answer/],
    ['says what nobody understands', "parentPort.postMessage({ type: 'odd' })", 'failed', /type/],
    [
      'gets no memory while the others wait',
      `const { bytes, control } = workerData;
       if (Atomics.add(new Int32Array(control), 0, 1) === 0) Atomics.wait(new Int32Array(control), 1, 0);
       parentPort.postMessage({ type: 'failed', code: 'no_memory', message: String(bytes) })`,
      'no_memory',
      /1048576/,
    ],
    [
      'cannot run the kernel',
      "parentPort.postMessage({ type: 'failed', code: 'not_supported', message: 'simd' })",
      'not_supported',
      /simd/,
    ],
  ])('says so where a thread %s', async (what, code, failure, cause) => {
    const result = await measure(worker(what.replaceAll(' ', '-'), code));
    expect(result).toMatchObject({ ok: false, code: failure });
    expect(!result.ok && result.cause).toMatch(cause);
    expect(!result.ok && result.message).toMatch(/^[A-Z].+\.$/);
  });

  it('says so where the program is not there', async () => {
    expect(await measure(path.join(folder, 'gone.cjs'))).toMatchObject({ ok: false, code: 'failed' });
  });

  it('starts no thread where there is too little memory', async () => {
    const options = { plan: null, workerFile: path.join(folder, 'gone.cjs'), clock: systemClock };
    expect(await measureBandwidth(options)).toMatchObject({ ok: false, code: 'no_memory' });
  });

  it('ends after two seconds, whatever the threads do', async () => {
    const clock = new FakeClock();
    const measuring = measure(worker('endless', 'for (;;);'), { clock });
    await clock.advance(1_999);
    const early = await Promise.race([measuring, Promise.resolve('still on')]);
    expect(early).toBe('still on');
    await clock.advance(1);
    expect(await measuring).toMatchObject({ ok: false, code: 'too_slow' });
    expect(clock.pending).toBe(0);
  });

  it('ends at once when it is cancelled, and its threads with it', async () => {
    const abort = new AbortController();
    const clock = new FakeClock();
    const socket = path.join(folder, 'alive');
    const measuring = measureBandwidth({
      plan: { threads: 1, bytesPerThread: MIB },
      // It listens for as long as it lives.
      workerFile: worker('listening', `require('node:net').createServer().listen(${JSON.stringify(socket)})`),
      ...{ clock, signal: abort.signal },
    });
    await vi.waitFor(async () => expect(await connectTo(socket)).toBe('connected'), { timeout: 10_000 });
    const reason = new Error('no longer wanted');
    abort.abort(reason);
    await expect(measuring).rejects.toBe(reason);
    expect(await connectTo(socket)).not.toBe('connected');
    expect(clock.pending).toBe(0);
  });

  it('does not begin when it is cancelled already', async () => {
    const reason = new Error('no longer wanted');
    await expect(measure(realWorker, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

/** `connected`, or why not. */
function connectTo(socket: string): Promise<string> {
  return new Promise((resolve) => {
    const client = connect(socket);
    client.once('error', (error) => resolve(error.message));
    client.once('connect', () => {
      client.destroy();
      resolve('connected');
    });
  });
}
