import type { BackendConfig, BackendKind } from '../backends/contract';
import type { ModelRegistry } from '../registry/registry';
import type { RegisteredModel } from '../registry/row';
import type { DispatchRecord } from '../shared/dispatchRecord';
import { modelRefKey } from '../shared/modelRef';

export interface LoadReadbackOptions {
  readonly registry: Pick<ModelRegistry, 'find'>;
  readonly backend: (id: string) => BackendConfig | undefined;
  /** Asks a backend again what it serves. */
  readonly refresh: (backendId: string) => Promise<void>;
}

/** Kinds that load a model when it is called, and say with which context. */
const LOADS_ON_CALL: readonly BackendKind[] = ['ollama', 'llama_server', 'lm_studio'];

/**
 * Reads back what a server has allocated after a call that made it load the model, which need not be what it was asked for:
 * what is shown, and how much the chat may send, should be the truth at once, not at the next look.
 */
export class LoadReadback {
  /** Models that their server did not list as loaded even then: it puts them out at once, or does not say. */
  readonly #unlisted = new Set<string>();

  constructor(private readonly options: LoadReadbackOptions) {}

  /** To be called with the record of every call. Resolves when what it changed was read back. */
  async note(record: DispatchRecord): Promise<void> {
    const { registry, backend, refresh } = this.options;
    const kind = backend(record.backend)?.kind;
    const find = (): RegisteredModel | undefined =>
      registry.find(record.backend, record.provider, record.model);
    const model = find();
    if (!kind || !LOADS_ON_CALL.includes(kind) || !model || !mayHaveLoaded(record, model)) return;
    const key = modelRefKey(model);
    if (model.running) this.#unlisted.delete(key);
    if (this.#unlisted.has(key)) return;
    await refresh(record.backend);
    if (find()?.running === undefined) this.#unlisted.add(key);
  }
}

/** An answer began, and the model was listed as not loaded, or as loaded with another context. */
function mayHaveLoaded(
  { firstTokenAt, contextRequested }: DispatchRecord,
  { running }: RegisteredModel,
): boolean {
  if (firstTokenAt === null) return false;
  return !running || (contextRequested !== null && running.contextTokens !== contextRequested);
}
