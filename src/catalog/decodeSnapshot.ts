import type { z } from 'zod';
import type { KvCost } from '../shared/kvCost';
import type {
  Candidate,
  FrozenSnapshot,
  ModelArchitecture,
  ModelBuild,
  Observation,
  UnsizedBuild,
} from './candidate';
import {
  KV_RULES,
  ROLES,
  SCALES,
  snapshotFile,
  TASKS,
  TRISTATE,
  type SnapshotFile,
  type TableName,
} from './snapshotFormat';

export type DecodeResult =
  | { readonly ok: true; readonly snapshot: FrozenSnapshot; readonly droppedRows: number }
  | { readonly ok: false; readonly why: string };

const TABLES = ['models', 'builds', 'observations'] as const satisfies readonly TableName[];

/**
 * Turns the parsed text of data/snapshot.json into candidates and observations. A row with a bad value is left out
 * and counted, as are the builds and observations of a model that is left out. Anything else that is wrong (another
 * version, a missing column, columns of unequal length) makes the file unusable.
 */
export function decodeSnapshot(json: unknown): DecodeResult {
  const parsed = snapshotFile.safeParse(json);
  if (parsed.success) return decodeTables(parsed.data, 0);
  const bad = badRows(parsed.error.issues);
  const repaired = bad && snapshotFile.safeParse(withoutRows(json, bad));
  if (!repaired?.success) return { ok: false, why: describe(parsed.error.issues[0]) };
  const dropped = TABLES.reduce((sum, table) => sum + (bad?.[table].size ?? 0), 0);
  return decodeTables(repaired.data, dropped);
}

type BadRows = Readonly<Record<TableName, ReadonlySet<number>>>;

/** The rows that hold the bad values, or null where something else than a value is bad. */
function badRows(issues: readonly z.core.$ZodIssue[]): BadRows | null {
  const rows = { models: new Set<number>(), builds: new Set<number>(), observations: new Set<number>() };
  for (const { path } of issues) {
    const [table, , row] = path;
    const known = TABLES.find((name) => name === table);
    if (known === undefined || typeof row !== 'number') return null;
    rows[known].add(row);
  }
  return rows;
}

