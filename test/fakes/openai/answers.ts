import type { FakeModel } from './models';
import type { FakeRequest } from './requests';

export const FAKE_ANSWER = 'Hello from a service that is not there: 千 \u{1F600}.';
export const FAKE_REFUSAL = 'I cannot help with that.';

/** Reasoning tokens of an answer of a model that reasons. */
const REASONING_TOKENS = 64;

/**
 * The events of a streamed answer. The last message decides: "refuse" is refused, "weather" with tools calls the first
 * tool twice, and anything else is answered with `FAKE_ANSWER`, cut where a limit says so.
 */
export function answerEvents(request: FakeRequest, model: FakeModel): readonly string[] {
  const asked = JSON.stringify(request.messages.at(-1)?.content ?? '');
  const effort = request.reasoning_effort ?? model.usualEffort;
  const reasoningTokens = effort === undefined || effort === 'none' ? 0 : REASONING_TOKENS;
  const limit = request.max_completion_tokens ?? request.max_tokens ?? Infinity;
  const tool = request.tools?.[0]?.function.name;
  const callsTool = tool !== undefined && asked.includes('weather');
  const { deltas, reason } = asked.includes('refuse')
    ? { deltas: words(FAKE_REFUSAL).map((refusal) => ({ refusal })), reason: 'stop' }
    : callsTool
      ? { deltas: callDeltas(tool), reason: 'tool_calls' }
      : textDeltas(limit - reasoningTokens);
  const withUsage = request.stream_options?.include_usage === true;
  const tokens = deltas.length + reasoningTokens;
  const chunk = (rest: object): string =>
    `data: ${JSON.stringify({
      id: 'chatcmpl-fake',
      object: 'chat.completion.chunk',
      created: 1_795_219_200,
      model: `${request.model}-2026-01-01`,
      service_tier: 'default',
      system_fingerprint: 'fp_fake',
      ...rest,
      ...(withUsage && !('usage' in rest) ? { usage: null } : {}),
      obfuscation: 'x7Q',
    })}\n\n`;
  const choice = (delta: object, finish_reason: string | null = null): string =>
    chunk({ choices: [{ index: 0, delta, logprobs: null, finish_reason }] });
  return [
    choice({ role: 'assistant', content: callsTool ? null : '', refusal: null }),
    ...deltas.map((delta) => choice(delta)),
    choice({}, reason),
    ...(withUsage ? [chunk({ choices: [], usage: usageOf(request, tokens, reasoningTokens) })] : []),
    'data: [DONE]\n\n',
  ];
}

function usageOf({ messages }: FakeRequest, tokens: number, reasoningTokens: number): object {
  const prompt = Math.ceil(JSON.stringify(messages).length / 4);
  return {
    prompt_tokens: prompt,
    completion_tokens: tokens,
    total_tokens: prompt + tokens,
    prompt_tokens_details: { cached_tokens: 8, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function textDeltas(limit: number): { readonly deltas: readonly object[]; readonly reason: string } {
  const all = words(FAKE_ANSWER).map((content) => ({ content }));
  return limit < all.length
    ? { deltas: all.slice(0, Math.max(0, limit)), reason: 'length' }
    : { deltas: all, reason: 'stop' };
}

/** Two calls of a tool, whose arguments come in pieces. */
function callDeltas(name: string): readonly object[] {
  return ['Paris', '千葉'].flatMap((city, index) => {
    const args = JSON.stringify({ city });
    const head = { index, id: `call_fake${index}`, type: 'function', function: { name, arguments: '' } };
    const pieces = [args.slice(0, 3), args.slice(3, 9), args.slice(9)];
    return [head, ...pieces.map((piece) => ({ index, function: { arguments: piece } }))].map((call) => ({
      tool_calls: [call],
    }));
  });
}

function words(text: string): readonly string[] {
  return text.match(/\S+\s*/g) ?? [];
}
