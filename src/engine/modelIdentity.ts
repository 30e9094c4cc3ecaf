import type { SnapshotLoadResult } from '../catalog/candidate';
import { buildIdentityIndex, canonicalModelOf, type IdentityIndex } from '../catalog/identity';
import { providerOf } from '../catalog/maker';
import type { ListedModel } from '../backends/contract';

/** Which model of the catalogue a served one is, and whose. Knows only names until `load` has ended. */
export class ModelIdentity {
  #index: IdentityIndex = buildIdentityIndex([]);
  #loaded: Promise<void> | undefined;

  constructor(private readonly loadSnapshot: () => Promise<SnapshotLoadResult>) {}

  /** Reads the catalogue once; later calls wait for the first. */
  load(): Promise<void> {
    this.#loaded ??= this.loadSnapshot().then(({ snapshot }) => {
      this.#index = buildIdentityIndex(snapshot.candidates);
    });
    return this.#loaded;
  }

  providerOf(model: ListedModel): string {
    return providerOf(model.modelId, digestOf(model), this.#index);
  }

  /** The catalogue's id of a served model, or undefined where it does not know it. */
  canonicalId(model: ListedModel): string | undefined {
    return canonicalModelOf(model.modelId, this.#index, digestOf(model))?.hfRepoId;
  }
}

function digestOf(model: ListedModel): { readonly digest?: string } {
  const { digest } = model.capabilities;
  return digest === undefined ? {} : { digest };
}
