import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { systemClock } from '../shared/clock';
import { messageOf } from '../shared/errors';
import { FILL_BYTE, KERNEL, sumOfFilled } from './measureBandwidthKernel';
import { CONTROL, threadStartSchema, type ThreadAnswer, type ThreadStart } from './measureBandwidthMessages';

/**
 * One of the threads behind `measureBandwidth`: it fills a buffer of its own, then reads it in rounds that all threads
 * begin together, until the last to arrive finds that it is enough.
 */

const PAGE_BYTES = 65_536;

interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** Node has it, the types of Node do not. */
declare const WebAssembly: {
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly m: { readonly memory: WasmMemory } },
  ) => { readonly exports: { readonly sum: (begin: number, end: number) => bigint } };
};

if (parentPort) measure(parentPort);

function measure(port: MessagePort): void {
  const start = threadStartSchema.parse(workerData);
  const post = (answer: ThreadAnswer): void => port.postMessage(answer);
  let memory: WasmMemory;
  try {
    const pages = Math.ceil(start.bytes / PAGE_BYTES);
    memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    // A page that was never written is one that all such pages share, and would come from the cache.
    new Uint8Array(memory.buffer).fill(FILL_BYTE);
  } catch (thrown) {
    post({ type: 'failed', code: 'no_memory', message: messageOf(thrown) });
    return;
  }
  let sum: (begin: number, end: number) => bigint;
  try {
    sum = new WebAssembly.Instance(new WebAssembly.Module(KERNEL), { m: { memory } }).exports.sum;
  } catch (thrown) {
    post({ type: 'failed', code: 'not_supported', message: messageOf(thrown) });
    return;
  }
  post({ type: 'rounds', rounds: readInRounds(start, sum) });
}

function readInRounds(
  { bytes, threads, control: block, enoughAtMs, minRounds }: ThreadStart,
  sum: (begin: number, end: number) => bigint,
): [number, number][] {
  const control = new Int32Array(block);
  const expected = sumOfFilled(bytes);
  const rounds: [number, number][] = [];
  for (;;) {
    meet(control, threads, () => {
      if (rounds.length >= minRounds && systemClock.monotonicMs() >= enoughAtMs)
        Atomics.store(control, CONTROL.stop, 1);
    });
    if (Atomics.load(control, CONTROL.stop) === 1) return rounds;
    const begunMs = systemClock.monotonicMs();
    const found = sum(0, bytes);
    rounds.push([begunMs, systemClock.monotonicMs()]);
    if (found !== expected) throw new Error('the kernel did not read what was written');
  }
}

/** Waits until all threads are here; the last one does `last` before any of them goes on. */
function meet(control: Int32Array<SharedArrayBuffer>, threads: number, last: () => void): void {
  const round = Atomics.load(control, CONTROL.round);
  if (Atomics.add(control, CONTROL.arrived, 1) < threads - 1) {
    while (Atomics.load(control, CONTROL.round) === round) Atomics.wait(control, CONTROL.round, round);
    return;
  }
  last();
  Atomics.store(control, CONTROL.arrived, 0);
  Atomics.add(control, CONTROL.round, 1);
  Atomics.notify(control, CONTROL.round);
}
