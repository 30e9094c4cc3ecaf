import * as vscode from 'vscode';
import type { FitKind, RankedModel } from '../ranking/rankTypes';
import type { RegisteredModel } from '../registry/row';
import { formatBytes, formatContext, formatGib, formatTokensPerSecond } from '../shared/units';

/** `Q4_K_M · 4.7 GiB`: what a served model is made of. */
export function servedModelDescription(model: RegisteredModel): string {
  const { quant, sizeBytes, parameterSize } = model.capabilities;
  const parts = [
    parameterSize,
    quant,
    sizeBytes === undefined ? undefined : formatBytes(sizeBytes),
    model.running ? vscode.l10n.t('loaded') : undefined,
    model.capabilities.tools === false ? vscode.l10n.t('no tool calling') : undefined,
  ];
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}

/** The card behind a served model's row. */
export function servedModelTooltip(model: RegisteredModel, host: string): vscode.MarkdownString {
  const { capabilities, running } = model;
  const can = [
    capabilities.tools === true ? vscode.l10n.t('tool calling') : undefined,
    capabilities.vision === true ? vscode.l10n.t('images') : undefined,
    capabilities.thinking === true ? vscode.l10n.t('thinking') : undefined,
  ].filter((part) => part !== undefined);
  const context = contextText(model);
  const lines = [
    `**${model.displayName}**`,
    vscode.l10n.t('Backend {0} on {1}, models of {2}', model.backend, host, model.provider),
    servedModelDescription(model),
    context,
    can.length > 0 ? vscode.l10n.t('Can do: {0}', can.join(', ')) : undefined,
    running?.vramBytes !== undefined && running.sizeBytes !== undefined && running.sizeBytes > 0
      ? vscode.l10n.t(
          '{0} % in GPU memory',
          String(Math.round((running.vramBytes / running.sizeBytes) * 100)),
        )
      : undefined,
    capabilities.digest ? `\`${capabilities.digest.slice(0, 19)}\`` : undefined,
    vscode.l10n.t('Known from: {0}, {1}', model.source, new Date(model.refreshedAt / 1_000).toLocaleString()),
  ].filter((line) => line !== undefined && line !== '');
  return new vscode.MarkdownString(lines.join('\n\n'), true);
}

/** `context 8k of 128k`, as far as it is known. */
export function contextText(model: RegisteredModel): string | undefined {
  const { allocatedContext, contextLength } = model.capabilities;
  const allocated = model.running?.contextTokens ?? allocatedContext;
  if (allocated !== undefined && contextLength !== undefined) {
    return vscode.l10n.t('Context {0} of {1}', formatContext(allocated), formatContext(contextLength));
  }
  const known = allocated ?? contextLength;
  return known === undefined ? undefined : vscode.l10n.t('Context {0}', formatContext(known));
}

function fitText(fit: FitKind): string {
  switch (fit) {
    case 'gpu':
      return vscode.l10n.t('fits the GPU');
    case 'offload':
      return vscode.l10n.t('GPU and RAM');
    case 'cpu':
      return vscode.l10n.t('fits in RAM');
    case 'none':
      return vscode.l10n.t('does not fit');
  }
}

/** `34 tok/s` where it was measured, `~34 tok/s` where it is an estimate. */
export function speedText(model: RankedModel): string {
  const mark = model.speedEstimate.basis === 'measured' ? '' : '~';
  return `${mark}${formatTokensPerSecond(model.estimatedTokPerSec)}`;
}

/** `62 · ~9 tok/s · 4.7 GiB · Q4_K_M · fits in RAM`: what decides comes first, because views are narrow. */
export function rankedModelDescription(model: RankedModel): string {
  const size =
    model.fileBytes === undefined
      ? `~${formatGib(model.vramEstimate.weightsGb)}`
      : formatBytes(model.fileBytes);
  return [model.score.toFixed(0), speedText(model), size, model.quant, fitText(model.fit)].join(' · ');
}

/** A served model's name without the address of its repository: `hf.co/owner/name:quant` is `name:quant`. */
export function shortModelName(name: string): string {
  return name.replace(/^(?:hf\.co|huggingface\.co)\/[^/]+\//i, '');
}
