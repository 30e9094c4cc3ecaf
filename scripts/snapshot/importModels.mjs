import { chooseGguf, chooseOllama, chooseUnsized } from './chooseBuilds.mjs';
import { compact } from './compact.mjs';

/**
 * What the raw model rows say, trimmed to what the snapshot needs; one fact row and one row of builds per model.
 * `ollamaSizes`: rows of exact sizes of Ollama's library; `extraNames`: names of it that the model rows do not map.
 */
export function importModels({ models }, { flags, ollamaSizes, extraNames }) {
  const flagged = groupFlags(flags);
  const facts = models.map((model) => modelFact(model, flagged.get(model.hfId) ?? []));
  const tags = ollamaTags(models, ollamaSizes, extraNames);
  const ggufRows = new Map(
    models.map(({ hfId, gguf }) => [hfId, gguf.filter((row) => ownWeights(hfId, row))]),
  );
  const ids = new Set([...ggufRows.keys(), ...tags.map(({ hfId }) => hfId)]);
  const builds = [...ids].flatMap((id) =>
    buildFact(
      id,
      ggufRows.get(id) ?? [],
      tags.filter(({ hfId }) => hfId === id),
    ),
  );
  return { facts: sortById(facts), builds: sortById(builds), ollamaNames: ollamaNames(tags) };
}

/** gpt-oss is trained in MXFP4: what mirrors call its Q2, Q8 or F16 is the same file with other embeddings. */
function ownWeights(id, { quant }) {
  return !id.startsWith('openai/gpt-oss') || /^MXFP4/.test(quant);
}

/** Old tags that were made again from other weights; nobody knows here which. */
const UNCLEAR_TAGS = ['mistral:7b-instruct-q4_0', 'mistral:v0.1'];

/**
 * Ollama's tags with their model. Tags that share a manifest are one model, whatever their names suggest
 * (`qwen3:30b` is Qwen3-30B-A3B-Thinking-2507): the longest name, which says most, decides for all.
 */
function ollamaTags(models, ollamaSizes, extraNames) {
  const exact = new Map(ollamaSizes.rows.map((row) => [`${row.model}:${row.tag}`, row]));
  const listed = models.flatMap(({ hfId, ollama }) => ollama.map((row) => ({ ...row, hfId })));
  const known = new Set(listed.map(({ tag }) => tag));
  const extra = Object.entries(extraNames).flatMap(([tag, hfId]) => {
    const row = exact.get(tag);
    if (row === undefined || known.has(tag)) return [];
    return [{ hfId, tag, bytes: row.modelBytes, exact: true, digest: row.digest, source: 'nix' }];
  });
  const owners = new Map();
  for (const { manifest, tag, hfId } of listed) {
    const owner = owners.get(manifest);
    if (owner === undefined || tag.length > owner.tag.length) owners.set(manifest, { tag, hfId });
  }
  return [...listed, ...extra]
    .filter(({ tag }) => !UNCLEAR_TAGS.includes(tag))
    .map((row) => ({
      ...row,
      hfId: owners.get(row.manifest)?.hfId ?? row.hfId,
      quant: quantOf(row) ?? exact.get(row.tag)?.quant?.toUpperCase() ?? null,
    }));
}

function quantOf({ tag, quant }) {
  return tag.startsWith('gpt-oss') ? 'MXFP4' : quant;
}

function groupFlags(flags) {
  const byModel = new Map();
  for (const flag of flags) byModel.set(flag.model, [...(byModel.get(flag.model) ?? []), flag]);
  return byModel;
}

function modelFact(model, flags) {
  const { architecture: a, capabilities, sources } = model;
  return compact({
    id: model.hfId,
    role: model.role,
    family: model.family,
    series: model.series,
    variant: model.variant,
    released: model.released,
    licence: model.license?.toLowerCase() ?? null,
    paramsB: model.paramsB,
    activeB: model.activeB,
    activeComputedB: model.activeBComputed,
    arch: a.arch?.replace(/ .*/, ''),
    layers: a.layers,
    heads: a.heads,
    kvHeads: a.kvHeads,
    headDimK: a.headDimK,
    headDimV: a.headDimV,
    hidden: a.hidden,
    feedForward: a.ff,
    expertFeedForward: a.expertFf,
    kvRank: a.mla?.kvLoraRank,
    vocab: a.vocab,
    contextMax: a.contextMax,
    experts: a.experts,
    expertsUsed: a.expertsUsed,
    kv: kvFact(a),
    ...capabilityFacts(capabilities, flags),
    from: compact({
      paramsB: sources.paramsB,
      activeB: sources.activeB,
      arch: sources.layers,
      context: sources.contextMax,
      licence: sources.license,
      released: sources.released,
    }),
  });
}

