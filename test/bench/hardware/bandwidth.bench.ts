import { availableParallelism } from 'node:os';
import { measureBandwidth } from '../../../src/hardware/measureBandwidth';
import { planBandwidth } from '../../../src/hardware/measureBandwidthPlan';
import { systemClock } from '../../../src/shared/clock';
import { bundledProgram } from '../../support/programs';
import { printFigure } from '../figures';

/** spec/hardware.md: a measurement takes two seconds at most; what it finds is this machine's. */
async function measure(): Promise<void> {
  const workerFile = await bundledProgram('src/hardware/bandwidthWorker.ts');
  for (const parallelism of new Set([1, availableParallelism()])) {
    const machine = { parallelism, availableBytes: process.availableMemory(), cacheBytes: null };
    const plan = planBandwidth(machine);
    const begun = performance.now();
    let longestPauseMs = 0;
    let last = begun;
    const pulse = setInterval(() => {
      longestPauseMs = Math.max(longestPauseMs, performance.now() - last);
      last = performance.now();
    }, 10);
    const result = await measureBandwidth({ plan, workerFile, clock: systemClock });
    const tookMs = performance.now() - begun;
    clearInterval(pulse);
    if (!result.ok) throw new Error(result.message);
    const threads = `${result.measured.threads} threads`;
    printFigure(`memory bandwidth, ${threads}`, result.measured.bandwidthGBps, 'GB/s', 1, 'higher');
    printFigure(`memory bandwidth, ${threads}, time`, tookMs, 'ms', 2_000);
    printFigure(`memory bandwidth, ${threads}, longest pause of the caller`, longestPauseMs, 'ms', 100);
  }
}

void measure();
