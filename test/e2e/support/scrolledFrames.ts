import type { Locator } from 'playwright-core';

/** What a reader sees of a long table that is scrolled from its top to its end. */
export interface ScrolledFrames {
  readonly frames: number;
  readonly medianFrameMs: number;
  /** 95 % of the frames took no longer. */
  readonly mostFramesMs: number;
  readonly longestFrameMs: number;
  /** Frames of more than 50 ms, which a reader sees as a jerk. */
  readonly slowFrames: number;
  readonly longTasks: number;
  readonly longestTaskMs: number;
  /** Part of the frames, 0 to 1, in which no row in sight was loaded. */
  readonly emptyFrames: number;
}

const SLOW_FRAME_MS = 50;

/**
 * Scrolls a grid from its top as a wheel does, then as a hand does on the scroll bar, to its end, and tells how long each
 * frame took: from one `requestAnimationFrame` to the next.
 */
export async function scrollToEnd(grid: Locator, scrollMs: number): Promise<ScrolledFrames> {
  const { intervals, longTasks, empty } = await grid.evaluate(async (element, lastsMs) => {
    const longTasks: number[] = [];
    const observer = new PerformanceObserver((list) =>
      longTasks.push(...list.getEntries().map(({ duration }) => duration)),
    );
    observer.observe({ type: 'longtask' });
    const intervals: number[] = [];
    let empty = 0;
    element.scrollTop = 0;
    await new Promise(requestAnimationFrame);
    const begun = performance.now();
    let before = begun;
    while (before - begun < lastsMs) {
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      const part = (now - begun) / lastsMs;
      intervals.push(now - before);
      // As many pixels as a quick wheel makes in that time; then jumps over thousands of rows.
      if (part < 0.7) element.scrollTop += Math.min(now - before, 100) * 1.5;
      else element.scrollTop = element.scrollHeight * ((part - 0.7) / 0.3);
      if (!element.querySelector('.grid-body .grid-row:not(.awaited)')) empty += 1;
      before = now;
    }
    element.scrollTop = element.scrollHeight;
    observer.disconnect();
    return { intervals, longTasks, empty };
  }, scrollMs);
  const sorted = intervals.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor((sorted.length - 1) * part)] ?? Infinity;
  return {
    frames: intervals.length,
    medianFrameMs: at(0.5),
    mostFramesMs: at(0.95),
    longestFrameMs: at(1),
    slowFrames: intervals.filter((interval) => interval > SLOW_FRAME_MS).length,
    longTasks: longTasks.length,
    longestTaskMs: Math.max(0, ...longTasks),
    emptyFrames: empty / intervals.length,
  };
}
