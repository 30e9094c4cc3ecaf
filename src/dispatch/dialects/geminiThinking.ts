import type { THINKING_LEVELS } from '../../shared/thinking';
import type { RouteThinking } from '../route';

type Level = (typeof THINKING_LEVELS)[number];

/** How the models of one name are told to think. */
type Family =
  | {
      readonly form: 'budget';
      readonly name: RegExp;
      /** Least and most tokens of a budget; 0 turns thinking off where `canStop`. */
      readonly minTokens: number;
      readonly maxTokens: number;
      readonly canStop: boolean;
    }
  | {
      readonly form: 'level';
      readonly name: RegExp;
      /** The API's word for each of our levels. */
      readonly levels: Readonly<Record<Level, string>>;
    };

const LEVELS = { minimal: 'LOW', low: 'LOW', medium: 'MEDIUM', high: 'HIGH', max: 'HIGH' } as const;

/**
 * The first row that matches counts; a model in none of them is told nothing. Budgets from
 * https://ai.google.dev/gemini-api/docs/thinking, levels from there and from
 * https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/thinking, read in November 2026: `minimal` is a
 * word of the Flash models up to 3.5 alone, and 3 Pro has no `medium`. Names without a number mean the newest.
 */
const FAMILIES: readonly Family[] = [
  { form: 'budget', name: /^gemini-2\.5-flash-lite/, minTokens: 512, maxTokens: 24_576, canStop: true },
  { form: 'budget', name: /^gemini-2\.5-flash/, minTokens: 1, maxTokens: 24_576, canStop: true },
  { form: 'budget', name: /^gemini-2\.5-pro/, minTokens: 128, maxTokens: 32_768, canStop: false },
  { form: 'level', name: /^gemini-3(?:\.[15])?-flash/, levels: { ...LEVELS, minimal: 'MINIMAL' } },
  { form: 'level', name: /^gemini-3-pro/, levels: { ...LEVELS, medium: 'HIGH' } },
  { form: 'level', name: /^gemini-(?:[3-9]|\d\d|pro-|flash-)/, levels: LEVELS },
];

/** Lets a model that knows budgets decide by itself. */
const DYNAMIC_BUDGET = -1;

/** What Google takes its levels for in budgets, at https://ai.google.dev/gemini-api/docs/openai; `max` is the model's. */
const LEVEL_BUDGET_TOKENS = {
  minimal: 1_024,
  low: 1_024,
  medium: 8_192,
  high: 24_576,
  max: Number.POSITIVE_INFINITY,
} as const;

/** Whether a model refuses a call in the history that has no signature of its thought: those from Gemini 3 on. */
export function wantsThoughtSignatures(modelId: string): boolean {
  return familyOf(modelId)?.form === 'level';
}

/**
 * The `thinkingConfig` of a call; undefined where there is nothing to say. A model that cannot stop thinking is told to
 * think as little as it can; a budget for a model that knows levels becomes the level that it is worth.
 */
export function encodeGeminiThinking(
  modelId: string,
  thinking: RouteThinking,
): Readonly<Record<string, unknown>> | undefined {
  const family = familyOf(modelId);
  if (family === undefined || thinking.mode === 'default') return undefined;
  if (thinking.mode === 'off') {
    if (family.form === 'level') return { thinkingLevel: family.levels.minimal };
    return { thinkingBudget: family.canStop ? 0 : family.minTokens };
  }
  if (family.form === 'level') {
    const level = levelOf(thinking);
    return {
      includeThoughts: true,
      ...(level === undefined ? {} : { thinkingLevel: family.levels[level] }),
    };
  }
  const wished = budgetOf(thinking);
  const thinkingBudget =
    wished === undefined ? DYNAMIC_BUDGET : Math.min(Math.max(wished, family.minTokens), family.maxTokens);
  return { includeThoughts: true, thinkingBudget };
}

function familyOf(modelId: string): Family | undefined {
  return FAMILIES.find(({ name }) => name.test(modelId));
}

type Asked = Exclude<RouteThinking, { mode: 'default' } | { mode: 'off' }>;

/** Undefined: the model decides. */
function budgetOf(thinking: Asked): number | undefined {
  if (thinking.mode === 'effort') return LEVEL_BUDGET_TOKENS[thinking.level];
  return thinking.mode === 'enabled' ? thinking.budgetTokens : undefined;
}

/** Undefined: the model decides. */
function levelOf(thinking: Asked): Level | undefined {
  if (thinking.mode === 'effort') return thinking.level;
  const budget = budgetOf(thinking);
  if (budget === undefined) return undefined;
  if (budget <= LEVEL_BUDGET_TOKENS.low) return 'low';
  return budget <= LEVEL_BUDGET_TOKENS.medium ? 'medium' : 'high';
}
