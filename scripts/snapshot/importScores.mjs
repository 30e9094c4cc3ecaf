/**
 * Reduces raw score rows to the facts that data/sources/scores.jsonl carries, as data/sources/benchmark-sources.json
 * says for each source. Sources without a licence are never carried whole.
 */
export function importScores(rows, { sources }) {
  const policies = new Map(sources.map((source) => [source.name, source]));
  const kept = [];
  const leftOut = new Map();
  for (const row of rows) {
    const policy = policies.get(row.source);
    if (!policy) throw new Error(`no policy for the source ${row.source}`);
    if (carries(policy, row)) kept.push({ fact: toFact(row, policy), policy, rank: rankOf(row, policy) });
    else leftOut.set(row.source, (leftOut.get(row.source) ?? 0) + 1);
  }
  return { facts: onePerCell(onePerModel(kept)).map(({ fact }) => fact), leftOut };
}

function carries(policy, row) {
  if (policy.use === 'none' || row.weak) return false;
  if (policy.leftOut?.some((text) => row.benchmark.includes(text))) return false;
  return policy.benchmarks === undefined || policy.benchmarks.includes(row.benchmark);
}

function toFact(row, policy) {
  return {
    id: correctedId(row),
    ...thinkingOf(row),
    source: policy.id,
    benchmark: row.benchmark,
    task: row.task,
    value: row.value,
    scale: row.scale === 'elo' || row.scale === 'score' ? row.scale : 'percent',
    ...(row.lowerIsBetter && { lowerIsBetter: true }),
    ...(policy.weak && { weak: true }),
    date: dateOf(row.date),
    ...(!row.independent && { independent: false }),
    url: addressOf(row),
  };
}

/** Smaller is better: a judge that comes first in the policy, then a mode or run that is preferred. */
function rankOf(row, policy) {
  return [policy.benchmarks?.indexOf(row.benchmark) ?? 0, preference(row)];
}

/** Aider's second DeepSeek R1 row says in its name that it is the release of 28 May 2025. */
function correctedId(row) {
  return row.hfId === 'deepseek-ai/DeepSeek-R1' && row.asNamed.includes('(0528)')
    ? 'deepseek-ai/DeepSeek-R1-0528'
    : row.hfId;
}

function thinkingOf(row) {
  if (/\(Reasoner\)/.test(row.asNamed)) return { thinking: true };
  if (row.hfId.startsWith('deepseek-ai/DeepSeek-V3') && /\(Chat\)/.test(row.asNamed))
    return { thinking: false };
  if (row.variant === 'thinking') return { thinking: true };
  return row.variant === 'non-thinking' ? { thinking: false } : {};
}

/** `2024-2025` is read as 2024: a figure must never look newer than it is. */
function dateOf(text) {
  return /^\d{4}-\d{4}$/.test(text) ? text.slice(0, 4) : text;
}

/** Where a person can look it up; copies without a public address are named by their publisher. */
function addressOf(row) {
  const text = row.vendorUrl ?? row.url;
  if (text.startsWith('stored text')) {
    const page = /https:\/\/[^\s,)]+/.exec(text);
    return page ? page[0] : `model card: ${/the ([\w-]+\/[\w.*-]+)/.exec(text)?.[1] ?? row.hfId}`;
  }
  return text.replace(/ \(export of .*\)$/, '');
}

/** Smaller is better: function calling before prompting, whole test set before validation, default effort first. */
function preference(row) {
  if (row.mode !== undefined) return row.mode === 'FC' ? 0 : 1;
  if (/\(val\)|@hyperbolic|_high$|w\/ Reasoning/.test(row.asNamed)) return 1;
  return row.quant === undefined ? 0 : 1;
}

/** Of tables of which one figure a model is carried: the figures of the judge that comes first, in every mode. */
function onePerModel(kept) {
  const best = new Map();
  for (const entry of kept) {
    if (entry.policy.use !== 'one-per-model') continue;
    const key = `${entry.fact.id} ${entry.fact.source}`;
    const known = best.get(key);
    if (!known || before(entry, known)) best.set(key, entry);
  }
  return kept.filter(
    ({ fact, policy }) =>
      policy.use !== 'one-per-model' ||
      best.get(`${fact.id} ${fact.source}`)?.fact.benchmark === fact.benchmark,
  );
}

/** One figure per model, mode and benchmark: the preferred run, for a mean of runs would be a made-up figure. */
function onePerCell(kept) {
  const cells = new Map();
  for (const entry of kept) {
    const { id, thinking, source, benchmark } = entry.fact;
    const key = [id, thinking, source, benchmark].join('|');
    const known = cells.get(key);
    if (!known || before(entry, known)) cells.set(key, entry);
  }
  return [...cells.values()].sort((a, b) => (sortKey(a.fact) < sortKey(b.fact) ? -1 : 1));
}

function before(a, b) {
  const byRank = a.rank[0] - b.rank[0] || a.rank[1] - b.rank[1];
  return byRank !== 0 ? byRank < 0 : a.fact.date > b.fact.date;
}

function sortKey(fact) {
  return [fact.id, fact.source, fact.benchmark, String(fact.thinking)].join('\u0000');
}
