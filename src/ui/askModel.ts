import * as vscode from 'vscode';
import type { ChatFinish } from '../dispatch/chat';
import type { ModelRef } from '../shared/modelRef';
import { isStartable } from '../engine/serverStarts';
import { askForPick } from './modelPicker';
import { PageWriter } from './pageWriter';
import type { Page } from './pages';
import type { UserPick } from './pickStore';
import { startServer } from './startServer';
import type { UiContext } from './uiContext';
import { modelNow, pickName } from './userPick';

/**
 * Asks one question and streams the answer into a new editor tab. The question goes to `target`, else to the pick (the
 * best model for its task, where it is one), else the user is asked for a model.
 */
export async function askModel(context: UiContext, target?: ModelRef): Promise<void> {
  const pick =
    target ?? context.picks.pick ?? (await askForPick(context, { title: vscode.l10n.t('Ask which model?') }));
  if (!pick) return;
  const now = 'best' in pick ? modelNow(context.engine, pick) : null;
  const question = await vscode.window.showInputBox({
    title: now
      ? vscode.l10n.t('Ask {0}, now {1}', pickName(pick), now.modelId)
      : vscode.l10n.t('Ask {0}', 'best' in pick ? pickName(pick) : pick.modelId),
    prompt: vscode.l10n.t('The answer streams into a new editor tab.'),
    ignoreFocusOut: true,
  });
  if (question === undefined || question.trim() === '') return;
  await streamAnswer(context, pick, question);
}

async function streamAnswer(context: UiContext, pick: UserPick, question: string): Promise<void> {
  const name = vscode.l10n.t('Answer of {0}', pickName(pick));
  const page = await context.pages.open(name, `# ${question}\n\n`);
  const failure = await vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: pickName(pick),
      cancellable: true,
    },
    (progress, token) => writeAnswer(context, pick, question, page, progress, token),
  );
  if (failure === undefined) return;
  const openReport = vscode.l10n.t('Show Record');
  const backend = 'best' in pick ? undefined : context.engine.registry.backend(pick.backend);
  const start = backend && isStartable(backend) ? [vscode.l10n.t('Start Server')] : [];
  const choice = await vscode.window.showErrorMessage(failure.message, ...start, openReport);
  if (choice !== undefined && choice === start[0]) await startServer(context, backend);
  if (choice === openReport) context.showReport.fire({ tab: 'dispatches', recordId: failure.recordId });
}

/** Writes the stream to the page's end; returns what went wrong, if anything did. */
async function writeAnswer(
  context: UiContext,
  pick: UserPick,
  question: string,
  page: Page,
  progress: vscode.Progress<{ message?: string }>,
  token: vscode.CancellationToken,
): Promise<{ readonly message: string; readonly recordId: string } | undefined> {
  const abort = new AbortController();
  token.onCancellationRequested(() => abort.abort());
  const writer = new PageWriter(page);
  // Also while the model is silent over a long prompt: nobody waits for this answer any more.
  writer.onDidClose(() => abort.abort());
  const tell = onChange((message) => progress.report({ message }));
  // A model that must be loaded first takes its time; without a word that looks like a hang.
  tell(vscode.l10n.t('waiting for the first word…'));
  const events = context.engine.dispatcher.dispatch({
    model: pick,
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

/** What stands under the answer; a failure too, because its message goes and the page stays. */
function ending({ finishReason, failure }: ChatFinish, answered: boolean): string {
  // The heading has left an empty line already.
  const gap = answered ? '\n\n' : '';
  if (failure) return `${gap}> ${failure.message}\n`;
  switch (finishReason) {
    case 'cancelled':
      return `${gap}_${vscode.l10n.t('Stopped.')}_\n`;
    case 'length':
    case 'context_limit':
      return `${gap}_${vscode.l10n.t('Cut at the token limit.')}_\n`;
    case 'refusal':
    case 'content_filter':
      return `${gap}_${vscode.l10n.t('The model refused to go on.')}_\n`;
    default:
      return answered ? '\n' : `_${vscode.l10n.t('The model answered with nothing.')}_\n`;
  }
}
