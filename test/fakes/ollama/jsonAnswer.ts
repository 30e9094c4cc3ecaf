import { z } from 'zod';
import { innerError } from './generation';
import { inventValue } from './script';

const schemaShape = z.object({
  type: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});

const TYPES = ['object', 'array', 'string', 'integer', 'number', 'boolean', 'null'];

/** What a model says that must answer in JSON, by the `format` of the request; null where it need not. */
export function jsonAnswer(
  format: unknown,
):
  | { readonly ok: true; readonly text: string | null }
  | { readonly ok: false; readonly status: number; readonly error: string } {
  if (format === undefined || format === null || format === '') return { ok: true, text: null };
  if (format === 'json') return { ok: true, text: '{"name": {}}' };
  const schema = schemaShape.safeParse(format);
  if (!schema.success) {
    const shown = JSON.stringify(JSON.stringify(format));
    const error = `invalid format: ${shown}; expected "json" or a valid JSON Schema object`;
    return { ok: false, status: 500, error };
  }
  const { type = 'object', properties = {} } = schema.data;
  if (!TYPES.includes(type)) {
    const why = `JSON schema conversion failed:\nJSON schema error at #: unrecognized type ${type}`;
    const error = innerError(`Field 'json_schema': "json_schema": ${why}`, 'invalid_request_error');
    return { ok: false, status: 400, error };
  }
  if (type !== 'object') return { ok: true, text: JSON.stringify(inventValue('', { type })) };
  const fields = Object.entries(properties).map(([name, field]) => [name, inventValue(name, field)]);
  return { ok: true, text: JSON.stringify(Object.fromEntries(fields)) };
}
