import { ensureChromium } from './chromium.mjs';
import { ensureCodeServer } from './codeServer.mjs';
import { rememberTools } from './knownTools.mjs';
import { ensureLlamaServer } from './llamaServer.mjs';
import { ensureMbw } from './mbw.mjs';
import { ensureOpenssl } from './openssl.mjs';

/** @typedef {import('./knownTools.mjs').Tools} Tools */

/** @type {Record<'codeServer' | 'chromium' | 'llamaServer' | 'mbw' | 'openssl', () => Promise<Tools>>} */
const SET_UPS = {
  codeServer: async () => {
    const { entry, node } = await ensureCodeServer();
    return { codeServer: entry, codeServerNode: node };
  },
  chromium: async () => ({ chromium: await ensureChromium() }),
  llamaServer: async () => ({ llamaServer: await ensureLlamaServer() }),
  mbw: async () => {
    await ensureMbw();
    // It is used by its name.
    return {};
  },
  openssl: async () => {
    await ensureOpenssl();
    // It is used by its name.
    return {};
  },
};

/**
 * Sets up the named programs, at the same time, and remembers where they are.
 *
 * @param {readonly (keyof typeof SET_UPS)[]} wanted
 * @returns {Promise<Tools>}
 * @throws {Error} with every reason when one of them could not be had
 */
export async function ensureTools(wanted) {
  const parts = await Promise.allSettled(wanted.map((name) => SET_UPS[name]()));
  /** @type {Tools} */
  const tools = {};
  const failures = [];
  for (const part of parts) {
    if (part.status === 'fulfilled') Object.assign(tools, part.value);
    else failures.push(part.reason instanceof Error ? part.reason.message : String(part.reason));
  }
  rememberTools(tools);
  if (failures.length > 0) throw new Error(failures.join('\n'));
  return tools;
}
