import { isParameterName } from './commandTable';
import { parseGoFloat32 } from './goFloat';
import { parseGoBoolean, parseGoInteger } from './goNumbers';
import { PARAMETERS } from './parameterTable';
import type { ParameterType } from './parameterTable';
import type { ModelfileCommand } from './parse';

/** A parameter's value as Ollama's JSON holds it. */
export type ParameterValue = number | boolean | readonly string[];

/** How one PARAMETER fares: its value, that it is dropped, or Ollama's exact reason to refuse the file. */
export type ParameterReading =
  | { readonly kind: 'value'; readonly value: ParameterValue }
  | { readonly kind: 'dropped'; readonly warning: string }
  | { readonly kind: 'unknown'; readonly ollamaMessage: string }
  | { readonly kind: 'invalid'; readonly type: ParameterType; readonly ollamaMessage: string };

/** What Ollama makes of all parameters of a file. */
export interface ParametersVerdict {
  /** By name; of the part before the first error. */
  readonly values: ReadonlyMap<string, ParameterValue>;
  /** Ollama's text for the first value or name that it refuses, else null. */
  readonly error: string | null;
  /** What it prints on the way, in order. */
  readonly warnings: readonly string[];
  /** A number that passes but that JSON cannot hold, else null: the create request then fails. */
  readonly encodeError: string | null;
}

/** Reads one parameter by its name and text as Ollama v0.32.15 does, which checks no ranges. */
export function readParameter(name: string, text: string): ParameterReading {
  const parameter = PARAMETERS.get(name);
  if (parameter === undefined || parameter.status === 'removed') {
    return { kind: 'unknown', ollamaMessage: `unknown parameter '${name}'` };
  }
  if (parameter.status === 'deprecated') {
    return { kind: 'dropped', warning: `warning: parameter ${name} is deprecated` };
  }
  const value = readAs(parameter.type, text);
  if (value !== null) return { kind: 'value', value };
  const typeName = GO_TYPE_NAMES[parameter.type];
  return { kind: 'invalid', type: parameter.type, ollamaMessage: `invalid ${typeName} value [${text}]` };
}

const GO_TYPE_NAMES: Readonly<Record<ParameterType, string>> = {
  integer: 'int',
  float: 'float',
  boolean: 'bool',
  strings: 'string',
  ignored: 'string',
};

function readAs(type: ParameterType, text: string): ParameterValue | null {
  switch (type) {
    case 'integer':
      return parseGoInteger(text);
    case 'float':
      return parseGoFloat32(text);
    case 'boolean':
      return parseGoBoolean(text);
    case 'strings':
    case 'ignored':
      return [text];
  }
}

/** Reads the parameters of a file in order, up to the first that Ollama refuses: later good values do not mend it. */
export function readParameters(commands: readonly ModelfileCommand[]): ParametersVerdict {
  const values = new Map<string, ParameterValue>();
  const stops: string[] = [];
  const warnings: string[] = [];
  let error: string | null = null;
  for (const { name, args } of commands) {
    if (!isParameterName(name)) continue;
    const reading = readParameter(name, args);
    if (reading.kind === 'unknown' || reading.kind === 'invalid') {
      error = reading.ollamaMessage;
      break;
    }
    if (reading.kind === 'dropped') warnings.push(reading.warning);
    else if (typeof reading.value === 'object') values.set(name, stops);
    else values.set(name, reading.value);
    if (reading.kind === 'value' && typeof reading.value === 'object') stops.push(args);
  }
  return { values, error, warnings, encodeError: error === null ? encodeErrorOf(values) : null };
}

/** Go's error for the first value, by name, that JSON cannot hold. */
function encodeErrorOf(values: ReadonlyMap<string, ParameterValue>): string | null {
  const names = [...values.keys()].sort();
  for (const name of names) {
    const value = values.get(name);
    if (typeof value === 'number' && !Number.isFinite(value))
      return `json: unsupported value: ${goNumber(value)}`;
  }
  return null;
}

/** A number that is not finite, in Go's words. */
export function goNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}
