import { defineConfig } from 'vitest/config';

/**
 * One project per kind of test; `scripts/test.mjs` runs them apart, so that each has its own time limit. Files share the
 * modules of their process: to load them anew for each of 305 files took half of the time of the unit tests.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 20_000,
          // The rankings of twelve machines take longer than the usual 10 s where much else runs.
          hookTimeout: 60_000,
          // By itself vitest leaves one core idle. In threads, whose start costs less, V8 can crash and take the run along.
          pool: 'forks',
          maxWorkers: 2,
          isolate: false,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          // Most of these wait: for leases to end, servers to load, processes to be killed.
          maxWorkers: 3,
          isolate: false,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 180_000,
          // Some wait for their turn on ports that only one at a time can have.
          hookTimeout: 360_000,
          maxWorkers: 2,
          isolate: false,
        },
      },
    ],
  },
});
