import { ensureChromium } from './chromium.mjs';
import { ensureCodeServer } from './codeServer.mjs';
import { rememberTools } from './knownTools.mjs';
import { ensureDebianProgram } from './debianPrograms.mjs';
import { ensureLlamaServer } from './llamaServer.mjs';
import { messageOf } from './report.mjs';

/** @typedef {import('./knownTools.mjs').Tools} Tools */

/** @typedef {'codeServer' | 'chromium' | 'llamaServer' | 'mbw' | 'openssl' | 'procps'} ToolName */

/** @type {Record<ToolName, () => Promise<Tools>>} */
const SET_UPS = {
  codeServer: async () => {
    const { entry, node } = await ensureCodeServer();
    return { codeServer: entry, codeServerNode: node };
  },
  chromium: async () => ({ chromium: await ensureChromium() }),
  llamaServer: async () => ({ llamaServer: await ensureLlamaServer() }),
  mbw: () => usedByName('mbw'),
  openssl: () => usedByName('openssl'),
  procps: () => usedByName('procps'),
};

/** @param {'mbw' | 'openssl' | 'procps'} name of a program that has no path of its own in `Tools` */
async function usedByName(name) {
  await ensureDebianProgram(name);
  return {};
}

/**
 * Sets up the named programs, at the same time, and remembers where they are.
 *
 * @param {readonly ToolName[]} wanted
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
    else failures.push(messageOf(part.reason));
  }
  rememberTools(tools);
  if (failures.length > 0) throw new Error(failures.join('\n'));
  return tools;
}
