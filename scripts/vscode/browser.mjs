import { chromium } from 'playwright-core';

/**
 * Starts a headless Chromium that talks to nothing but what it is shown.
 *
 * @param {string} executablePath
 */
export function launchBrowser(executablePath) {
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
}

/**
 * A window of its own: nothing is shared with other windows but the server.
 *
 * @param {import('playwright-core').Browser} browser
 */
export function newContext(browser) {
  return browser.newContext({
    viewport: { width: 1400, height: 900 },
    reducedMotion: 'reduce',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
}