/** A capability on which the sources disagree is unknown, not the majority's. */
function capabilityFacts(capabilities, flags) {
  const disputed = new Set(
    flags.filter(({ kind }) => kind === 'capability-conflict').map(({ detail }) => detail.split(':')[0]),
  );
  const value = (name) => (disputed.has(name) ? null : (capabilities[name] ?? null));
  return { tools: value('tools'), thinking: value('thinking'), vision: value('vision') };
}

/** Windows that a configuration names and llama.cpp does not use: it caches the whole context for these models. */
const WINDOW_UNUSED = /^(?:llama|mistral|phi3)/;

/** The cost of the cache where its rule gives figures; a rule without figures is no fact. */
function kvFact(architecture) {
  const { kv, slidingWindow, arch, modelType, layers, kvHeads, headDimK, headDimV } = architecture;
  if (kv?.rule.startsWith('window') && WINDOW_UNUSED.test(arch ?? modelType ?? '')) {
    return layers && kvHeads && headDimK
      ? { rule: 'full', full: layers * kvHeads * (headDimK + headDimV) * 2 }
      : null;
  }
  if (kv?.fullBytesPerTokenF16 === undefined) return null;
  const windowed = kv.swaBytesPerCellF16 !== undefined;
  if (windowed && !slidingWindow) return null;
  return compact({
    rule: kv.rule.startsWith('mla') ? 'mla' : kv.rule,
    full: kv.fullBytesPerTokenF16 + (kv.indexerBytesPerTokenF16 ?? 0),
    window: kv.swaBytesPerCellF16,
    windowTokens: windowed ? slidingWindow : null,
    state: kv.stateBytes,
  });
}

function buildFact(id, gguf, tags) {
  const maker = id.split('/')[0];
  const named = tags.map((row) => ({ ...row, quant: row.quant ?? quantBySize(row, gguf) }));
  const builds = [...chooseGguf(gguf, maker), ...chooseOllama(named)];
  const unsized = builds.length > 0 ? [] : chooseUnsized(gguf, maker);
  return builds.length + unsized.length === 0 ? [] : [{ id, builds: [...builds, ...unsized] }];
}

/** The quantisation of a tag that does not say it: that of the one file of the model which has the tag's size. */
function quantBySize({ bytes, precisionBytes = 0 }, gguf) {
  const fits = gguf.filter(
    (row) => row.bytes > 0 && Math.abs(row.bytes - bytes) <= precisionBytes + (row.precisionBytes ?? 0),
  );
  const quants = new Set(fits.map(({ quant }) => quant));
  return quants.size === 1 ? [...quants][0] : null;
}

const TAG_QUANT = /[-_](?:i?q\d\w*|fp16|bf16|f16|mxfp\d|nvfp4|int\d|fp8)$/i;
/** Builds for other runners or with other weights; their tags name no model of their own. */
const TAG_EXTRA = /mlx|mtp|coding|qat|nvfp4|mxfp8/;

/**
 * Names of Ollama's library without quantisation, each with its model. Where a short name and a long one with the
 * quantisation left out would be the same text, the short one, which exists as such, says whose it is.
 */
function ollamaNames(tags) {
  const names = new Map();
  const whole = new Set(tags.map(({ tag }) => tag));
  for (const { tag, hfId } of tags) {
    if (TAG_EXTRA.test(tag)) continue;
    const stem = tag.replace(TAG_QUANT, '');
    if (stem !== tag && whole.has(stem)) continue;
    const known = names.get(stem);
    if (known !== undefined && known !== hfId) throw new Error(`${stem} names ${known} and ${hfId}`);
    names.set(stem, hfId);
  }
  return Object.fromEntries([...names].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sortById(rows) {
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
}