/** A copy of the file without some rows. Builds and observations are renumbered to the models that stay. */
function withoutRows(json: unknown, bad: BadRows): unknown {
  if (!isRecord(json)) return json;
  const { models } = json;
  const modelCount = isRecord(models) && Array.isArray(models['id']) ? models['id'].length : 0;
  let next = 0;
  const numbers = Array.from({ length: modelCount }, (_, index) =>
    bad.models.has(index) ? modelCount : next++,
  );
  const result: Record<string, unknown> = { ...json };
  for (const table of TABLES) {
    const columns = json[table];
    if (!isRecord(columns)) continue;
    const kept = Object.entries(columns).map(([name, values]): [string, unknown] => {
      if (!Array.isArray(values)) return [name, values];
      const rows: readonly unknown[] = values.filter((_, row) => !bad[table].has(row));
      if (table === 'models' || name !== 'model') return [name, rows];
      return [
        name,
        rows.map((value) => (typeof value === 'number' ? (numbers[value] ?? modelCount) : value)),
      ];
    });
    result[table] = Object.fromEntries(kept);
  }
  return result;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(issue: z.core.$ZodIssue | undefined): string {
  return issue === undefined ? 'unknown reason' : `${issue.path.join('.') || 'the file'}: ${issue.message}`;
}

function decodeTables(file: SnapshotFile, droppedBefore: number): DecodeResult {
  for (const table of [...TABLES, 'benchmarks'] as const) {
    const lengths = new Set(Object.values(file[table]).map((column) => column.length));
    if (lengths.size > 1) return { ok: false, why: `the columns of ${table} have different lengths` };
  }
  const decoder = new Decoder(file);
  const snapshot = decoder.snapshot();
  return { ok: true, snapshot, droppedRows: droppedBefore + decoder.dropped };
}

interface BuildsOfModel {
  readonly sized: ModelBuild[];
  readonly unsized: UnsizedBuild[];
}

/** What all figures of one benchmark have in common. */
type Figure = Pick<Observation, 'source' | 'benchmark' | 'task' | 'scale' | 'independent'> & {
  readonly lowerIsBetter: boolean;
  readonly weak: boolean;
};

/** Rows are filled in field by field: thousands of spreads, or of fields set by a computed name, take most of the time. */
type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Reads rows out of columns. The lengths are equal and the types are right; numbers into lists may still be wrong. */
class Decoder {
  dropped = 0;

  constructor(private readonly file: SnapshotFile) {}

  snapshot(): FrozenSnapshot {
    const builds = this.#builds();
    const candidates: Candidate[] = [];
    const ids: (string | undefined)[] = [];
    for (let row = 0; row < this.file.models.id.length; row++) {
      const candidate = this.#candidate(row, builds[row]);
      ids.push(candidate?.hfRepoId);
      if (candidate) candidates.push(candidate);
      else this.dropped++;
    }
    return {
      version: 1,
      generatedAt: this.file.generatedAt,
      candidates,
      observations: this.#observations(ids),
    };
  }

  #text(number: number | undefined): string | undefined {
    return number === undefined || number < 0 ? undefined : this.file.texts[number];
  }

  #candidate(row: number, builds: BuildsOfModel | undefined): Candidate | null {
    const { models } = this.file;
    const hfRepoId = models.id[row];
    const role = ROLES[models.role[row] ?? -1];
    const sizeB = models.sizeB[row];
    if (hfRepoId === undefined || role === undefined || sizeB === undefined) return null;
    const slash = hfRepoId.indexOf('/');
    const org = hfRepoId.slice(0, slash);
    const candidate: Writable<Candidate> = {
      hfRepoId,
      name: hfRepoId.slice(slash + 1),
      org,
      family: this.#text(models.family[row]) ?? org,
      role,
      sizeB,
      capabilities: {
        tools: tristate(models.tools[row]),
        thinking: tristate(models.thinking[row]),
        vision: tristate(models.vision[row]),
      },
      builds: builds?.sized ?? [],
      lineagePosition: models.lineage[row] ?? 0,
    };
    const series = this.#text(models.series[row]);
    if (series !== undefined) candidate.series = series;
    const generation = this.#text(models.generation[row]);
    if (generation !== undefined) candidate.generation = generation;
    const variant = this.#text(models.variant[row]);
    if (variant !== undefined) candidate.variant = variant;
    const released = models.released[row];
    if (released) candidate.released = released;
    const licence = this.#text(models.licence[row]);
    if (licence !== undefined) candidate.licence = licence;
    const activeB = models.activeB[row];
    if (activeB) candidate.activeB = activeB;
    const architecture = this.#architecture(row);
    if (architecture !== undefined) candidate.architecture = architecture;
    const aliases = models.aliases[row];
    if (aliases) candidate.aliases = aliases.split(' ');
    const ollamaNames = models.ollamaNames[row];
    if (ollamaNames) candidate.ollamaNames = ollamaNames.split(' ');
    if (builds !== undefined && builds.unsized.length > 0) candidate.unsizedBuilds = builds.unsized;
    return candidate;
  }

  #architecture(row: number): ModelArchitecture | undefined {
    const { models } = this.file;
    const architecture: Writable<ModelArchitecture> = {};
    const arch = this.#text(models.arch[row]);
    if (arch !== undefined) architecture.arch = arch;
    const layers = models.layers[row];
    if (layers) architecture.layers = layers;
    const heads = models.heads[row];
    if (heads) architecture.heads = heads;
    const kvHeads = models.kvHeads[row];
    if (kvHeads) architecture.kvHeads = kvHeads;
    const headDimK = models.headDimK[row];
    if (headDimK) architecture.headDimK = headDimK;
    const headDimV = models.headDimV[row];
    if (headDimV) architecture.headDimV = headDimV;
    const hidden = models.hidden[row];
    if (hidden) architecture.hidden = hidden;
    const vocab = models.vocab[row];
    if (vocab) architecture.vocab = vocab;
    const contextMax = models.contextMax[row];
    if (contextMax) architecture.contextMax = contextMax;
    const experts = models.experts[row];
    if (experts) architecture.experts = experts;
    const expertsUsed = models.expertsUsed[row];
    if (expertsUsed) architecture.expertsUsed = expertsUsed;
    const kv = this.#kv(row);
    if (kv !== undefined) architecture.kv = kv;
    const computeWidth = models.computeWidth[row];
    if (computeWidth) architecture.computeWidth = computeWidth;
    return Object.keys(architecture).length === 0 ? undefined : architecture;
  }

  #kv(row: number): KvCost | undefined {
    const { models } = this.file;
    const rule = KV_RULES[models.kvRule[row] ?? -1];
    if (rule === undefined) return undefined;
    const kv: Writable<KvCost> = { rule, fullBytesPerTokenF16: models.kvFull[row] ?? 0 };
    const windowBytes = models.kvWindow[row];
    if (windowBytes) kv.windowBytesPerTokenF16 = windowBytes;
    const windowTokens = models.kvWindowTokens[row];
    if (windowTokens) kv.windowTokens = windowTokens;
    const stateBytes = models.kvState[row];
    if (stateBytes) kv.stateBytes = stateBytes;
    return kv;
  }

  /** Builds by the number of their model. */
  #builds(): readonly BuildsOfModel[] {
    const { builds, models } = this.file;
    const byModel = models.id.map((): BuildsOfModel => ({ sized: [], unsized: [] }));
    for (let row = 0; row < builds.model.length; row++) {
      const own = byModel[builds.model[row] ?? -1];
      const quant = this.#text(builds.quant[row]);
      if (own === undefined || quant === undefined) {
        this.dropped++;
        continue;
      }
      const sizeBytes = builds.sizeBytes[row];
      if (sizeBytes) {
        const sizeBasis = builds.exact[row] === 1 ? 'exact' : 'rounded';
        const build: Writable<ModelBuild> = { quant, sizeBytes, sizeBasis };
        this.#place(build, row);
        own.sized.push(build);
      } else {
        const build: Writable<UnsizedBuild> = { quant };
        this.#place(build, row);
        own.unsized.push(build);
      }
    }
    return byModel;
  }

  /** Fills in where a build is to be had. */
  #place(build: Writable<UnsizedBuild>, row: number): void {
    const { builds } = this.file;
    const repo = this.#text(builds.repo[row]);
    if (repo !== undefined) build.repo = repo;
    const file = builds.file[row];
    if (file) build.file = file;
    const ollamaName = builds.ollamaName[row];
    if (ollamaName) build.ollamaName = ollamaName;
    const digest = builds.digest[row];
    if (digest) build.digest = digest;
    const manifest = builds.manifest[row];
    if (manifest) build.ollamaManifest = manifest;
  }

  #figures(): readonly (Figure | undefined)[] {
    const { benchmarks } = this.file;
    return benchmarks.benchmark.map((benchmark, row): Figure | undefined => {
      const source = benchmarks.source[row];
      const task = TASKS[benchmarks.task[row] ?? -1];
      const scale = SCALES[benchmarks.scale[row] ?? -1];
      if (source === undefined || task === undefined || scale === undefined) return undefined;
      const independent = benchmarks.independent[row] === 1;
      const lowerIsBetter = benchmarks.lowerIsBetter[row] === 1;
      return { source, benchmark, task, scale, independent, lowerIsBetter, weak: benchmarks.weak[row] === 1 };
    });
  }

  #observations(ids: readonly (string | undefined)[]): readonly Observation[] {
    const { observations } = this.file;
    const figures = this.#figures();
    const result: Observation[] = [];
    for (let row = 0; row < observations.model.length; row++) {
      const hfRepoId = ids[observations.model[row] ?? -1];
      const figure = figures[observations.benchmark[row] ?? -1];
      const observedAt = this.#text(observations.observedAt[row]);
      const value = observations.value[row];
      if (hfRepoId === undefined || figure === undefined || observedAt === undefined || value === undefined) {
        this.dropped++;
        continue;
      }
      const { source, benchmark, task, scale, independent } = figure;
      const observation: Writable<Observation> = {
        hfRepoId,
        source,
        benchmark,
        task,
        value,
        scale,
        observedAt,
        independent,
      };
      const url = this.#text(observations.url[row]);
      if (url !== undefined) observation.url = url;
      const thinking = tristate(observations.thinking[row]);
      if (thinking !== null) observation.thinking = thinking;
      if (figure.lowerIsBetter) observation.lowerIsBetter = true;
      if (figure.weak) observation.weak = true;
      result.push(observation);
    }
    return result;
  }
}

function tristate(number: number | undefined): boolean | null {
  return TRISTATE[number ?? 0] ?? null;
}
