/** Columns of `models` that hold a count of the architecture under its own name; 0 for not known. */
const SHAPE_COLUMNS = [
  'layers',
  'heads',
  'kvHeads',
  'headDimK',
  'headDimV',
  'hidden',
  'vocab',
  'contextMax',
  'experts',
  'expertsUsed',
];

/**
 * Lays the candidates and observations out in columns, as src/catalog/snapshotFormat.ts describes; the loader's
 * decoding is the other half, and a test holds the two together. The same input gives the same text, byte for byte.
 */
export function encodeSnapshot({ generatedAt, candidates, observations }, catalog) {
  const { KV_RULES, ROLES, SCALES, TASKS, TRISTATE } = catalog;
  const texts = new Table();
  const benchmarks = new Table();
  const numberOf = new Map(candidates.map(({ hfRepoId }, index) => [hfRepoId, index]));
  const builds = candidates.flatMap((candidate, model) =>
    [...candidate.builds, ...(candidate.unsizedBuilds ?? [])].map((build) => ({ ...build, model })),
  );
  const column = (rows, read) => rows.map(read);
  const tristate = (value) => TRISTATE.indexOf(value ?? null);
  const modelColumns = {
    id: (c) => c.hfRepoId,
    role: (c) => ROLES.indexOf(c.role),
    family: (c) => texts.number(c.family),
    series: (c) => texts.number(c.series),
    generation: (c) => texts.number(c.generation),
    variant: (c) => texts.number(c.variant),
    released: (c) => c.released ?? '',
    licence: (c) => texts.number(c.licence),
    sizeB: (c) => c.sizeB,
    activeB: (c) => c.activeB ?? 0,
    lineage: (c) => c.lineagePosition,
    arch: (c) => texts.number(c.architecture?.arch),
    ...Object.fromEntries(SHAPE_COLUMNS.map((name) => [name, (c) => c.architecture?.[name] ?? 0])),
    kvRule: (c) => KV_RULES.indexOf(c.architecture?.kv?.rule),
    kvFull: (c) => c.architecture?.kv?.fullBytesPerTokenF16 ?? 0,
    kvWindow: (c) => c.architecture?.kv?.windowBytesPerTokenF16 ?? 0,
    kvWindowTokens: (c) => c.architecture?.kv?.windowTokens ?? 0,
    kvState: (c) => c.architecture?.kv?.stateBytes ?? 0,
    computeWidth: (c) => c.architecture?.computeWidth ?? 0,
    tools: (c) => tristate(c.capabilities.tools),
    thinking: (c) => tristate(c.capabilities.thinking),
    vision: (c) => tristate(c.capabilities.vision),
    aliases: (c) => (c.aliases ?? []).join(' '),
    ollamaNames: (c) => (c.ollamaNames ?? []).join(' '),
  };
  const buildColumns = {
    model: (b) => b.model,
    quant: (b) => texts.number(b.quant),
    sizeBytes: (b) => b.sizeBytes ?? 0,
    exact: (b) => (b.sizeBasis === 'exact' ? 1 : 0),
    repo: (b) => texts.number(b.repo),
    file: (b) => b.file ?? '',
    ollamaName: (b) => b.ollamaName ?? '',
    digest: (b) => b.digest ?? '',
    manifest: (b) => b.ollamaManifest ?? '',
  };
  const observationColumns = {
    model: (o) => numberOf.get(o.hfRepoId),
    benchmark: (o) =>
      benchmarks.number({
        source: o.source,
        benchmark: o.benchmark,
        task: o.task,
        scale: o.scale,
        ...(o.lowerIsBetter && { lowerIsBetter: true }),
        ...(o.weak && { weak: true }),
        independent: o.independent,
      }),
    value: (o) => o.value,
    observedAt: (o) => texts.number(o.observedAt),
    thinking: (o) => tristate(o.thinking),
    url: (o) => texts.number(o.url),
  };
  const benchmarkColumns = {
    source: (b) => b.source,
    benchmark: (b) => b.benchmark,
    task: (b) => TASKS.indexOf(b.task),
    scale: (b) => SCALES.indexOf(b.scale),
    lowerIsBetter: (b) => (b.lowerIsBetter ? 1 : 0),
    weak: (b) => (b.weak ? 1 : 0),
    independent: (b) => (b.independent ? 1 : 0),
  };
  const table = (rows, columns) =>
    Object.fromEntries(Object.entries(columns).map(([name, read]) => [name, column(rows, read)]));
  const file = {
    format: 'model-pool-snapshot',
    version: 1,
    generatedAt,
    models: table(candidates, modelColumns),
    builds: table(builds, buildColumns),
    observations: table(observations, observationColumns),
    benchmarks: table(benchmarks.values, benchmarkColumns),
    texts: texts.values,
  };
  return toText(file);
}

/** Values in the order in which they were first met, each with its number. */
class Table {
  values = [];
  #numbers = new Map();

  /** -1 for a value that is not there. */
  number(value) {
    if (value === undefined || value === null || value === '') return -1;
    const key = JSON.stringify(value);
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.values.push(value) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }
}

/** JSON with one column a line: small, and a change of one fact changes one line. */
function toText(file) {
  const lines = Object.entries(file).map(([name, value]) => {
    if (typeof value !== 'object' || Array.isArray(value))
      return `${JSON.stringify(name)}:${JSON.stringify(value)}`;
    const columns = Object.entries(value).map(
      ([column, list]) => `${JSON.stringify(column)}:${JSON.stringify(list)}`,
    );
    return `${JSON.stringify(name)}:{\n${columns.join(',\n')}\n}`;
  });
  return `{\n${lines.join(',\n')}\n}\n`;
}
