import * as l10n from '@vscode/l10n';
import { PARSERS, RENDERERS } from './builtins';
import { COMMANDS, isParameterName } from './commandTable';
import type { ModelfileDiagnostic } from './diagnostic';
import { namesFile } from './namedPath';
import type { ModelfileCommand } from './parse';
import { removeLinesFix, replaceFix } from './quickFix';
import { isRequirableVersion, REQUIRES_ERROR } from './requires';
import { closestName, didYouMean } from './spelling';

/**
 * Findings about commands other than PARAMETER: repeated ones, and values that Ollama checks by a list or a rule.
 * `localNames`: what is named as a model is and lies beside the Modelfile.
 */
export function commandDiagnostics(
  text: string,
  commands: readonly ModelfileCommand[],
  localNames: readonly string[] = [],
): readonly ModelfileDiagnostic[] {
  return [
    ...overriddenCommands(text, commands, localNames),
    ...commands.filter(({ name }) => name === 'requires').flatMap(requiresDiagnostics),
    ...unknownBuiltin(commands, 'renderer', RENDERERS),
    ...unknownBuiltin(commands, 'parser', PARSERS),
    ...draftOfItself(commands, localNames),
  ];
}

function overriddenCommands(
  text: string,
  commands: readonly ModelfileCommand[],
  localNames: readonly string[],
): readonly ModelfileDiagnostic[] {
  const replaceable = commands.filter((command) => isReplaceable(command, localNames));
  const lastByName = new Map(replaceable.map((command) => [command.name, command]));
  return replaceable.flatMap((command) => {
    const last = lastByName.get(command.name);
    if (last === undefined || last === command) return [];
    const name = command.name === 'model' ? 'FROM' : command.name.toUpperCase();
    return [
      {
        ...{ code: 'overridden-command', severity: 'warning', range: command.range, related: last.range },
        message: l10n.t('A later {0} replaces this one.', name),
        fixes: [removeLinesFix(l10n.t('Remove this {0}', name), text, command.range)],
        isUnused: true,
      } satisfies ModelfileDiagnostic,
    ];
  });
}

/** Whether a later command of the same name replaces this one. Files of FROM add up; names do not. */
function isReplaceable(command: ModelfileCommand, localNames: readonly string[]): boolean {
  const { name } = command;
  if (name === 'model') return !namesFile(command, localNames);
  if (isParameterName(name)) return false;
  return Object.entries(COMMANDS).some(
    ([keyword, { repetition }]) => keyword === name && repetition === 'last-wins',
  );
}

function requiresDiagnostics({ args, value }: ModelfileCommand): readonly ModelfileDiagnostic[] {
  if (isRequirableVersion(args)) return [];
  const numbers = /[0-9]+(?:\.[0-9]+){0,2}/.exec(args.slice(0, 100))?.[0] ?? '';
  const meant = numbers.split('.').map(Number).join('.');
  const fixes = numbers === '' ? [] : [replaceFix(l10n.t('Change to {0}', meant), value.range, meant)];
  const message = l10n.t(
    'REQUIRES needs a version with one to three numbers and no leading zeros, such as 0.14.0.',
  );
  const ollamaMessage = REQUIRES_ERROR;
  return [{ code: 'invalid-requires', severity: 'error', range: value.range, message, fixes, ollamaMessage }];
}

const UNKNOWN = {
  renderer: () =>
    l10n.t('Ollama has no renderer of this name. The model is created, but every prompt fails.'),
  parser: () =>
    l10n.t(
      'Ollama has no parser of this name. Answers are then not parsed: thinking and tool calls stay in the text.',
    ),
} as const;

function unknownBuiltin(
  commands: readonly ModelfileCommand[],
  kind: 'renderer' | 'parser',
  names: ReadonlySet<string>,
): readonly ModelfileDiagnostic[] {
  const last = commands.findLast(({ name }) => name === kind);
  if (last === undefined || last.args === '' || names.has(last.args)) return [];
  const { range } = last.value;
  const meant = closestName(last.args, names);
  const message = UNKNOWN[kind]() + didYouMean(meant);
  const fixes = meant === null ? [] : [replaceFix(l10n.t('Change to {0}', meant), range, meant)];
  return [{ code: `unknown-${kind}`, severity: 'warning', range, message, fixes }];
}

function draftOfItself(
  commands: readonly ModelfileCommand[],
  localNames: readonly string[],
): readonly ModelfileDiagnostic[] {
  const files = commands.filter((command) => command.name === 'model' && namesFile(command, localNames));
  const paths = new Set(files.map(({ args }) => args));
  return commands
    .filter(({ name, args }) => name === 'draft' && paths.has(args))
    .map(({ args, value }) => ({
      ...{ code: 'draft-is-from', severity: 'error', range: value.range, fixes: [] },
      message: l10n.t('DRAFT names the same file as FROM. A draft is another, smaller model.'),
      ollamaMessage: `DRAFT must not reference the same local path as FROM: ${args}`,
    }));
}
