/**
 * Three figures, fitted 2026-11 on 186 decode rates of processors whose memory is known by their family or board
 * (LocalScore's table, Jeff Geerling's ai-benchmarks): what programs get of a memory's nominal bandwidth, and the time
 * that a token takes besides the reading (threads that wait for each other after every operation, sampling).
 */
const MEMORY_EFFICIENCY = 0.7;
const SECONDS_PER_TOKEN = 0.005;
/**
 * GB/s that processors take in at most, however fast the memory: it is why 256 GB/s beside sixteen cores (Ryzen AI Max+
 * 395) give 102, where 51 GB/s of a desktop give 36 to 48. A core takes in about 30 GB/s; where nobody knows their number
 * it is taken for ten.
 */
const INTAKE_GBPS_PER_CORE = 30;
const UNKNOWN_CORES = 10;

interface SystemMemoryRead {
  /** GB (10^9 bytes) that one token reads from system memory: weights and cache. */
  readonly bytesGB: number;
  /** Of the memory, nominal or measured. */
  readonly systemGBps: number;
  /** That compute, usually one on each physical core; absent: not known. */
  readonly threads?: number | undefined;
  /** Part of the model's layers that the processor computes, 0..1; absent: all of them. */
  readonly share?: number | undefined;
}

/**
 * Seconds that one token takes for what lies in system memory, on a machine without accelerators or beside them: the
 * processor computes on what it reads there, so next to nothing crosses the bus. A quantisation counts by its bytes
 * alone, for on one machine 16 and 4 bits differ by 8 % at the same bytes. More bytes or a slower memory are never
 * faster. No bytes, and what is no number, take no time; a memory without bandwidth takes for ever.
 */
export function systemMemorySeconds({ bytesGB, systemGBps, threads, share = 1 }: SystemMemoryRead): number {
  if (!(bytesGB > 0)) return 0;
  if (!(systemGBps > 0)) return Infinity;
  const intakeGBps = INTAKE_GBPS_PER_CORE * (threads !== undefined && threads > 0 ? threads : UNKNOWN_CORES);
  const secondsPerGB = 1 / (systemGBps * MEMORY_EFFICIENCY) + 1 / intakeGBps;
  return bytesGB * secondsPerGB + SECONDS_PER_TOKEN * Math.min(1, Math.max(0, share));
}
