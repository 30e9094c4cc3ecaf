const MIB = 2 ** 20;

/** More threads than this add nothing even where 24 memory channels feed them. */
const MAX_THREADS = 16;
/** Of one thread. Large enough that no cache of a usual machine holds a part of it from one round to the next. */
const MIN_BYTES_PER_THREAD = 128 * MIB;
/** Larger buffers take longer to be filled than the measurement may last. */
const MAX_BYTES_PER_THREAD = 256 * MIB;
/** What this many times the last-level cache does not fit in it in any order of reading. */
const CACHES_PER_BUFFER = 4;
/** The part of the available memory that a measurement may take: nothing else should have to move out. */
const MEMORY_SHARE = 0.25;

/** What a measurement reads, and with how many threads. */
export interface BandwidthPlan {
  readonly threads: number;
  /** A multiple of 64 KiB, the page of a WebAssembly memory. */
  readonly bytesPerThread: number;
}

export interface BandwidthMachine {
  /** Threads that can run at once; at least 1. */
  readonly parallelism: number;
  /** Memory that can be had now without anything being swapped out. */
  readonly availableBytes: number;
  /** Of one last-level cache; null where it is not known. */
  readonly cacheBytes: number | null;
}

/**
 * One buffer a thread, each of four times the last-level cache, 128 to 256 MiB: as many threads as can run, at most 16,
 * and as fit in a quarter of the available memory. Null where not even one does.
 */
export function planBandwidth({
  parallelism,
  availableBytes,
  cacheBytes,
}: BandwidthMachine): BandwidthPlan | null {
  const wanted = Math.min(
    Math.max(CACHES_PER_BUFFER * (cacheBytes ?? 0), MIN_BYTES_PER_THREAD),
    MAX_BYTES_PER_THREAD,
  );
  const bytesPerThread = Math.ceil(wanted / MIB) * MIB;
  const affordable = Math.floor((availableBytes * MEMORY_SHARE) / bytesPerThread);
  const threads = Math.min(Math.max(1, Math.floor(parallelism)), MAX_THREADS, affordable);
  return threads >= 1 ? { threads, bytesPerThread } : null;
}

/** Of the processor's largest cache, bytes, as Linux tells it; null elsewhere, and where it does not. */
export async function lastLevelCacheBytes(
  readText: (path: string) => Promise<string | null>,
): Promise<number | null> {
  for (const level of ['index3', 'index2']) {
    const text = await readText(`/sys/devices/system/cpu/cpu0/cache/${level}/size`);
    const kib = /^(\d{1,9})K\s*$/.exec(text ?? '')?.[1];
    if (kib !== undefined && Number(kib) > 0) return Number(kib) * 1_024;
  }
  return null;
}
