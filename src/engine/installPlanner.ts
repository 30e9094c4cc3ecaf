import type { RankedModel } from '../ranking/rankTypes';

/** The name by which Ollama pulls this build: its library name, else `hf.co/<repo>:<quant>`; null where neither is known. */
export function ollamaNameOf(
  model: Pick<RankedModel, 'ollamaName' | 'buildRepo' | 'quant'>,
): string | null {
  if (model.ollamaName !== undefined) return model.ollamaName;
  return model.buildRepo === undefined ? null : `hf.co/${model.buildRepo}:${model.quant}`;
}

/** A model name in one spelling: lower case, with `:latest` where no tag is given. */
export function normaliseOllamaName(name: string): string {
  const lower = name.toLowerCase();
  const tagAt = lower.lastIndexOf(':');
  return tagAt > lower.lastIndexOf('/') ? lower : `${lower}:latest`;
}

/** What installing a model would do, said before anything is done. */
export type InstallPlan =
  | {
      readonly kind: 'possible';
      readonly backend: string;
      readonly backendUrl: string;
      readonly name: string;
      /** Bytes to download at most; null where nobody knows before the pull. */
      readonly sizeBytes: number | null;
      /** Free bytes on the volume of the models folder; null where it cannot be seen from here. */
      readonly freeBytes: number | null;
      /** True where the size is known to be more than what is free. */
      readonly tooBig: boolean;
      readonly licence: string | null;
    }
  | { readonly kind: 'impossible'; readonly message: string };
