import type { FakeClaude } from './models';
import type { AnthropicBody } from './requests';

/** What the model says, block by block. */
type FakeBlock =
  | { readonly type: 'thinking'; readonly pieces: readonly string[] }
  | { readonly type: 'redacted_thinking' }
  | { readonly type: 'text'; readonly pieces: readonly string[] }
  /** `pieces` of its arguments as JSON text. */
  | {
      readonly type: 'tool_use';
      readonly id: string;
      readonly name: string;
      readonly pieces: readonly string[];
    }
  /** A tool that Anthropic runs itself. */
  | { readonly type: 'server_tool_use'; readonly name: string; readonly pieces: readonly string[] };

export interface FakeAnswer {
  readonly blocks: readonly FakeBlock[];
  /** Absent: `tool_use` after a call, else `end_turn`. */
  readonly stopReason?: string;
  /** An `error` event of this type in place of the end. */
  readonly error?: { readonly type: string; readonly message: string };
  readonly outputTokens?: number;
  /** Of the input, how much came from the cache. */
  readonly cachedTokens?: number;
}

const SIGNATURE = 'EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds';
const ANSWER = ['Hello', ' from', ' Claude', '.'];

/** What the fake answers by itself: a call where tools are offered to a user, else a sentence, after a thought if asked. */
export function inventAnswer(body: AnthropicBody, model: FakeClaude): FakeAnswer {
  const last = body.messages.at(-1)?.content;
  const answersCall = typeof last !== 'string' && last?.[0]?.type === 'tool_result';
  const [tool] = answersCall ? [] : (body.tools ?? []);
  const said: FakeBlock =
    tool === undefined
      ? { type: 'text', pieces: ANSWER }
      : { type: 'tool_use', id: 'toolu_01A09q90qw', name: tool.name, pieces: ['', '{"city"', ': "Paris"}'] };
  return { blocks: [...(thinks(body, model) ? [thought(body)] : []), said] };
}

function thinks({ thinking }: AnthropicBody, model: FakeClaude): boolean {
  if (thinking === undefined) return model.thinksByDefault;
  return thinking.type === 'enabled' || thinking.type === 'adaptive';
}

/** Models that take no sampling send their thinking empty unless they are asked for it. */
function thought({ thinking }: AnthropicBody): FakeBlock {
  const shown = thinking?.type === 'enabled' || (thinking && 'display' in thinking);
  return { type: 'thinking', pieces: shown ? ['Let me', ' see.'] : [] };
}

/** The events of an answer, as https://platform.claude.com/docs/en/build-with-claude/streaming has them. */
export function* eventsOf(answer: FakeAnswer, model: string, inputTokens: number): Generator<string, void> {
  const cached = answer.cachedTokens ?? 0;
  const usage = {
    input_tokens: inputTokens - cached,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cached,
    output_tokens: 1,
    service_tier: 'standard',
  };
  const message = { id: 'msg_013Zva2CMHLNnXjNJJKqJ2EF', type: 'message', role: 'assistant', model };
  yield event('message_start', {
    message: { ...message, content: [], stop_reason: null, stop_sequence: null, usage },
  });
  yield event('ping', {});
  for (const [index, block] of answer.blocks.entries()) yield* blockEvents(index, block);
  if (answer.error) {
    yield event('error', { error: answer.error, request_id: 'req_011CSHoEeqs5C35K2UUqR7Fy' });
    return;
  }
  const called = answer.blocks.some(({ type }) => type === 'tool_use');
  yield event('message_delta', {
    delta: { stop_reason: answer.stopReason ?? (called ? 'tool_use' : 'end_turn'), stop_sequence: null },
    usage: {
      output_tokens: answer.outputTokens ?? 12,
      output_tokens_details: { thinking_tokens: 5 },
    },
  });
  yield event('message_stop', {});
}

function* blockEvents(index: number, block: FakeBlock): Generator<string, void> {
  yield event('content_block_start', { index, content_block: openingOf(block) });
  const delta = (value: object): string => event('content_block_delta', { index, delta: value });
  switch (block.type) {
    case 'text':
      for (const text of block.pieces) yield delta({ type: 'text_delta', text });
      break;
    case 'thinking':
      for (const thinking of block.pieces) yield delta({ type: 'thinking_delta', thinking });
      yield delta({ type: 'signature_delta', signature: SIGNATURE });
      break;
    case 'tool_use':
    case 'server_tool_use':
      for (const partial_json of block.pieces) yield delta({ type: 'input_json_delta', partial_json });
      break;
    case 'redacted_thinking':
  }
  yield event('content_block_stop', { index });
}

function openingOf(block: FakeBlock): object {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: '' };
    case 'thinking':
      return { type: 'thinking', thinking: '', signature: '' };
    case 'redacted_thinking':
      return { type: 'redacted_thinking', data: 'EmwKAhgBEgy3va3pzix' };
    case 'tool_use':
      return { type: 'tool_use', id: block.id, name: block.name, input: {} };
    case 'server_tool_use':
      return { type: 'server_tool_use', id: 'srvtoolu_014hJH82', name: block.name, input: {} };
  }
}

function event(type: string, rest: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
}
