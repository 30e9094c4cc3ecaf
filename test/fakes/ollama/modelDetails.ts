import type { StoredModel } from './store';

/** `details` as show and ps give it. */
export function modelDetails({ package: { facts } }: StoredModel): object {
  return {
    parent_model: facts.parentModel ?? '',
    format: 'gguf',
    family: facts.family,
    families: [facts.family],
    parameter_size: facts.parameterSize,
    quantization_level: facts.quantization,
  };
}
