import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { getL10nJson } from '@vscode/l10n-dev';

/** Where texts that people read come from, but for those of package.json. */
const FOLDERS = ['src', 'webview-ui'];

/**
 * Every English text that the source asks for by `l10n.t`, by its key in the bundles: the text itself, with a comment
 * for translators behind a `/` where it has one.
 *
 * @param {string} root the repository
 * @returns {Promise<ReadonlyMap<string, string>>} in the order of the keys
 */
export async function sourceTexts(root) {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(path.join(root, folder, file), 'utf8')),
  );
  const asking = files.filter((contents) => contents.includes('l10n.t'));
  const found = await getL10nJson(asking.map((contents) => ({ contents, extension: '.ts' })));
  const texts = Object.entries(found).map(
    ([key, text]) => /** @type {const} */ ([key, typeof text === 'string' ? text : text.message]),
  );
  return new Map(texts.sort(([left], [right]) => (left < right ? -1 : 1)));
}
