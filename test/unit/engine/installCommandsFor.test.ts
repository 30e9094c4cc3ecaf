import { describe, expect, it } from 'vitest';
import type { ModelBuild } from '../../../src/catalog/candidate';
import { installCommandsFor } from '../../../src/engine/installCommandsFor';
import { toRankCandidates } from '../../../src/engine/rankCandidates';
import { rankModels } from '../../../src/ranking/rank';
import type { RankedModel, RankHardware } from '../../../src/ranking/rankTypes';

const GPU = { platform: 'nvidia', vramGb: 12, ramGb: 32, bandwidthGbps: 500 } as const;
const CPU = { platform: 'cpu', vramGb: 0, ramGb: 32, bandwidthGbps: 50 } as const;

const GGUF = { quant: 'Q4_K_M', sizeBytes: 4.8e9, sizeBasis: 'exact', repo: 'maker/good-8b-GGUF' } as const;

function rankedOn(hardware: RankHardware, build: ModelBuild = GGUF): RankedModel {
  const { models } = rankModels({
    candidates: toRankCandidates({
      ...{
        hfRepoId: 'maker/good-8b',
        name: 'good-8b',
        org: 'maker',
        family: 'Maker',
        role: 'chat',
        sizeB: 8,
      },
      capabilities: { tools: true, thinking: null, vision: true },
      builds: [build],
      lineagePosition: 0,
    }),
    hardware,
    snapshot: { generatedAt: '2026-11-01', observations: [] },
    options: { task: 'general', rankingDate: '2026-11-21', includeUnfit: true },
  });
  const [model] = models;
  if (!model) throw new Error('nothing was ranked');
  return model;
}

function commandsOn(hardware: RankHardware, build?: ModelBuild): Record<string, string | undefined> {
  const commands = installCommandsFor(rankedOn(hardware, build), hardware, 'posix');
  return Object.fromEntries(commands.map(({ tool, command }) => [tool, command]));
}

const contextIn = (command: string | undefined): number =>
  Number(/ (?:-c|--max-model-len) (\d+)/.exec(command ?? '')?.[1]);

describe('the commands for a ranked model', () => {
  it('put all layers on a GPU that has room, with a context in steps of 1,024 tokens', () => {
    const { llamacpp, ollama, lmstudio } = commandsOn(GPU);
    expect(llamacpp).toMatch(/^llama-server -hf maker\/good-8b-GGUF:Q4_K_M -c \d+ -ngl 999$/);
    expect(contextIn(llamacpp)).toBeGreaterThanOrEqual(4_096);
    expect(contextIn(llamacpp) % 1_024).toBe(0);
    expect(ollama).toBe('ollama pull hf.co/maker/good-8b-GGUF:Q4_K_M');
    expect(lmstudio).toBe('lms get https://huggingface.co/maker/good-8b-GGUF@Q4_K_M');
  });

  it('put no layer on a GPU that is not there', () => {
    expect(commandsOn(CPU)['llamacpp']).toMatch(/ -ngl 0$/);
  });

  it('give vLLM the shorter context of the unquantised model, which needs more memory', () => {
    const roomy = { ...GPU, vramGb: 24 };
    const { vllm, llamacpp } = commandsOn(roomy);
    expect(vllm).toMatch(/^vllm serve maker\/good-8b --max-model-len \d+$/);
    expect(contextIn(vllm)).toBeLessThan(contextIn(llamacpp));
  });

  it.each([
    ['its quantisation', { ...GGUF, quant: 'MLX-4bit', repo: 'maker/good-8b-4bit' }],
    ['its repository', { ...GGUF, quant: 'BF16', repo: 'mlx-community/good-8b-bf16' }],
  ])('give files that are for MLX by %s to LM Studio alone', (_what, build) => {
    const commands = commandsOn({ ...CPU, ramGb: 64 }, build);
    expect(commands['lmstudio']).toBe(`lms get https://huggingface.co/${build.repo}`);
    expect([commands['ollama'], commands['llamacpp']]).toEqual([undefined, undefined]);
  });
});
