import * as vscode from 'vscode';
import { hostLabel } from './hostText';
import type { ChatFinish } from '../dispatch/chat';
import type { RegisteredModel } from '../registry/row';
import { toChatMessages, toChatTools } from './chatMessages';
import { CHAT_VENDOR } from './manifest/views';
import { contextText, servedModelDescription } from './modelText';
import type { UiContext } from './uiContext';

/** Context that a server allocates where it does not say: Ollama's and llama-server's smallest common default. */
const UNKNOWN_CONTEXT_TOKENS = 4_096;
/** Share of the context that is kept for the answer. */
const OUTPUT_SHARE = 0.25;
/** Characters a token, where the model's own tokenizer was not asked: about right for English and code. */
const CHARACTERS_PER_TOKEN = 4;

interface PoolChatModel extends vscode.LanguageModelChatInformation {
  readonly served: RegisteredModel;
}

/** VS Code's own chat on every chat model that the registry knows. Never prompts. */
export class ChatProvider implements vscode.LanguageModelChatProvider<PoolChatModel> {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeLanguageModelChatInformation = this.#changed.event;

  constructor(private readonly context: UiContext) {
    const { engine, extension } = context;
    extension.subscriptions.push(
      this.#changed,
      { dispose: engine.registry.onDidChangeRows(() => this.#changed.fire()) },
      vscode.lm.registerLanguageModelChatProvider(CHAT_VENDOR, this),
    );
  }

  provideLanguageModelChatInformation(): PoolChatModel[] {
    return this.context.engine.chatModels().map((model) => this.#information(model));
  }

  async provideLanguageModelChatResponse(
    model: PoolChatModel,
    messages: readonly vscode.LanguageModelChatRequestMessage[],
    options: vscode.ProvideLanguageModelChatResponseOptions,
    progress: vscode.Progress<vscode.LanguageModelResponsePart>,
    token: vscode.CancellationToken,
  ): Promise<void> {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    const { served } = model;
    const tools = toChatTools(options.tools);
    const events = this.context.engine.dispatcher.dispatch({
      model: { backend: served.backend, provider: served.provider, modelId: served.modelId },
      messages: toChatMessages(messages),
      ...(tools.length > 0 ? { tools } : {}),
      sessionId: 'chat',
      signal: abort.signal,
    });
    for await (const event of events) {
      switch (event.type) {
        case 'text':
          progress.report(new vscode.LanguageModelTextPart(event.text));
          break;
        case 'toolCall':
          progress.report(
            new vscode.LanguageModelToolCallPart(event.call.id, event.call.name, event.call.arguments),
          );
          break;
        case 'thinking':
          // The stable API has no part for it yet; the record counts its tokens.
          break;
        case 'finish':
          finishChat(event, token, progress);
          break;
      }
    }
  }

  async provideTokenCount(
    _model: PoolChatModel,
    text: string | vscode.LanguageModelChatRequestMessage,
  ): Promise<number> {
    const characters =
      typeof text === 'string'
        ? text.length
        : toChatMessages([text]).reduce((sum, message) => sum + message.content.length, 0);
    return Math.ceil(characters / CHARACTERS_PER_TOKEN);
  }

  #information(served: RegisteredModel): PoolChatModel {
    const { capabilities, running } = served;
    const context =
      running?.contextTokens ??
      capabilities.allocatedContext ??
      capabilities.contextLength ??
      UNKNOWN_CONTEXT_TOKENS;
    const maxOutputTokens = Math.max(1, Math.floor(context * OUTPUT_SHARE));
    const details = [servedModelDescription(served), contextText(served)].filter(
      (part) => part !== undefined && part !== '',
    );
    return {
      id: `${served.backend}/${served.provider}/${served.modelId}`,
      name: served.displayName,
      family: capabilities.family ?? served.provider,
      version: capabilities.digest ?? '1',
      detail: `${served.backend} · ${hostLabel(this.context.engine, served.backend)}`,
      tooltip: details.join('\n'),
      maxInputTokens: Math.max(1, context - maxOutputTokens),
      maxOutputTokens,
      capabilities: {
        imageInput: capabilities.vision === true,
        // Unknown counts as able: agent mode hides models that say no, and a server that cannot says so itself.
        toolCalling: capabilities.tools !== false,
      },
      served,
    };
  }
}

/** Reports usage; throws what VS Code shows as the turn's error. */
function finishChat(
  finish: ChatFinish,
  token: vscode.CancellationToken,
  progress: vscode.Progress<vscode.LanguageModelResponsePart>,
): void {
  if (token.isCancellationRequested) throw new vscode.CancellationError();
  if (finish.failure) throw turnError(finish.failure.message);
  const { inputTokens, outputTokens } = finish.usage;
  if (inputTokens === null || outputTokens === null) return;
  progress.report(
    vscode.LanguageModelDataPart.json(
      {
        prompt_tokens: inputTokens,
        completion_tokens: outputTokens,
        total_tokens: inputTokens + outputTokens,
      },
      'usage',
    ),
  );
}

/** An error as the chat view should show it; it prints the stack where there is one, which helps nobody there. */
function turnError(message: string): Error {
  const error = new Error(message);
  error.stack = '';
  return error;
}
