import type { Thinking } from '../../shared/thinking';
import type { Route, RouteThinking } from '../route';
import type { OpenAiEffort, OpenAiReasoningModel } from './openaiModels';
import { closestEffort } from './openaiModels';

/** The three levels that servers other than OpenAI's know, as gpt-oss brought them up. */
const THREE_LEVELS = { minimal: 'low', low: 'low', medium: 'medium', high: 'high', max: 'high' } as const;
/** OpenAI's word for each level; its own `max` is one of the Responses API. */
const OPENAI_LEVELS = {
  minimal: 'minimal',
  low: 'low',
  medium: 'medium',
  high: 'high',
  max: 'xhigh',
} as const;

/**
 * The fields that tell an OpenAI-like server other than OpenAI's own how to think:
 * - llama-server and vLLM hand `chat_template_kwargs` to the model's template; `enable_thinking` is what most templates
 *   ask for, `thinking` what those of DeepSeek and Granite do. They take `reasoning_effort` too, and llama-server
 *   (b11669 and later) `thinking_budget_tokens`.
 * - LM Studio and Ollama drop `chat_template_kwargs` and take `reasoning_effort`, where `none` is off. Models think there
 *   by themselves, so that nothing is said for on.
 * - Of any other server nothing is known. An effort is named as the format has it; there are no common words for on and
 *   off, and some refuse fields that they do not know, so that nothing is said.
 */
export function thinkingFields(
  kind: Route['kind'],
  thinking: RouteThinking,
): Readonly<Record<string, unknown>> {
  if (thinking.mode === 'default') return {};
  switch (kind) {
    case 'llama_server':
    case 'vllm': {
      const thinks = thinking.mode !== 'off';
      const budget =
        kind === 'llama_server' && thinking.mode === 'enabled' ? thinking.budgetTokens : undefined;
      return {
        chat_template_kwargs: { enable_thinking: thinks, thinking: thinks },
        ...effortField(thinking),
        ...(budget === undefined ? {} : { thinking_budget_tokens: budget }),
      };
    }
    case 'lm_studio':
    case 'ollama':
      return thinking.mode === 'off' ? { reasoning_effort: 'none' } : effortField(thinking);
    default:
      return effortField(thinking);
  }
}

function effortField(thinking: Thinking): Readonly<Record<string, unknown>> {
  return thinking.mode === 'effort' ? { reasoning_effort: THREE_LEVELS[thinking.level] } : {};
}

/**
 * The `reasoning_effort` for one of OpenAI's reasoning models; undefined where none is named. Off is the least that the
 * model takes. OpenAI has no budgets: on and adaptive are left to the model, or `medium` where it would not reason by
 * itself. Where the model refuses tools together with reasoning, the tools win, for the call was made with them.
 */
export function openAiEffort(
  model: OpenAiReasoningModel,
  thinking: RouteThinking,
  hasTools: boolean,
): OpenAiEffort | undefined {
  if (hasTools && model.refusesReasoningWithTools && model.efforts.includes('none')) return 'none';
  switch (thinking.mode) {
    case 'default':
      return undefined;
    case 'off':
      return model.efforts[0];
    case 'enabled':
    case 'adaptive':
      return model.reasonsByDefault ? undefined : closestEffort(model.efforts, 'medium');
    case 'effort':
      return closestEffort(model.efforts, OPENAI_LEVELS[thinking.level]);
  }
}
