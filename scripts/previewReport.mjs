// Opens the built report page in Chromium with sample messages (test/fixtures/report: made-up data), in three themes
// and two widths, and writes pictures to test-results/preview. Fails on a breach of the page's security policy, on an
// error in the page, on what axe calls serious or critical, and when a behaviour (test/fixtures/report/behaviours.mjs) is
// not as it should be.
//
//   node esbuild.mjs --production && node scripts/previewReport.mjs [--only <part of a picture's or behaviour's name, behaviours or times>] [--page <folder>] [--texts <German texts>]
/* global document, requestAnimationFrame, window -- inside the functions that run in the page */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BEHAVIOURS } from '../test/fixtures/report/behaviours.mjs';
import { sampleDispatches, sampleRankings } from '../test/fixtures/report/sampleMessages.mjs';
import { SCENES } from '../test/fixtures/report/scenes.mjs';
import { openSamplePages, post } from './report/samplePages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    page: { type: 'string', default: path.join(root, 'dist/webview') },
    texts: { type: 'string', default: path.join(root, 'l10n/bundle.l10n.de.json') },
  },
});
const pictures = path.join(root, 'test-results/preview');
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

async function axe(page, name) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  for (const { impact, id, help, nodes } of violations) {
    const line = `${name}: axe ${impact} ${id}: ${help} (${nodes.length}) ${nodes[0].target.join(' ')} ${nodes[0].html.slice(0, 160)}`;
    if (impact === 'serious' || impact === 'critical') faults.push(line);
    else console.log(line);
  }
}

/** Times of the page with 1,000 models and with 100,000 records. */
async function measure() {
  await measureTable('1,000 models', '#ranking-table', [sampleRankings(1_000)], 180);
  const log = [sampleDispatches(100_000), { type: 'show', tab: 'dispatches' }];
  await measureTable('100,000 records', '#dispatch-table', log, 5_000);
}

/** From the message to the first rows, and of frames while a table scrolls so many pixels in each. */
async function measureTable(name, table, messages, step) {
  const page = await pages.open('dark', 1400);
  const firstRowsMs = await page.evaluate(
    async ([selector, sent]) => {
      // Answers every further question with the records that are here, as if they were those asked for.
      setInterval(() => {
        const question = window.posted.findLast(({ type }) => type === 'queryDispatches');
        const [answer] = sent;
        if (!question || question.answered || answer.type !== 'dispatches') return;
        question.answered = true;
        const { offset } = question.query;
        const records = answer.records.map((record, index) => ({ ...record, recordId: `${offset + index}` }));
        window.postMessage({ ...answer, list: question.list, offset, records }, '*');
      }, 10);
      const start = performance.now();
      sent.forEach((message) => window.postMessage(message, '*'));
      while (!document.querySelector(`${selector} .grid-body .grid-row`)) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      return performance.now() - start;
    },
    [table, messages],
  );
  const frames = await page.evaluate(
    async ([selector, pixels]) => {
      const grid = document.querySelector(`${selector} .grid`);
      const times = [];
      let last = performance.now();
      for (let frame = 0; frame < 120; frame += 1) {
        grid.scrollTop += pixels;
        await new Promise((resolve) => requestAnimationFrame(resolve));
        const now = performance.now();
        times.push(now - last);
        last = now;
      }
      return times.sort((a, b) => a - b);
    },
    [table, step],
  );
  const rows = await page.locator(`${table} .grid-body .grid-row`).count();
  console.log(
    `${name}: first rows after ${firstRowsMs.toFixed(0)} ms, ${rows} rows in the page, ` +
      `frame median ${frames[60].toFixed(1)} ms, 95th percentile ${frames[114].toFixed(1)} ms`,
  );
  await page.close();
}

mkdirSync(pictures, { recursive: true });
const pages = await openSamplePages({
  ...{ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', folder: options.page },
  german: options.texts,
});
const { faults } = pages;
try {
  for (const { name, themes = ['dark'], widths = [900], language, messages, act } of SCENES) {
    for (const theme of themes) {
      for (const width of widths) {
        const picture = `${name}-${theme}-${width}`;
        if (!picture.includes(options.only)) continue;
        const page = await pages.open(theme, width, language);
        await post(page, messages);
        await page.waitForTimeout(150);
        await act?.(page);
        await page.waitForTimeout(150);
        // Hiding the caret and stopping animations would put a style into the page, against its policy.
        await page.screenshot({
          path: path.join(pictures, `${picture}.png`),
          caret: 'initial',
          animations: 'allow',
        });
        await axe(page, picture);
        await page.close();
      }
    }
  }
  const behaviours = BEHAVIOURS.filter(
    ({ name }) => ['', 'behaviours'].includes(options.only) || name.includes(options.only),
  );
  for (const behaviour of behaviours) {
    await pages.behave(behaviour).catch((error) => {
      faults.push(`behaviour "${behaviour.name}": ${error.message}`);
    });
  }
  if (behaviours.length > 0) console.log(`${behaviours.length} behaviours played`);
  if (options.only === '' || options.only === 'times') await measure();
} finally {
  await pages.close();
}
for (const fault of [...new Set(faults)]) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
