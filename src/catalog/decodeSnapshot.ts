import type { z } from 'zod';
import type {
  Candidate,
  FrozenSnapshot,
  KvCost,
  ModelArchitecture,
  ModelBuild,
  Observation,
  UnsizedBuild,
} from './candidate';
import {
  KV_RULES,
  ROLES,
  SHAPE_COLUMNS,
  snapshotFile,
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
  for (const table of TABLES) {
    const lengths = new Set(Object.values(file[table]).map((column) => column.length));
    if (lengths.size > 1) return { ok: false, why: `the columns of ${table} have different lengths` };
  }
  const decoder = new Decoder(file);
  const snapshot = decoder.snapshot();
  return { ok: true, snapshot, droppedRows: droppedBefore + decoder.dropped };
}

/** Reads rows out of columns. The lengths are equal and the types are right; numbers into lists may still be wrong. */
class Decoder {
  dropped = 0;

  constructor(private readonly file: SnapshotFile) {}

  snapshot(): FrozenSnapshot {
    const builds = this.#builds();
    const candidates: Candidate[] = [];
    const ids: (string | undefined)[] = [];
    for (let row = 0; row < this.file.models.id.length; row++) {
      const candidate = this.#candidate(row, builds[row] ?? []);
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

  #candidate(row: number, builds: readonly (ModelBuild | UnsizedBuild)[]): Candidate | null {
    const { models } = this.file;
    const hfRepoId = models.id[row];
    const role = ROLES[models.role[row] ?? -1];
    const sizeB = models.sizeB[row];
    const [org, name] = hfRepoId?.split('/') ?? [];
    if (hfRepoId === undefined || org === undefined || name === undefined) return null;
    if (role === undefined || sizeB === undefined) return null;
    const candidate: Writable<Candidate> = {
      hfRepoId,
      name,
      org,
      family: this.#text(models.family[row]) ?? org,
      role,
      sizeB,
      capabilities: {
        tools: tristate(models.tools[row]),
        thinking: tristate(models.thinking[row]),
        vision: tristate(models.vision[row]),
      },
      builds: builds.filter((build) => 'sizeBytes' in build),
      lineagePosition: models.lineage[row] ?? 0,
    };
    set(candidate, 'series', this.#text(models.series[row]));
    set(candidate, 'generation', this.#text(models.generation[row]));
    set(candidate, 'variant', this.#text(models.variant[row]));
    set(candidate, 'released', models.released[row]);
    set(candidate, 'licence', this.#text(models.licence[row]));
    set(candidate, 'activeB', models.activeB[row]);
    set(candidate, 'architecture', this.#architecture(row));
    set(candidate, 'aliases', words(models.aliases[row]));
    set(candidate, 'ollamaNames', words(models.ollamaNames[row]));
    if (builds.length > candidate.builds.length) {
      candidate.unsizedBuilds = builds.filter((build) => !('sizeBytes' in build));
    }
    return candidate;
  }

  #architecture(row: number): ModelArchitecture | undefined {
    const { models } = this.file;
    const architecture: Writable<ModelArchitecture> = {};
    set(architecture, 'arch', this.#text(models.arch[row]));
    for (const name of SHAPE_COLUMNS) set(architecture, name, models[name][row]);
    set(architecture, 'kv', this.#kv(row));
    return Object.keys(architecture).length === 0 ? undefined : architecture;
  }

  #kv(row: number): KvCost | undefined {
    const { models } = this.file;
    const rule = KV_RULES[models.kvRule[row] ?? -1];
    if (rule === undefined) return undefined;
    const kv: Writable<KvCost> = { rule, fullBytesPerTokenF16: models.kvFull[row] ?? 0 };
    set(kv, 'windowBytesPerTokenF16', models.kvWindow[row]);
    set(kv, 'windowTokens', models.kvWindowTokens[row]);
    set(kv, 'stateBytes', models.kvState[row]);
    return kv;
  }

  /** Builds by the number of their model. */
  #builds(): readonly (readonly (ModelBuild | UnsizedBuild)[])[] {
    const { builds, models } = this.file;
    const byModel = models.id.map((): (ModelBuild | UnsizedBuild)[] => []);
    for (let row = 0; row < builds.model.length; row++) {
      const own = byModel[builds.model[row] ?? -1];
      const quant = this.#text(builds.quant[row]);
      if (own === undefined || quant === undefined) {
        this.dropped++;
        continue;
      }
      const sizeBytes = builds.sizeBytes[row] ?? 0;
      const build: Writable<ModelBuild | UnsizedBuild> =
        sizeBytes > 0
          ? { quant, sizeBytes, sizeBasis: builds.exact[row] === 1 ? 'exact' : 'rounded' }
          : { quant };
      set(build, 'repo', this.#text(builds.repo[row]));
      set(build, 'file', builds.file[row]);
      set(build, 'ollamaName', builds.ollamaName[row]);
      set(build, 'digest', builds.digest[row]);
      set(build, 'ollamaManifest', builds.manifest[row]);
      own.push(build);
    }
    return byModel;
  }

  #observations(ids: readonly (string | undefined)[]): readonly Observation[] {
    const { observations, benchmarks } = this.file;
    const result: Observation[] = [];
    for (let row = 0; row < observations.model.length; row++) {
      const hfRepoId = ids[observations.model[row] ?? -1];
      const figure = benchmarks[observations.benchmark[row] ?? -1];
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
      const thinking = tristate(observations.thinking[row]);
      if (thinking !== null) observation.thinking = thinking;
      if (figure.lowerIsBetter === true) observation.lowerIsBetter = true;
      if (figure.weak === true) observation.weak = true;
      set(observation, 'url', this.#text(observations.url[row]));
      result.push(observation);
    }
    return result;
  }
}

/** Rows are filled in field by field: thousands of object spreads were half of the loading time. */
type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Sets a field, unless the value is one that stands for "not known". */
function set<T extends object, K extends keyof T>(row: T, key: K, value: T[K] | undefined): void {
  if (value !== undefined && value !== 0 && value !== '') row[key] = value;
}

function tristate(number: number | undefined): boolean | null {
  return TRISTATE[number ?? 0] ?? null;
}

function words(text: string | undefined): readonly string[] | undefined {
  return text === undefined || text === '' ? undefined : text.split(' ');
}
