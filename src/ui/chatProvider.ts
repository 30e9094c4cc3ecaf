import * as vscode from 'vscode';
import type { ChatFinish, ChatMessage, ChatTool } from '../dispatch/chat';
import { TokenCalibration } from '../engine/tokenCalibration';
import { toChatMessages, toChatTools } from './chatMessages';
import { chatModels, type PoolChatModel } from './chatModels';
import { commandId } from './manifest/commands';
import { CHAT_VENDOR } from './manifest/views';
import type { UiContext } from './uiContext';

const CALIBRATION_KEY = 'tokenCalibration';

/** VS Code's own chat on every chat model that the registry knows. Prompts only where the person asks for more models. */
export class ChatProvider implements vscode.LanguageModelChatProvider<PoolChatModel> {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeLanguageModelChatInformation = this.#changed.event;
  readonly #calibration: TokenCalibration;

  constructor(private readonly context: UiContext) {
    const { engine, extension } = context;
    this.#calibration = new TokenCalibration(extension.globalState.get(CALIBRATION_KEY));
    const changed = (): void => this.#changed.fire();
    extension.subscriptions.push(
      this.#changed,
      { dispose: engine.registry.onDidChangeRows(changed) },
      // What is best for a task follows the ranking.
      { dispose: engine.rankings.onDidRank(changed) },
      { dispose: engine.onDidConfigure(changed) },
      // So do the limits of what is not loaded yet.
      { dispose: engine.trials.onDidChangeContexts(changed) },
      vscode.lm.registerLanguageModelChatProvider(CHAT_VENDOR, this),
    );
  }

  provideLanguageModelChatInformation({ silent }: { readonly silent: boolean }): PoolChatModel[] {
    // Only Add Models of the Language Models editor asks so: more models come from another backend.
    if (!silent) void vscode.commands.executeCommand(commandId('addBackend'));
    return chatModels(this.context);
  }

  async provideLanguageModelChatResponse(
    model: PoolChatModel,
    messages: readonly vscode.LanguageModelChatRequestMessage[],
    options: vscode.ProvideLanguageModelChatResponseOptions,
    progress: vscode.Progress<vscode.LanguageModelResponsePart>,
    token: vscode.CancellationToken,
  ): Promise<void> {
    const abort = new AbortController();
    const cancelling = token.onCancellationRequested(() => abort.abort());
    if (token.isCancellationRequested) abort.abort();
    const tools = toChatTools(options.tools);
    const chat = toChatMessages(messages);
    const needsTools = tools.length > 0;
    const events = this.context.engine.dispatcher.dispatch({
      model:
        'best' in model.target
          ? { best: { ...model.target.best, requireToolCalling: needsTools } }
          : model.target,
      messages: chat,
      ...(needsTools ? { tools } : {}),
      sessionId: 'chat',
      iteration: iterationOf(chat),
      signal: abort.signal,
    });
    let shown = false;
    try {
      for await (const event of events) {
        switch (event.type) {
          case 'text':
            shown = true;
            progress.report(new vscode.LanguageModelTextPart(event.text));
            break;
          case 'toolCall':
            shown = true;
            progress.report(
              new vscode.LanguageModelToolCallPart(event.call.id, event.call.name, event.call.arguments),
            );
            break;
          case 'escalated':
            // Never silently: another model than the one that was chosen answers.
            progress.report(new vscode.LanguageModelTextPart(`_${event.message}_\n\n`));
            break;
          case 'retrying':
          case 'thinking':
            // The stable API has no part for either; the record has the attempts and the tokens.
            break;
          case 'finish':
            this.#learn(model, chat, tools, event);
            finishChat(event, shown, token, progress);
            break;
        }
      }
    } finally {
      cancelling.dispose();
    }
  }

  async provideTokenCount(
    model: PoolChatModel,
    text: string | vscode.LanguageModelChatRequestMessage,
  ): Promise<number> {
    const characters = typeof text === 'string' ? text.length : charactersOf(toChatMessages([text]), []);
    return this.#calibration.tokensOf(model.countedAs, characters);
  }

  #learn(
    model: PoolChatModel,
    messages: readonly ChatMessage[],
    tools: readonly ChatTool[],
    { usage, escalatedFrom }: ChatFinish,
  ): void {
    const hasImages = messages.some(({ images = [] }) => images.length > 0);
    // An image costs tokens without a character; another model counts its own tokens.
    if (hasImages || escalatedFrom) return;
    if (!this.#calibration.note(model.countedAs, charactersOf(messages, tools), usage.inputTokens)) return;
    void this.context.extension.globalState.update(CALIBRATION_KEY, this.#calibration.toJSON());
  }
}

/** Characters of everything that becomes tokens. */
function charactersOf(messages: readonly ChatMessage[], tools: readonly ChatTool[]): number {
  const ofMessages = messages.map(({ content, toolCalls = [] }) =>
    toolCalls.reduce(
      (sum, call) => sum + call.name.length + JSON.stringify(call.arguments).length,
      content.length,
    ),
  );
  const ofTools = tools.map((tool) => JSON.stringify(tool).length);
  return [...ofMessages, ...ofTools].reduce((sum, characters) => sum + characters, 0);
}

/**
 * Which round this is of the turn that the last question began: each round's calls come back as results. What a person's
 * side says right after a result belongs to it: agent mode repeats its instructions there.
 */
function iterationOf(messages: readonly ChatMessage[]): number {
  const question = messages.findLastIndex(
    ({ role }, index) => role === 'user' && messages[index - 1]?.role !== 'tool',
  );
  return 1 + messages.slice(question + 1).filter(({ role }) => role === 'assistant').length;
}

/** Reports usage; throws what VS Code shows as the turn's error. */
function finishChat(
  finish: ChatFinish,
  shown: boolean,
  token: vscode.CancellationToken,
  progress: vscode.Progress<vscode.LanguageModelResponsePart>,
): void {
  if (token.isCancellationRequested) throw new vscode.CancellationError();
  const trouble = finish.failure?.message ?? (shown ? undefined : silenceText(finish));
  if (trouble !== undefined) throw turnError(trouble);
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

/** Why there is nothing to read, where the call itself did not fail. */
function silenceText({ finishReason }: ChatFinish): string {
  switch (finishReason) {
    case 'length':
    case 'context_limit':
      return vscode.l10n.t(
        'The model reached its token limit before it said anything. Start a new conversation, or use a model with a larger context.',
      );
    case 'refusal':
    case 'content_filter':
      return vscode.l10n.t('The model refused to answer. Ask in other words, or use another model.');
    default:
      return vscode.l10n.t('The model answered with nothing. Ask again, or use another model.');
  }
}

/** An error as the chat view should show it; it prints the stack where there is one, which helps nobody there. */
function turnError(message: string): Error {
  const error = new Error(message);
  error.stack = '';
  return error;
}
