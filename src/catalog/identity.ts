import type { Candidate } from './candidate';
import { isMirrorOrg, normalisedName, parseModelName, splitModelName } from './modelName';
import { presentId } from './organisations';

/** How a name led to its model, strongest first. Only `name` is a guess. */
type IdentityEdge = 'digest' | 'id' | 'repository' | 'ollama' | 'mirror' | 'name';

/** What a server tells of a model besides its name. */
export interface ListedModelFacts {
  /** sha256 of the Ollama manifest or of the file, with or without `sha256:`. */
  readonly digest?: string;
  /** Parameters as the server counts them, billions. */
  readonly sizeB?: number;
}

export interface IdentityMatch {
  readonly candidate: Candidate;
  readonly edge: IdentityEdge;
}

/** Look-up tables over one catalogue; built once, read for every listed model. */
export interface IdentityIndex {
  readonly byId: ReadonlyMap<string, Candidate>;
  readonly byRepository: ReadonlyMap<string, Candidate>;
  readonly byOllamaName: ReadonlyMap<string, Candidate>;
  /** Layer digests in full and the first twelve digits of Ollama manifests. */
  readonly byDigest: ReadonlyMap<string, Candidate>;
  /** Normalised names of all models; several makers may use one name. */
  readonly byName: ReadonlyMap<string, readonly Candidate[]>;
}

/** Digits of a manifest's digest that listings show. */
const MANIFEST_DIGITS = 12;

/** Sizes further apart than this, as a ratio, are not one model: a fork must not inherit what is not its own. */
const SAME_SIZE_RATIO = 1.25;

/** Quantisation and cloud endings of an Ollama tag. */
const TAG_ENDING = /[-_](?:(?:i?q\d|fp16|bf16|f16|fp8|mxfp\d|nvfp4|int\d)[\w]*|cloud)$/i;

export function buildIdentityIndex(candidates: readonly Candidate[]): IdentityIndex {
  const byId = new Map<string, Candidate>();
  const byRepository = new Map<string, Candidate>();
  const byOllamaName = new Map<string, Candidate>();
  const byDigest = new Map<string, Candidate>();
  const byName = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    for (const id of [candidate.hfRepoId, ...(candidate.aliases ?? [])])
      byId.set(id.toLowerCase(), candidate);
    for (const name of candidate.ollamaNames ?? []) byOllamaName.set(name.toLowerCase(), candidate);
    for (const { repo, ollamaName, digest, ollamaManifest } of [
      ...candidate.builds,
      ...(candidate.unsizedBuilds ?? []),
    ]) {
      if (repo !== undefined) byRepository.set(repo.toLowerCase(), candidate);
      if (ollamaName !== undefined) byOllamaName.set(ollamaName.toLowerCase(), candidate);
      if (digest !== undefined) byDigest.set(digest, candidate);
      if (ollamaManifest !== undefined) byDigest.set(ollamaManifest, candidate);
    }
    const name = normalisedName(candidate.name);
    byName.set(name, [...(byName.get(name) ?? []), candidate]);
  }
  return { byId, byRepository, byOllamaName, byDigest, byName };
}

/**
 * The catalogue's model behind a name as a server lists it: a Hugging Face id, a mirror of one, a `hf.co/` name, an
 * Ollama name or a GGUF file. Null where the catalogue does not know it, or where the name alone could mean two.
 * A digest beats every name; a parameter count beats a likeness of names.
 */
export function identifyModel(
  text: string,
  index: IdentityIndex,
  facts: ListedModelFacts = {},
): IdentityMatch | null {
  const hex = facts.digest?.replace(/^sha256:/, '').toLowerCase();
  if (hex !== undefined) {
    const candidate = index.byDigest.get(hex) ?? index.byDigest.get(hex.slice(0, MANIFEST_DIGITS));
    if (candidate) return { candidate, edge: 'digest' };
  }
  const { org, name, tag } = splitModelName(text);
  if (org !== undefined) {
    const id = presentId(`${org}/${name}`).toLowerCase();
    const own = index.byId.get(id);
    if (own) return { candidate: own, edge: 'id' };
    const repository = index.byRepository.get(`${org}/${name}`.toLowerCase());
    if (repository) return { candidate: repository, edge: 'repository' };
  } else if (!/\.gguf$/i.test(name)) {
    const candidate = byOllamaTag(name, tag, index);
    if (candidate) return { candidate, edge: 'ollama' };
  }
  return byParsedName(text, index, facts.sizeB);
}

/** As `identifyModel`, without the reason. */
export function canonicalModelOf(
  text: string,
  index: IdentityIndex,
  facts: ListedModelFacts = {},
): Candidate | null {
  return identifyModel(text, index, facts)?.candidate ?? null;
}

function byOllamaTag(name: string, tag: string | undefined, index: IdentityIndex): Candidate | undefined {
  const full = `${name}:${tag ?? 'latest'}`.toLowerCase();
  for (let key = full; ;) {
    const candidate = index.byOllamaName.get(key);
    if (candidate) return candidate;
    const shorter = key.replace(TAG_ENDING, '');
    if (shorter === key) return undefined;
    key = shorter;
  }
}

/** A conversion of a known model: by the maker's own conversion, else by name where a mirror or a file bears it. */
function byParsedName(text: string, index: IdentityIndex, sizeB?: number): IdentityMatch | null {
  const parsed = parseModelName(text);
  if (parsed.role === 'other') return null;
  if (parsed.org !== undefined) {
    const own = index.byId.get(presentId(`${parsed.org}/${parsed.baseName}`).toLowerCase());
    if (own) return { candidate: own, edge: 'mirror' };
    // Somebody's repository under somebody's name may be a model of its own; only a conversion speaks for another.
    if (parsed.mirrorSuffix === undefined && !isMirrorOrg(parsed.org)) return null;
  }
  const named = index.byName.get(normalisedName(parsed.baseName)) ?? [];
  const [only] = named;
  if (only === undefined || named.length > 1 || !isSameSize(sizeB, only.sizeB)) return null;
  return { candidate: only, edge: parsed.org === undefined ? 'name' : 'mirror' };
}

/** Whether a count of parameters can be of a model of this size, both in billions; nothing is known against an absent one. */
export function isSameSize(countedB: number | undefined, sizeB: number): boolean {
  if (countedB === undefined) return true;
  const ratio = countedB / sizeB;
  return ratio < SAME_SIZE_RATIO && ratio > 1 / SAME_SIZE_RATIO;
}
