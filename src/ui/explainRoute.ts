import * as vscode from 'vscode';
import * as z from 'zod';
import { systemClock } from '../shared/clock';
import { parseJson } from '../shared/json';
import type { ModelRef } from '../shared/modelRef';
import { routeDocument } from './routeText';
import type { UiContext } from './uiContext';

/** Of documents that are made when they are read: they cannot be edited, and ask for nothing when they are closed. */
const SCHEME = 'model-pool-route';

/** What a document's address says: the model that it is about, if any, and when it was asked for. */
const querySchema = z.object({
  target: z.exactOptional(z.object({ backend: z.string(), provider: z.string(), modelId: z.string() })),
  at: z.number(),
});

/** Serves the documents of `explainRoute`; one that the editor restores says what is true then. */
export function provideRouteDocuments({ engine, picks }: UiContext): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    provideTextDocumentContent: ({ query }) => {
      const target = querySchema.safeParse(parseJson(query)).data?.target;
      const request = { messages: [], sessionId: 'explain', ...(target ? { model: target } : {}) };
      return routeDocument(engine.dispatcher.explainRoute(request), target, picks.pick);
    },
  });
}

/**
 * Shows what the next call of a model would do and why; without one, what the next call that names none would do. A page
 * of Markdown, which can be searched, copied and read by a screen reader; as plain text where the editor has no preview.
 */
export async function explainRoute({ logger }: UiContext, target?: ModelRef): Promise<void> {
  const name = target
    ? vscode.l10n.t('Route of {0}', target.modelId)
    : vscode.l10n.t('Route of the next call');
  const uri = vscode.Uri.from({
    scheme: SCHEME,
    path: `/${name.replaceAll(/[\\/:]/g, '-')}.md`,
    // With the time in its address each page is a new one, and none is shown from before.
    query: JSON.stringify({ ...(target ? { target } : {}), at: systemClock.now() }),
  });
  try {
    await vscode.commands.executeCommand('markdown.showPreview', uri);
  } catch (thrown) {
    logger.log('debug', 'route.preview.failed', { thrown });
    await vscode.window.showTextDocument(uri);
  }
}
