import * as vscode from 'vscode';
import type { Engine } from '../engine';
import type { FitKind, RankedModel } from '../ranking/rankTypes';
import type { RegisteredModel } from '../registry/row';
import type { Measurement } from '../shared/modelRef';
import { formatNumber } from '../shared/numberText';
import { formatDate, formatMoment } from '../shared/timeText';
import { hoverCard, type CardLine } from './hoverCard';
import { bytesToGib, formatBytes, formatContext, formatGib, formatTokensPerSecond } from '../shared/units';

/** A served model as it is known now: one that was loaded on a backend which cannot be reached need not be any more. */
export function knownNow({ registry }: Pick<Engine, 'registry'>, model: RegisteredModel): RegisteredModel {
  return knownWhere(registry.backend(model.backend)?.readiness === 'ok', model);
}

/** The same, by whether its backend can be reached. */
export function knownWhere(reachable: boolean, model: RegisteredModel): RegisteredModel {
  const { running, ...rest } = model;
  return reachable || running === undefined ? model : rest;
}

/** `Q4_K_M · 4.7 GiB`: what a served model is made of; what a narrow view may cut off comes last. */
export function servedModelDescription(
  model: RegisteredModel,
  callsTools = model.capabilities.tools,
): string {
  const { quant, sizeBytes, parameterSize } = model.capabilities;
  const parts = [
    quant,
    sizeBytes === undefined ? undefined : formatBytes(sizeBytes),
    model.running ? vscode.l10n.t('loaded') : undefined,
    parameterSize,
    callsTools === false && model.capabilities.embedding !== true
      ? vscode.l10n.t('no tool calling')
      : undefined,
  ];
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}

/** The card behind a served model's row. */
export function servedModelTooltip(
  served: RegisteredModel,
  {
    host,
    reachable,
    callsTools,
    toolCalling,
    measured,
    contextTokens,
    rankLines = [],
    pool = [],
  }: {
    readonly host: string;
    readonly reachable: boolean;
    readonly callsTools: boolean | undefined;
    /** What is known of its tool calling, and how. */
    readonly toolCalling: string | undefined;
    readonly measured: Measurement | null;
    /** The context of a call to it now. */
    readonly contextTokens?: number | undefined;
    /** How it does on its machine, by the ranking. */
    readonly rankLines?: readonly CardLine[];
    /** What the pool has to say of it. */
    readonly pool?: readonly string[];
  },
): vscode.MarkdownString {
  const model = knownWhere(reachable, served);
  const { capabilities, running } = model;
  const can = [
    capabilities.vision === true ? vscode.l10n.t('images') : undefined,
    capabilities.thinking === true ? vscode.l10n.t('thinking') : undefined,
  ].filter((part) => part !== undefined);
  return hoverCard(model.displayName, [
    vscode.l10n.t('Backend {0} on {1}, models of {2}', model.backend, host, model.provider),
    servedModelDescription(model, callsTools),
    contextText(model, contextTokens),
    measured === null ? undefined : measuredText(measured),
    ...rankLines,
    toolCalling,
    can.length > 0 ? vscode.l10n.t('Can do: {0}', can.join(', ')) : undefined,
    running?.vramBytes !== undefined && running.sizeBytes !== undefined && running.sizeBytes > 0
      ? vscode.l10n.t(
          '{0} % in GPU memory',
          String(Math.round((running.vramBytes / running.sizeBytes) * 100)),
        )
      : undefined,
    ...pool,
    capabilities.digest === undefined
      ? undefined
      : vscode.l10n.t('Digest {0}', capabilities.digest.slice(0, 19)),
    sourceText(model),
  ]);
}

/** `Measured at 34 tok/s with a context of 8k, on ...`: what a machine really did. */
function measuredText({ decodeTokPerSec, contextTokens, measuredAt }: Measurement): string {
  return vscode.l10n.t(
    'Measured at {0} with a context of {1}, on {2}',
    formatTokensPerSecond(decodeTokPerSec),
    formatContext(contextTokens),
    formatDate(measuredAt),
  );
}

/** Who said so, and when. */
export function sourceText({ source, refreshedAt }: Pick<RegisteredModel, 'source' | 'refreshedAt'>): string {
  const time = formatMoment(refreshedAt / 1_000);
  switch (source) {
    case 'probe':
      return vscode.l10n.t('Seen by a probe at {0}', time);
    case 'session':
      return vscode.l10n.t('Reported by another extension at {0}', time);
    case 'baseline':
      return vscode.l10n.t('From the list that came with Model Pool, not asked yet');
  }
}

/**
 * `Context 8k of 128k`: what is allocated, of what the model was made for. `callTokens` is what the next call to a model that
 * is not loaded would allocate.
 */
export function contextText(model: RegisteredModel, callTokens?: number): string | undefined {
  const { allocatedContext, contextLength } = model.capabilities;
  const allocated = model.running?.contextTokens ?? allocatedContext;
  if (allocated !== undefined && contextLength !== undefined) {
    return vscode.l10n.t('Context {0} of {1}', formatContext(allocated), formatContext(contextLength));
  }
  if (callTokens !== undefined && contextLength !== undefined && callTokens !== contextLength) {
    const [most, next] = [formatContext(contextLength), formatContext(callTokens)];
    return vscode.l10n.t('Context {0}; the next call loads it with {1}', most, next);
  }
  const known = allocated ?? contextLength;
  return known === undefined ? undefined : vscode.l10n.t('Context {0}', formatContext(known));
}

export function fitText(fit: FitKind): string {
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

/**
 * `~9 tok/s · 4.7 GiB · score 62 · Q4_K_M · fits in RAM`. Views are narrow and rows stand in the order of their score,
 * so what the order does not tell comes first. Without the figures that mean nothing for a machine that nobody described.
 */
export function rankedModelDescription(model: RankedModel, hardwareKnown: boolean): string {
  const score = vscode.l10n.t('score {0}', formatNumber(model.score));
  return (
    hardwareKnown
      ? [speedText(model), sizeText(model), score, model.quant, fitText(model.fit)]
      : [score, model.quant]
  ).join(' · ');
}

/** `4.7 GiB`, `13 GiB`, with a `~` where only the number of parameters is known. */
export function sizeText({ fileBytes, vramEstimate }: RankedModel): string {
  const gib = fileBytes === undefined ? vramEstimate.weightsGb : bytesToGib(fileBytes);
  const rounded = gib < 10 ? formatGib(gib) : formatGib(gib).replace(/\.\d/, '');
  return `${fileBytes === undefined ? '~' : ''}${rounded}`;
}

/** A sentence for rows and lists, which show no Markdown: what is marked as code elsewhere stands in quotes. */
export function plainText(sentence: string): string {
  return sentence.replaceAll('`', '"');
}
