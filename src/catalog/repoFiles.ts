import type { HubFile, HubModel } from './hub';
import { normalisedName, parseModelName } from './modelName';

/** A quantised model as a repository holds it. */
interface RepoBuild {
  /** As `ModelBuild.quant`; null where neither the file's name nor its folder tells. */
  readonly quant: string | null;
  /** GGUF: the file or its parts in order; MLX: all files of weights. */
  readonly files: readonly HubFile[];
  /** Of all parts together; null where the hub did not tell one of them. */
  readonly sizeBytes: number | null;
}

/** What is not a model of its own. */
type CompanionKind = 'projector' | 'draft' | 'adapter' | 'imatrix' | 'vocabulary';

export interface RepoFiles {
  readonly format: 'gguf' | 'mlx' | 'none';
  /** Smallest first; those of unknown size last. */
  readonly builds: readonly RepoBuild[];
  readonly companions: readonly { readonly kind: CompanionKind; readonly file: HubFile }[];
  /** Files of models that cannot be used: parts are missing, or they belong to another model than most of the files. */
  readonly leftOut: readonly {
    readonly why: 'incomplete' | 'unloadable_parts' | 'other_model';
    readonly path: string;
  }[];
}

const PART = /-(\d{5})-of-(\d{5})(?=\.(?:gguf|safetensors)$)/i;
/** Cut by size without a header of their own: they must be joined by hand before anything loads them. */
const RAW_PART = /\.gguf\.(?:part-?\w+|split-?\w+|\d+)$|\.gguf-split-\w+$/i;

const COMPANIONS: readonly (readonly [CompanionKind, RegExp])[] = [
  ['projector', /mmproj|(?:^|[-_.])(?:vision|audio|image)[-_]?(?:encoder|adapter|projector)(?:[-_.]|$)/i],
  ['imatrix', /^imatrix|(?<!q\d\w*)[-_.]imatrix$/i],
  ['vocabulary', /(?:^|[-_.])vocab(?:[-_.]|$)/i],
  [
    'draft',
    /^(?:mtp|draft|eagle3?|dflash|assistant)[-_.]|[-_.](?:draft|eagle3?|dflash|speculator)(?:[-_.]|$)/i,
  ],
  ['adapter', /(?:^|[-_.])(?:lora|adapters?|control[-_]vector)(?:[-_.]|$)/i],
];
const COMPANION_FOLDERS: Readonly<Record<string, CompanionKind>> = {
  mmproj: 'projector',
  mtp: 'draft',
  draft: 'draft',
  lora: 'adapter',
  imatrix: 'imatrix',
};

const FULL_PRECISION = /^(?:BF16|FP?16|FP?32)$/;

/**
 * Sorts the files of a repository into builds, exact to the byte where the hub tells sizes. Split files count when all of
 * their parts are there. Where GGUF files of several models lie together, the model with most files speaks for the
 * repository, and at a tie the one that it is called after.
 */
export function sortRepoFiles(repo: HubModel): RepoFiles {
  const ggufs = repo.files.filter(({ path }) => /\.gguf(?:$|\.|-split-)/i.test(path));
  if (ggufs.length > 0) return sortGgufFiles(repo.id, ggufs);
  return isMlx(repo) ? sortMlxFiles(repo) : { format: 'none', builds: [], companions: [], leftOut: [] };
}

/**
 * The GGUF files whose header tells what the model is: one file where there is one (the smallest), else all parts of the
 * build with the fewest. Empty where there is no GGUF build.
 */
export function filesForHeader({ format, builds }: RepoFiles): readonly HubFile[] {
  if (format !== 'gguf') return [];
  // Builds stand smallest first, and sorting keeps the order of equals.
  return builds.toSorted((a, b) => a.files.length - b.files.length)[0]?.files ?? [];
}

function sortGgufFiles(id: string, files: readonly HubFile[]): RepoFiles {
  const companions: { kind: CompanionKind; file: HubFile }[] = [];
  const leftOut: RepoFiles['leftOut'][number][] = [];
  const sets = new Map<string, FileSet>();
  for (const file of files) {
    const kind = companionKind(file.path);
    if (kind) companions.push({ kind, file });
    else if (RAW_PART.test(file.path)) leftOut.push({ why: 'unloadable_parts', path: file.path });
    else if (/\.gguf$/i.test(file.path)) addToSet(sets, file);
  }
  const complete = [...sets.values()].filter((set) => {
    if (isComplete(set)) return true;
    leftOut.push({ why: 'incomplete', path: set.files[0]?.path ?? '' });
    return false;
  });
  const model = modelOfMost(id, complete);
  const builds = new Map<string, RepoBuild>();
  for (const set of complete) {
    const build = { quant: set.quant, files: inOrder(set.files), sizeBytes: totalBytes(set.files) };
    const key = set.quant ?? '';
    // One quantisation twice (an experiment beside the file that is meant): the shorter path is the plain one.
    const rival = builds.get(key);
    const other = set.model !== model || (rival && pathOf(rival).length <= pathOf(build).length);
    if (set.model === model && rival && !other) leftOut.push({ why: 'other_model', path: pathOf(rival) });
    if (other) leftOut.push({ why: 'other_model', path: pathOf(build) });
    else builds.set(key, build);
  }
  return { format: 'gguf', builds: bySize([...builds.values()]), companions, leftOut };
}

