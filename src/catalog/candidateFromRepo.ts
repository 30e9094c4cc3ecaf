import type { Candidate, ModelBuild, UnsizedBuild } from './candidate';
import { capabilitiesOfTemplate } from './chatTemplate';
import type { CountedParameters } from './ggufArchitecture';
import { architectureOf, parametersOf } from './ggufArchitecture';
import type { GgufHeader } from './ggufHeader';
import type { GgufOrigin } from './ggufShape';
import { originOfFile } from './ggufShape';
import type { HubModel } from './hub';
import type { IdentityIndex } from './identity';
import { isSameSize } from './identity';
import { seriesOf } from './lineage';
import { parseModelName } from './modelName';
import { nominalSize } from './nominalSize';
import { otherPurposeOf, type OtherPurpose } from './otherPurpose';
import type { RepoFiles } from './repoFiles';
import { sortRepoFiles } from './repoFiles';
import type { RepoOrigin } from './repoOrigin';
import { originOfRepo } from './repoOrigin';

export interface CandidateInput {
  readonly repo: HubModel;
  /** Header of one of its GGUF files (of all parts, where it is split); absent where none could be read. */
  readonly header?: GgufHeader | undefined;
  readonly known: IdentityIndex;
}

/** Why a repository gives no candidate. */
type NoCandidateReason = OtherPurpose | 'projector_only' | 'no_usable_file' | 'size_unknown' | 'other_size';

export type RepoCandidate =
  | { readonly kind: 'new'; readonly candidate: Candidate; readonly edge: RepoOrigin['edge'] }
  /** More builds of a model that is known already; `candidate` is that model as it was, without them. */
  | {
      readonly kind: 'builds';
      readonly candidate: Candidate;
      readonly builds: readonly ModelBuild[];
      readonly edge: RepoOrigin['edge'];
    }
  | { readonly kind: 'none'; readonly why: NoCandidateReason };

/** Further from what the name says, the name is believed: what counts as active differs between makers. */
const ACTIVE_TOLERANCE = 0.15;

/**
 * The model behind a repository, or why there is none: a new candidate under the id of the model itself, or further
 * builds of a known one where the repository is a conversion of it. Sizes are the hub's own counts of bytes; architecture,
 * context, parameters and capabilities come from the header, names speak only where it is silent. Lineage positions are 0:
 * `withLineage` counts them among all candidates.
 */
export function candidateFromRepo({ repo, header, known }: CandidateInput): RepoCandidate {
  const files = sortRepoFiles(repo);
  const file = header && originOfFile(header);
  const purpose = otherPurposeOf(repo, header, file);
  if (purpose) return { kind: 'none', why: purpose };
  const [builds, unsized] = buildsOf(repo, files, file);
  if (builds.length + unsized.length === 0) {
    const onlyProjector =
      files.companions.some(({ kind }) => kind === 'projector') && files.leftOut.length === 0;
    return { kind: 'none', why: onlyProjector ? 'projector_only' : 'no_usable_file' };
  }
  const parameters = sizeOf(repo, header);
  const origin = originOfRepo(repo, file, known, parameters?.sizeB);
  const counted = header && parametersOf(header);
  if (origin.known) {
    if (!isSameSize(counted?.sizeB, origin.known.sizeB)) return { kind: 'none', why: 'other_size' };
    return { kind: 'builds', candidate: origin.known, builds, edge: origin.edge };
  }
  if (!parameters) return { kind: 'none', why: 'size_unknown' };
  const candidate = newCandidate({ repo, origin, files, parameters, header, file });
  return {
    kind: 'new',
    edge: origin.edge,
    candidate: {
      ...candidate,
      builds,
      ...(unsized.length > 0 && builds.length === 0 && { unsizedBuilds: unsized }),
    },
  };
}

interface NewCandidate {
  readonly repo: HubModel;
  readonly origin: RepoOrigin;
  readonly files: RepoFiles;
  readonly parameters: CountedParameters;
  readonly header: GgufHeader | undefined;
  readonly file: GgufOrigin | undefined;
}

function newCandidate({ repo, origin, files, parameters, header, file }: NewCandidate): Candidate {
  const { hfRepoId } = origin;
  const [org = '', name = ''] = hfRepoId.split('/');
  const parsed = parseModelName(hfRepoId);
  const series = seriesOf(name, org);
  const architecture = header && architectureOf(header);
  const licence = tagValue(repo, 'license') ?? file?.licence;
  const released = /^\d{4}-\d{2}-\d{2}/.exec(repo.createdAt ?? '')?.[0];
  return {
    hfRepoId,
    name,
    org,
    family: series?.family ?? parsed.family ?? org,
    ...(series && { series: series.series, generation: series.generation }),
    variant: parsed.variant,
    role: parsed.role,
    ...(released !== undefined && { released }),
    ...(licence !== undefined && { licence: licence.toLowerCase() }),
    ...parameters,
    ...(architecture && { architecture }),
    capabilities: { ...capabilitiesOfTemplate(file?.chatTemplate), vision: visionOf(repo, files) },
    builds: [],
    lineagePosition: 0,
  };
}

/** Counted in the file; what the name says of active parameters where that is far from the count; else the name alone. */
function sizeOf(repo: HubModel, header: GgufHeader | undefined): CountedParameters | null {
  const counted = header && parametersOf(header);
  const base = tagValue(repo, 'base_model:quantized') ?? repo.id;
  const named = nominalSize(parseModelName(repo.id).baseName);
  const { sizeB, activeB } = named.sizeB === undefined ? nominalSize(parseModelName(base).baseName) : named;
  if (!counted) return sizeB === undefined ? null : { sizeB, ...(activeB !== undefined && { activeB }) };
  const active =
    activeB !== undefined && counted.activeB !== undefined && differs(counted.activeB, activeB)
      ? activeB
      : counted.activeB;
  return { sizeB: counted.sizeB, ...(active !== undefined && { activeB: active }) };
}

function differs(countedB: number, namedB: number): boolean {
  return Math.abs(countedB - namedB) > ACTIVE_TOLERANCE * namedB;
}

function buildsOf(
  repo: HubModel,
  files: RepoFiles,
  file: GgufOrigin | undefined,
): readonly [readonly ModelBuild[], readonly UnsizedBuild[]] {
  const builds: ModelBuild[] = [];
  const unsized: UnsizedBuild[] = [];
  for (const { quant: named, files: parts, sizeBytes } of files.builds) {
    // The header may be of another file of several: only where there is one file does it name the quantisation.
    const quant = named ?? (files.builds.length === 1 ? file?.quant : undefined);
    const [first] = parts;
    if (quant === undefined || first === undefined) continue;
    const build = {
      quant,
      repo: repo.id,
      ...(files.format === 'gguf' && { file: first.path }),
      ...(parts.length === 1 && first.sha256 !== undefined && { digest: first.sha256 }),
    };
    if (sizeBytes === null) unsized.push(build);
    else builds.push({ ...build, sizeBytes, sizeBasis: 'exact' });
  }
  return [builds, unsized];
}

/** A projector lies beside the model, or the hub says that it takes images; text models say so too. */
function visionOf({ pipelineTag }: HubModel, { companions }: RepoFiles): boolean | null {
  if (companions.some(({ kind }) => kind === 'projector')) return true;
  if (pipelineTag === 'image-text-to-text' || pipelineTag === 'any-to-any') return true;
  return pipelineTag === 'text-generation' ? false : null;
}

function tagValue({ tags }: HubModel, name: string): string | undefined {
  const value = tags.find((tag) => tag.startsWith(`${name}:`))?.slice(name.length + 1);
  return value === '' ? undefined : value;
}
