import type { Parsed } from './requests';
import { kindOf } from './requests';

const DURATION_UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/** Longest time that Go's Duration holds: 2^63 - 1 nanoseconds, 292 years. */
const FOREVER_MS = 9_223_372_036_854;

/** Default of `OLLAMA_KEEP_ALIVE`. */
export const DEFAULT_KEEP_ALIVE_MS = 300_000;

/** `keep_alive` in milliseconds: a number of seconds or a Go duration ("10s", "1h30m"); below zero means for ever. */
export function parseKeepAlive(value: unknown): Parsed<number> {
  if (value === undefined || value === null) return { ok: true, value: DEFAULT_KEEP_ALIVE_MS };
  if (typeof value === 'number') return { ok: true, value: value < 0 ? FOREVER_MS : value * 1_000 };
  if (typeof value !== 'string') return { ok: false, error: `Unsupported type: '${kindOf(value)}'` };
  if (value === '0') return { ok: true, value: 0 };
  if (/^[+-]?[\d.]+$/.test(value)) return { ok: false, error: `time: missing unit in duration "${value}"` };
  const match = /^(-?)\+?((?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+)$/.exec(value);
  if (match === null) return { ok: false, error: `time: invalid duration "${value}"` };
  const [, sign, body = ''] = match;
  if (sign === '-') return { ok: true, value: FOREVER_MS };
  let milliseconds = 0;
  for (const [, amount = '0', unit = 's'] of body.matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g)) {
    milliseconds += Number(amount) * (DURATION_UNITS_MS[unit] ?? 0);
  }
  return { ok: true, value: milliseconds };
}

/** What `think` asks for: null where the caller leaves it to the model. */
export function parseThink(value: unknown): Parsed<boolean | null> {
  if (value === undefined || value === null) return { ok: true, value: null };
  if (typeof value === 'boolean') return { ok: true, value };
  if (typeof value === 'string' && ['high', 'medium', 'low', 'max'].includes(value)) {
    return { ok: true, value: true };
  }
  return {
    ok: false,
    error: `invalid think value: ${JSON.stringify(value)} (must be "high", "medium", "low", "max", true, or false)`,
  };
}

const INTEGER_OPTIONS = [
  'num_ctx',
  'num_batch',
  'num_gpu',
  'main_gpu',
  'num_thread',
  'num_keep',
  'num_predict',
  'seed',
  'top_k',
  'repeat_last_n',
];
const FLOAT_OPTIONS = [
  'temperature',
  'top_p',
  'min_p',
  'typical_p',
  'repeat_penalty',
  'presence_penalty',
  'frequency_penalty',
];

/** The text of the 500 for an option of the wrong type, or null; unknown options are ignored. */
export function optionError(given: Readonly<Record<string, unknown>>): string | null {
  for (const [name, value] of Object.entries(given)) {
    if (INTEGER_OPTIONS.includes(name) && typeof value !== 'number') {
      return `option "${name}" must be of type integer`;
    }
    if (FLOAT_OPTIONS.includes(name) && typeof value !== 'number') {
      return `option "${name}" must be of type float32`;
    }
    if (name === 'stop' && !Array.isArray(value)) return 'option "stop" must be of type array';
  }
  return null;
}
