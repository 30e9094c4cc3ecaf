// Opens the built report page in Chromium with sample messages (test/fixtures/report: made-up data), in three themes
// and two widths, and writes pictures to test-results/preview. Fails on a breach of the page's security policy, on an
// error in the page, on what axe calls serious or critical, and when a behaviour (test/fixtures/report/behaviours.mjs) is
// not as it should be.
//
//   node esbuild.mjs --production && node scripts/previewReport.mjs [--only <part of a picture's or behaviour's name, behaviours or times>] [--page <folder>] [--texts <German texts>]
/* global document, requestAnimationFrame, window -- inside the functions that run in the page */
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { BEHAVIOURS } from '../test/fixtures/report/behaviours.mjs';
import { SAMPLE_NOW, sampleDispatches, sampleRankings } from '../test/fixtures/report/sampleMessages.mjs';
import { SCENES } from '../test/fixtures/report/scenes.mjs';
import { THEMES } from '../test/fixtures/report/themes.mjs';

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
const nonce = 'previewnonce';

/** What VS Code puts into every webview. */
const DEFAULT_STYLES = `
html { scrollbar-color: auto; }
body { overscroll-behavior-x: none; background-color: transparent; color: var(--vscode-editor-foreground);
  font-family: var(--vscode-font-family); font-weight: var(--vscode-font-weight); font-size: var(--vscode-font-size);
  margin: 0; padding: 0 20px; }
a { color: var(--vscode-textLink-foreground); }
code { font-family: var(--vscode-editor-font-family); background: var(--vscode-textPreformat-background); }`;

/** Stands in for VS Code's side of a webview: keeps what is posted, and the state across a reload. */
function stub(theme) {
  return `
const theme = ${JSON.stringify(theme)};
for (const [name, value] of Object.entries(theme.variables))
  document.documentElement.style.setProperty('--vscode-' + name, value);
document.body.className = theme.kind;
document.body.dataset.vscodeThemeKind = theme.kind;
window.posted = [];
window.acquireVsCodeApi = () => ({
  postMessage: (message) => window.posted.push(message),
  getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') ?? undefined,
  setState: (state) => sessionStorage.setItem('state', JSON.stringify(state)),
});`;
}

/** As src/ui/reportHtml.ts writes it. */
function languageJson(language) {
  const texts = language === 'en' ? {} : JSON.parse(readFileSync(options.texts, 'utf8'));
  return JSON.stringify({ language, texts }).replaceAll('<', '\\u003c');
}

function pageHtml(origin, theme, language) {
  const policy = `default-src 'none'; style-src ${origin}; script-src 'nonce-${nonce}'; img-src ${origin}; font-src ${origin}`;
  return `<!DOCTYPE html><html lang="${language}"><head><meta charset="utf-8"><title>Model Pool Report</title>
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="/default.css"><link rel="stylesheet" href="/report.css"></head>
<body><script type="application/json" id="page-language">${languageJson(language)}</script>
<script nonce="${nonce}">${stub(THEMES[theme])}</script><script nonce="${nonce}" src="/report.js"></script></body></html>`;
}

async function serve() {
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    const send = (type, body) => response.writeHead(200, { 'content-type': type }).end(body);
    if (url.pathname === '/') {
      const [theme, language] = ['theme', 'language'].map((name) => url.searchParams.get(name));
      send('text/html', pageHtml(`http://${request.headers.host}`, theme, language));
    } else if (url.pathname === '/default.css') {
      send('text/css', DEFAULT_STYLES);
    } else if (url.pathname === '/report.css' || url.pathname === '/report.js') {
      const type = url.pathname.endsWith('css') ? 'text/css' : 'text/javascript';
      send(type, readFileSync(path.join(options.page, url.pathname)));
    } else {
      response.writeHead(url.pathname === '/favicon.ico' ? 204 : 404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

const faults = [];

async function axe(page, name) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  for (const { impact, id, help, nodes } of violations) {
    const line = `${name}: axe ${impact} ${id}: ${help} (${nodes.length}) ${nodes[0].target.join(' ')} ${nodes[0].html.slice(0, 160)}`;
    if (impact === 'serious' || impact === 'critical') faults.push(line);
    else console.log(line);
  }
}

async function open(browser, origin, theme, width, language = 'en') {
  const page = await browser.newPage({ viewport: { width, height: 760 } });
  await page.clock.setFixedTime(SAMPLE_NOW);
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`${theme}: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`${theme}: ${error.stack}`));
  await page.goto(`${origin}/?theme=${theme}&language=${language}`);
  await page.waitForFunction(() => window.posted.some((message) => message.type === 'ready'));
  return page;
}

const post = (page, messages) =>
  page.evaluate((sent) => sent.forEach((message) => window.postMessage(message, '*')), messages);

/** Plays behaviours on a fresh page each. */
async function behave(browser, origin, behaviours) {
  for (const { name, language, run } of behaviours) {
    const page = await open(browser, origin, 'dark', 1400, language);
    page.setDefaultTimeout(5_000);
    const posted = (type) =>
      page.evaluate((wanted) => window.posted.filter((message) => message.type === wanted), type);
    try {
      await run({ page, post: (...messages) => post(page, messages), posted });
    } catch (error) {
      faults.push(`behaviour "${name}": ${error.message}`);
    }
    await page.close();
  }
  console.log(`${behaviours.length} behaviours played`);
}

/** Times of the page with 1,000 models and with 100,000 records. */
async function measure(browser, origin) {
  await measureTable(browser, origin, '1,000 models', '#ranking-table', [sampleRankings(1_000)], 180);
  const log = [sampleDispatches(100_000), { type: 'show', tab: 'dispatches' }];
  await measureTable(browser, origin, '100,000 records', '#dispatch-table', log, 5_000);
}

/** From the message to the first rows, and of frames while a table scrolls so many pixels in each. */
async function measureTable(browser, origin, name, table, messages, step) {
  const page = await open(browser, origin, 'dark', 1400);
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
const server = await serve();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  for (const { name, themes = ['dark'], widths = [900], language, messages, act } of SCENES) {
    for (const theme of themes) {
      for (const width of widths) {
        const picture = `${name}-${theme}-${width}`;
        if (!picture.includes(options.only)) continue;
        const page = await open(browser, server.origin, theme, width, language);
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
  if (behaviours.length > 0) await behave(browser, server.origin, behaviours);
  if (options.only === '' || options.only === 'times') await measure(browser, server.origin);
} finally {
  await browser.close();
  server.close();
}
for (const fault of [...new Set(faults)]) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