function sortMlxFiles(repo: HubModel): RepoFiles {
  const weights = repo.files.filter(
    ({ path }) => /^[^/]*\.safetensors$/i.test(path) && companionKind(path) === undefined,
  );
  const set: FileSet = { model: '', quant: mlxQuant(repo), parts: partsOf(weights), files: weights };
  if (weights.length === 0) return { format: 'mlx', builds: [], companions: [], leftOut: [] };
  if (!isComplete(set)) {
    return {
      format: 'mlx',
      builds: [],
      companions: [],
      leftOut: [{ why: 'incomplete', path: weights[0]?.path ?? '' }],
    };
  }
  const build = { quant: set.quant, files: inOrder(weights), sizeBytes: totalBytes(weights) };
  return { format: 'mlx', builds: [build], companions: [], leftOut: [] };
}

/** Files that make up one build. */
interface FileSet {
  readonly model: string;
  readonly quant: string | null;
  /** How many parts there should be; null for a single file. */
  readonly parts: number | null;
  readonly files: HubFile[];
}

function addToSet(sets: Map<string, FileSet>, file: HubFile): void {
  const key = file.path.replace(PART, '-of-$2').toLowerCase();
  const set = sets.get(key);
  if (set) {
    set.files.push(file);
    return;
  }
  const segments = file.path.split('/');
  const parsed = parseModelName(segments.at(-1) ?? '');
  const quant = parsed.quant ?? folderQuant(segments.slice(0, -1));
  sets.set(key, { model: normalisedName(parsed.baseName), quant, parts: partsOf([file]), files: [file] });
}

function partsOf(files: readonly HubFile[]): number | null {
  const total = files.map(({ path }) => PART.exec(path)?.[2]).find((count) => count !== undefined);
  return total === undefined ? null : Number(total);
}

function isComplete({ parts, files }: FileSet): boolean {
  if (parts === null) return files.length > 0;
  const numbers = new Set(files.map(({ path }) => Number(PART.exec(path)?.[1] ?? 0)));
  // Numbers from 1 to the total, each once: as many as there should be, and none outside.
  return numbers.size === parts && [...numbers].every((number) => number >= 1 && number <= parts);
}

/** `Q4_K_M/model-00001-of-00002.gguf`: the folder names the quantisation. */
function folderQuant(folders: readonly string[]): string | null {
  for (const folder of folders.toReversed()) {
    const quant = parseModelName(`x-${folder}`).quant;
    if (quant !== undefined) return quant;
  }
  return null;
}

function companionKind(path: string): CompanionKind | undefined {
  const segments = path.split('/');
  const name = segments.pop()?.replace(/\.(?:gguf|safetensors)$/i, '') ?? '';
  const folder = segments
    .map((segment) => COMPANION_FOLDERS[segment.toLowerCase()])
    .find((kind) => kind !== undefined);
  return folder ?? COMPANIONS.find(([, pattern]) => pattern.test(name))?.[0];
}

function modelOfMost(id: string, sets: readonly FileSet[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { model } of sets) counts.set(model, (counts.get(model) ?? 0) + 1);
  const own = normalisedName(parseModelName(id).baseName);
  const weight = ([model, count]: readonly [string, number]): number => count + (model === own ? 0.5 : 0);
  return [...counts].toSorted((a, b) => weight(b) - weight(a))[0]?.[0];
}

function isMlx({ id, tags, libraryName }: HubModel): boolean {
  return libraryName === 'mlx' || tags.includes('mlx') || /(?:^|[-_/])mlx(?:[-_/]|$)/i.test(id);
}

/** `4bit` in a name, or a tag `4-bit`; full precision where neither says anything. */
function mlxQuant({ id, tags }: HubModel): string | null {
  const { quant } = parseModelName(id);
  const bits = /^(\d)-?BIT$/.exec(
    quant ?? tags.find((tag) => /^\d-bit$/.test(tag))?.toUpperCase() ?? '',
  )?.[1];
  if (bits !== undefined) return `MLX-${bits}bit`;
  return quant === undefined || FULL_PRECISION.test(quant) || /^(?:MXFP|NVFP)\d$/.test(quant)
    ? (quant ?? null)
    : `MLX-${quant.toLowerCase()}`;
}

function inOrder(files: readonly HubFile[]): readonly HubFile[] {
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function totalBytes(files: readonly HubFile[]): number | null {
  let bytes = 0;
  for (const { sizeBytes } of files) {
    if (sizeBytes === undefined || sizeBytes <= 0) return null;
    bytes += sizeBytes;
  }
  return bytes;
}

function bySize(builds: readonly RepoBuild[]): readonly RepoBuild[] {
  return builds.toSorted((a, b) => (a.sizeBytes ?? Infinity) - (b.sizeBytes ?? Infinity));
}

function pathOf({ files }: RepoBuild): string {
  return files[0]?.path ?? '';
}
