import type { Candidate } from './candidate';
import type { GgufOrigin } from './ggufShape';
import type { HubModel } from './hub';
import type { IdentityIndex } from './identity';
import { identifyModel } from './identity';
import { seriesOf } from './lineage';
import { isMirrorOrg, normalisedName, parseModelName } from './modelName';
import { presentId } from './organisations';

/** Which model a repository holds, and how that is known, strongest first. */
export interface RepoOrigin {
  /** Id of the model itself. */
  readonly hfRepoId: string;
  /** The catalogue's model of that id. */
  readonly known?: Candidate;
  /**
   * `quantisation`: the hub's tag says so; `metadata`: the file's header does; `own`: the maker's own repository, or a
   * finetune in its own right; `name`: only the name does.
   */
  readonly edge: 'repository' | 'quantisation' | 'metadata' | 'own' | 'name';
}

const RELATION = /^base_model:(?:(quantized|finetune|adapter|merge):)?([\w.-]+\/[\w.-]+)$/;

/**
 * Finds the model behind a repository. A conversion belongs to the model that it was made from; a finetune or a merge is a
 * model of its own, whatever it was made from. A base model that bears the repository's own name is what it was converted
 * from, whatever the tag says.
 */
export function originOfRepo(
  repo: HubModel,
  file: GgufOrigin | undefined,
  known: IdentityIndex,
  sizeB: number | undefined,
): RepoOrigin {
  const listed =
    known.byRepository.get(repo.id.toLowerCase()) ?? known.byId.get(presentId(repo.id).toLowerCase());
  if (listed) return { hfRepoId: listed.hfRepoId, known: listed, edge: 'repository' };
  const parsed = parseModelName(repo.id);
  const org = parsed.org ?? '';
  const name = normalisedName(parsed.baseName);
  const sameName = (id: string | undefined): id is string =>
    id !== undefined && normalisedName(parseModelName(id).baseName) === name;

  const relations = repo.tags.flatMap((tag) => {
    const match = RELATION.exec(tag);
    return match?.[2] === undefined ? [] : [{ relation: match[1], id: match[2] }];
  });
  const quantised = relations.filter(({ relation }) => relation === 'quantized').map(({ id }) => id);
  const base = quantised.find(sameName) ?? (quantised.length === 1 ? quantised[0] : undefined);
  const tagged = base ?? relations.map(({ id }) => id).find((id) => sameName(id) && !isSelf(id, repo.id));
  if (tagged !== undefined) return originAt(furtherBack(tagged), known, 'quantisation');

  const inFile = file?.baseModels.map((model) => model.repo).find(sameName);
  if (inFile !== undefined) return originAt(furtherBack(inFile), known, 'metadata');

  const isConversion = parsed.mirrorSuffix !== undefined || isMirrorOrg(org);
  const own = `${org}/${parsed.baseName}`;
  if (!isMirrorOrg(org)) {
    const mine = originAt(own, known, 'own');
    if (mine.known || seriesOf(parsed.baseName, org) || !isConversion) return mine;
  }
  const finetune = relations.some(({ relation }) => relation === 'finetune' || relation === 'merge');
  const match = finetune ? null : identifyModel(repo.id, known, sizeB === undefined ? {} : { sizeB });
  if (match) return { hfRepoId: match.candidate.hfRepoId, known: match.candidate, edge: 'name' };
  // A mirror that does not say whose model it is: the series does, where the table has it.
  const maker = isMirrorOrg(org) ? seriesOf(parsed.baseName)?.maker : undefined;
  return maker === undefined
    ? originAt(own, known, 'own')
    : originAt(`${maker}/${parsed.baseName}`, known, 'name');
}

function originAt(id: string, known: IdentityIndex, edge: RepoOrigin['edge']): RepoOrigin {
  const hfRepoId = presentId(id);
  const candidate = known.byId.get(hfRepoId.toLowerCase());
  return candidate ? { hfRepoId: candidate.hfRepoId, known: candidate, edge } : { hfRepoId, edge };
}

/** A quantisation of a conversion (`unsloth/Qwen3-8B-bnb-4bit`, `Qwen/Qwen3-8B-FP8`) is one of the model itself. */
function furtherBack(id: string): string {
  const { org = '', baseName, mirrorSuffix } = parseModelName(id);
  if (!isMirrorOrg(org)) return mirrorSuffix === undefined && !/-fp8$/i.test(id) ? id : `${org}/${baseName}`;
  const maker = seriesOf(baseName)?.maker;
  return maker === undefined ? id : `${maker}/${baseName}`;
}

function isSelf(id: string, repo: string): boolean {
  return id.toLowerCase() === repo.toLowerCase();
}
