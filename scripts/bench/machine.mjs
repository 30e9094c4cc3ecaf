import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import process from 'node:process';

/** What a figure was measured on; a figure without it means nothing. */
export function machineFacts() {
  const cpu = cpus()[0]?.model.trim() ?? 'unknown CPU';
  const facts = {
    date: new Date().toISOString().slice(0, 10),
    cpu,
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    load: loadavg().map((value) => Number(value.toFixed(2))),
  };
  const { date, cores, memoryGib, system, node, load } = facts;
  const text = `${date}, ${cpu}, ${cores} cores, ${memoryGib} GiB, ${system}, Node ${node}, load ${load[0]}`;
  return { facts, text };
}
