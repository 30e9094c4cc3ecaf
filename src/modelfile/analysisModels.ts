import * as l10n from '@vscode/l10n';
import { formatNumber } from '../shared/numberText';
import { formatBytes } from '../shared/units';
import type { ModelfileDiagnostic, QuickFix } from './diagnostic';
import { factsOf, largestFittingContext, memoryAt } from './facts';
import type { ModelFacts, ModelfileFacts } from './facts';
import { isModelName } from './modelName';
import { namesFile } from './namedPath';
import { parseGoInteger } from './goNumbers';
import type { ModelfileCommand } from './parse';
import { newlineOf, replaceFix } from './quickFix';
import { closestName, didYouMean } from './spelling';
import { endOfLine } from './value';

/** Findings about the files and models that a Modelfile names, and about whether its model fits at its context. */
export function modelDiagnostics(
  text: string,
  commands: readonly ModelfileCommand[],
  facts: ModelfileFacts | undefined,
): readonly ModelfileDiagnostic[] {
  const references = commands.filter(({ name, args }) => FILE_COMMANDS.has(name) && args !== '');
  const findings = references.flatMap((command) => referenceDiagnostics(command, facts));
  const from = references.findLast(
    (command) => command.name === 'model' && !namesFile(command, facts?.localNames),
  );
  const model = from && facts && factsOf(from.args, facts);
  if (!from || !facts || !model) return findings;
  const context = commands.findLast(({ name }) => name === 'num_ctx');
  return [...findings, ...contextDiagnostics(text, from, context, model, facts)];
}

const FILE_COMMANDS: ReadonlySet<string> = new Set(['model', 'adapter', 'draft']);

function referenceDiagnostics(
  command: ModelfileCommand,
  facts: ModelfileFacts | undefined,
): readonly ModelfileDiagnostic[] {
  const { name, args, value } = command;
  const { range } = value;
  if (namesFile(command, facts?.localNames)) {
    if (facts && !namesFile(command) && factsOf(args, facts)) return [nameIsFile(command)];
    if (facts?.missingPaths?.includes(args) !== true) return [];
    const message =
      name === 'model'
        ? l10n.t(
            'There is no file or folder of this name. Ollama then takes it for the name of a model, and fails.',
          )
        : l10n.t('There is no file or folder of this name. Ollama takes no name of a model here, and fails.');
    return [{ code: 'missing-file', severity: 'error', range, message, fixes: [] }];
  }
  if (!isModelName(args)) {
    const message = l10n.t(
      'This is neither a path nor a name that a model can have: [host/][namespace/]model[:tag].',
    );
    const ollamaMessage = 'invalid model name';
    return [{ code: 'invalid-model-name', severity: 'warning', range, message, fixes: [], ollamaMessage }];
  }
  if (facts === undefined || facts.knowsModels === false) return [];
  if (factsOf(args, facts) !== undefined || args.includes('/')) return [];
  const meant = closestName(
    args,
    facts.models.map((model) => model.name),
  );
  const message =
    l10n.t('No model of this name is installed or known. Ollama will try to pull it.') + didYouMean(meant);
  const fixes = meant === null ? [] : [replaceFix(l10n.t('Change to {0}', meant), range, meant)];
  return [{ code: 'unknown-model', severity: 'warning', range, message, fixes }];
}

/** The fix changes nothing but that it can be seen: for someone who means the file. */
function nameIsFile({ args, value: { range } }: ModelfileCommand): ModelfileDiagnostic {
  const message = l10n.t(
    'There is a file or folder of this name beside the Modelfile. Ollama takes that, and not the model of this name.',
  );
  const path = `./${args}`;
  const fixes = [replaceFix(l10n.t('Change to {0}', path), range, path)];
  return { code: 'name-is-file', severity: 'information', range, message, fixes };
}

function contextDiagnostics(
  text: string,
  from: ModelfileCommand,
  context: ModelfileCommand | undefined,
  model: ModelFacts,
  facts: ModelfileFacts,
): readonly ModelfileDiagnostic[] {
  const written = context === undefined ? null : parseGoInteger(context.args);
  // A num_ctx of 0 stands for the default, as none does.
  const tokens = written === null || written <= 0 ? facts.defaultContextTokens : written;
  const setContext = (limit: number) => setContextFix(text, from, context, limit);
  const range = written === null || !context ? from.value.range : context.value.range;
  const { maxContextTokens } = model;
  const findings: ModelfileDiagnostic[] = [];
  if (written !== null && maxContextTokens !== undefined && written > maxContextTokens) {
    const message = l10n.t(
      '{0} was made for at most {1} tokens of context.',
      model.name,
      formatNumber(maxContextTokens),
    );
    const fixes = [setContext(maxContextTokens)];
    findings.push({ code: 'context-above-maximum', severity: 'warning', range, message, fixes });
  }
  if (tokens === undefined || facts.usableBytes === undefined || model.memory === undefined) return findings;
  // Ollama itself cuts a context down to what the model was made for.
  const used = Math.min(tokens, maxContextTokens ?? tokens);
  const needed = memoryAt(model.memory, used);
  if (needed === null || needed <= facts.usableBytes) return findings;
  const fitting = largestFittingContext(model.memory, facts.usableBytes, used);
  const smaller = smallerFitting(model, facts, used);
  const figures = [formatNumber(used), formatBytes(needed), formatBytes(facts.usableBytes)] as const;
  const message =
    fitting === null
      ? l10n.t(
          'Does not fit this machine at {0} tokens of context: {1} needed, {2} usable; it does not fit at any context.',
          ...figures,
        )
      : l10n.t(
          'Does not fit this machine at {0} tokens of context: {1} needed, {2} usable; fits up to {3}.',
          ...figures,
          formatNumber(fitting),
        );
  const fixes = [
    ...(fitting === null ? [] : [setContext(fitting)]),
    ...(smaller === null ? [] : [replaceFix(l10n.t('Change to {0}', smaller), from.value.range, smaller)]),
  ];
  return [...findings, { code: 'does-not-fit', severity: 'warning', range, message, fixes }];
}

/** The first smaller build that fits at a context length, or null. */
function smallerFitting(model: ModelFacts, facts: ModelfileFacts, contextTokens: number): string | null {
  const { usableBytes = 0 } = facts;
  const fits = (name: string) => {
    const bytes = memoryAt(factsOf(name, facts)?.memory ?? [], contextTokens);
    return bytes !== null && bytes <= usableBytes;
  };
  return model.smallerBuilds?.find(fits) ?? null;
}

function setContextFix(
  text: string,
  from: ModelfileCommand,
  context: ModelfileCommand | undefined,
  tokens: number,
): QuickFix {
  const title = l10n.t('Set num_ctx to {0}', formatNumber(tokens));
  if (context) return replaceFix(title, context.value.range, String(tokens));
  const end = endOfLine(text, from.range.end);
  return replaceFix(title, { start: end, end }, `${newlineOf(text)}PARAMETER num_ctx ${tokens}`);
}
