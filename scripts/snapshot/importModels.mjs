import { chooseGguf, chooseOllama, chooseUnsized } from './chooseBuilds.mjs';

/** What the raw model rows say, trimmed to what the snapshot needs; one fact row and one row of builds per model. */
export function importModels({ models }, flags) {
  const flagged = groupFlags(flags);
  const facts = models.map((model) => modelFact(model, flagged.get(model.hfId) ?? []));
  const builds = models.flatMap((model) => buildFact(model));
  return { facts: sortById(facts), builds: sortById(builds), ollamaNames: ollamaNames(models) };
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

function buildFact(model) {
  const builds = [...chooseGguf(model.gguf), ...chooseOllama(model.ollama)];
  const unsized = builds.some(({ bytes }) => bytes > 0) ? [] : chooseUnsized(model.gguf);
  return builds.length + unsized.length === 0 ? [] : [{ id: model.hfId, builds: [...builds, ...unsized] }];
}

const TAG_QUANT = /[-_](?:i?q\d\w*|fp16|bf16|f16|mxfp\d|nvfp4|int\d|fp8)$/i;
/** Builds for other runners or with other weights; their tags name no model of their own. */
const TAG_EXTRA = /mlx|mtp|coding|qat|nvfp4|mxfp8/;

/** Names of Ollama's library without quantisation, each with its model. */
function ollamaNames(models) {
  const names = new Map();
  for (const { hfId, ollama } of models) {
    for (const { tag } of ollama) {
      if (TAG_EXTRA.test(tag)) continue;
      const stem = tag.replace(TAG_QUANT, '');
      const known = names.get(stem);
      if (known !== undefined && known !== hfId) throw new Error(`${stem} names ${known} and ${hfId}`);
      names.set(stem, hfId);
    }
  }
  return Object.fromEntries([...names].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The object without empty fields, so that the facts stay readable in a diff. */
export function compact(object) {
  return Object.fromEntries(
    Object.entries(object).filter(
      ([, value]) =>
        value !== null &&
        value !== undefined &&
        !(typeof value === 'object' && Object.keys(value).length === 0),
    ),
  );
}

function sortById(rows) {
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
}
