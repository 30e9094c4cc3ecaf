/** OpenAI's words for `reasoning_effort`, least first. */
const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const;
export type OpenAiEffort = (typeof EFFORTS)[number];

/** What OpenAI's own service takes for one of its reasoning models. */
export interface OpenAiReasoningModel {
  /** The words that it takes for `reasoning_effort`, least first; empty: it takes none. */
  readonly efforts: readonly OpenAiEffort[];
  /** Whether it reasons where no effort is named. */
  readonly reasonsByDefault: boolean;
  /** Whether it refuses function tools together with any effort but `none`. */
  readonly refusesReasoningWithTools: boolean;
}

interface Row extends OpenAiReasoningModel {
  readonly id: RegExp;
}

const upToHigh: readonly OpenAiEffort[] = ['none', 'low', 'medium', 'high'];
const upToExtraHigh: readonly OpenAiEffort[] = [...upToHigh, 'xhigh'];

/**
 * The first row whose pattern matches counts; a model without a row takes what every chat model takes.
 *
 * Sources, read in November 2026: the API reference's words on `reasoning_effort` (as Microsoft's and other clients
 * generate them), OpenAI's guide to reasoning, its changelog on GPT-6, and its answers as reported: tools with an effort
 * are refused from gpt-5.4 on (openai/openai-openapi#541), gpt-6-astra takes neither `none` nor `minimal`
 * (BerriAI/litellm-docs#1173), the other gpt-6 take `none` (onyx-dot-app/onyx#15008).
 */
const ROWS: readonly Row[] = [
  row(/^o[134](?!\d)/, ['low', 'medium', 'high'], true, false),
  row(/^gpt-5\.\d+-chat/, [], true, false),
  row(/^gpt-5-pro/, ['high'], true, false),
  row(/^gpt-5(?![.\d]|-chat)/, ['minimal', 'low', 'medium', 'high'], true, false),
  row(/^gpt-5\.1(?!\d)/, upToHigh, false, false),
  row(/^gpt-5\.[23](?!\d)/, upToExtraHigh, false, false),
  row(/^gpt-5\.4(?!\d)/, upToExtraHigh, false, true),
  row(/^gpt-5\.\d/, upToExtraHigh, true, true),
  row(/^gpt-6-astra/, ['low', 'medium', 'high', 'xhigh'], true, true),
  // What comes after is taken to be like the newest.
  row(/^gpt-(?:[6-9]|\d\d)(?!\d)/, upToExtraHigh, true, true),
];

function row(
  id: RegExp,
  efforts: readonly OpenAiEffort[],
  reasonsByDefault: boolean,
  refusesReasoningWithTools: boolean,
): Row {
  return { id, efforts, reasonsByDefault, refusesReasoningWithTools };
}

/** What OpenAI takes for a model of its own, also one that was fine-tuned; undefined for one that does not reason. */
export function openAiReasoningModel(modelId: string): OpenAiReasoningModel | undefined {
  const id = modelId.toLowerCase().replace(/^ft:/, '');
  return ROWS.find((known) => known.id.test(id));
}

/**
 * The word of a model's list that comes closest to what is wanted: the same, else the next above it, else its greatest;
 * undefined where the list is empty. What is wanted above `none` never becomes `none`.
 */
export function closestEffort(
  efforts: readonly OpenAiEffort[],
  wanted: OpenAiEffort,
): OpenAiEffort | undefined {
  const rank = EFFORTS.indexOf(wanted);
  return efforts.find((effort) => EFFORTS.indexOf(effort) >= rank) ?? efforts.at(-1);
}
