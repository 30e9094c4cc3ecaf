import * as vscode from 'vscode';
import {
  contextOption,
  contextOptions,
  readContext,
  variantAdoption,
  variantModelfile,
  variantName,
  variantNameProblem,
  type ContextOption,
  type ContextReading,
} from '../engine/contextVariants';
import type { ContextFacts } from '../engine/loadContexts';
import type { RegisteredModel } from '../registry/row';
import { formatContext, formatGib } from '../shared/units';
import { askForServedModel } from './askForServedModel';
import { CANCELLED, withCancel } from './cancellableProgress';
import { hostLabel } from './hostText';
import { fitText } from './modelText';
import { nameOf } from './trialDialog';
import type { UiContext } from './uiContext';

/**
 * Makes a variant of an installed model that is always loaded with a context of the user's choice: asks for the context and
 * the name, shows what is written, and creates it. Asks for a model where none is given.
 */
export async function createContextVariant(context: UiContext, model?: RegisteredModel): Promise<void> {
  const { served } = context.engine;
  const title = vscode.l10n.t('Create a context variant of which model?');
  const base = model ?? (await askForServedModel(context, title, (each) => served.isOwn(each)));
  if (!base) return;
  const facts = await context.engine.trials.contextFacts(base);
  if (!facts) {
    const text = vscode.l10n.t('{0} does not load models with a context of your choice.', base.backend);
    await vscode.window.showWarningMessage(text);
    return;
  }
  const option = await askContext(context, base, facts);
  if (!option) return;
  const name = await askName(base, option);
  if (name === undefined || !(await consent(context, base, option, name))) return;
  await create(context, base, option, name);
}

async function askContext(
  context: UiContext,
  base: RegisteredModel,
  facts: ContextFacts,
): Promise<ContextOption | undefined> {
  const other = { label: vscode.l10n.t('Other…'), alwaysShow: true };
  const items = contextOptions(facts).map((option) => ({
    label: formatContext(option.contextTokens),
    description: marksText(option),
    detail: `${option.fit?.isBeyond === true ? '$(warning) ' : ''}${costText(option)}`,
    option,
  }));
  const choice = await vscode.window.showQuickPick([...items, other], {
    title: vscode.l10n.t('Context of the new variant of {0}', nameOf(base)),
    placeHolder: vscode.l10n.t(
      'Tokens that a call can hold; memory is what the model takes alone on {0}',
      hostLabel(context, base.backend),
    ),
  });
  if (!choice) return undefined;
  return 'option' in choice ? choice.option : askOtherContext(base, facts);
}

async function askOtherContext(
  base: RegisteredModel,
  facts: ContextFacts,
): Promise<ContextOption | undefined> {
  const read = (text: string): ContextReading => readContext(text, facts.model.architecture?.contextMax);
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Context of the new variant of {0}', nameOf(base)),
    prompt: vscode.l10n.t('Tokens, such as 24k or 24576'),
    validateInput: (value) => {
      const reading = read(value);
      if (!reading.ok) return readingProblem(reading);
      const cost = costText(contextOption(facts, reading.contextTokens));
      const severity = vscode.InputBoxValidationSeverity.Info;
      return cost === '' ? undefined : { message: cost, severity };
    },
  });
  const reading = text === undefined ? undefined : read(text);
  return reading?.ok === true ? contextOption(facts, reading.contextTokens) : undefined;
}

function readingProblem(reading: Exclude<ContextReading, { ok: true }>): string {
  switch (reading.code) {
    case 'not_tokens':
      return vscode.l10n.t('A number of tokens, such as 24576, or 24k for 24 × 1,024.');
    case 'too_small':
      return vscode.l10n.t('At least {0} tokens.', reading.limitTokens);
    case 'too_large':
      return vscode.l10n.t('At most {0} tokens: the model was made for no more.', reading.limitTokens);
  }
}

async function askName(base: RegisteredModel, { contextTokens }: ContextOption): Promise<string | undefined> {
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t('Name of the new variant'),
    prompt: vscode.l10n.t('{0} stays as it is beside it.', nameOf(base)),
    value: variantName(base.modelId, contextTokens),
    validateInput: (value) => {
      switch (variantNameProblem(value.trim(), base.modelId)) {
        case 'invalid':
          return vscode.l10n.t(
            'A name has letters, digits, dots, hyphens and underscores, and one tag after a colon.',
          );
        case 'itself':
          return vscode.l10n.t('That is the model itself. Give the variant a name of its own.');
        case null:
          return undefined;
      }
    },
  });
  return name?.trim();
}

