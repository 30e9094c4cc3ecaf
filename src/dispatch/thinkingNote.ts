import * as l10n from '@vscode/l10n';
import { openAiReasoningModel } from './dialects/openaiModels';
import { openAiEffort } from './dialects/openaiThinking';
import type { Route } from './route';

/**
 * What a person should know where a model is not told what was asked of its thinking, or not all of it, for want of a
 * word that its server takes; undefined where it is told, and where nobody asked: the default of the setting is no wish.
 */
export function untoldThinking(route: Route, hasTools: boolean): string | undefined {
  const { thinking, provenance, wireFormat } = route;
  if (thinking.mode === 'default' || provenance.thinking === 'catalog_default') return undefined;
  switch (wireFormat) {
    case 'openai_compat':
      return route.kind === 'openai' ? untoldToOpenAi(route, hasTools) : untoldToOthers(route);
    case 'ollama':
      return hasBudget(route) ? noBudget() : undefined;
    case 'vscode':
      return l10n.t("The editor's own models are not told how to think: there is no word for it.");
    case 'anthropic_native':
    case 'gemini':
      return undefined;
  }
}

function noBudget(): string {
  return l10n.t('The budget for thinking is not sent: this server has no word for it.');
}

function hasBudget({ thinking }: Route): boolean {
  return thinking.mode === 'enabled' && thinking.budgetTokens !== undefined;
}

function untoldToOpenAi(route: Route, hasTools: boolean): string | undefined {
  const { ref, thinking } = route;
  const model = openAiReasoningModel(ref.modelId);
  if (!model) return thinking.mode === 'off' ? undefined : l10n.t('{0} does not think.', ref.modelId);
  const effort = openAiEffort(model, thinking, hasTools);
  if (thinking.mode === 'off') {
    if (effort === 'none') return undefined;
    return l10n.t('{0} cannot be kept from thinking: it is asked for as little as it takes.', ref.modelId);
  }
  if (effort === 'none')
    return l10n.t('{0} does not think where it may call tools, which come first.', ref.modelId);
  return hasBudget(route) ? noBudget() : undefined;
}

function untoldToOthers(route: Route): string | undefined {
  const { kind, thinking } = route;
  const isTold = thinking.mode === 'off' || thinking.mode === 'effort';
  switch (kind) {
    case 'llama_server':
      return undefined;
    case 'vllm':
      return hasBudget(route) ? noBudget() : undefined;
    case 'lm_studio':
    case 'ollama':
      return isTold
        ? undefined
        : l10n.t('Nothing is sent of thinking: models think on this server unless told not to.');
    default:
      return thinking.mode === 'effort'
        ? undefined
        : l10n.t('Nothing is sent of thinking: servers of this kind have no common word for it.');
  }
}
