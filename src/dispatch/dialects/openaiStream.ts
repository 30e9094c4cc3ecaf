import type { ChatUsage, FinishReason } from '../chat';
import type { WireEnd, WireEvent } from '../dialect';
import { finishReasonOf, OPENAI_FINISH_REASONS } from '../finishReasons';
import type { SseItem } from '../sse';
import { readSseAnswer, type SseParsed, type SseReading } from '../sseAnswer';
import { ToolCallPieces } from '../toolCallPieces';
import { UNKNOWN_USAGE } from '../wireEnds';
import type { OpenAiChunk } from './openaiChunk';
import { chunkOf, timingsOf, usageOf, usageOfTimings } from './openaiChunk';

const END_MARK = '[DONE]';

/** What has been read of one answer. */
class Reading implements SseReading<OpenAiChunk> {
  readonly #pieces = new ToolCallPieces();
  #rawReason: string | undefined;
  #model: string | undefined;
  #usage: ChatUsage | undefined;
  #timings: OpenAiChunk['timings'];
  #callCount = 0;
  #brokenCall = false;
  #refused = false;

  parse(item: SseItem): SseParsed<OpenAiChunk> {
    if (item.type === 'data' && item.data === END_MARK) return 'ending';
    const chunk = chunkOf(item);
    return chunk === undefined || 'failure' in chunk ? chunk : { value: chunk };
  }

  /** A finish reason is an end mark as well: some servers leave out the other one. */
  *ending(marked: boolean): Generator<WireEvent, void, undefined> {
    if (marked) yield* this.#calls();
    if (marked || this.#rawReason !== undefined) yield this.#end();
  }

  *events({ choices, model, usage, timings }: OpenAiChunk): Generator<WireEvent, void, undefined> {
    if (usage) this.#usage = usageOf(usage);
    if (timings) this.#timings = timings;
    if (model) this.#model = model;
    const [choice] = choices ?? [];
    const delta = choice?.delta;
    const thinking = delta?.reasoning_content ?? delta?.reasoning;
    if (thinking) yield { type: 'thinking', text: thinking };
    if (delta?.content) yield { type: 'text', text: delta.content };
    if (delta?.refusal) {
      this.#refused = true;
      yield { type: 'text', text: delta.refusal };
    }
    if (delta?.tool_calls) this.#pieces.add(delta.tool_calls);
    if (delta?.function_call) this.#pieces.add([{ index: 0, function: delta.function_call }]);
    if (choice?.finish_reason) {
      this.#rawReason = choice.finish_reason;
      yield* this.#calls();
    }
  }

  *#calls(): Generator<WireEvent, void, undefined> {
    const calls = this.#pieces.take();
    if (calls === null) this.#brokenCall = true;
    for (const call of calls ?? []) {
      this.#callCount += 1;
      yield { type: 'toolCall', call };
    }
  }

  usage(): ChatUsage {
    return this.#usage ?? (this.#timings ? usageOfTimings(this.#timings) : UNKNOWN_USAGE);
  }

  #end(): WireEnd {
    const raw = this.#rawReason;
    const end = {
      type: 'end',
      ...(raw === undefined ? {} : { rawReason: raw }),
      usage: this.usage(),
      ...(this.#timings ? { timings: timingsOf(this.#timings) } : {}),
      ...(this.#model === undefined ? {} : { responseModel: this.#model }),
    } as const;
    const finishReason = this.#finishReason(finishReasonOf(OPENAI_FINISH_REASONS, raw ?? 'stop'));
    switch (finishReason) {
      case 'error':
        return { ...end, finishReason, failure: { code: 'unknown' } };
      case 'malformed':
        return { ...end, finishReason, failure: { code: 'malformed_response' } };
      default:
        return { ...end, finishReason };
    }
  }

  #finishReason(said: FinishReason): FinishReason {
    // A call that the limit cut off is no fault of the model.
    if (this.#brokenCall && said !== 'length') return 'malformed';
    if (said !== 'stop') return said;
    // Some servers say `stop`, or nothing, after a call; OpenAI says it after a refusal.
    return this.#refused ? 'refusal' : this.#callCount > 0 ? 'tool_calls' : 'stop';
  }
}

/** Reads the events of a streamed `/v1/chat/completions` answer. */
export function decodeOpenAi(body: AsyncIterable<Uint8Array>): AsyncGenerator<WireEvent, void, undefined> {
  return readSseAnswer(body, new Reading());
}
