/** What stays in a translation as it is: placeholders, commands behind links, and what is code. */
const KEPT = /\{\w+\}|\]\([^)]*\)|`[^`]*`/g;

/** Units and signs that are no word of any language. */
const UNITS = /\b(?:[KMG]i?B|GB\/s|tok\/s|ms|min|s|h)\b/g;

/** What is the same in German, beside what has no word in it: names, and words that German has taken over. */
export const SAME_IN_GERMAN = new Set([
  ...[
    'Model Pool',
    'Model Pool: {0}',
    'Pool',
    'Auto: {0}',
    'Download: {0}',
    'in {0}',
    'live, {0}',
    'offline',
  ],
  ...[
    'Backend',
    'Benchmark',
    'Budget',
    'Builds',
    'Digest',
    'Hardware',
    'Prompt',
    'Server',
    'Span',
    'Streaming',
    'Tools',
  ],
  ...['CSV', 'GPU', 'GPU + RAM', 'GPU GiB', 'JSON Lines', 'Quant', 'RAM', 'RAM GiB', '{0} RAM', '{0} VRAM'],
]);

/**
 * What is wrong with a translation, one line for each fault; none when it is sound.
 *
 * @param {ReadonlyMap<string, string>} english the text of each key
 * @param {Readonly<Record<string, string>>} translated by the same keys; an empty text is none
 * @param {object} [options]
 * @param {ReadonlySet<string>} [options.mayBeSame] English texts that may stay as they are
 * @param {ReadonlyMap<string, string>} [options.commands] the titles of commands, in English and as translated
 * @returns {readonly string[]}
 */
export function translationFaults(
  english,
  translated,
  { mayBeSame = SAME_IN_GERMAN, commands = new Map() } = {},
) {
  const faults = Object.keys(translated)
    .filter((key) => !english.has(key))
    .map((key) => `nothing uses ${quoted(key)}`);
  for (const [key, text] of english) {
    const translation = translated[key];
    if (translation === undefined || translation.trim() === '') {
      faults.push(`no translation of ${quoted(key)}`);
      continue;
    }
    const [wanted, found] = [keptParts(text), keptParts(translation)];
    if (wanted !== found)
      faults.push(`${quoted(key)} has ${found || 'nothing'} where it needs ${wanted || 'nothing'}`);
    for (const [title, shown] of commands) {
      if (text.includes(`Model Pool: ${title}`) && !translation.includes(`Model Pool: ${shown}`)) {
        faults.push(`${quoted(key)} names a command otherwise than the palette, which says ${quoted(shown)}`);
      }
    }
    if (translation === text && hasWords(text) && !mayBeSame.has(text)) {
      faults.push(
        `${quoted(key)} is not translated, and scripts/l10n/translationFaults.mjs does not say that it may stay`,
      );
    }
  }
  return faults;
}

/** @param {string} text */
function keptParts(text) {
  return (text.match(KEPT) ?? []).sort().join(' ');
}

/** @param {string} text */
function hasWords(text) {
  return /\p{Letter}/u.test(text.replaceAll(KEPT, '').replaceAll(UNITS, ''));
}

/** @param {string} key */
function quoted(key) {
  return JSON.stringify(key.length > 80 ? `${key.slice(0, 79)}…` : key);
}
