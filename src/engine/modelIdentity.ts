import { BACKEND_KIND_TABLE } from '../backends/backendKinds';
import type { ProviderRule } from '../backends/backendKind';
import type { ListedModel } from '../backends/contract';
import type { SnapshotLoadResult } from '../catalog/candidate';
import { buildIdentityIndex, canonicalModelOf, type IdentityIndex } from '../catalog/identity';
import { providerOf, providerOfGateway, providerOfRepository, providerOfVendor } from '../catalog/maker';
import { BACKEND_KINDS } from '../shared/settings';

/** More models than any gateway lists. */
const MAX_KNOWN = 20_000;

/**
 * Which model of the catalogue a served one is, and whose. Knows only names until `load` has ended. Providers and ids
 * follow the catalogue as it was at the last `load` or `reload`.
 */
export class ModelIdentity {
  #index: IdentityIndex = buildIdentityIndex([]);
  #loaded: Promise<void> | undefined;
  /** By name and digest, for the catalogue as it is: every view and every choice of a model asks again. */
  readonly #canonical = new Map<string, string | undefined>();

  constructor(private readonly loadSnapshot: () => Promise<SnapshotLoadResult>) {}

  /** Reads the catalogue once; later calls wait for the first. */
  load(): Promise<void> {
    return this.#loaded ?? this.reload();
  }

  /** Reads the catalogue anew, after it has changed. */
  reload(): Promise<void> {
    const loaded: Promise<void> = this.loadSnapshot().then(({ snapshot }) => {
      // A younger call reads what is younger.
      if (this.#loaded !== loaded) return;
      this.#index = buildIdentityIndex(snapshot.candidates);
      this.#canonical.clear();
    });
    this.#loaded = loaded;
    return loaded;
  }

  /** Whose model this is, `^[a-z][a-z0-9_]*$`, by the rule of the kind of backend that serves it. */
  providerOf(model: ListedModel, backendKind: string): string {
    const { modelId, provider } = model;
    const rule = ruleOf(backendKind);
    if (typeof rule === 'object') return rule.always;
    switch (rule) {
      case 'maker':
        return providerOf(modelId, digestOf(model), this.#index);
      case 'repository':
        return providerOfRepository(modelId, provider, this.#index);
      case 'gateway':
        return providerOfGateway(modelId, digestOf(model), this.#index);
      case 'vendor':
        return providerOfVendor(provider);
    }
  }

  /** The catalogue's id of a served model, or undefined where it does not know it. */
  canonicalId(model: ListedModel): string | undefined {
    const key = JSON.stringify([model.modelId, model.capabilities.digest]);
    if (!this.#canonical.has(key)) {
      if (this.#canonical.size >= MAX_KNOWN) this.#canonical.clear();
      this.#canonical.set(key, canonicalModelOf(model.modelId, this.#index, digestOf(model))?.hfRepoId);
    }
    return this.#canonical.get(key);
  }
}

function ruleOf(backendKind: string): ProviderRule {
  const kind = BACKEND_KINDS.find((each) => each === backendKind);
  return kind === undefined ? 'maker' : BACKEND_KIND_TABLE[kind].provider;
}

function digestOf(model: ListedModel): { readonly digest?: string } {
  const { digest } = model.capabilities;
  return digest === undefined ? {} : { digest };
}
