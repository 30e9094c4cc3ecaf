import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { cacheRoot, writeAtomically } from './cache.mjs';

/**
 * @typedef {object} Tools the programs that the tests use; absolute paths
 * @property {string} [codeServer] code-server's script
 * @property {string} [codeServerNode] the Node.js that runs it
 * @property {string} [chromium]
 * @property {string} [llamaServer]
 */

/** Names the programs that were set up last, so that a single test file can be run without the whole set-up. */
export const toolsFile = path.join(cacheRoot, 'tools.json');

/** The environment variables that carry the same paths to the tests, and win over the file. */
const TOOL_VARIABLES = /** @type {const} */ ({
  codeServer: 'MODEL_POOL_CODE_SERVER',
  codeServerNode: 'MODEL_POOL_CODE_SERVER_NODE',
  chromium: 'MODEL_POOL_CHROMIUM',
  llamaServer: 'MODEL_POOL_LLAMA_SERVER',
});

/**
 * Where a program is: as the environment says, else where the last set-up put it.
 *
 * @param {keyof Tools} name
 * @returns {string}
 * @throws {Error} when it was never set up
 */
export function toolPath(name) {
  const program = process.env[TOOL_VARIABLES[name]] ?? readTools()[name];
  if (program) return program;
  throw new Error(
    `${name} is not set up on this machine: run \`npm run setup\`, or set ${TOOL_VARIABLES[name]}.`,
  );
}

/**
 * The environment that hands the programs' paths to a process.
 *
 * @param {Tools} tools
 * @returns {Record<string, string>}
 */
export function toolEnvironment(tools) {
  /** @type {Record<string, string>} */
  const environment = {};
  for (const [name, variable] of Object.entries(TOOL_VARIABLES)) {
    const program = tools[/** @type {keyof Tools} */ (name)];
    if (program) environment[variable] = program;
  }
  return environment;
}

/**
 * Remembers where programs are, beside those that are known already.
 *
 * @param {Tools} tools
 */
export function rememberTools(tools) {
  writeAtomically(toolsFile, JSON.stringify({ ...readTools(), ...tools }, undefined, 2));
}

/** @returns {Tools} what the last set-up found, without what is gone since */
function readTools() {
  try {
    /** @type {Record<string, string>} */
    const known = JSON.parse(readFileSync(toolsFile, 'utf8'));
    return Object.fromEntries(Object.entries(known).filter(([, program]) => existsSync(program)));
  } catch {
    return {};
  }
}
