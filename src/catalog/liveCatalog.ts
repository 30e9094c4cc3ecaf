import { compareCodePoints } from '../shared/codePointOrder';
import type { Candidate, FrozenSnapshot, ModelBuild } from './candidate';
import type { DiscoveredRepo } from './discoveryRecord';
import { withLineage } from './lineage';
import { presentId } from './organisations';

/** A repository and what it holds of one model. */
interface Found<T> {
  readonly repo: string;
  readonly value: T;
}

/**
 * The snapshot with what discovery found: builds are added to the models that they are of, unknown models become
 * candidates without scores. Where both know a fact the snapshot's stands, because somebody checked it; of a build of
 * the same repository and quantisation the found one stands, because it is newer. Scores and their date are the
 * snapshot's. The same finds give the same result in every order; without finds it is the snapshot itself.
 */
export function mergeCatalogue(
  snapshot: FrozenSnapshot,
  discovered: readonly DiscoveredRepo[],
): FrozenSnapshot {
  const models: Found<Candidate>[] = [];
  const builds: Found<{ readonly buildsFor: string; readonly builds: readonly ModelBuild[] }>[] = [];
  for (const { repo, finding } of discovered) {
    if (finding?.kind === 'model') models.push({ repo, value: finding.candidate });
    if (finding?.kind === 'builds') builds.push({ repo, value: finding });
  }
  if (models.length === 0 && builds.length === 0) return snapshot;

  const merged = new Map<string, Candidate>();
  const keys = new Map<string, string>();
  for (const candidate of snapshot.candidates) {
    merged.set(candidate.hfRepoId, candidate);
    for (const id of [...(candidate.aliases ?? []), candidate.hfRepoId])
      keys.set(keyOf(id), candidate.hfRepoId);
  }
  const change = (id: string, to: (known: Candidate) => Candidate): boolean => {
    const key = keys.get(keyOf(id));
    const known = key === undefined ? undefined : merged.get(key);
    if (key === undefined || known === undefined) return false;
    merged.set(key, to(known));
    return true;
  };
  const added: string[] = [];
  for (const { value } of models.sort(makersFirst)) {
    if (change(value.hfRepoId, (known) => withFacts(known, value))) continue;
    merged.set(value.hfRepoId, value);
    keys.set(keyOf(value.hfRepoId), value.hfRepoId);
    added.push(value.hfRepoId);
  }
  for (const { value } of builds.sort((a, b) => compareCodePoints(a.repo, b.repo))) {
    // A conversion of a model that nobody has described waits for whoever describes it.
    change(value.buildsFor, (known) => withBuilds(known, value.builds));
  }
  const inOrder = [...snapshot.candidates.map(({ hfRepoId }) => hfRepoId), ...added.sort(compareCodePoints)];
  const candidates = inOrder.flatMap((id) => merged.get(id) ?? []);
  return { ...snapshot, candidates: withLineage(candidates) };
}

function keyOf(id: string): string {
  return presentId(id).toLowerCase();
}

/** Of several repositories that describe one model its maker's comes first, then the order of names. */
function makersFirst(a: Found<Candidate>, b: Found<Candidate>): number {
  const isMirror = ({ repo, value }: Found<Candidate>): boolean => !repo.startsWith(`${value.org}/`);
  return Number(isMirror(a)) - Number(isMirror(b)) || compareCodePoints(a.repo, b.repo);
}

/** The known model, with what was found where it knows nothing. */
function withFacts(known: Candidate, found: Candidate): Candidate {
  const { tools, thinking, vision } = found.capabilities;
  return withBuilds(
    {
      ...found,
      ...known,
      ...((known.architecture ?? found.architecture)
        ? { architecture: { ...found.architecture, ...known.architecture } }
        : {}),
      capabilities: {
        tools: known.capabilities.tools ?? tools,
        thinking: known.capabilities.thinking ?? thinking,
        vision: known.capabilities.vision ?? vision,
      },
    },
    found.builds,
  );
}

/** The model with more builds, those that it has first. */
function withBuilds(known: Candidate, found: readonly ModelBuild[]): Candidate {
  if (found.length === 0) return known;
  const builds = new Map<string, ModelBuild>(
    known.builds.map((build, index) => [buildKey(build, index), build]),
  );
  for (const [index, build] of found.entries()) {
    const key = buildKey(build, known.builds.length + index);
    const before = builds.get(key);
    builds.set(key, before === undefined ? build : newerBuild(before, build));
  }
  const { unsizedBuilds, ...rest } = known;
  const unsized = unsizedBuilds?.filter((build, index) => !builds.has(buildKey(build, -1 - index))) ?? [];
  return {
    ...rest,
    builds: [...builds.values()],
    ...(unsized.length > 0 && { unsizedBuilds: unsized }),
  };
}

/** A repository has one build of a quantisation; what is in no repository stands for itself. */
function buildKey({ repo, quant }: Pick<ModelBuild, 'repo' | 'quant'>, index: number): string {
  return repo === undefined ? String(index) : `${repo.toLowerCase()}:${quant.toUpperCase()}`;
}

function newerBuild(before: ModelBuild, found: ModelBuild): ModelBuild {
  if (before.sizeBasis === 'exact' && found.sizeBasis !== 'exact') return before;
  // Files of the same size are the same files: what else is known of them stays true.
  return before.sizeBytes === found.sizeBytes ? { ...before, ...found } : found;
}
