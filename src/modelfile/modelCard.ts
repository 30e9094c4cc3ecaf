import * as l10n from '@vscode/l10n';
import { formatNumber } from '../shared/numberText';
import { formatBytes, formatContext, formatTokensPerSecond } from '../shared/units';
import { largestFittingContext, memoryAt } from './facts';
import type { DescribedModel, MachineFacts, ModelSpeed } from './protocol';

/** How a model lies in this machine's memory at one context length. */
interface MemoryFit {
  readonly kind: 'gpu' | 'offload' | 'memory' | 'none';
  /** Bytes that it takes. */
  readonly bytes: number;
  /** Part of them that lies on the GPU, 0 to 1. */
  readonly gpuShare: number;
}

/** How a model fits at a context length; null where its memory or the machine's is not known. */
function fitAt(
  { memory }: DescribedModel,
  { usableBytes, acceleratorBytes = 0 }: MachineFacts,
  contextTokens: number | undefined,
): MemoryFit | null {
  if (memory === undefined || usableBytes === undefined || contextTokens === undefined) return null;
  const bytes = memoryAt(memory, contextTokens);
  if (bytes === null) return null;
  const gpuShare = bytes <= 0 ? 0 : Math.min(1, acceleratorBytes / bytes);
  if (bytes > usableBytes) return { kind: 'none', bytes, gpuShare };
  if (acceleratorBytes <= 0) return { kind: 'memory', bytes, gpuShare: 0 };
  return { kind: bytes <= acceleratorBytes ? 'gpu' : 'offload', bytes, gpuShare };
}

/** `fits the GPU`, in the words of the tree. */
function fitText({ kind, gpuShare }: MemoryFit): string {
  switch (kind) {
    case 'gpu':
      return l10n.t('fits the GPU');
    case 'offload':
      return l10n.t('GPU and RAM ({0} % on the GPU)', Math.round(gpuShare * 100));
    case 'memory':
      return l10n.t('fits in RAM');
    case 'none':
      return l10n.t('does not fit');
  }
}

/** `~34 tok/s`, or `34 tok/s` where it was measured. */
function speedText({ tokensPerSecond, measured }: ModelSpeed): string {
  return `${measured ? '' : '~'}${formatTokensPerSecond(tokensPerSecond)}`;
}

/** `installed · 4.7 GiB · fits the GPU · ~34 tok/s · Apache-2.0`: one line, as far as it is known. */
export function modelLine(model: DescribedModel, facts: MachineFacts): string {
  const fit = fitAt(model, facts, facts.defaultContextTokens);
  return joined([
    model.installed ? l10n.t('installed') : undefined,
    model.sizeBytes === undefined ? undefined : formatBytes(model.sizeBytes),
    model.quant,
    fit === null ? undefined : fitText(fit),
    fit === null ? undefined : speedAt(model, facts, fit),
    model.licence,
  ]);
}

/**
 * `fits GPU · 6.1 GiB at 8k · ~34 tok/s`: what a file's FROM comes to; empty where nothing is known. VS Code cuts a hint
 * after 43 characters.
 */
export function fitHint(
  model: DescribedModel,
  facts: MachineFacts,
  contextTokens: number | undefined,
): string {
  const fit = fitAt(model, facts, contextTokens);
  if (fit === null || contextTokens === undefined) return '';
  const size = l10n.t('{size} at {context}', {
    size: formatBytes(fit.bytes),
    context: formatContext(contextTokens),
  });
  return joined([shortFit(fit), size, speedAt(model, facts, fit)]);
}

/** `installed · fits GPU · ~34 tok/s`: what a row of a list has room for. */
export function modelRow(model: DescribedModel, facts: MachineFacts): string {
  const fit = fitAt(model, facts, facts.defaultContextTokens);
  const row = fit === null ? [] : [shortFit(fit), speedAt(model, facts, fit)];
  return joined([model.installed ? l10n.t('installed') : undefined, ...row]);
}

