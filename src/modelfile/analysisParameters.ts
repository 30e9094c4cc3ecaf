import * as l10n from '@vscode/l10n';
import { shorten } from '../shared/shorten';
import { commandKeyword, isParameterName } from './commandTable';
import type { ModelfileDiagnostic, QuickFix } from './diagnostic';
import { PARAMETERS } from './parameterTable';
import type { ParameterDescription } from './parameterTable';
import { goNumber, readParameter } from './parameterValues';
import type { ParameterReading, ParameterValue } from './parameterValues';
import type { ModelfileCommand, NamedRange } from './parse';
import { removeLinesFix, replaceFix } from './quickFix';
import { closestName, didYouMean } from './spelling';

/** What other programs call a parameter that Ollama has under another name. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  context_length: 'num_ctx',
  ctx_size: 'num_ctx',
  max_new_tokens: 'num_predict',
  max_tokens: 'num_predict',
  n_batch: 'num_batch',
  n_ctx: 'num_ctx',
  n_gpu_layers: 'num_gpu',
  n_predict: 'num_predict',
  num_context: 'num_ctx',
  repetition_penalty: 'repeat_penalty',
  temp: 'temperature',
  threads: 'num_thread',
};

const CURRENT_NAMES = [...PARAMETERS.values()]
  .filter(({ status }) => status === 'current')
  .map(({ name }) => name);

/** Findings about PARAMETER lines: names, values, ranges, and values that a later line replaces. */
export function parameterDiagnostics(
  text: string,
  commands: readonly ModelfileCommand[],
): readonly ModelfileDiagnostic[] {
  const diagnostics: ModelfileDiagnostic[] = [];
  const lastByName = new Map(commands.map((command) => [command.name, command]));
  for (const command of commands) {
    const { parameter } = command;
    if (parameter === null) continue;
    if (!isParameterName(command.name)) {
      diagnostics.push(parameterIsCommand(command, parameter));
      continue;
    }
    const reading = readParameter(command.name, command.args);
    const last = lastByName.get(command.name);
    const isReplaced = last !== undefined && last !== command && typeof valueOf(reading) !== 'object';
    diagnostics.push(...readingDiagnostics(text, command, parameter, reading, isReplaced));
    if (isReplaced && reading.kind === 'value') diagnostics.push(overridden(text, command, last));
  }
  return diagnostics;
}

function valueOf(reading: ParameterReading): ParameterValue | undefined {
  return reading.kind === 'value' ? reading.value : undefined;
}

function parameterIsCommand(
  { name, keywordRange }: ModelfileCommand,
  parameter: NamedRange,
): ModelfileDiagnostic {
  const keyword = name === 'model' ? 'FROM' : name.toUpperCase();
  const range = { start: keywordRange.start, end: parameter.range.end };
  return {
    ...{ code: 'parameter-is-command', severity: 'warning', range },
    message: l10n.t('Ollama reads PARAMETER {0} as {1}.', name, keyword),
    // MESSAGE checks the role, which PARAMETER message skips: the two are not the same.
    fixes: name === 'message' ? [] : [replaceFix(l10n.t('Change to {0}', keyword), range, keyword)],
  };
}

function overridden(text: string, command: ModelfileCommand, last: ModelfileCommand): ModelfileDiagnostic {
  return {
    ...{ code: 'overridden-parameter', severity: 'warning', range: command.range, related: last.range },
    message: l10n.t('A later {0} replaces this one.', command.name),
    fixes: [removeLinesFix(l10n.t('Remove this line'), text, command.range)],
    isUnused: true,
  };
}

function readingDiagnostics(
  text: string,
  command: ModelfileCommand,
  parameter: NamedRange,
  reading: ParameterReading,
  isReplaced: boolean,
): readonly ModelfileDiagnostic[] {
  const { name } = command;
  const remove = removeLinesFix(l10n.t('Remove this line'), text, command.range);
  switch (reading.kind) {
    case 'unknown':
      return [{ ...unknownParameter(command, parameter, remove), ollamaMessage: reading.ollamaMessage }];
    case 'dropped': {
      const unused = l10n.t('{0} is no longer used: Ollama warns and leaves it out.', name);
      const message = `${unused} ${meaningOf(name)}`.trimEnd();
      const place = { range: command.range, fixes: [remove], isUnused: true };
      const ollamaMessage = reading.warning;
      return [{ code: 'deprecated-parameter', severity: 'warning', message, ollamaMessage, ...place }];
    }
    case 'invalid':
      return [{ ...invalidValue(command, reading.type), ollamaMessage: reading.ollamaMessage }];
    case 'value':
      return isReplaced ? [] : valueDiagnostics(command, reading.value);
  }
}

function meaningOf(name: string): string {
  return PARAMETERS.get(name)?.meaning() ?? '';
}