/** The one dialog before it is created: what is written, what it costs, and what it would replace. */
async function consent(
  { engine }: UiContext,
  base: RegisteredModel,
  option: ContextOption,
  name: string,
): Promise<boolean> {
  const there = engine.modelfileBuilds.served(name, base.backend);
  const lines = [
    ...(there
      ? [
          vscode.l10n.t(
            'A model {0} is installed already. Creating this one removes that one, with its weights unless another model uses them.',
            there.modelId,
          ),
          '',
        ]
      : []),
    vscode.l10n.t('This Modelfile goes to {0}:', base.backend),
    '',
    ...variantModelfile(base.modelId, option.contextTokens).trimEnd().split('\n'),
    '',
    vscode.l10n.t(
      'It shares the weights of {0}, so that it uses no extra disk to speak of. As long as either is installed, removing the other frees next to nothing.',
      base.modelId,
    ),
    ...(option.fit
      ? [
          '',
          vscode.l10n.t(
            'With a context of {0} it takes about {1} of memory: {2}.',
            ...[formatContext(option.contextTokens), formatGib(option.fit.neededGib), whereText(option.fit)],
          ),
        ]
      : []),
  ];
  const go = there ? vscode.l10n.t('Replace') : vscode.l10n.t('Create');
  const title = there ? vscode.l10n.t('Replace {0}?', there.modelId) : vscode.l10n.t('Create {0}?', name);
  const detail = lines.join('\n');
  const choice = there
    ? await vscode.window.showWarningMessage(title, { modal: true, detail }, go)
    : await vscode.window.showInformationMessage(title, { modal: true, detail }, go);
  return choice === go;
}

async function create(
  { engine, picks }: UiContext,
  base: RegisteredModel,
  { contextTokens }: ContextOption,
  name: string,
): Promise<void> {
  const modelfile = variantModelfile(base.modelId, contextTokens);
  const result = await withCancel(vscode.l10n.t('Creating {0}', name), (signal, report) =>
    engine.modelfileBuilds.create({
      ...{ backend: base.backend, name, modelfile, signal },
      onProgress: (message, fraction) => report({ message, ...(fraction === null ? {} : { fraction }) }),
    }),
  );
  if (result === CANCELLED) return;
  if (result.status === 'error') {
    await vscode.window.showErrorMessage(result.message);
    return;
  }
  const parent = engine.installs.entryOf(base);
  if (parent) await engine.pool.manager.adopt(variantAdoption(parent, name));
  const text = vscode.l10n.t(
    '{0} was created: {1} with a context of {2}.',
    ...[name, nameOf(base), formatContext(contextTokens)],
  );
  const pick = vscode.l10n.t('Pick It');
  const choice = await vscode.window.showInformationMessage(text, pick);
  const made = choice === pick ? engine.modelfileBuilds.served(name, base.backend) : undefined;
  if (made) await picks.set({ backend: made.backend, provider: made.provider, modelId: made.modelId });
}

function marksText({ isAllocated, isLargestFitting, isMaximum }: ContextOption): string {
  return [
    isAllocated ? vscode.l10n.t('allocated now') : undefined,
    isLargestFitting ? vscode.l10n.t('largest that fits') : undefined,
    isMaximum ? vscode.l10n.t("the model's maximum") : undefined,
  ]
    .filter((mark) => mark !== undefined)
    .join(' · ');
}

/** `takes ~6.9 GiB · fits the GPU`; empty where nobody knows. */
function costText({ fit }: ContextOption): string {
  return fit ? vscode.l10n.t('takes ~{0} · {1}', formatGib(fit.neededGib), whereText(fit)) : '';
}

/** Where it would lie, and what that means where less context would lie better. */
function whereText({ kind, isBeyond }: NonNullable<ContextOption['fit']>): string {
  return isBeyond && kind === 'offload' ? vscode.l10n.t('GPU and RAM, slower') : fitText(kind);
}
