import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { sourceTexts } from './sourceTexts.mjs';

/**
 * @typedef {object} TranslationFile
 * @property {string} name from the root of the repository
 * @property {ReadonlyMap<string, string>} english the text of each key, in the order of the file
 * @property {Readonly<Record<string, string>>} translated
 */

/**
 * The two files that make up the German of the extension, beside the English that they translate.
 *
 * @param {string} root the repository
 * @returns {Promise<readonly TranslationFile[]>}
 */
export async function germanFiles(root) {
  return [
    {
      name: 'l10n/bundle.l10n.de.json',
      english: await sourceTexts(root),
      translated: readTexts(path.join(root, 'l10n', 'bundle.l10n.de.json')),
    },
    {
      name: 'package.nls.de.json',
      english: new Map(Object.entries(readTexts(path.join(root, 'package.nls.json')))),
      translated: readTexts(path.join(root, 'package.nls.de.json')),
    },
  ];
}

/**
 * The titles of commands, in English and in German, where they have one.
 *
 * @param {readonly TranslationFile[]} files as `germanFiles` gives them
 * @returns {ReadonlyMap<string, string>}
 */
export function commandTitles(files) {
  const titles = files.flatMap(({ english, translated }) =>
    [...english]
      .filter(([key]) => /^command\.\w+\.title$/.test(key))
      .map(([key, title]) => /** @type {const} */ ([title, translated[key] ?? title])),
  );
  return new Map(titles);
}

/**
 * Writes a translation in the order of its keys, without what nothing uses. What is new is not in it: VS Code shows the
 * English of a key that it does not find, and nothing at all for one with an empty text.
 *
 * @param {string} root the repository
 * @param {TranslationFile} file
 * @returns {boolean} whether it was another text before
 */
export function writeTranslation(root, { name, english, translated }) {
  const texts = Object.fromEntries(
    [...english.keys()].flatMap((key) => (translated[key] ? [[key, translated[key]]] : [])),
  );
  const after = `${JSON.stringify(texts, null, 2)}\n`;
  const file = path.join(root, name);
  if (existsSync(file) && readFileSync(file, 'utf8') === after) return false;
  writeFileSync(file, after);
  return true;
}

/**
 * @param {string} file
 * @returns {Record<string, string>} empty when there is no such file
 */
function readTexts(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
}
