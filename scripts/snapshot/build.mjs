import { readFileSync, writeFileSync } from 'node:fs';
import { encodeSnapshot } from './encode.mjs';
import { joinBuilds } from './joinBuilds.mjs';
import { joinModels } from './joinModels.mjs';
import { loadCatalog } from './loadCatalog.mjs';

/**
 * Builds data/snapshot.json from the facts in data/sources; data/PROVENANCE.md says where those are from. `--check`
 * writes nothing and fails when the file that is there is not byte for byte what would be built.
 */
const SOURCES = new URL('../../data/sources/', import.meta.url);
const TARGET = new URL('../../data/snapshot.json', import.meta.url);
/** Day on which the facts were collected. */
const GENERATED_AT = '2026-11-21';

const text = (name) => readFileSync(new URL(name, SOURCES), 'utf8');
const json = (name) => JSON.parse(text(name));
const rows = (name) =>
  text(name)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const catalog = await loadCatalog();
const identity = json('identity.json');
const models = joinModels(
  {
    models: rows('models.jsonl'),
    scoreOnlyModels: rows('score-only-models.jsonl'),
    corrections: json('corrections.json'),
    identity,
  },
  catalog,
);
const idOf = (id) => identity.aliases[catalog.presentId(id)]?.id ?? catalog.presentId(id);
const buildRows = groupBy(
  rows('builds.jsonl'),
  (row) => idOf(row.id),
  (row) => row.builds,
);
const ollamaNames = groupBy(
  Object.entries({ ...json('ollama-names.json'), ...identity.ollamaNames }),
  ([, id]) => idOf(id),
  ([name]) => [name],
);
const rejected = [];
const candidates = catalog.withLineage(models.map((model) => toCandidate(model)));
const observations = toObservations(rows('scores.jsonl'));
const built = encodeSnapshot({ generatedAt: GENERATED_AT, candidates, observations }, catalog);

if (process.argv.includes('--check')) {
  if (readFileSync(TARGET, 'utf8') !== built) {
    console.error(
      'data/snapshot.json is not what its sources give: run `npm run snapshot` and commit the result.',
    );
    process.exitCode = 1;
  }
} else {
  writeFileSync(TARGET, built);
  if (process.argv.includes('--verbose')) console.log(rejected.join('\n'));
  console.log(
    `data/snapshot.json: ${candidates.length} models, ${candidates.flatMap((c) => c.builds).length} builds, ` +
      `${observations.length} figures, ${built.length} bytes; ${rejected.length} builds of an impossible size left out`,
  );
}

function groupBy(items, keyOf, valuesOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), ...valuesOf(item)]);
  return groups;
}

function toCandidate(model) {
  const [org, name] = model.id.split('/');
  const place = catalog.seriesOf(name, org);
  const { builds, unsized, rejected: impossible } = joinBuilds(model, buildRows.get(model.id) ?? [], catalog);
  rejected.push(...impossible);
  const architecture = architectureOf(model);
  const names = ollamaNames.get(model.id) ?? [];
  return {
    hfRepoId: model.id,
    name,
    org,
    family: place?.family ?? model.family ?? org,
    series: place?.series,
    generation: place?.generation,
    variant: variantOf(model),
    role: model.role,
    released: model.released,
    licence: model.licence === 'unknown' ? undefined : model.licence,
    sizeB: model.sizeB,
    activeB: model.activeB,
    architecture,
    capabilities: {
      tools: model.tools ?? null,
      thinking: model.thinking ?? null,
      vision: model.vision ?? null,
    },
    builds,
    unsizedBuilds: unsized,
    aliases: model.aliases,
    ollamaNames: [...names].sort(),
  };
}

/** As collected (`coder+instruct`), else from the name. */
function variantOf({ id, variant, role }) {
  if (variant !== undefined) return variant;
  if (role === 'base') return 'base';
  const named = catalog.parseModelName(id).variant;
  return named === 'plain' || named === 'base' ? 'chat' : named;
}

function architectureOf(model) {
  const { kv } = model;
  return {
    arch: model.arch,
    layers: model.layers,
    heads: model.heads,
    kvHeads: model.kvHeads,
    headDimK: model.headDimK,
    headDimV: model.headDimV,
    hidden: model.hidden,
    vocab: model.vocab,
    contextMax: model.contextMax,
    experts: model.experts,
    expertsUsed: model.expertsUsed,
    computeWidth: catalog.computeWidthOf(model),
    ...(kv && {
      kv: {
        rule: kv.rule,
        fullBytesPerTokenF16: kv.full,
        windowBytesPerTokenF16: kv.window,
        windowTokens: kv.windowTokens,
        stateBytes: kv.state,
      },
    }),
  };
}

/** Figures under the present ids; where two names of one model were measured, the later figure stays. */
function toObservations(figures) {
  const known = new Map(candidates.map(({ hfRepoId, released }) => [hfRepoId, released]));
  const cells = new Map();
  for (const figure of figures) {
    const { id, date, independent = true, ...rest } = figure;
    const hfRepoId = idOf(id);
    if (!known.has(hfRepoId)) throw new Error(`a figure names ${id}, which is no model`);
    const key = [hfRepoId, rest.source, rest.benchmark, rest.thinking].join('|');
    const observedAt = notBefore(known.get(hfRepoId), date);
    const other = cells.get(key);
    if (other === undefined || other.observedAt < observedAt)
      cells.set(key, { ...rest, hfRepoId, observedAt, independent });
  }
  return [...cells.values()].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

/**
 * A model cannot have been measured before it was released: boards that date a whole table by its set of questions go on
 * adding models to it (LiveBench's table of 2026-01-08 holds models of April), and some dates of uploads are of drafts.
 */
function notBefore(released, date) {
  if (released === undefined) return date;
  const digits = Math.min(released.length, date.length);
  return date.slice(0, digits) < released.slice(0, digits) ? released : date;
}

function sortKey({ hfRepoId, source, benchmark, thinking }) {
  return [hfRepoId, source, benchmark, String(thinking)].join('\u0000');
}
