import type { RegisteredModel } from '../registry/row';
import type { HostId } from '../shared/modelRef';
import type { ModelIdentity } from './modelIdentity';

/** Which models of the catalogue are installed, machine by machine, by what the backends there serve. */
export class InstalledModels {
  #keys: ReadonlySet<string> = new Set();

  constructor(
    private readonly identity: Pick<ModelIdentity, 'canonicalId'>,
    private readonly hostOf: (backendId: string) => HostId,
  ) {}

  /** Replaces what is known by what is served now. */
  note(served: readonly RegisteredModel[]): void {
    this.#keys = new Set(
      served.flatMap((model) => {
        const id = this.identity.canonicalId(model);
        return id === undefined ? [] : [keyOf(this.hostOf(model.backend), id)];
      }),
    );
  }

  has(host: HostId, modelId: string): boolean {
    return this.#keys.has(keyOf(host, modelId));
  }
}

function keyOf(host: HostId, modelId: string): string {
  return JSON.stringify([host, modelId]);
}
