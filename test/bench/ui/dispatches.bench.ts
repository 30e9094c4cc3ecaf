import path from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { Editor } from '../../e2e/support/editor';
import { scrollToEnd, type ScrolledFrames } from '../../e2e/support/scrolledFrames';
import { seedTranscript } from '../../support/dispatchRecords';
import { median, printFigure } from '../figures';

/** The Dispatches tab on 100,000 records: its first rows, its frames while it is scrolled, its answers. */

const RECORDS = 100_000;
const ALL = RECORDS.toLocaleString('en');
const BUILT_MS = 150_000;
const SCROLLS = 5;
const SCROLL_MS = 6_000;
const ASKED = 5;
const ANSWERED_WITHIN_MS = 30_000;
/** What the page waits for further letters before it asks; it stands in webview-ui/reportPage.ts. */
const TYPING_PAUSE_MS = 150;

async function main(): Promise<void> {
  const editor = await Editor.start({
    settings: { 'modelPool.records.maxMb': 2_000 },
    beforeStart: (folder) => seedTranscript(path.join(folder, 'transcript'), RECORDS, Date.now()),
  });
  try {
    const { workbench } = editor;
    await workbench.waitUntilActive();
    await workbench.runCommand('Model Pool: Show Dispatches');
    const page = workbench.webview();
    printFigure('100,000 records: page load to first rows', await firstRowsMs(page), 'ms', null);
    await page.getByText(`${ALL} records`, { exact: true }).waitFor({ timeout: BUILT_MS });
    await measureScrolling(page);
    await measureAnswers(page);
  } finally {
    await editor.stop();
  }
}

/** Counted from the moment at which the page began to load, on a transcript that nothing has read yet. */
function firstRowsMs(page: FrameLocator): Promise<number> {
  return page.locator('body').evaluate(async () => {
    while (!document.querySelector('#dispatch-table .grid-body .grid-row:not(.awaited)')) {
      await new Promise(requestAnimationFrame);
    }
    return performance.now();
  });
}

async function measureScrolling(page: FrameLocator): Promise<void> {
  const scrolls: ScrolledFrames[] = [];
  for (let round = 0; round < SCROLLS; round += 1) {
    scrolls.push(await scrollToEnd(page.locator('#dispatch-table .grid'), SCROLL_MS));
  }
  const of = (value: (frames: ScrolledFrames) => number): number => median(scrolls.map(value));
  const figure = (what: string): string => `100,000 records, scrolled to the end: ${what}`;
  printFigure(
    figure('median frame'),
    of(({ medianFrameMs }) => medianFrameMs),
    'ms',
    34,
    'lower',
    {
      clearlyMissed: 50,
    },
  );
  printFigure(
    figure('95 % of frames within'),
    of(({ mostFramesMs }) => mostFramesMs),
    'ms',
    50,
    'lower',
    {
      clearlyMissed: 100,
    },
  );
  printFigure(
    figure('longest frame'),
    of(({ longestFrameMs }) => longestFrameMs),
    'ms',
    null,
  );
  printFigure(
    figure('frames over 50 ms'),
    of(({ slowFrames, frames }) => (100 * slowFrames) / frames),
    '%',
    5,
  );
  printFigure(
    figure('frames without a row'),
    of(({ emptyFrames }) => 100 * emptyFrames),
    '%',
    null,
  );
}

/** From the reader's deed to the frame that has the answer's rows. */
async function measureAnswers(page: FrameLocator): Promise<void> {
  const filters: number[] = [];
  const orders: number[] = [];
  const pages: number[] = [];
  for (let round = 0; round < ASKED; round += 1) {
    filters.push(await typedMs(page, 'sample-alder', String.raw`^[\d,]+ of ${ALL} records$`));
    await typedMs(page, '', `^${ALL} records$`);
    orders.push(await sortedMs(page));
    // Each to rows of which no page near was asked for; the first waits for the summary of the new order as well.
    for (const part of [0.2, 0.5, 0.8]) {
      pages.push(await reachedMs(page, Math.floor(RECORDS * (part + 0.02 * round))));
    }
  }
  const limits = { clearlyMissed: 1_000 };
  printFigure(
    '100,000 records: filter, without the wait for more letters',
    median(filters) - TYPING_PAUSE_MS,
    'ms',
    300,
    'lower',
    limits,
  );
  printFigure('100,000 records: other order', median(orders), 'ms', 300, 'lower', limits);
  printFigure('100,000 records: a page far away', median(pages), 'ms', 200, 'lower', limits);
}

function typedMs(page: FrameLocator, text: string, answered: string): Promise<number> {
  return page.locator('mp-dispatches-tab').evaluate(
    async (tab, wanted) => {
      const field = tab.querySelector<HTMLInputElement>('.filter');
      if (!field) throw new Error('no field');
      const told = (): string => tab.querySelector('.count')?.textContent ?? '';
      const begun = performance.now();
      field.value = wanted.text;
      field.dispatchEvent(new Event('input'));
      while (!new RegExp(wanted.answered).test(told())) {
        if (performance.now() - begun > wanted.withinMs) throw new Error(`The page still says: ${told()}`);
        await new Promise(requestAnimationFrame);
      }
      return performance.now() - begun;
    },
    { text, answered, withinMs: ANSWERED_WITHIN_MS },
  );
}

/** Sorts by how long calls took, one way and then the other, until the first row is another one. */
function sortedMs(page: FrameLocator): Promise<number> {
  return page.locator('#dispatch-table').evaluate(async (table, withinMs) => {
    const heads = [...table.querySelectorAll<HTMLElement>('[role="columnheader"] button')];
    const head = heads.find(({ textContent }) => textContent.includes('Total s'));
    if (!head) throw new Error('no column to sort by');
    const first = (): string => table.querySelector('[aria-rowindex="2"]:not(.awaited)')?.textContent ?? '';
    const before = first();
    const begun = performance.now();
    head.click();
    while (first() === before || first() === '') {
      if (performance.now() - begun > withinMs) throw new Error(`The first row is still: ${first()}`);
      await new Promise(requestAnimationFrame);
    }
    return performance.now() - begun;
  }, ANSWERED_WITHIN_MS);
}

/** Goes to a row as a drag of the scroll bar does, and waits until it is loaded. */
function reachedMs(page: FrameLocator, row: number): Promise<number> {
  return page.locator('#dispatch-table .grid').evaluate(
    async (grid, wanted) => {
      const begun = performance.now();
      grid.scrollTop = (grid.scrollHeight * wanted.row) / wanted.of;
      const isThere = (): boolean => {
        const middle = grid.getBoundingClientRect().top + grid.clientHeight / 2;
        const rows = [...grid.querySelectorAll('.grid-body .grid-row:not(.awaited)')];
        return rows.some((shown) => {
          const { top, bottom } = shown.getBoundingClientRect();
          return top <= middle && bottom >= middle;
        });
      };
      while (!isThere()) {
        if (performance.now() - begun > wanted.withinMs) throw new Error(`Row ${wanted.row} did not come.`);
        await new Promise(requestAnimationFrame);
      }
      return performance.now() - begun;
    },
    { row, of: RECORDS, withinMs: ANSWERED_WITHIN_MS },
  );
}

await main();
