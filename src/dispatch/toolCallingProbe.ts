import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import type { ModelRef } from '../shared/modelRef';
import type { ChatRequest, ChatTool } from './chat';
import type { TrialDispatcher } from './trialCall';
import { trialCall } from './trialCall';

/** What a try came to. `recordId` is that of the call, where one was made to its end. */
export type ToolCallingVerdict =
  | {
      readonly result: 'yes' | 'no';
      /** `listed`: by its server's or the user's word, without a call. */
      readonly how: 'listed' | 'tried';
      readonly recordId: string | null;
    }
  | {
      readonly result: 'inconclusive';
      /** Why, and what to do. */
      readonly message: string;
      readonly recordId: string | null;
    };

/** Enough for a call of the tool and a sentence before it; a model that is not done by then is not judged. */
const MAX_TOKENS = 256;

const TOOL: ChatTool = {
  name: 'get_weather',
  description: 'Tells the weather of a city now.',
  parameters: {
    type: 'object',
    properties: { city: { type: 'string', description: 'Name of the city' } },
    required: ['city'],
  },
};

const toolArguments = z.object({ city: z.string().min(1) });

/**
 * Whether a model calls tools, by one real call that can hardly be answered without the tool. A model that is known not to
 * call tools is not asked. Failures, answers that were cut off and empty ones are inconclusive: they say nothing of what
 * the model can do. Rejects only when `signal` aborts.
 */
export async function tryToolCalling(
  dispatcher: TrialDispatcher,
  model: ModelRef,
  signal: AbortSignal,
): Promise<ToolCallingVerdict> {
  const request = {
    model,
    messages: [
      { role: 'user', content: 'What is the weather in Paris now? Use the tool get_weather to find out.' },
    ],
    tools: [TOOL],
    parameters: { maxTokens: MAX_TOKENS, temperature: 0, seed: 1, thinking: { mode: 'off' } },
    sessionId: 'probe',
    retry: false,
    signal,
  } as const satisfies ChatRequest;
  const resolution = dispatcher.explain(request);
  if (!resolution.ok) return inconclusive(resolution.failure.message, null);
  if (resolution.route.toolFormat === 'none') return { result: 'no', how: 'listed', recordId: null };
  const called = await trialCall(dispatcher, request);
  if (!called.ok) return inconclusive(called.message, called.recordId);
  const { calls, spoke, finish } = called;
  const { recordId, finishReason } = finish;
  const [call] = calls;
  if (call) {
    const fits = call.name === TOOL.name && toolArguments.safeParse(call.arguments).success;
    return { result: fits ? 'yes' : 'no', how: 'tried', recordId };
  }
  if (finishReason === 'stop' && spoke) return { result: 'no', how: 'tried', recordId };
  const why =
    finishReason === 'length'
      ? l10n.t(
          '{0} was not done after {1} tokens. Try again, or say it in the setting modelPool.route.capabilities.',
          model.modelId,
          MAX_TOKENS,
        )
      : l10n.t(
          '{0} gave no answer to judge by. Try again, or say it in the setting modelPool.route.capabilities.',
          model.modelId,
        );
  return inconclusive(why, recordId);
}

function inconclusive(message: string, recordId: string | null): ToolCallingVerdict {
  return { result: 'inconclusive', message, recordId };
}
