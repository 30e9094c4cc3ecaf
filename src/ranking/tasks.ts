import * as l10n from '@vscode/l10n';
import type { ObservationTask } from '../catalog/candidate';
import type { Task } from '../shared/settings';
import type { RankCandidate } from './rankTypes';

export interface TaskProfile {
  readonly task: Task;
  /** How much a result of each kind says about this task, 0..1; absent is 0. */
  readonly relevance: Readonly<Partial<Record<ObservationTask, number>>>;
  /** Tokens per second at which waiting is no longer felt. */
  readonly targetTokPerSec: number;
  /** How steeply worth falls below the target speed (see `usabilityFactor`); completions cannot be waited for. */
  readonly patience: number;
  readonly contextTokens: number;
  /** Why a model cannot do the task at all, for a person; null where it can, or nobody knows that it cannot. */
  readonly unable: (candidate: Pick<RankCandidate, 'toolCalling' | 'vision' | 'variant'>) => string | null;
}

/** Variants are parts joined by `+`, as the catalogue names them: `coder+instruct`, `vision+thinking`. */
function isVariant(candidate: Pick<RankCandidate, 'variant'>, part: string): boolean {
  return candidate.variant?.split('+').includes(part) === true;
}

function withoutMathsOnly(candidate: Pick<RankCandidate, 'variant'>): string | null {
  return isVariant(candidate, 'math') ? l10n.t('is made for mathematics alone') : null;
}

/**
 * The six tasks. Speeds: people read prose at 5 to 8 tokens a second; code and steps of an agent are waited for, thought
 * is longer than the answer, and a completion, of some 40 tokens, must be there within half a second.
 */
export const TASK_PROFILES: Readonly<Record<Task, TaskProfile>> = {
  general: {
    task: 'general',
    relevance: {
      general: 1,
      instruction: 0.8,
      reasoning: 0.8,
      math: 0.5,
      coding: 0.5,
      'long-context': 0.4,
      agentic: 0.4,
      tools: 0.2,
    },
    targetTokPerSec: 10,
    patience: 1.3,
    contextTokens: 8_192,
    unable: withoutMathsOnly,
  },
  coding: {
    task: 'coding',
    relevance: {
      coding: 1,
      agentic: 0.8,
      reasoning: 0.4,
      instruction: 0.4,
      general: 0.4,
      math: 0.3,
      tools: 0.2,
    },
    targetTokPerSec: 20,
    patience: 1.3,
    contextTokens: 16_384,
    unable: withoutMathsOnly,
  },
  reasoning: {
    task: 'reasoning',
    relevance: { reasoning: 1, math: 1, general: 0.5, coding: 0.4, instruction: 0.3 },
    targetTokPerSec: 20,
    patience: 1.3,
    contextTokens: 16_384,
    unable: () => null,
  },
  agentic: {
    task: 'agentic',
    relevance: {
      agentic: 1,
      tools: 1,
      coding: 0.6,
      instruction: 0.5,
      reasoning: 0.4,
      general: 0.4,
      'long-context': 0.4,
    },
    targetTokPerSec: 25,
    patience: 1.3,
    contextTokens: 32_768,
    unable: (candidate) =>
      candidate.toolCalling === false ? l10n.t('cannot call tools') : withoutMathsOnly(candidate),
  },
  vision: {
    task: 'vision',
    relevance: { vision: 1, general: 0.6, instruction: 0.5, reasoning: 0.5 },
    targetTokPerSec: 10,
    patience: 1.3,
    contextTokens: 8_192,
    // Most models are blind, so here unknown is taken as no.
    unable: ({ vision }) => (vision === true ? null : l10n.t('is not known to see pictures')),
  },
  small: {
    task: 'small',
    relevance: { coding: 1, general: 0.6, instruction: 0.6, reasoning: 0.4 },
    targetTokPerSec: 80,
    patience: 2,
    contextTokens: 4_096,
    unable: (candidate) =>
      isVariant(candidate, 'thinking')
        ? l10n.t('always thinks before it answers')
        : withoutMathsOnly(candidate),
  },
};
