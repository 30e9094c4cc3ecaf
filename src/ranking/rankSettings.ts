import { usableMemory } from './fit';
import type { UsableMemory } from './fit';
import { DEFAULT_CONTEXT_TOKENS } from './memory';
import type { FitKind, KvCacheQuant, RankInput, SpeedBackend } from './rankTypes';
import { TASK_PROFILES } from './tasks';
import type { TaskProfile } from './tasks';

/** Every choice of one ranking, made once. The peers' way of scoring is a set of these, not another path. */
export interface RankSettings {
  readonly profile: TaskProfile;
  readonly contextTokens: number;
  readonly kvCacheQuant: KvCacheQuant;
  /** Undefined: by platform. */
  readonly backend: SpeedBackend | undefined;
  readonly rankingDate: string;
  readonly limit: number;
  readonly includeUnfit: boolean;
  readonly memory: UsableMemory;
  readonly platform: RankInput['hardware']['platform'];
  /** Whether a model that is split with system memory counts as fitting. */
  readonly offloadFits: boolean;
  /** Whether results are brought onto one scale and weighed by the task; else every percentage counts as it is. */
  readonly commonScale: boolean;
  readonly pullTowardsPrior: boolean;
  readonly countQuantisation: boolean;
  readonly countUsability: boolean;
}

/** The settings that a ranking's input asks for; options that make no sense are as if they were not given. */
export function rankSettings(input: Pick<RankInput, 'hardware' | 'snapshot' | 'options'>): RankSettings {
  const options = input.options ?? {};
  const compat = options.compat === true;
  const profile = TASK_PROFILES[options.task ?? 'general'];
  const context = options.contextTokens;
  const limit = options.limit;
  return {
    profile,
    contextTokens:
      context !== undefined && Number.isFinite(context) && context >= 1
        ? Math.floor(context)
        : compat
          ? DEFAULT_CONTEXT_TOKENS
          : profile.contextTokens,
    kvCacheQuant: options.kvCacheQuant ?? 'fp16',
    // On a Mac, Ollama and llama.cpp run on Metal; MLX only where it was asked for.
    backend: options.backend ?? (compat || input.hardware.platform !== 'macos' ? undefined : 'llama-cpp'),
    rankingDate: options.rankingDate ?? input.snapshot.generatedAt,
    limit: limit !== undefined && limit >= 0 ? Math.floor(limit) : Number.POSITIVE_INFINITY,
    includeUnfit: options.includeUnfit === true,
    memory: usableMemory(input.hardware, { wholeRamOnMac: compat }),
    platform: input.hardware.platform,
    offloadFits: !compat,
    commonScale: !compat,
    pullTowardsPrior: !compat,
    countQuantisation: !compat,
    countUsability: !compat,
  };
}

/** Whether a model that would lie so counts as fitting. */
export function fitsBy(fit: FitKind, { offloadFits }: Pick<RankSettings, 'offloadFits'>): boolean {
  return fit !== 'none' && (fit !== 'offload' || offloadFits);
}
