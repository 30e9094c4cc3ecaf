import type { StoredModel } from './store';

/** One step of an answer: what one token adds. */
export type Piece =
  | { readonly kind: 'content'; readonly text: string }
  | { readonly kind: 'thinking'; readonly text: string }
  /** A token that the parser swallows, such as the tags around thinking. */
  | { readonly kind: 'hidden' }
  | { readonly kind: 'tool'; readonly name: string; readonly arguments: Readonly<Record<string, unknown>> };

export interface Ask {
  /** Whether the last word is a question of the user's: what stands right after a tool's result belongs to that. */
  readonly isQuestion: boolean;
  readonly lastText: string;
  /** Null: the caller left it to the model. */
  readonly think: boolean | null;
  readonly tools: readonly OfferedTool[];
  /** What is said where the caller wants JSON; null for free words. */
  readonly json?: string | null;
}

interface OfferedTool {
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

const ANSWER = 'Hello from one tiny model whose weights hold this answer, word by word.';
const THINKING = 'The user asks something simple; I will answer briefly now.';
const COUNTING = 'one two three four five six seven eight nine ten eleven twelve';

/** Tokens of a model's tool call, all of them swallowed by the parser but the one that completes it. */
const TOOL_CALL_TOKENS = 11;

/**
 * What the model answers, token by token. Thinking models think unless told not to; tool-capable models call a tool
 * where the last word was the user's; a question with "loop" in it never ends.
 */
export function* answerOf(model: StoredModel, ask: Ask): Generator<Piece, void> {
  const { script = {} } = model.package;
  const capabilities = model.package.facts.capabilities;
  if (ask.tools.length > 0 && ask.isQuestion && capabilities.includes('tools')) {
    yield* toolCall(ask.tools, script);
    return;
  }
  if (capabilities.includes('thinking') && ask.think !== false) {
    yield { kind: 'hidden' };
    yield { kind: 'hidden' };
    for (const text of words(script.thinking ?? THINKING)) yield { kind: 'thinking', text };
    yield { kind: 'hidden' };
  }
  if (typeof ask.json === 'string') {
    yield* spoken(ask.json);
    return;
  }
  if (script.endless === true || /\bloop\b/i.test(ask.lastText)) {
    for (;;) yield* spoken(script.answer ?? COUNTING);
  }
  yield* spoken(script.answer ?? ANSWER);
}

/** Tokens of a text: four characters each, at least one. A real tokenizer differs. */
export function countTokens(text: string): number {
  return Math.max(1, Math.ceil(text.length / 4));
}

function* toolCall(
  tools: readonly OfferedTool[],
  script: { readonly toolCall?: ToolCall; readonly toolCallAsText?: boolean },
): Generator<Piece, void> {
  const call = script.toolCall ?? inventCall(tools[0]);
  if (script.toolCallAsText === true) {
    yield* spoken(
      `<tool_call>\n {"name": "${call.name}", "arguments": ${JSON.stringify(call.arguments)}}\n </tool_call>`,
    );
    return;
  }
  for (let token = 1; token < TOOL_CALL_TOKENS; token += 1) yield { kind: 'hidden' };
  // A call of a tool that was not offered is swallowed: an empty answer.
  const offered = tools.some((tool) => tool.name === call.name);
  yield offered ? { kind: 'tool', ...call } : { kind: 'hidden' };
}

interface ToolCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

function inventCall(tool: OfferedTool | undefined): ToolCall {
  const given = Object.entries(tool?.properties ?? {});
  return {
    name: tool?.name ?? '',
    arguments: Object.fromEntries(given.map(([name, schema]) => [name, inventValue(name, schema)])),
  };
}

/** A value of the type that a JSON schema names; a text where it names none. */
export function inventValue(name: string, schema: unknown): unknown {
  const type = typeof schema === 'object' && schema !== null && 'type' in schema ? schema.type : 'string';
  switch (type) {
    case 'integer':
    case 'number':
      return 1;
    case 'boolean':
      return true;
    case 'array':
      return [];
    case 'object':
      return {};
    default:
      return name === 'city' ? 'Paris' : `some ${name}`;
  }
}

function* spoken(text: string): Generator<Piece, void> {
  for (const word of words(text)) yield { kind: 'content', text: word };
}

function words(text: string): string[] {
  return text.match(/\s*\S+\s*$|\s*\S+/g) ?? [];
}
