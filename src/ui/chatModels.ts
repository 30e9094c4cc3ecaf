import * as vscode from 'vscode';
import type { ModelNeed } from '../dispatch/chat';
import type { RegisteredModel } from '../registry/row';
import { LOCAL_HOST, modelRefKey, type ModelRef } from '../shared/modelRef';
import { formatNumber } from '../shared/numberText';
import { TASKS } from '../shared/settings';
import { chatLimits } from './chatLimits';
import { hostLabel } from './hostText';
import { contextText, fitText, knownNow, servedModelDescription } from './modelText';
import { shortModelName } from '../shared/shortModelName';
import { taskWord } from '../shared/taskWord';
import type { UiContext } from './uiContext';

/** Ollama's own extension, which offers the models of a plain Ollama to the chat as well. */
const OLLAMA_EXTENSION_ID = 'Ollama.ollama';

/** An entry of the chat's model picker: one model, or whichever is best for a need at each call. */
export interface PoolChatModel extends vscode.LanguageModelChatInformation {
  readonly target: ModelRef | { readonly best: ModelNeed };
  /** Under which name its tokens are counted. */
  readonly countedAs: string;
}

type Named = Pick<RegisteredModel, 'displayName' | 'provider'>;

/** What the chat's model picker is offered, from what the registry knows now. */
export function chatModels(context: UiContext): PoolChatModel[] {
  const models = context.engine.served.chat().filter((model) => isOffered(context, model));
  const nameOf = chatNames(models);
  return [...autoEntries(context), ...models.map((model) => modelEntry(context, model, nameOf(model)))];
}

/**
 * How the models are named: short, as in our own views, where no other one is named so. The chat shows a name in little
 * room, and nothing beside it that would tell two builds apart.
 */
export function chatNames(models: readonly Named[]): (model: Named) => string {
  const shortOf = ({ displayName, provider }: Named): string => shortModelName(displayName, provider);
  const byShort = Map.groupBy(models, shortOf);
  return (model) => {
    const short = shortOf(model);
    const isPlain = byShort.get(short)?.every(({ displayName }) => displayName === model.displayName);
    return isPlain === false ? model.displayName : short;
  };
}

function isOffered({ engine }: UiContext, { backend }: RegisteredModel): boolean {
  const include = engine.settings.chatIncludePlainOllama;
  if (include ?? vscode.extensions.getExtension(OLLAMA_EXTENSION_ID) === undefined) return true;
  const setting = engine.settings.backends.find(({ id }) => id === backend);
  return setting?.kind !== 'ollama' || engine.hostOf(backend) !== LOCAL_HOST;
}

function modelEntry(context: UiContext, served: RegisteredModel, name: string): PoolChatModel {
  const { backend, provider, modelId, capabilities } = served;
  const ref = { backend, provider, modelId };
  return {
    id: `${backend}/${provider}/${modelId}`,
    name,
    family: capabilities.family ?? provider,
    version: capabilities.digest ?? '1',
    detail: `${backend} · ${hostLabel(context, backend)}`,
    tooltip: `${served.displayName}\n${tooltipOf(context, served)}`,
    ...abilities(context, served),
    target: ref,
    countedAs: modelRefKey(ref),
  };
}

/** One entry a task that some model can do now. */
function autoEntries(context: UiContext): PoolChatModel[] {
  const { engine } = context;
  if (!engine.settings.chatAutoEntries) return [];
  return TASKS.flatMap((task): PoolChatModel[] => {
    const need: ModelNeed = { task };
    const resolution = engine.dispatcher.explain({ model: { best: need }, messages: [], sessionId: 'chat' });
    if (!resolution.ok || !resolution.model) return [];
    const best = resolution.model;
    const name = shortModelName(best.displayName, best.provider);
    return [
      {
        id: `auto/${task}`,
        name: vscode.l10n.t('Auto: {0}', taskWord(task)),
        family: 'auto',
        version: '1',
        detail: vscode.l10n.t('now {0}', name),
        tooltip: [
          vscode.l10n.t('The best installed model for this task that answers when it is asked. Now:'),
          `${name} (${best.backend})`,
          tooltipOf(context, best),
        ].join('\n'),
        ...abilities(context, best),
        target: { best: need },
        countedAs: modelRefKey(resolution.route.ref),
      },
    ];
  });
}

function tooltipOf({ engine }: UiContext, served: RegisteredModel): string {
  const { backend, provider, modelId } = served;
  const rate = engine.served.lastDecodeRate({ backend, provider, modelId });
  const fit = engine.served.fitOf(served);
  const known = knownNow(engine, served);
  return [
    servedModelDescription(known),
    contextText(known, engine.served.contextOf(served)),
    fit && fitText(fit.kind),
    rate === null ? undefined : vscode.l10n.t('{0} tok/s in its last answer', formatNumber(rate, 1)),
  ]
    .filter((part) => part !== undefined && part !== '')
    .join('\n');
}

function abilities(
  { engine }: UiContext,
  served: RegisteredModel,
): Pick<PoolChatModel, 'maxInputTokens' | 'maxOutputTokens' | 'capabilities'> {
  return {
    ...chatLimits(engine.served.contextOf(served)),
    capabilities: {
      imageInput: served.capabilities.vision === true,
      // Unknown counts as able: agent mode hides models that say no, and a server that cannot says so itself.
      toolCalling: engine.served.toolCallingOf(served) !== false,
    },
  };
}