function unknownParameter(
  { name, keywordRange, value }: ModelfileCommand,
  parameter: NamedRange,
  remove: QuickFix,
): Omit<ModelfileDiagnostic, 'ollamaMessage'> {
  if (name === '') {
    const gap = { start: keywordRange.end, end: value.range.start };
    const message = l10n.t('Exactly one blank follows PARAMETER, then the name. Ollama reads no name here.');
    const fixes = value.text === '' ? [] : [replaceFix(l10n.t('Leave one blank'), gap, ' ')];
    return { code: 'extra-blank-after-parameter', severity: 'error', range: keywordRange, message, fixes };
  }
  const { range } = parameter;
  if (PARAMETERS.has(name)) {
    const refused = l10n.t('Ollama has removed {0} and refuses the file.', name);
    const message = `${refused} ${meaningOf(name)}`.trimEnd();
    return { code: 'removed-parameter', severity: 'error', range, message, fixes: [remove] };
  }
  const problem = { code: 'unknown-parameter', severity: 'error', range } as const;
  const word = commandKeyword(name);
  if (word !== null && word !== 'parameter') {
    const keyword = word.toUpperCase();
    const whole = { start: keywordRange.start, end: range.end };
    const fixes = [replaceFix(l10n.t('Change to {0}', keyword), whole, keyword)];
    return {
      ...problem,
      message: l10n.t('{0} is a command of its own, without PARAMETER before it.', keyword),
      fixes,
    };
  }
  const meant = OTHER_NAMES[name.toLowerCase()] ?? closestName(name, CURRENT_NAMES);
  const fixes = meant === null ? [] : [replaceFix(l10n.t('Change to {0}', meant), range, meant)];
  const message = l10n.t('There is no parameter "{0}".', shorten(name, 40)) + didYouMean(meant);
  return { ...problem, message, fixes };
}

function invalidValue(
  { name, args, value }: ModelfileCommand,
  type: ParameterDescription['type'],
): Omit<ModelfileDiagnostic, 'ollamaMessage'> {
  const place = { severity: 'error', range: value.range } as const;
  const fixesFor = (meant: string | null) =>
    meant === null ? [] : [replaceFix(l10n.t('Change to {0}', meant), value.range, meant)];
  switch (type) {
    case 'boolean': {
      const message = l10n.t('{0} is true or false, written true, t, 1, false, f or 0.', name);
      return { code: 'invalid-boolean', ...place, message, fixes: fixesFor(meantBoolean(args)) };
    }
    case 'integer': {
      const message = l10n.t('{0} is a whole number: digits only, with an optional sign.', name);
      return { code: 'invalid-integer', ...place, message, fixes: fixesFor(meantInteger(args)) };
    }
    case 'float':
    case 'strings':
    case 'ignored': {
      const message = l10n.t('{0} is a number with a decimal point, such as 0.7.', name);
      return { code: 'invalid-float', ...place, message, fixes: fixesFor(meantFloat(args)) };
    }
  }
}

function meantBoolean(text: string): string | null {
  const word = text.trim().toLowerCase();
  if (['yes', 'y', 'on', 'true'].includes(word)) return 'true';
  return ['no', 'n', 'off', 'false'].includes(word) ? 'false' : null;
}

/** The integer behind `1e3`, `1.0`, `0x10`, `1_000` or `8k`, which stands for 8,192 as contexts are counted. */
function meantInteger(text: string): string | null {
  const written = text.trim().slice(0, 60).replaceAll('_', '');
  const thousands = /^([0-9]{1,9})k$/i.exec(written)?.[1];
  const value =
    thousands === undefined ? Number(written === '' ? 'none' : written) : Number(thousands) * 1_024;
  return Number.isSafeInteger(value) ? String(value) : null;
}

function meantFloat(text: string): string | null {
  const written = text.trim().slice(0, 60);
  const decimalComma = /^([+-]?[0-9]+),([0-9]+)$/.exec(written);
  if (decimalComma) return `${decimalComma[1] ?? ''}.${decimalComma[2] ?? ''}`;
  const percent = /^([0-9]{1,3})%$/.exec(written)?.[1];
  return percent === undefined ? null : String(Number(percent) / 100);
}

function valueDiagnostics(
  { name, args, value }: ModelfileCommand,
  read: ParameterValue,
): readonly ModelfileDiagnostic[] {
  if (typeof read !== 'number') return [];
  const place = { range: value.range, fixes: [] };
  if (!Number.isFinite(read)) {
    const message = l10n.t('{0} has to be a finite number: Ollama cannot send this one to its server.', name);
    const ollamaMessage = `json: unsupported value: ${goNumber(read)}`;
    return [{ code: 'not-finite', severity: 'error', message, ollamaMessage, ...place }];
  }
  const { type, range, note } = PARAMETERS.get(name) ?? {};
  if (type === 'integer' && !Number.isSafeInteger(read)) {
    const message = l10n.t(
      'Ollama cannot hold {0} exactly: only numbers up to 9007199254740991 are.',
      shorten(args, 40),
    );
    return [{ code: 'inexact-integer', severity: 'warning', message, ...place }];
  }
  if (!range || (read >= range.minimum && read <= range.maximum)) return [];
  const isBelow = read < range.minimum;
  const limit = isBelow ? range.minimum : range.maximum;
  const shown = note === undefined ? String(limit) : `${limit} (${note()})`;
  const message = isBelow
    ? l10n.t('{0} makes sense from {1}. Ollama does not check it.', name, shown)
    : l10n.t('{0} makes sense up to {1}. Ollama does not check it.', name, shown);
  const fixes = [replaceFix(l10n.t('Change to {0}', limit), value.range, String(limit))];
  return [{ code: 'out-of-range', severity: 'warning', range: value.range, message, fixes }];
}
