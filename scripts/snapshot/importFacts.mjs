import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { importModels } from './importModels.mjs';
import { importScores } from './importScores.mjs';

/**
 * Carries facts over from a folder of raw collections (candidates.json, candidates-flags.json, ollama-sizes.json, scores.jsonl) into
 * data/sources. Run by hand when the raw collections change; `npm run snapshot` needs only what this leaves.
 *
 *   node scripts/snapshot/importFacts.mjs <folder>
 */
const [folder] = process.argv.slice(2);
if (!folder) throw new Error('say which folder holds the raw collections');
const target = new URL('../../data/sources/', import.meta.url);
mkdirSync(target, { recursive: true });

const raw = (name) => readFileSync(path.join(folder, name), 'utf8');
const rows = (text) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
const write = (name, text) => writeFileSync(new URL(name, target), text);
const lines = (items) => items.map((item) => `${JSON.stringify(item)}\n`).join('');

const candidates = JSON.parse(raw('candidates.json'));
const identity = JSON.parse(readFileSync(new URL('identity.json', target), 'utf8'));
const { facts, builds, ollamaNames } = importModels(candidates, {
  flags: JSON.parse(raw('candidates-flags.json')),
  ollamaSizes: JSON.parse(raw('ollama-sizes.json')),
  extraNames: identity.ollamaNames,
});
write('models.jsonl', lines(facts));
write('builds.jsonl', lines(builds));
write('ollama-names.json', `${JSON.stringify(ollamaNames, null, 2)}\n`);

const known = new Set(facts.map(({ id }) => id));
const rawScores = rows(raw('scores.jsonl'));
const policies = JSON.parse(readFileSync(new URL('benchmark-sources.json', target), 'utf8'));
const scores = importScores(rawScores, policies);
write('scores.jsonl', lines(scores.facts));

// Models that only the score tables know: what the leaderboard export says of them, which is the one sourced part.
const scored = new Map();
for (const row of rawScores) {
  if (known.has(row.hfId)) continue;
  const fact = scored.get(row.hfId) ?? { id: row.hfId };
  if (row.kind)
    Object.assign(fact, {
      kind: row.kind,
      ...(row.paramsB > 0 && { paramsB: row.paramsB }),
      released: row.released,
    });
  scored.set(row.hfId, fact);
}
write('score-only-models.jsonl', lines([...scored.values()].sort((a, b) => (a.id < b.id ? -1 : 1))));

console.log(
  `${facts.length} models, ${builds.length} with builds, ${scores.facts.length} figures, ${scored.size} models known by figures only`,
);
for (const [name, count] of scores.leftOut) console.log(`left out ${count} rows of ${name}`);
