// `npm run l10n`: brings the German texts in line with the source: what nothing uses goes, and what is new is printed, to
// be translated and put in. With --check it writes nothing, and fails on whatever is missing or wrong.
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { commandTitles, germanFiles, writeTranslation } from './l10n/translationFiles.mjs';
import { translationFaults } from './l10n/translationFaults.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const check = process.argv.includes('--check');

const files = await germanFiles(root);
const commands = commandTitles(files);
for (const file of files) {
  const written = !check && writeTranslation(root, file);
  const faults = translationFaults(file.english, file.translated, { commands });
  // What nothing used is gone once the file is written.
  const left = written ? faults.filter((fault) => !fault.startsWith('nothing uses')) : faults;
  const state = left.length === 0 ? 'each translated' : `${left.length} to mend`;
  console.log(`${file.name}${written ? ' written' : ''}: ${file.english.size} texts, ${state}`);
  for (const fault of left) console.error(`  ${fault}`);
  const missing = check ? [] : [...file.english].filter(([key]) => !file.translated[key]);
  for (const [key, text] of missing) console.log(`${JSON.stringify(key)}: ${JSON.stringify(text)},`);
  if (left.length > 0) process.exitCode = 1;
}
