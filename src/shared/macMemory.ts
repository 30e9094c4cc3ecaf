/** Macs with more memory than this let the GPU have a larger part of it. */
const LARGE_MAC_GIB = 36;

/**
 * GiB that the GPU of an Apple Silicon Mac may wire unless `iogpu.wired_limit_mb` says otherwise: two thirds of the RAM
 * up to 36 GiB, three quarters above. Models cannot use more, whatever the RAM.
 */
export function defaultWiredLimitGib(ramGib: number): number {
  return ramGib <= LARGE_MAC_GIB ? (ramGib * 2) / 3 : (ramGib * 3) / 4;
}
