import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  ATTEMPT_ATTRIBUTES,
  attemptAttributes,
  RECORD_ATTRIBUTES,
  recordAttributes,
} from '../../../../src/dispatch/export/recordAttributes';
import { dispatchRecordSchema, type DispatchRecord } from '../../../../src/shared/dispatchRecord';
import { dispatchRecord } from '../../../support/dispatchRecords';
import { repositoryRoot } from '../../../support/repository';

const read = (file: string): string => readFileSync(path.join(repositoryRoot, file), 'utf8');

const published = z
  .object({ attributes: z.record(z.string(), z.string()) })
  .parse(JSON.parse(read('test/fixtures/otel/conventions.json'))).attributes;

const rows = [...RECORD_ATTRIBUTES, ...ATTEMPT_ATTRIBUTES];

describe('the table of names', () => {
  it('has every field of the schema, and no other', () => {
    const schema = z.toJSONSchema(dispatchRecordSchema);
    const fields = leaves(schema).filter(
      (field) => !field.startsWith('attempts.') && field !== 'outcomeKind',
    );
    const attempts = leaves(schema).flatMap((field) => /^attempts\.(.+)/.exec(field)?.[1] ?? []);
    expect([...new Set(RECORD_ATTRIBUTES.map(([field]) => field))].toSorted()).toEqual(
      [...fields, 'attempts'].toSorted(),
    );
    expect(ATTEMPT_ATTRIBUTES.map(([field]) => field).toSorted()).toEqual(attempts.toSorted());
  });

  it.each(rows.filter(([, name]) => !name.startsWith('model_pool.')))(
    'gives %s the published name %s with its published type',
    (_field, name, type) => {
      expect(published[name]).toBe(type);
    },
  );

  it('has a name of ours only where it cannot be taken for a published one', () => {
    const ours = rows.map(([, name]) => name).filter((name) => !(name in published));
    expect(ours.length).toBeGreaterThan(50);
    for (const name of ours) expect(name).toMatch(/^model_pool(\.[a-z][a-z_]*)+$/);
  });

  it('has no name twice', () => {
    for (const table of [RECORD_ATTRIBUTES, ATTEMPT_ATTRIBUTES]) {
      const names = table.map(([, name]) => name);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('is the one of docs/record.md', () => {
    const documented = [
      ...read('docs/record.md').matchAll(/^\| `([\w.]+)` \| `([\w.]+)` \| ([\w[\]]+) \|/gm),
    ].map(([, field, name, type]) => [field, name, type]);
    expect(documented).toEqual(rows);
  });
});

describe('the attributes of a record', () => {
  const of = (changes: Partial<DispatchRecord>): ReadonlyMap<string, unknown> =>
    new Map(
      recordAttributes(dispatchRecord(1, Date.UTC(2026, 2, 9), changes)).map(({ name, value }) => [
        name,
        value,
      ]),
    );

  it.each([
    ['http://localhost:11434', 'localhost', 11_434],
    ['https://api.example.com', 'api.example.com', 443],
    ['http://gpu-box', 'gpu-box', 80],
    ['http://[::1]:8080', '::1', 8_080],
  ])('have the server of %s', (host, address, port) => {
    const attributes = of({ host });
    expect(attributes.get('server.address')).toBe(address);
    expect(attributes.get('server.port')).toBe(port);
    expect(attributes.get('model_pool.host')).toBe(host);
  });

  it.each(['vscode', '', 'an address that is not a URL', 'http://'])('have no server of %j', (host) => {
    const attributes = of({ host });
    expect(attributes.has('server.address')).toBe(false);
    expect(attributes.has('server.port')).toBe(false);
  });

  it.each([
    ['openai', 'openai_compat', 'openai'],
    ['google', 'gemini', 'gcp.gemini'],
    ['google', 'ollama', 'google'],
    ['mistralai', 'openai_compat', 'mistral_ai'],
    ['qwen', 'ollama', 'qwen'],
  ])('name the provider %s behind %s as the conventions do', (provider, wireFormat, name) => {
    expect(of({ provider, wireFormat }).get('gen_ai.provider.name')).toBe(name);
  });

  it('have the time to the first piece in seconds', () => {
    expect(of({ ttftMs: 1_500 }).get('gen_ai.response.time_to_first_chunk')).toBe(1.5);
    expect(of({ ttftMs: null }).has('gen_ai.response.time_to_first_chunk')).toBe(false);
  });

  it('leave out what is not known', () => {
    const attributes = of({
      digest: null,
      quant: '',
      stop: [],
      thinking: { mode: 'default', enabled: null },
    });
    for (const name of [
      'model_pool.model.digest',
      'model_pool.model.quant',
      'gen_ai.request.stop_sequences',
      'model_pool.thinking.enabled',
      'model_pool.thinking.level',
    ]) {
      expect(attributes.has(name)).toBe(false);
    }
    expect(of({ stop: ['END'] }).get('gen_ai.request.stop_sequences')).toEqual(['END']);
  });

  it.each([
    [{ kind: 'served', completionTokens: 1, contentLen: 1 }, null, undefined],
    [{ kind: 'cancelled' }, null, undefined],
    [{ kind: 'refused' }, null, undefined],
    [{ kind: 'refused' }, 'content_policy', 'content_policy'],
    [{ kind: 'usage_limit' }, null, 'usage_limit'],
    [{ kind: 'usage_limit' }, 'rate_limited', 'rate_limited'],
    [{ kind: 'empty_completion_terminal', completionTokens: 0 }, null, 'empty_completion_terminal'],
    [{ kind: 'provider_error', class: 'timeout' }, null, 'timeout'],
  ] as const)('of %j with the error %s have the error type %s', (outcome, code, type) => {
    const error = code === null ? null : { code, message: 'It failed.' };
    expect(of({ outcome, error }).get('error.type')).toBe(type);
  });

  it('have whole numbers where the conventions want them, whatever was written', () => {
    expect(of({ usage: { inputTokens: 12.4, outputTokens: 1e300 } }).get('gen_ai.usage.input_tokens')).toBe(
      12,
    );
    expect(of({ usage: { inputTokens: 12.4, outputTokens: 1e300 } }).has('gen_ai.usage.output_tokens')).toBe(
      false,
    );
  });

  it('of an attempt have its own tokens', () => {
    const attempt: DispatchRecord['attempts'][number] = {
      ...{ n: 2, route: 'escalation', startedAt: '2026-03-09T14:00:00.000Z', durationMs: 12.5, status: null },
      ...{ reason: 'timeout', delayMs: 500, delayOrigin: 'policy', firstChunk: false },
      usage: { inputTokens: 7, outputTokens: null },
    };
    expect(Object.fromEntries(attemptAttributes(attempt).map(({ name, value }) => [name, value]))).toEqual({
      'model_pool.attempt.number': 2,
      'model_pool.attempt.route': 'escalation',
      'model_pool.attempt.started_at': '2026-03-09T14:00:00.000Z',
      'model_pool.attempt.duration_ms': 12.5,
      'model_pool.attempt.reason': 'timeout',
      'model_pool.attempt.delay_ms': 500,
      'model_pool.attempt.delay_origin': 'policy',
      'model_pool.attempt.first_chunk': false,
      'gen_ai.usage.input_tokens': 7,
    });
  });
});

/** The paths of a JSON schema that lead to plain values or to lists of them. */
function leaves(schema: unknown, at: readonly string[] = []): readonly string[] {
  const { properties, anyOf, oneOf, items } = node.parse(schema);
  const below = [
    ...Object.entries(properties ?? {}).flatMap(([key, inner]) => leaves(inner, [...at, key])),
    ...[...(anyOf ?? []), ...(oneOf ?? [])]
      .filter((inner) => node.parse(inner).type !== 'null')
      .flatMap((inner) => leaves(inner, at)),
    ...(items !== undefined && node.parse(items).properties ? leaves(items, at) : []),
  ];
  return below.length === 0 ? [at.join('.')] : [...new Set(below)];
}

const node = z.object({
  type: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  items: z.unknown().optional(),
});
