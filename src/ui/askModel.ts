import * as vscode from 'vscode';
import type { ChatFinish } from '../dispatch/chat';
import type { ModelRef } from '../shared/modelRef';
import { DocumentWriter } from './documentWriter';
import { askForModel } from './modelPicker';
import { shortModelName } from './modelText';
import type { UiContext } from './uiContext';

/**
 * Asks one question and streams the answer into a new editor tab. The question goes to `target`, else to the pick,
 * else the user is asked for a model.
 */
export async function askModel(context: UiContext, target?: ModelRef): Promise<void> {
  const ref = target ?? context.picks.pick ?? (await askForModel(context, vscode.l10n.t('Ask which model?')));
  if (!ref) return;
  const question = await vscode.window.showInputBox({
    title: vscode.l10n.t('Ask {0}', ref.modelId),
    prompt: vscode.l10n.t('The answer streams into a new editor tab.'),
    ignoreFocusOut: true,
  });
  if (question === undefined || question.trim() === '') return;
  await streamAnswer(context, ref, question);
}

async function streamAnswer(context: UiContext, ref: ModelRef, question: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument({
    language: 'markdown',
    content: `# ${question}\n\n`,
  });
  await vscode.window.showTextDocument(document, { preview: false });
  const failure = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: shortModelName(ref.modelId, ref.provider),
      cancellable: true,
    },
    (progress, token) => writeAnswer(context, ref, question, document, progress, token),
  );
  if (failure === undefined) return;
  const openReport = vscode.l10n.t('Show Record');
  const choice = await vscode.window.showErrorMessage(failure.message, openReport);
  if (choice === openReport) context.showReport.fire({ tab: 'dispatches', recordId: failure.recordId });
}

/** Writes the stream to the document's end; returns what went wrong, if anything did. */
async function writeAnswer(
  context: UiContext,
  ref: ModelRef,
  question: string,
  document: vscode.TextDocument,
  progress: vscode.Progress<{ message?: string }>,
  token: vscode.CancellationToken,
): Promise<{ readonly message: string; readonly recordId: string } | undefined> {
  const abort = new AbortController();
  token.onCancellationRequested(() => abort.abort());
  const writer = new DocumentWriter(document);
  // Also while the model is silent over a long prompt: nobody waits for this answer any more.
  const closing = vscode.workspace.onDidCloseTextDocument(() => {
    if (writer.closed) abort.abort();
  });
  const tell = onChange((message) => progress.report({ message }));
  // A model that must be loaded first takes its time; without a word that looks like a hang.
  tell(vscode.l10n.t('waiting for the first word…'));
  const events = context.engine.dispatcher.dispatch({
    model: ref,
    messages: [{ role: 'user', content: question }],
    sessionId: 'ask',
    signal: abort.signal,
  });
  let answered = false;
  try {
    for await (const event of events) {
      switch (event.type) {
        case 'text':
          tell(vscode.l10n.t('answering…'));
          answered = true;
          writer.append(event.text);
          break;
        case 'thinking':
          tell(vscode.l10n.t('thinking…'));
          break;
        case 'retrying':
          // Said again where the next attempt fails too: its number is another one.
          tell(vscode.l10n.t('trying again ({0})…', event.attempt));
          break;
        case 'escalated':
          writer.append(`_${event.message}_\n\n`);
          break;
        case 'toolCall':
          break;
        case 'finish':
          writer.append(ending(event, answered));
          await writer.flushed();
          if (event.failure) return { message: event.failure.message, recordId: event.recordId };
          break;
      }
    }
    return undefined;
  } finally {
    closing.dispose();
    writer.dispose();
  }
}

/** Passes on only what is not the same as the time before: a stream repeats itself at every token. */
function onChange(listener: (text: string) => void): (text: string) => void {
  let last: string | undefined;
  return (text) => {
    if (text !== last) listener(text);
    last = text;
  };
}

/** What stands under the answer; a failure too, because its message goes and the document stays. */
function ending({ finishReason, failure }: ChatFinish, answered: boolean): string {
  if (failure) return `\n\n> ${failure.message}\n`;
  switch (finishReason) {
    case 'cancelled':
      return `\n\n_${vscode.l10n.t('Stopped.')}_\n`;
    case 'length':
    case 'context_limit':
      return `\n\n_${vscode.l10n.t('Cut at the token limit.')}_\n`;
    case 'refusal':
    case 'content_filter':
      return `\n\n_${vscode.l10n.t('The model refused to go on.')}_\n`;
    default:
      return answered ? '\n' : `\n\n_${vscode.l10n.t('The model answered with nothing.')}_\n`;
  }
}
