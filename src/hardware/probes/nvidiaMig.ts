/** One slice of a GPU in multi-instance mode. */
export interface MigInstance {
  readonly gpuIndex: number;
  /** As NVIDIA names it: "3g.20gb", "1c.3g.20gb", "1g.10gb+me". */
  readonly profile: string;
  /** Memory of the slice as in its name, GB. */
  readonly memoryGb: number;
  /** Part of that memory which is this instance's own share: below 1 where compute instances divide a slice. */
  readonly share: number;
}

/**
 * The instances that `nvidia-smi -L` lists under their GPUs; the form is that of NVIDIA's MIG user guide. Other lines
 * are skipped.
 */
export function parseMigList(stdout: string): readonly MigInstance[] {
  const instances: MigInstance[] = [];
  let gpuIndex: number | null = null;
  for (const line of stdout.split(/\r?\n/)) {
    const gpu = /^GPU (\d+):/.exec(line);
    if (gpu) gpuIndex = Number(gpu[1]);
    const mig = /^\s+MIG ((?:(\d+)c\.)?(\d+)g\.(\d+)gb\S*)\s+Device\s+\d+:/.exec(line);
    if (!mig || gpuIndex === null) continue;
    const [, profile = '', computes, slices, memoryGb] = mig;
    instances.push({
      gpuIndex,
      profile,
      memoryGb: Number(memoryGb),
      share: computes === undefined ? 1 : Number(computes) / Number(slices),
    });
  }
  return instances;
}

/** A GPU's memory is cut into eighths, and so is the bandwidth to it. */
const MEMORY_SLICES = 8;
/** The driver keeps up to a twentieth of a slice: 4,864 of 5,120 MiB are left of the smallest of an A100. */
const USABLE = 0.95;

/** Memory in GiB that an instance may use and its part (0..1] of the GPU's bandwidth. */
export function migShare(
  instance: MigInstance,
  gpuGib: number,
): { readonly totalGib: number; readonly bandwidthShare: number } {
  const slices = Math.max(
    1,
    Math.min(MEMORY_SLICES, Math.round((instance.memoryGb / gpuGib) * MEMORY_SLICES)),
  );
  const bandwidthShare = slices / MEMORY_SLICES;
  return { totalGib: gpuGib * bandwidthShare * USABLE * instance.share, bandwidthShare };
}
