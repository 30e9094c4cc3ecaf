import * as vscode from 'vscode';
import type { BuildPlan, ModelfileBuilds } from '../../engine/modelfileBuilds';
import { LANGUAGE_ID } from '../../modelfile/protocol';
import { askModel } from '../askModel';
import { CANCELLED } from '../cancellableProgress';
import type { UiContext } from '../uiContext';
import { compareWithInstalled } from './replacedModelfile';

/** What the three commands on a Modelfile need. */
interface ModelfileCommandContext extends UiContext {
  readonly builds: ModelfileBuilds;
}

/** The commands of a Modelfile's lenses, which also work on the active editor; each gets the document's URI or nothing. */
export function modelfileCommands(
  context: UiContext,
  builds: ModelfileBuilds,
): Readonly<
  Record<'modelfileCreate' | 'modelfileRun' | 'modelfileShowReplaced', (target: unknown) => Promise<void>>
> {
  const withBuilds = { ...context, builds };
  return {
    modelfileCreate: (target) => createFromModelfile(withBuilds, target),
    modelfileRun: (target) => runModelfile(withBuilds, target),
    modelfileShowReplaced: (target) => showReplaced(withBuilds, target),
  };
}

/** The name that each Modelfile was last created under, in this workspace. */
const NAMES_KEY = 'modelPool.modelfile.names';

/** Creates the model of a Modelfile, after one dialog that says what will happen and what it would replace. */
async function createFromModelfile(context: ModelfileCommandContext, target: unknown): Promise<void> {
  const document = await modelfileOf(target);
  if (!document) return;
  const plan = await context.builds.plan(document.getText(), folderOf(document));
  if (plan.kind === 'impossible') {
    await vscode.window.showWarningMessage(plan.message);
    return;
  }
  const name = await askName(context, document);
  if (name === undefined) return;
  if (plan.kind === 'program') {
    await createInTerminal(context, document, { name, url: plan.url });
    return;
  }
  if (!(await consent(context, document, name, plan))) return;
  await rememberName(context, document, name);
  const result = await createWithProgress(context, document, name, plan.backend);
  if (result === CANCELLED) return;
  if (result.status === 'error') {
    await vscode.window.showErrorMessage(result.message);
    return;
  }
  const run = vscode.l10n.t('Run');
  const choice = await vscode.window.showInformationMessage(vscode.l10n.t('{0} was created.', name), run);
  if (choice === run) await runModelfile(context, document.uri.toString());
}

/** Asks the model that was made of a Modelfile; offers to create it where there is none. */
async function runModelfile(context: ModelfileCommandContext, target: unknown): Promise<void> {
  const document = await modelfileOf(target);
  if (!document) return;
  const name = nameOf(context, document);
  const model = context.builds.served(name);
  if (model) {
    const { backend, provider, modelId } = model;
    await askModel(context, { backend, provider, modelId });
    return;
  }
  const create = vscode.l10n.t('Create');
  const message = vscode.l10n.t('There is no model {0} yet. Create it from this Modelfile first.', name);
  if ((await vscode.window.showInformationMessage(message, create)) === create) {
    await createFromModelfile(context, document.uri.toString());
  }
}

/** Shows the installed model's own Modelfile beside this one. */
async function showReplaced(context: ModelfileCommandContext, target: unknown): Promise<void> {
  const document = await modelfileOf(target);
  if (document) await compare(context, document, nameOf(context, document));
}

async function compare(
  context: ModelfileCommandContext,
  document: vscode.TextDocument,
  name: string,
): Promise<void> {
  const model = context.builds.served(name);
  if (!model) {
    const message = vscode.l10n.t('Creating {0} replaces nothing: no model of that name is installed.', name);
    await vscode.window.showInformationMessage(message);
    return;
  }
  await compareWithInstalled(context, model, document);
}

/** The document that a lens names, else the one in the active editor. */
async function modelfileOf(target: unknown): Promise<vscode.TextDocument | undefined> {
  const document =
    typeof target === 'string'
      ? await vscode.workspace.openTextDocument(vscode.Uri.parse(target, true))
      : vscode.window.activeTextEditor?.document;
  if (document?.languageId === LANGUAGE_ID) return document;
  await vscode.window.showInformationMessage(vscode.l10n.t('Open a Modelfile first.'));
  return undefined;
}

/** The folder of a document that is a file; undefined for one that was never saved. */
function folderOf({ uri }: vscode.TextDocument): string | undefined {
  return uri.scheme === 'file' ? vscode.Uri.joinPath(uri, '..').fsPath : undefined;
}

