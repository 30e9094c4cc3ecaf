import type { ModelsInUse } from '../dispatch/inUse';
import type { ModelRegistry } from '../registry/registry';
import { modelRefKey, type ModelRef } from '../shared/modelRef';
import { isLeased, type Lease, type LeaseStore } from '../storage/leaseStore';

/** Tells the other windows which models answer calls in this one, and knows which answer calls there. */
export class ModelLeases {
  constructor(
    private readonly leases: LeaseStore,
    private readonly registry: Pick<ModelRegistry, 'find'>,
    inUse: ModelsInUse,
  ) {
    inUse.onDidChange((refs) => leases.hold(refs.flatMap((ref) => this.#keysOf(ref))));
  }

  /** What other windows use now. */
  others(): Promise<readonly Lease[]> {
    return this.leases.others();
  }

  /** Whether a call to this model runs in another window now. */
  async isUsedElsewhere(ref: ModelRef): Promise<boolean> {
    return isLeased(await this.leases.others(), this.#keysOf(ref));
  }

  /** The model as it is called, and its digest, which names the file whatever else it is called. */
  #keysOf(ref: ModelRef): readonly string[] {
    const digest = this.registry.find(ref.backend, ref.provider, ref.modelId)?.capabilities.digest;
    return [modelRefKey(ref), ...(digest === undefined ? [] : [digest])];
  }
}
