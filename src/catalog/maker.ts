import { identifyModel, type IdentityIndex, type ListedModelFacts } from './identity';
import { seriesOf } from './lineage';
import { splitModelName } from './modelName';
import { providerOfOrganisation } from './organisations';

/** Where nobody knows who made a model. */
const UNKNOWN_MAKER = 'local';

/** Models that Ollama's own servers run, whatever their maker. */
const OLLAMA_CLOUD = 'ollama_cloud';

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
