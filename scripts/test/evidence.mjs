// What tests leave for the step `leaks`: everything of ours that must hold nothing private, and what is private.
// Without MODEL_POOL_EVIDENCE, the folder of a step of `npm test`, nothing is left and nothing costs time.
import { appendFileSync, cpSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const PRIVATE_BEGIN = 'private-';
/** Of a private text this much is kept at either end: tests send some of a megabyte. */
const KEPT_CHARACTERS = 2_000;
const OUR_LOGS = /modelpool\.model-pool.*\.log$|remoteexthost\.log$/;

/** @typedef {{ kind: 'content' | 'secret', text: string }} PrivateText */

/** @type {Set<string>} */
const written = new Set();

/**
 * Keeps a line of a log, a record, or an error.
 *
 * @param {string} source names the file that it is kept in
 * @param {string} text
 */
export function keepEvidence(source, text) {
  append(`${source}-${process.pid}.txt`, text);
}

/**
 * Keeps a text that was asked, answered or sent as a secret: nothing of it may be in the evidence of the whole run.
 *
 * @param {PrivateText['kind']} kind
 * @param {string} text
 */
export function keepPrivate(kind, text) {
  for (const part of [text.slice(0, KEPT_CHARACTERS), text.slice(KEPT_CHARACTERS).slice(-KEPT_CHARACTERS)]) {
    const line = JSON.stringify({ kind, text: part });
    if (part === '' || written.has(line)) continue;
    written.add(line);
    append(`${PRIVATE_BEGIN}${process.pid}.jsonl`, line);
  }
}

/**
 * Whether a file of the evidence holds private texts, one a line in JSON, and is not itself to be scanned.
 *
 * @param {string} file
 */
export function holdsPrivateTexts(file) {
  return path.basename(file).startsWith(PRIVATE_BEGIN);
}

/**
 * Keeps what an extension host that has ended left behind: our log channel, the host's own log, and everything that
 * we store for all windows. VS Code's own files are none of it: its chat keeps what was said.
 *
 * @param {string} userDataFolder
 */
export function keepEditorFiles(userDataFolder) {
  const folder = process.env['MODEL_POOL_EVIDENCE'];
  if (folder === undefined) return;
  const to = mkdtempSync(path.join(folder, 'editor-'));
  const logs = path.join(userDataFolder, 'logs');
  const files = existsSync(logs) ? readdirSync(logs, { recursive: true, encoding: 'utf8' }) : [];
  for (const file of files.filter((name) => OUR_LOGS.test(name))) {
    cpSync(path.join(logs, file), path.join(to, 'logs', file));
  }
  const storage = path.join(userDataFolder, 'User', 'globalStorage', 'modelpool.model-pool');
  if (existsSync(storage)) cpSync(storage, path.join(to, 'storage'), { recursive: true });
}

/**
 * @param {string} name
 * @param {string} line
 */
function append(name, line) {
  const folder = process.env['MODEL_POOL_EVIDENCE'];
  if (folder !== undefined) appendFileSync(path.join(folder, name), `${line}\n`);
}
