import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { holdsPrivateTexts } from './evidence.mjs';
import { PRIVATE_TEXTS } from './privateTexts.mjs';

/** @typedef {import('./evidence.mjs').PrivateText} PrivateText */

/**
 * @typedef {object} Scan
 * @property {number} files
 * @property {number} bytes
 * @property {number} texts that were looked for
 * @property {readonly string[]} leaks each with its file, its line, what stands there and of which text it is
 */

/** A piece of this many bytes of a text gives it away; a shorter text is looked for as a whole. */
const WINDOW_BYTES = { content: 12, secret: 8 };
/** Shorter texts stand everywhere, and so do pieces of fewer different characters, such as spaces. */
const LEAST_BYTES = 6;
const LEAST_DIFFERENT = 4;
const SHOWN_CHARACTERS = 40;
/** Far more than there are pieces. */
const HASH_BITS = 22;
/** Large odd numbers, whose products spread over the upper bits. */
const HASH_FACTORS = /** @type {const} */ ([0x9e3779b1, 0x85ebca6b]);
/** More would hide what comes before them. */
const SHOWN_LEAKS = 30;

/**
 * The step `leaks`: scans what all steps of a run left, and prints what it finds.
 *
 * @param {string} folder with a folder of each step that was to leave evidence
 * @param {{ isPart: boolean }} run whether only some test files ran, which may leave none
 * @returns {import('./steps.mjs').Counts}
 */
export function findLeaks(folder, { isPart }) {
  const { files, bytes, texts, leaks } = scanForLeaks(folder, PRIVATE_TEXTS);
  console.log(`${texts} private texts were looked for in ${files} files, ${(bytes / 1e6).toFixed(1)} MB.`);
  const silent = readdirSync(folder).filter((step) =>
    readdirSync(path.join(folder, step)).every(holdsPrivateTexts),
  );
  const failures = [
    ...(isPart ? [] : silent.map((step) => `${step} left nothing to scan`)),
    ...leaks.slice(0, SHOWN_LEAKS),
    ...(leaks.length > SHOWN_LEAKS ? [`${leaks.length - SHOWN_LEAKS} more leaks`] : []),
  ];
  for (const failure of failures) console.log(`  ${failure}`);
  return { passed: failures.length === 0 ? 1 : 0, failed: failures.length === 0 ? 0 : 1, failures };
}

/**
 * Looks for pieces of private texts in all files of a folder, also as they stand in JSON, in JSON inside JSON, in an
 * address and in Base64. Files in which the tests noted private texts say what to look for.
 *
 * @param {string} folder
 * @param {readonly PrivateText[]} known private texts that are looked for in any case
 * @returns {Scan} with one leak a file and text
 */
export function scanForLeaks(folder, known) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const noted = files.filter(holdsPrivateTexts).flatMap(readNoted);
  const texts = new Map([...known, ...noted].map((text) => [JSON.stringify(text), text]));
  const pieces = piecesOf([...texts.values()]);
  const beginnings = beginningsOf(pieces);
  const evidence = files.filter((file) => !holdsPrivateTexts(file)).sort();
  let bytes = 0;
  /** @type {string[]} */
  const leaks = [];
  for (const file of evidence) {
    const content = readFileSync(file);
    bytes += content.length;
    for (const { at, text } of leaksIn(content, pieces, beginnings)) {
      const line = content.subarray(0, at).toString('latin1').split('\n').length;
      const found = content.subarray(Math.max(0, at - SHOWN_CHARACTERS), at + SHOWN_CHARACTERS);
      const shown = JSON.stringify(found.toString('utf8'));
      leaks.push(
        `${path.relative(folder, file)}:${line} has of the ${text.kind} "${short(text.text)}": ${shown}`,
      );
    }
  }
  return { files: evidence.length, bytes, texts: texts.size, leaks };
}

/**
 * Whose texts a piece may be, by the length of the piece in bytes and the piece. All in Latin 1, one character a byte.
 *
 * @param {readonly PrivateText[]} texts
 */
function piecesOf(texts) {
  /** @type {Map<number, Map<string, PrivateText>>} */
  const byLength = new Map();
  for (const text of texts) {
    for (const form of formsOf(text.text)) {
      const length = Math.min(form.length, WINDOW_BYTES[text.kind]);
      if (length < LEAST_BYTES) continue;
      const pieces = byLength.get(length) ?? new Map();
      byLength.set(length, pieces);
      for (let at = 0; at + length <= form.length; at += 1) {
        const piece = form.slice(at, at + length);
        if (new Set(piece).size >= LEAST_DIFFERENT) pieces.set(piece, text);
      }
    }
  }
  return byLength;
}

/**
 * How a text may stand in a file.
 *
 * @param {string} text
 */
function formsOf(text) {
  const inJson = JSON.stringify(text).slice(1, -1);
  const inInnerJson = JSON.stringify(inJson).slice(1, -1);
  // The last characters of Base64 depend on what comes behind the text.
  const inBase64 = Buffer.from(text)
    .toString('base64')
    .replace(/.{0,2}=*$/, '');
  const forms = new Set([text, inJson, inInnerJson, encodeURIComponent(text.toWellFormed()), inBase64]);
  return [...forms].map((form) => Buffer.from(form).toString('latin1'));
}

/**
 * @param {Buffer} content
 * @param {ReturnType<typeof piecesOf>} byLength
 * @param {Uint8Array} beginnings of the pieces
 * @returns {{ at: number, text: PrivateText }[]} the first place of each text
 */
function leaksIn(content, byLength, beginnings) {
  /** @type {Map<PrivateText, number>} */
  const found = new Map();
  for (let at = 0; at + LEAST_BYTES <= content.length; at += 1) {
    if (beginnings[hashAt(content, at)] === 0) continue;
    for (const [length, pieces] of byLength) {
      const text = pieces.get(content.toString('latin1', at, at + length));
      if (text && !found.has(text)) found.set(text, at);
    }
  }
  return [...found].map(([text, at]) => ({ at, text }));
}

/**
 * A 1 for the hash of each beginning: hardly any place of a file has one, so that few pieces have to be cut out of it.
 *
 * @param {ReturnType<typeof piecesOf>} byLength
 */
function beginningsOf(byLength) {
  const beginnings = new Uint8Array(2 ** HASH_BITS);
  for (const pieces of byLength.values()) {
    for (const piece of pieces.keys()) beginnings[hashAt(Buffer.from(piece, 'latin1'), 0)] = 1;
  }
  return beginnings;
}

/**
 * @param {Buffer} bytes
 * @param {number} at where a piece may begin, `LEAST_BYTES` or more before the end
 */
function hashAt(bytes, at) {
  return (
    (Math.imul(bytes.readInt32LE(at), HASH_FACTORS[0]) ^
      Math.imul(bytes.readUInt16LE(at + 4), HASH_FACTORS[1])) >>>
    (32 - HASH_BITS)
  );
}

/**
 * @param {string} file
 * @returns {PrivateText[]}
 */
function readNoted(file) {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter(Boolean).map((line) => JSON.parse(line));
}

/** @param {string} text */
function short(text) {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
