import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PullProgress } from '../../../src/backends/pullProgress';

const A = 'sha256:aaaa';
const B = 'sha256:bbbb';

function line(digest: string, completedBytes: number, totalBytes: number) {
  return { digest, completedBytes, totalBytes };
}

describe('PullProgress', () => {
  it('sums the layers seen so far', () => {
    const progress = new PullProgress();
    progress.line(line(A, 40, 100), 0);
    const { event } = progress.line(line(B, 10, 50), 60);
    expect(event).toMatchObject({ digest: B, layerCompletedBytes: 10, layerTotalBytes: 50, totalBytes: 150 });
  });

  it('counts a layer as whole once the next one begins, for its last line is usually below its total', () => {
    const progress = new PullProgress();
    progress.line(line(A, 96, 100), 0);
    expect(progress.line(line(B, 10, 50), 60).event.completedBytes).toBe(110);
  });

  it('never runs backwards when the server starts a part again', () => {
    const progress = new PullProgress();
    progress.line(line(A, 1_200_000, 3_000_000), 0);
    const { event } = progress.line(line(A, 0, 3_000_000), 60);
    expect(event).toMatchObject({ layerCompletedBytes: 1_200_000, completedBytes: 1_200_000 });
  });

  it('ends at 100 %', () => {
    const progress = new PullProgress();
    progress.line(line(A, 96, 100), 0);
    progress.line(line(B, 3, 50), 60);
    expect(progress.complete()).toMatchObject({
      completedBytes: 150,
      totalBytes: 150,
      layerCompletedBytes: 50,
    });
  });

  it('has nothing to complete where no layer was counted', () => {
    expect(new PullProgress().complete()).toBeNull();
  });

  it('reports a rise when bytes came since the line before, and for a new layer', () => {
    const progress = new PullProgress();
    const rises = [
      line(A, 5, 10),
      line(A, 5, 10),
      line(A, 6, 10),
      line(A, 0, 10),
      line(A, 1, 10),
      line(B, 2, 2),
    ];
    expect(rises.map((each, index) => progress.line(each, index * 60).rose)).toEqual([
      ...[true, false, true, false, true],
      true,
    ]);
  });

  it('has no speed before half a second, then the mean of the last five seconds', () => {
    const progress = new PullProgress();
    expect(progress.line(line(A, 0, 100_000_000), 0).event.bytesPerSecond).toBeUndefined();
    expect(progress.line(line(A, 400_000, 100_000_000), 400).event.bytesPerSecond).toBeUndefined();
    expect(progress.line(line(A, 1_000_000, 100_000_000), 1_000).event.bytesPerSecond).toBe(1_000_000);
    for (let second = 2; second <= 20; second++) {
      progress.line(line(A, second * 3_000_000, 100_000_000), second * 1_000);
    }
    const { event } = progress.line(line(A, 63_000_000, 100_000_000), 21_000);
    expect(event.bytesPerSecond).toBe(3_000_000);
    expect(event.secondsLeft).toBe(12);
  });

  it('does not count as speed what an earlier run or another model left there', () => {
    const progress = new PullProgress();
    progress.line(line(A, 320_000_000, 320_000_000), 0);
    progress.line(line(B, 152_000_000, 200_000_000), 1_000);
    const { event } = progress.line(line(B, 152_500_000, 200_000_000), 2_000);
    expect(event.bytesPerSecond).toBe(250_000);
  });

  it('has no time left while nothing moves', () => {
    const progress = new PullProgress();
    for (let ms = 0; ms <= 7_000; ms += 100) progress.line(line(A, 6_000_000, 20_000_000), ms);
    const { event } = progress.line(line(A, 6_000_000, 20_000_000), 7_100);
    expect(event.bytesPerSecond).toBe(0);
    expect(event).not.toHaveProperty('secondsLeft');
  });

  it('holds for any order of lines: never backwards, never above the total', () => {
    const lines = fc.array(
      fc.record({
        digest: fc.constantFrom(A, B, 'sha256:cccc'),
        completedBytes: fc.nat(1_000),
        totalBytes: fc.integer({ min: 1, max: 1_000 }),
      }),
    );
    fc.assert(
      fc.property(lines, (steps) => {
        const progress = new PullProgress();
        let before = 0;
        for (const [index, step] of steps.entries()) {
          const { event } = progress.line(step, index * 60);
          expect(event.completedBytes).toBeGreaterThanOrEqual(before);
          expect(event.completedBytes).toBeLessThanOrEqual(event.totalBytes);
          expect(event.layerCompletedBytes).toBeLessThanOrEqual(event.layerTotalBytes);
          before = event.completedBytes;
        }
        const end = progress.complete();
        if (end !== null) expect(end.completedBytes).toBe(end.totalBytes);
      }),
      { numRuns: 300 },
    );
  });
});
