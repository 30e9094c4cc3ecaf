// The built report page in Chromium, without VS Code: it gets what a test or a picture posts to it.
/* global document, window -- inside the functions that run in the page */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { reportHtml } from '../../src/ui/reportHtml.ts';
import { SAMPLE_NOW } from '../../test/fixtures/report/sampleMessages.mjs';
import { THEMES } from '../../test/fixtures/report/themes.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
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
addEventListener('DOMContentLoaded', () => {
  document.body.className = theme.kind;
  document.body.dataset.vscodeThemeKind = theme.kind;
});
window.posted = [];
window.acquireVsCodeApi = () => ({
  postMessage: (message) => window.posted.push(message),
  getState: () => JSON.parse(sessionStorage.getItem('state') ?? 'null') ?? undefined,
  setState: (state) => sessionStorage.setItem('state', JSON.stringify(state)),
});`;
}

/** The page as the extension makes it, with what VS Code puts before it. */
function pageHtml(origin, { folder, german }, theme, language) {
  const texts = language === 'en' ? {} : JSON.parse(readFileSync(german, 'utf8'));
  const named = (name) => texts[name] ?? name;
  const html = reportHtml({
    ...{ title: 'Model Pool Report', language: { language, texts }, nonce, styleSource: origin },
    ...{ scriptUri: `${origin}/report.js`, styles: readFileSync(path.join(folder, 'report.css'), 'utf8') },
    tabs: ['Rankings', 'Dispatches', 'Machine', 'Pool'].map(named),
  });
  const ofVsCode = `<link rel="stylesheet" href="/default.css"><script nonce="${nonce}">${stub(THEMES[theme])}</script>`;
  return html.replace('<title>', () => `${ofVsCode}<title>`);
}

async function serve(files) {
  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost');
    const send = (type, body) => response.writeHead(200, { 'content-type': type }).end(body);
    if (url.pathname === '/') {
      const [theme, language] = ['theme', 'language'].map((name) => url.searchParams.get(name));
      send('text/html', pageHtml(`http://${request.headers.host}`, files, theme, language));
    } else if (url.pathname === '/default.css') {
      send('text/css', DEFAULT_STYLES);
    } else if (url.pathname === '/report.js') {
      send('text/javascript', readFileSync(path.join(files.folder, url.pathname)));
    } else {
      response.writeHead(url.pathname === '/favicon.ico' ? 204 : 404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

/**
 * Waits for a frame, before which the page hears of scrolling. It is a size that tells: the frames that the page itself
 * can ask for are timers here, as its clock stands still.
 */
const drawn = (page) =>
  page.evaluate(
    () => new Promise((resolve) => new window.ResizeObserver(() => resolve()).observe(document.body)),
  );

/**
 * Posts messages of the host to a page; resolves once the page has had the last of them and drawn what came of it. A
 * message arrives in a task of its own, so without waiting, what is read next may be the page before it.
 */
export async function post(page, messages) {
  await page.evaluate(
    (sent) =>
      new Promise((resolve) => {
        let left = sent.length;
        window.addEventListener('message', function count() {
          left -= 1;
          if (left > 0) return;
          window.removeEventListener('message', count);
          resolve();
        });
        for (const message of sent) window.postMessage(message, '*');
      }),
    messages,
  );
  await drawn(page);
}

/**
 * Starts Chromium (`executablePath`) for pages of the built report in `folder`; `german`: its German texts. `faults`
 * gathers breaches of the page's security policy and errors in it.
 */
export async function openSamplePages({
  executablePath,
  folder = path.join(root, 'dist/webview'),
  german = path.join(root, 'l10n/bundle.l10n.de.json'),
}) {
  const server = await serve({ folder, german });
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const faults = [];

  async function open(theme, width, language = 'en') {
    const page = await browser.newPage({ viewport: { width, height: 760 } });
    await page.clock.setFixedTime(SAMPLE_NOW);
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(`${theme}: ${message.text()}`);
    });
    page.on('pageerror', (error) => faults.push(`${theme}: ${error.stack}`));
    await page.goto(`${server.origin}/?theme=${theme}&language=${language}`);
    await page.waitForFunction(() => window.posted.some((message) => message.type === 'ready'));
    return page;
  }

  /** Plays a behaviour (test/fixtures/report/behaviours.mjs) on a fresh page; throws when it is not so. */
  async function behave({ language, run }) {
    const page = await open('dark', 1400, language);
    page.setDefaultTimeout(5_000);
    const posted = (type) =>
      page.evaluate((wanted) => window.posted.filter((message) => message.type === wanted), type);
    try {
      await run({ page, post: (...messages) => post(page, messages), posted, drawn: () => drawn(page) });
    } finally {
      await page.close();
    }
  }

  return {
    ...{ open, behave, faults },
    close: async () => {
      await browser.close();
      server.close();
    },
  };
}