function nameOf({ extension, builds }: ModelfileCommandContext, { uri }: vscode.TextDocument): string {
  const names = extension.workspaceState.get<Readonly<Record<string, string>>>(NAMES_KEY, {});
  return names[uri.toString()] ?? builds.nameFor(uri.path);
}

async function rememberName(
  { extension }: ModelfileCommandContext,
  { uri }: vscode.TextDocument,
  name: string,
): Promise<void> {
  const names = extension.workspaceState.get<Readonly<Record<string, string>>>(NAMES_KEY, {});
  await extension.workspaceState.update(NAMES_KEY, { ...names, [uri.toString()]: name });
}

/** What Ollama takes for a name; it fills in the tag. */
const MODEL_NAME = /^(?:[\w][\w.:-]*\/)*[\w][\w.-]{0,79}(?::[\w][\w.-]{0,79})?$/;

async function askName(
  context: ModelfileCommandContext,
  document: vscode.TextDocument,
): Promise<string | undefined> {
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t('Create a model from this Modelfile'),
    prompt: vscode.l10n.t('Name of the model, with a tag if you like: reviewer or reviewer:v2'),
    value: nameOf(context, document),
    validateInput: (value) =>
      MODEL_NAME.test(value.trim())
        ? undefined
        : vscode.l10n.t(
            'A name has letters, digits, dots, hyphens and underscores, and one tag after a colon.',
          ),
  });
  return name?.trim();
}

/** The one dialog before anything is downloaded or replaced; none where neither happens. */
async function consent(
  context: ModelfileCommandContext,
  document: vscode.TextDocument,
  name: string,
  { backend, downloads }: Extract<BuildPlan, { kind: 'server' }>,
): Promise<boolean> {
  const there = context.builds.served(name, backend);
  if (!there && downloads === null) return true;
  const go = there ? vscode.l10n.t('Replace') : vscode.l10n.t('Download and Create');
  const show = vscode.l10n.t('Show Both');
  const sentences = [
    there &&
      vscode.l10n.t(
        'A model of this name is installed on {0}. Creating it anew replaces its settings, template and messages.',
        backend,
      ),
    downloads === null
      ? undefined
      : vscode.l10n.t('{0} does not have {1}: it downloads that model first.', backend, downloads),
  ].filter((sentence) => sentence !== undefined);
  const choice = await vscode.window.showWarningMessage(
    there ? vscode.l10n.t('Replace {0}?', there.modelId) : vscode.l10n.t('Create {0}?', name),
    { modal: true, detail: sentences.join(' ') },
    ...(there ? [go, show] : [go]),
  );
  if (choice === show) await compare(context, document, name);
  return choice === go;
}

function createWithProgress(
  { builds }: ModelfileCommandContext,
  document: vscode.TextDocument,
  name: string,
  backend: string,
): Promise<Awaited<ReturnType<ModelfileBuilds['create']>> | typeof CANCELLED> {
  const location = vscode.ProgressLocation.Notification;
  const title = vscode.l10n.t('Creating {0}', name);
  return Promise.resolve(
    vscode.window.withProgress({ location, title, cancellable: true }, async (progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      let shown = 0;
      try {
        return await builds.create({
          ...{ backend, name, modelfile: document.getText(), signal: abort.signal },
          onProgress: (message, fraction) => {
            const percent = Math.round((fraction ?? 0) * 100);
            progress.report({ message, increment: Math.max(0, percent - shown) });
            shown = Math.max(shown, percent);
          },
        });
      } catch (thrown) {
        if (abort.signal.aborted) return CANCELLED;
        throw thrown;
      }
    }),
  );
}

/** Ollama's own program sends the files to its server; it shows its progress, and Ctrl+C ends it. */
async function createInTerminal(
  context: ModelfileCommandContext,
  document: vscode.TextDocument,
  { name, url }: { readonly name: string; readonly url: string | null },
): Promise<void> {
  if (document.uri.scheme !== 'file' || (document.isDirty && !(await document.save()))) {
    await vscode.window.showWarningMessage(
      vscode.l10n.t('Save this Modelfile first: ollama create reads it from the disk.'),
    );
    return;
  }
  await rememberName(context, document, name);
  const terminal = vscode.window.createTerminal({
    name: vscode.l10n.t('Create {0}', name),
    cwd: vscode.Uri.joinPath(document.uri, '..'),
    // Started without a shell: nothing in a file's name can be a command.
    shellPath: process.platform === 'win32' ? 'ollama.exe' : 'ollama',
    ...(url === null ? {} : { env: { OLLAMA_HOST: url } }),
    shellArgs: ['create', name, '-f', document.uri.fsPath],
  });
  terminal.show();
}
