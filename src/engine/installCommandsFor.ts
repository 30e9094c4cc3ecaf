import { renderInstallCommands, type InstallCommand, type InstallTarget } from '../backends/installCommands';
import type { Shell } from '../backends/shellQuote';
import { largestContextThatFits } from '../ranking/context';
import type { RankedModel, RankHardware } from '../ranking/rankTypes';

/** Enough layers for any model: llama.cpp takes it as "all of them". */
const ALL_LAYERS = 999;

/** The command of each tool for a ranked model, with a context that fits this machine. */
export function installCommandsFor(
  model: RankedModel,
  hardware: RankHardware,
  shell: Shell,
): readonly InstallCommand[] {
  const shape = {
    sizeB: model.sizeB,
    ...(model.activeB === undefined ? {} : { activeB: model.activeB }),
    ...(model.architecture === undefined ? {} : { architecture: model.architecture }),
  };
  const file = model.fileBytes === undefined ? {} : { fileBytes: model.fileBytes };
  const contextTokens = roundDown(
    largestContextThatFits({ ...shape, ...file, quant: model.quant }, hardware),
  );
  const unquantisedContextTokens = roundDown(largestContextThatFits({ ...shape, quant: 'BF16' }, hardware));
  const gpuLayers = gpuLayersOf(model);
  return renderInstallCommands(
    {
      hfRepoId: model.modelId,
      quant: model.quant,
      ...(model.ollamaName === undefined ? {} : { ollamaName: model.ollamaName }),
      ...repositoryOf(model),
    },
    {
      shell,
      unquantisedContextTokens,
      ...(contextTokens === 0 ? {} : { contextTokens }),
      ...(gpuLayers === undefined ? {} : { gpuLayers }),
    },
  );
}

/** Down to a step of 1,024 tokens, which is how people and servers write contexts. */
function roundDown(tokens: number): number {
  return tokens >= 1_024 ? Math.floor(tokens / 1_024) * 1_024 : tokens;
}

/** All layers where all fit, none without a GPU; llama.cpp itself finds the split between them. */
function gpuLayersOf(model: RankedModel): number | undefined {
  if (model.fit === 'gpu') return ALL_LAYERS;
  return model.fit === 'cpu' ? 0 : undefined;
}

/** MLX files go by another name than GGUF files, because only LM Studio gets them. */
function repositoryOf({ buildRepo, quant }: RankedModel): Pick<InstallTarget, 'ggufRepo' | 'mlxRepo'> {
  if (buildRepo === undefined) return {};
  // By the repository where the quantisation names full precision.
  const isMlx = quant.startsWith('MLX') || /(?:^|[-_/])mlx(?:[-_/]|$)/i.test(buildRepo);
  return isMlx ? { mlxRepo: buildRepo } : { ggufRepo: buildRepo };
}
