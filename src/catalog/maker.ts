import { identifyModel, type IdentityIndex, type ListedModelFacts } from './identity';
import { seriesOf } from './lineage';
import { splitModelName } from './modelName';
import { providerOfOrganisation } from './organisations';

/** Where nobody knows who made a model. */
const UNKNOWN_MAKER = 'local';

/** Models that Ollama's own servers run, whatever their maker. */
const OLLAMA_CLOUD = 'ollama_cloud';

/** An organisation and a name, as hubs write a repository; no path of a file or a folder. */
const REPOSITORY = /^[\w-][\w.-]*\/[\w-][^/\\]*$/;

/**
 * Whose model this is, as a provider id `^[a-z][a-z0-9_]*$`: the maker of the catalogue's model, else the maker of
 * the series that a bare library name belongs to, else the namespace of the name, else `local`. The same name always
 * gives the same provider for the same catalogue.
 */
export function providerOf(modelId: string, facts: ListedModelFacts, index: IdentityIndex): string {
  if (/[:-]cloud$/i.test(modelId)) return OLLAMA_CLOUD;
  const match = identifyModel(modelId, index, facts);
  if (match) return providerOfOrganisation(match.candidate.org) ?? UNKNOWN_MAKER;
  const { org, name } = splitModelName(modelId);
  if (org !== undefined) return providerOfOrganisation(org) ?? UNKNOWN_MAKER;
  const series = seriesOf(name);
  return (series && providerOfOrganisation(series.maker)) ?? UNKNOWN_MAKER;
}

/**
 * Whose model a server's model is that is called after its repository: the organisation of the id, else the one that
 * the server tells, else `local`. Somebody's conversion of a model that the catalogue knows belongs to its maker. Paths
 * of files and folders tell nothing.
 */
export function providerOfRepository(
  modelId: string,
  organisation: string | undefined,
  index: IdentityIndex,
): string {
  const id = modelId.replace(/^(?:https?:\/\/)?(?:hf\.co|huggingface\.co)\//i, '');
  const repository = REPOSITORY.test(id) ? id : organisation && `${organisation}/${id}`;
  if (repository === undefined || !REPOSITORY.test(repository)) return UNKNOWN_MAKER;
  const match = identifyModel(repository, index);
  const org = match?.candidate.org ?? repository.slice(0, repository.indexOf('/'));
  return providerOfOrganisation(org) ?? UNKNOWN_MAKER;
}

/** Whose model a gateway's model is: the part of the id before the first `/`; without one, as anywhere else. */
export function providerOfGateway(modelId: string, facts: ListedModelFacts, index: IdentityIndex): string {
  const slash = modelId.indexOf('/');
  if (slash === -1) return providerOf(modelId, facts, index);
  return providerOfOrganisation(modelId.slice(0, slash)) ?? UNKNOWN_MAKER;
}

/** The provider id of who contributes a model to the editor; `local` where nothing usable is left of the name. */
export function providerOfVendor(vendor: string | undefined): string {
  return providerOfOrganisation(vendor ?? '') ?? UNKNOWN_MAKER;
}
