import * as z from 'zod';
import type { BackendConfig } from '../backends/contract';
import type { RegisteredModel } from '../registry/row';
import type { HttpClient } from '../shared/http';
import { modelSubject } from './modelSubject';

export interface OwnContextsOptions {
  readonly backend: (id: string) => BackendConfig | undefined;
  readonly http: (backendId: string) => HttpClient;
}

/** Of `/api/show`: a parameter a line, its name padded with spaces; left out where the Modelfile sets none. */
const shown = z.object({ parameters: z.string().optional().catch(undefined) });
const NUM_CTX = /^num_ctx\s+"?(\d{1,9})"?\s*$/m;

/** How many models are asked for at the same time. */
const ASKED_AT_ONCE = 4;

/**
 * The context that each model's own Modelfile asks for (`PARAMETER num_ctx`). Whoever made a model for a context means that
 * one, so it counts for more than what else would fit. Asked once for each digest, which names the parameters, too.
 */
export class OwnContexts {
  readonly #bySubject = new Map<string, number | null>();
  #reading: Promise<boolean> | undefined;

  constructor(private readonly options: OwnContextsOptions) {}

  /** Tokens; null: its Modelfile names none. Undefined: nobody knows yet. */
  of(model: RegisteredModel): number | null | undefined {
    return this.#bySubject.get(modelSubject(model));
  }

  /** Asks for those that are not known, one reading at a time; says whether any has a context of its own. Never rejects. */
  async read(models: () => readonly RegisteredModel[]): Promise<boolean> {
    const before = this.#reading ?? Promise.resolve(false);
    const reading = before.then(() => this.#readAll(models()));
    this.#reading = reading;
    return reading;
  }

  async #readAll(models: readonly RegisteredModel[]): Promise<boolean> {
    const wanted = new Map(
      models.filter((model) => this.of(model) === undefined).map((model) => [modelSubject(model), model]),
    );
    const queue = [...wanted].values();
    /** Backends that did not answer; asked again with the next reading. */
    const silent = new Set<string>();
    let found = false;
    const worker = async (): Promise<void> => {
      for (const [subject, model] of queue) {
        if (silent.has(model.backend)) continue;
        const own = await this.#ask(model);
        if (own === undefined) silent.add(model.backend);
        else this.#bySubject.set(subject, own);
        found ||= typeof own === 'number';
      }
    };
    await Promise.all(Array.from({ length: ASKED_AT_ONCE }, worker));
    return found;
  }

  /** Undefined where the server did not answer; one that cannot show the model has nothing to say of it. */
  async #ask({ backend, modelId }: RegisteredModel): Promise<number | null | undefined> {
    const config = this.options.backend(backend);
    if (!config) return undefined;
    const answer = await this.options
      .http(backend)
      .json(`${config.url}/api/show`, shown, { json: { model: modelId } });
    if (!answer.ok) return answer.failure.status === undefined ? undefined : null;
    const tokens = Number(NUM_CTX.exec(answer.value.parameters ?? '')?.[1] ?? 0);
    return tokens > 0 ? tokens : null;
  }
}