function shortFit({ kind, gpuShare }: MemoryFit): string {
  switch (kind) {
    case 'gpu':
      return l10n.t('fits GPU');
    case 'offload':
      return `${Math.round(gpuShare * 100)} % GPU`;
    case 'memory':
      return l10n.t('fits RAM');
    case 'none':
      return l10n.t('does not fit');
  }
}

/** The speed, where the model lies in the same memory as it did when that was found; undefined elsewhere. */
function speedAt(model: DescribedModel, facts: MachineFacts, fit: MemoryFit): string | undefined {
  const { speed } = model;
  if (speed === undefined || fit.kind === 'none') return undefined;
  return fitAt(model, facts, speed.contextTokens)?.kind === fit.kind ? speedText(speed) : undefined;
}

/** What is known of a model, a line each, for a hover. */
export function modelCardLines(
  model: DescribedModel,
  facts: MachineFacts,
  contextTokens: number | undefined,
): readonly string[] {
  const { sizeBytes, quant, speed, licence, evidence, rank, maxContextTokens } = model;
  const fit = fitAt(model, facts, contextTokens);
  return [
    joined([
      model.installed ? l10n.t('Installed') : l10n.t('Not installed'),
      sizeBytes === undefined ? undefined : formatBytes(sizeBytes),
      quant,
      maxContextTokens === undefined
        ? undefined
        : l10n.t('context up to {0}', formatNumber(maxContextTokens)),
    ]),
    fit === null || contextTokens === undefined || facts.usableBytes === undefined
      ? undefined
      : l10n.t(
          'This machine: {0} at {1} tokens of context, {2} needed, {3} usable',
          fitText(fit),
          formatNumber(contextTokens),
          formatBytes(fit.bytes),
          formatBytes(facts.usableBytes),
        ),
    largestContextLine(model, facts),
    speed === undefined ? undefined : speedLine(speed),
    joined([rank === undefined ? undefined : l10n.t('Place {0} for this machine', rank), evidence]),
    licence === undefined
      ? l10n.t('Licence: not known here, see the model page')
      : l10n.t('Licence: {0}', licence),
    facts.machine,
  ]
    .map((line) => line ?? '')
    .filter((line) => line !== '');
}

/** What more context costs, and how much of it fits; undefined where memory is not known. */
export function largestContextLine(
  { memory, maxContextTokens }: DescribedModel,
  { usableBytes }: MachineFacts,
): string | undefined {
  if (memory === undefined || usableBytes === undefined || maxContextTokens === undefined) return undefined;
  const whole = memoryAt(memory, maxContextTokens);
  if (whole === null) return undefined;
  if (whole <= usableBytes)
    return l10n.t('All of its {0} tokens of context fit', formatNumber(maxContextTokens));
  const largest = largestFittingContext(memory, usableBytes, maxContextTokens);
  return largest === null
    ? l10n.t('It does not fit at any context')
    : l10n.t('Fits with up to {0} tokens of context', formatNumber(largest));
}

/** `1,024 more tokens of context take 128 MiB`; undefined where it is not known. */
export function contextCostLine({ memory }: DescribedModel, contextTokens: number): string | undefined {
  if (memory === undefined || memory.length < 2) return undefined;
  const here = memoryAt(memory, contextTokens);
  const further = memoryAt(memory, contextTokens + 1_024);
  if (here === null || further === null || further <= here) return undefined;
  return l10n.t('1,024 more tokens of context take {0}', formatBytes(further - here));
}

function speedLine(speed: ModelSpeed): string {
  const facts = [speedText(speed), formatNumber(speed.contextTokens)] as const;
  if (speed.measured) return l10n.t('{0} with {1} tokens of context, measured here', ...facts);
  if (!speed.range) return l10n.t('{0} with {1} tokens of context, estimated', ...facts);
  const [low, high] = speed.range;
  return l10n.t(
    '{0} with {1} tokens of context, estimated: {2} to {3}',
    ...facts,
    formatNumber(low),
    formatNumber(high),
  );
}

function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}
