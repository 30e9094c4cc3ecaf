import type { DeviceClass, DeviceVendor } from './deviceClass';

/** The numbers of `decodeSeconds`. */
export interface DecodeParameters {
  readonly vendors: Readonly<Record<DeviceVendor, VendorParameters>>;
  /** Factors on the vendor's figures. */
  readonly classes: Readonly<Record<DeviceClass, { readonly efficiency: number; readonly launch: number }>>;
  /** Factor on the efficiency of plain blocks (Q4_0, Q4_1), which take less computing to unpack than nested ones. */
  readonly plainBlocks: number;
  /** Factor on the efficiency of nested blocks on cards up to Pascal, which have little integer throughput. */
  readonly nestedBlocksOnPascal: number;
  /**
   * GB that a token of a mixture of experts takes as if it read them besides its active share: what all tokens use
   * (attention, router, output) is kept in more bits than the experts, and choosing experts takes its time.
   */
  readonly sparseExtraGB: number;
}

interface VendorParameters {
  /** Share of the bandwidth that reading weights reaches. */
  readonly efficiency: number;
  /** Seconds that a layer costs whatever its size: kernels are started one after the other, and small ones fill no GPU. */
  readonly launchSeconds: number;
  /** Share of the bandwidth that attention reaches on the cache. */
  readonly cacheEfficiency: number;
}

/**
 * Fitted 2026-11-21 on the 377 clean rows of `data/measurements/speed.jsonl` (`test/support/accuracyFit.ts` says how;
 * `npm run bench -- accuracy` fits it anew and compares). A class is shrunk towards its vendor's middle, which also stands
 * for names that nobody knows. Clean rows with nested blocks on Pascal are of one card alone; users' and LocalScore's rows
 * of four others agree (0.37 to 0.42 of the bandwidth).
 */
export const DECODE_PARAMETERS: DecodeParameters = {
  vendors: {
    nvidia: { efficiency: 0.797, launchSeconds: 75.4e-6, cacheEfficiency: 0.738 },
    apple: { efficiency: 0.89, launchSeconds: 164e-6, cacheEfficiency: 0.221 },
    amd: { efficiency: 0.859, launchSeconds: 97.1e-6, cacheEfficiency: 0.616 },
    intel: { efficiency: 0.601, launchSeconds: 97.4e-6, cacheEfficiency: 0.505 },
  },
  classes: {
    pascal: { efficiency: 0.768, launch: 1.84 },
    turing: { efficiency: 0.931, launch: 1.1 },
    ampere: { efficiency: 1.04, launch: 0.932 },
    ada: { efficiency: 1.12, launch: 0.867 },
    blackwell: { efficiency: 1.01, launch: 0.671 },
    spark: { efficiency: 1.02, launch: 0.885 },
    hbm: { efficiency: 0.676, launch: 1.14 },
    m1: { efficiency: 0.945, launch: 1.36 },
    'm2-m3': { efficiency: 1.03, launch: 1.05 },
    m4: { efficiency: 1.05, launch: 0.754 },
    rdna2: { efficiency: 0.98, launch: 1.11 },
    rdna3: { efficiency: 1.01, launch: 0.874 },
    rdna4: { efficiency: 1.04, launch: 0.846 },
    'radeon-apu': { efficiency: 0.991, launch: 1.38 },
    alchemist: { efficiency: 0.637, launch: 1.1 },
    battlemage: { efficiency: 1.05, launch: 0.953 },
  },
  plainBlocks: 1.21,
  nestedBlocksOnPascal: 0.631,
  sparseExtraGB: 0.54,
};
