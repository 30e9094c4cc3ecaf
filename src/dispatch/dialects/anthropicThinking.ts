import type { RouteThinking } from '../route';
import type { AnthropicModel } from './anthropicModels';

/** The least that the API takes. */
const MIN_BUDGET_TOKENS = 1_024;
/** Room that a budget leaves for the answer, however large it is. */
const MIN_ANSWER_TOKENS = 1_024;
/** Where none is named; enough for most tasks, as the page on extended thinking has it. */
const DEFAULT_BUDGET_TOKENS = 8_192;

/** What each level means for a model that knows budgets alone. Our choice, below what the API wants batched (32,000). */
const LEVEL_BUDGET_TOKENS = { minimal: 1_024, low: 4_096, medium: 8_192, high: 16_384, max: 24_576 } as const;

/** The API's word for each level; it has no smaller one than `low`. Its `xhigh` is left out: few models take it. */
const EFFORTS = { minimal: 'low', low: 'low', medium: 'medium', high: 'high', max: 'max' } as const;

export interface EncodedThinking {
  /** `thinking` and `output_config`, where there is something to say. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Tokens for thinking alone; `max_tokens` is to be larger. 0 without a budget. */
  readonly budgetTokens: number;
  /** Whether the model is asked to think. */
  readonly asked: boolean;
}

const UNSAID: EncodedThinking = { fields: {}, budgetTokens: 0, asked: false };

/**
 * What a call says of thinking, in the form that its model takes
 * (https://platform.claude.com/docs/en/build-with-claude/extended-thinking, `/adaptive-thinking` and `/effort`).
 * A model that knows budgets alone gets one for every wish; one that decides for itself gets its wish without the budget;
 * one that cannot stop thinking is asked for the least effort instead.
 */
export function encodeAnthropicThinking(model: AnthropicModel, thinking: RouteThinking): EncodedThinking {
  if (thinking.mode === 'default' || model.thinking === 'none') return UNSAID;
  if (thinking.mode === 'off') return { ...UNSAID, fields: offFields(model) };
  const budget = thinking.mode === 'enabled' ? thinking.budgetTokens : undefined;
  const manual = model.thinking === 'budget' || (model.thinking === 'either' && budget !== undefined);
  if (!manual) {
    return {
      fields: {
        // Without `display`, models from 4.7 on send their thinking empty.
        thinking: { type: 'adaptive', display: 'summarized' },
        ...(thinking.mode === 'effort' ? { output_config: { effort: EFFORTS[thinking.level] } } : {}),
      },
      budgetTokens: 0,
      asked: true,
    };
  }
  const wished =
    thinking.mode === 'effort' ? LEVEL_BUDGET_TOKENS[thinking.level] : (budget ?? DEFAULT_BUDGET_TOKENS);
  const budgetTokens = Math.min(
    Math.max(wished, MIN_BUDGET_TOKENS),
    model.maxOutputTokens - MIN_ANSWER_TOKENS,
  );
  return {
    fields: { thinking: { type: 'enabled', budget_tokens: budgetTokens } },
    budgetTokens,
    asked: true,
  };
}

function offFields({ off }: AnthropicModel): Readonly<Record<string, unknown>> {
  switch (off) {
    case 'absent':
      return {};
    case 'disabled':
    case 'between_tools':
      return { thinking: { type: off } };
    case 'never':
      return { output_config: { effort: 'low' } };
  }
}
