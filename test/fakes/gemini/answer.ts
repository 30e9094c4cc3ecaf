import type { FakeGeminiModel } from './models';
import type { GeminiBody } from './requests';

interface FakeCall {
  /** Left out by many models. */
  readonly id?: string;
  readonly name: string;
  readonly args?: unknown;
}

export interface FakeAnswer {
  readonly thoughts?: readonly string[];
  readonly texts?: readonly string[];
  /** All in one chunk. */
  readonly calls?: readonly FakeCall[];
  /** Default `STOP`. */
  readonly finishReason?: string;
  /** The question is refused: no candidate at all. */
  readonly blockReason?: string;
  /** An error in place of the end. */
  readonly error?: { readonly code: number; readonly status: string; readonly message: string };
}

const SIGNATURE = 'CiQB0e2Kb5lXbGVhc2UgZG8gbm90IHJlYWQgdGhpcwpyAdHtim';

/** What the fake answers by itself: calls of the offered tool where a user spoke last, else a sentence. */
export function inventAnswer(body: GeminiBody, model: FakeGeminiModel): FakeAnswer {
  const config = body.generationConfig?.thinkingConfig;
  const stopped = config?.thinkingBudget === 0;
  const canThink = model.budget !== undefined || model.levels !== undefined;
  // Thoughts are shown only to those who ask for them.
  const thoughts =
    canThink && !stopped && config?.includeThoughts === true ? ['**Weighing**\n', 'Fine.'] : [];
  const answersCall = body.contents.at(-1)?.parts.some((part) => part.functionResponse) ?? false;
  const tool = answersCall ? undefined : body.tools?.[0]?.functionDeclarations[0];
  if (tool === undefined) return { thoughts, texts: ['Hello', ' from Gemini.'] };
  return {
    thoughts,
    calls: [
      { name: tool.name, args: { city: 'Paris' } },
      { name: tool.name, args: { city: 'Rome' } },
    ],
  };
}

/** The chunks of an answer as https://ai.google.dev/api/generate-content has them; counts of 0 are left out. */
export function* chunksOf(answer: FakeAnswer, model: string, promptTokens: number): Generator<object, void> {
  const counted = { promptTokenCount: promptTokens };
  const common = { modelVersion: model, responseId: 'r6jbaLYSnqm0sgL' };
  if (answer.blockReason !== undefined) {
    const promptFeedback = { blockReason: answer.blockReason };
    yield { promptFeedback, usageMetadata: { ...counted, totalTokenCount: promptTokens }, ...common };
    return;
  }
  const { thoughts = [], texts = [], calls = [] } = answer;
  const spent = thoughts.length === 0 ? {} : { thoughtsTokenCount: 7 };
  const parts = [
    ...thoughts.map((text) => [{ text, thought: true }]),
    ...texts.map((text) => [{ text }]),
    ...(calls.length === 0 ? [] : [callParts(calls)]),
  ];
  for (const content of parts) {
    yield {
      candidates: [{ content: { parts: content, role: 'model' }, index: 0 }],
      usageMetadata: { ...counted, ...spent },
      ...common,
    };
  }
  if (answer.error) {
    yield { error: answer.error };
    return;
  }
  const written = texts.length + calls.length;
  yield {
    candidates: [
      {
        content: { parts: [{ text: '', thoughtSignature: SIGNATURE }], role: 'model' },
        finishReason: answer.finishReason ?? 'STOP',
        index: 0,
      },
    ],
    usageMetadata: {
      ...counted,
      ...(written === 0 ? {} : { candidatesTokenCount: written }),
      ...spent,
      totalTokenCount: promptTokens + written + (thoughts.length === 0 ? 0 : 7),
    },
    ...common,
  };
}

/** Of calls at once only the first has a signature. */
function callParts(calls: readonly FakeCall[]): readonly object[] {
  return calls.map((functionCall, position) => ({
    functionCall,
    ...(position === 0 ? { thoughtSignature: SIGNATURE } : {}),
  }));
}
