import * as vscode from 'vscode';
import * as z from 'zod';
import type { ChatMessage, ChatRequest } from '../dispatch/chat';
import type { EditorChat, EditorChatPart } from '../dispatch/editorChat';
import { messageOf } from '../shared/errors';

/** How VS Code's providers write usage, as ours does. */
const usageSchema = z.object({ prompt_tokens: z.number(), completion_tokens: z.number() });
const USAGE_MIME = 'usage';
const argumentsSchema = z.record(z.string(), z.unknown());

/** The editor's own chat models, each asked as any extension may ask it. */
export const editorChat: EditorChat = {
  async *send(modelId, request, signal) {
    const [model] = await vscode.lm.selectChatModels({ id: modelId });
    // That may have asked other extensions, and taken its time.
    signal.throwIfAborted();
    if (!model) {
      yield {
        type: 'failed',
        code: 'model_missing',
        message: vscode.l10n.t('The editor does not offer this model any more.'),
      };
      return;
    }
    const cancelling = new vscode.CancellationTokenSource();
    const cancel = (): void => cancelling.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const response = await model.sendRequest(
        request.messages.map(toEditorMessage),
        optionsOf(request),
        cancelling.token,
      );
      for await (const part of response.stream) yield* partsOf(part);
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      yield failedPart(thrown);
    } finally {
      signal.removeEventListener('abort', cancel);
      cancelling.dispose();
    }
  },
};

function optionsOf({
  tools = [],
  parameters = {},
}: Pick<ChatRequest, 'tools' | 'parameters'>): vscode.LanguageModelChatRequestOptions {
  const { maxTokens, temperature, seed, stop } = parameters;
  const modelOptions = {
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(seed === undefined ? {} : { seed }),
    ...(stop === undefined || stop.length === 0 ? {} : { stop }),
  };
  return {
    // Shown where the editor asks the person whether Model Pool may use the model.
    justification: vscode.l10n.t('You asked this model through Model Pool.'),
    ...(Object.keys(modelOptions).length === 0 ? {} : { modelOptions }),
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, parameters: inputSchema }) => ({
            name,
            description,
            inputSchema,
          })),
        }),
  };
}

function toEditorMessage(message: ChatMessage): vscode.LanguageModelChatMessage {
  const { role, content, images = [], toolCalls = [], toolCallId } = message;
  const text = content === '' ? [] : [new vscode.LanguageModelTextPart(content)];
  if (role === 'assistant') {
    const calls = toolCalls.map(
      (call) => new vscode.LanguageModelToolCallPart(call.id, call.name, call.arguments),
    );
    return vscode.LanguageModelChatMessage.Assistant([...text, ...calls]);
  }
  if (role === 'tool') {
    return vscode.LanguageModelChatMessage.User([
      new vscode.LanguageModelToolResultPart(toolCallId ?? '', text),
    ]);
  }
  // The stable API has no role for instructions; the editor's own providers take them from the user.
  const pictures = images.map(({ mediaType, base64 }) =>
    vscode.LanguageModelDataPart.image(Buffer.from(base64, 'base64'), mediaType),
  );
  return vscode.LanguageModelChatMessage.User([...text, ...pictures]);
}

function* partsOf(part: unknown): Generator<EditorChatPart, void, undefined> {
  if (part instanceof vscode.LanguageModelTextPart) yield { type: 'text', text: part.value };
  else if (part instanceof vscode.LanguageModelToolCallPart) {
    const parsed = argumentsSchema.safeParse(part.input);
    yield {
      type: 'toolCall',
      call: { id: part.callId, name: part.name, arguments: parsed.success ? parsed.data : {} },
    };
  } else if (part instanceof vscode.LanguageModelDataPart && part.mimeType === USAGE_MIME) {
    const usage = usageOf(part.data);
    if (usage) yield { type: 'usage', usage };
  }
}

function usageOf(
  data: Uint8Array,
): { readonly inputTokens: number; readonly outputTokens: number } | undefined {
  try {
    const usage = usageSchema.safeParse(JSON.parse(new TextDecoder().decode(data)));
    return usage.success
      ? { inputTokens: usage.data.prompt_tokens, outputTokens: usage.data.completion_tokens }
      : undefined;
  } catch {
    return undefined;
  }
}

/** What the editor threw, in the codes of dispatch. */
function failedPart(thrown: unknown): Extract<EditorChatPart, { type: 'failed' }> {
  return { type: 'failed', code: codeOf(thrown), message: messageOf(thrown) };
}

function codeOf(thrown: unknown): Extract<EditorChatPart, { type: 'failed' }>['code'] {
  if (!(thrown instanceof vscode.LanguageModelError)) return 'provider_unavailable';
  switch (thrown.code) {
    case vscode.LanguageModelError.NotFound.name:
      return 'model_missing';
    case vscode.LanguageModelError.NoPermissions.name:
      return 'auth';
    case vscode.LanguageModelError.Blocked.name:
      // VS Code says so of a quota that is used up, as well as of what it filters.
      return 'usage_limit';
    default:
      return 'provider_unavailable';
  }
}
