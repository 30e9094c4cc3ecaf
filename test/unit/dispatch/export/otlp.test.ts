import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { jsonLine } from '../../../../src/dispatch/export/jsonLines';
import { otlpLine } from '../../../../src/dispatch/export/otlp';
import type { DispatchRecord } from '../../../../src/shared/dispatchRecord';
import { dispatchRecord } from '../../../support/dispatchRecords';
import { otlpFaults } from '../../../support/otlpTraces';

const END_MS = Date.UTC(2026, 2, 9, 14);
const record = (changes: Partial<DispatchRecord> = {}, n = 4): DispatchRecord =>
  dispatchRecord(n, END_MS, changes);

const keyValue = z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) });
const spans = z
  .object({
    resourceSpans: z.tuple([
      z.object({
        resource: z.object({ attributes: z.array(keyValue) }),
        scopeSpans: z.tuple([
          z.object({
            scope: z.object({ name: z.string(), version: z.string() }),
            spans: z.array(
              z.object({
                traceId: z.string(),
                spanId: z.string(),
                name: z.string(),
                kind: z.number(),
                startTimeUnixNano: z.string(),
                endTimeUnixNano: z.string(),
                attributes: z.array(keyValue),
                events: z.array(
                  z.object({ name: z.string(), timeUnixNano: z.string(), attributes: z.array(keyValue) }),
                ),
                status: z.unknown().optional(),
              }),
            ),
          }),
        ]),
      }),
    ]),
  })
  .transform(({ resourceSpans: [{ resource, scopeSpans }] }) => ({ resource, ...scopeSpans[0] }));

const parsed = (...records: readonly DispatchRecord[]): z.infer<typeof spans> =>
  spans.parse(JSON.parse(otlpLine(records, '0.1.0')));

function spanOf(changes: Partial<DispatchRecord>, n?: number): z.infer<typeof spans>['spans'][number] {
  const [span] = parsed(record(changes, n)).spans;
  if (!span) throw new Error('no span');
  return span;
}

const valueOf = (attributes: readonly z.infer<typeof keyValue>[], key: string): unknown =>
  attributes.find((attribute) => attribute.key === key)?.value;

describe('OTLP', () => {
  it('is right by the definitions of the protocol for a thousand records of every outcome', () => {
    const records = Array.from({ length: 1_000 }, (_, n) => record({}, n));
    expect(new Set(records.map(({ outcome }) => outcome.kind)).size).toBe(7);
    const line = otlpLine(records, '0.1.0');
    expect(line).not.toContain('\n');
    expect(otlpFaults(JSON.parse(line))).toEqual([]);
    const ids = parsed(...records).spans.map(({ spanId }) => spanId);
    expect(new Set(ids).size).toBe(1_000);
  });

  it('stays right whatever stands in a record', () => {
    const odd = [
      record({ startedAt: 'never', endedAt: '', callId: '', spanId: 'x', recordId: '' }),
      record({ startedAt: '2026-03-09T14:00:01.000Z', endedAt: '2026-03-09T14:00:00.000Z' }),
      record({ startedAt: '1950-01-01T00:00:00.000Z', endedAt: '1949-01-01T00:00:00.000Z' }),
      record({
        usage: { inputTokens: 1e300, outputTokens: -0.5 },
        durationMs: -3,
        model: '',
        provider: '',
        host: '',
      }),
      record({ attempts: [], stop: ['\n', '"', '\u0000'], rawReason: '\ud800' }),
    ];
    expect(otlpFaults(JSON.parse(otlpLine(odd, '0.1.0')))).toEqual([]);
  });

  it('names the service, and the conventions that the names are of', () => {
    const { resource, scope } = parsed(record());
    expect(resource.attributes).toEqual([
      { key: 'service.name', value: { stringValue: 'model-pool' } },
      { key: 'service.version', value: { stringValue: '0.1.0' } },
    ]);
    expect(scope).toEqual({ name: 'model-pool', version: '0.1.0' });
    expect(otlpLine([record()], '0.1.0')).toContain('"schemaUrl":"https://opentelemetry.io/schemas/1.41.0"');
  });

  it('has a call as one client span with the types that the protocol has for its values', () => {
    const span = spanOf({
      stop: ['END'],
      ttftMs: 250,
      model: 'tiny',
      usage: { inputTokens: 12, outputTokens: 0 },
    });
    expect(span).toMatchObject({ name: 'chat tiny', kind: 3 });
    expect(valueOf(span.attributes, 'gen_ai.operation.name')).toEqual({ stringValue: 'chat' });
    expect(valueOf(span.attributes, 'gen_ai.usage.input_tokens')).toEqual({ intValue: '12' });
    expect(valueOf(span.attributes, 'gen_ai.usage.output_tokens')).toEqual({ intValue: '0' });
    expect(valueOf(span.attributes, 'gen_ai.request.stream')).toEqual({ boolValue: true });
    expect(valueOf(span.attributes, 'gen_ai.response.time_to_first_chunk')).toEqual({ doubleValue: 0.25 });
    expect(valueOf(span.attributes, 'gen_ai.request.stop_sequences')).toEqual({
      arrayValue: { values: [{ stringValue: 'END' }] },
    });
  });

  it.each([
    ['2026-03-09T14:00:00.123Z', '1773064800123000000'],
    ['2026-03-09T14:00:00.123456789Z', '1773064800123456789'],
    ['2026-03-09T15:00:00.5+01:00', '1773064800500000000'],
    ['2026-03-09T14:00:00Z', '1773064800000000000'],
    ['not a time', '0'],
  ])('has %s as nanoseconds with every digit', (startedAt, nanoseconds) => {
    expect(spanOf({ startedAt }).startTimeUnixNano).toBe(nanoseconds);
  });

  it('takes its ids from the record where it has them, and makes the same ones every time where not', () => {
    const callId = '0f8FAD5B-d9cb-469f-a165-70867728950e';
    expect(spanOf({ callId, spanId: 'eee19b7ec3c1b174' })).toMatchObject({
      traceId: '0f8fad5bd9cb469fa16570867728950e',
      spanId: 'eee19b7ec3c1b174',
    });
    const made = spanOf({ callId: 'call-1', spanId: null });
    expect(made.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(made.spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(spanOf({ callId: 'call-1', spanId: null })).toMatchObject({
      traceId: made.traceId,
      spanId: made.spanId,
    });
    expect(spanOf({ callId: 'call-2' }).traceId).not.toBe(made.traceId);
    expect(spanOf({ recordId: 'other', spanId: null }).spanId).not.toBe(made.spanId);
    expect(spanOf({ callId: '00000000-0000-0000-0000-000000000000' }).traceId).toMatch(/[^0]/);
  });

  it('has each attempt as an event at its own time', () => {
    const attempt = {
      ...{ status: 529, delayMs: null, delayOrigin: null, firstChunk: false, durationMs: 100 },
      reason: 'overloaded',
    };
    const { events } = spanOf({
      attempts: [
        { ...attempt, n: 1, route: 'primary', startedAt: '2026-03-09T14:00:00.000Z' },
        {
          ...attempt,
          n: 2,
          route: 'escalation',
          startedAt: '2026-03-09T14:00:01.001Z',
          usage: { inputTokens: 3, outputTokens: null },
        },
      ],
    });
    expect(events.map(({ name, timeUnixNano }) => [name, timeUnixNano])).toEqual([
      ['model_pool.attempt', '1773064800000000000'],
      ['model_pool.attempt', '1773064801001000000'],
    ]);
    expect(valueOf(events[1]?.attributes ?? [], 'http.response.status_code')).toEqual({ intValue: '529' });
    expect(valueOf(events[1]?.attributes ?? [], 'model_pool.attempt.route')).toEqual({
      stringValue: 'escalation',
    });
    expect(valueOf(events[1]?.attributes ?? [], 'gen_ai.usage.input_tokens')).toEqual({ intValue: '3' });
  });

  it('leaves the status of a served call unset, and says what failed', () => {
    const served = { outcome: { kind: 'served', completionTokens: 1, contentLen: 4 }, error: null } as const;
    expect(spanOf(served).status).toBeUndefined();
    const error = { code: 'timeout', message: 'The server did not answer.' };
    const failed = spanOf({ outcome: { kind: 'provider_error', class: 'timeout' }, error });
    expect(failed.status).toEqual({ code: 2, message: error.message });
    expect(valueOf(failed.attributes, 'error.type')).toEqual({ stringValue: 'timeout' });
    expect(valueOf(failed.attributes, 'model_pool.error.message')).toBeUndefined();
    expect(spanOf({ outcome: { kind: 'usage_limit' }, error: null }).status).toEqual({ code: 2 });
  });
});

it('a line of JSON has the same names as plain values, with the attempts', () => {
  const line = z.record(z.string(), z.unknown()).parse(JSON.parse(jsonLine(record({ model: 'tiny' }))));
  expect(line).toMatchObject({ 'gen_ai.request.model': 'tiny', 'gen_ai.operation.name': 'chat' });
  expect(line['model_pool.attempts']).toHaveLength(record().attempts.length);
});

/** The reader of the protocol is itself to be trusted: it takes what is published and refuses what is not. */
describe('the reader of OTLP', () => {
  /** In the shape of examples/trace.json of opentelemetry-proto. */
  const example = {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'a.service' } }] },
        scopeSpans: [
          {
            scope: {
              ...{ name: 'a.library', version: '1.0.0' },
              attributes: [{ key: 'a.scope.attribute', value: { stringValue: 'some value' } }],
            },
            spans: [
              {
                ...{ traceId: '5B8EFFF798038103D269B633813FC60C', spanId: 'EEE19B7EC3C1B174' },
                ...{ parentSpanId: 'EEE19B7EC3C1B173', name: 'a server span', kind: 2 },
                ...{ startTimeUnixNano: '1544712660000000000', endTimeUnixNano: '1544712661000000000' },
                attributes: [{ key: 'a.span.attribute', value: { stringValue: 'some value' } }],
              },
            ],
          },
        ],
      },
    ],
  };

  it('takes the published example', () => {
    expect(otlpFaults(example)).toEqual([]);
  });

  const text = JSON.stringify(example);
  it.each([
    ['a name in snake case', text.replace('"traceId"', '"trace_id"')],
    ['an enumeration by its name', text.replace('"kind":2', '"kind":"SPAN_KIND_SERVER"')],
    ['a number that the enumeration has not', text.replace('"kind":2', '"kind":6')],
    ['an id in base64', text.replace('5B8EFFF798038103D269B633813FC60C', 'W47/95gDgQPSabYzgT/GDA==')],
    ['an id that is too short', text.replace('EEE19B7EC3C1B174', 'EEE19B7EC3C1B1')],
    ['an id of zeros', text.replace('EEE19B7EC3C1B174', '0000000000000000')],
    ['a long number as a number', text.replace('"1544712660000000000"', '1544712660000000000')],
    ['a time with a fraction', text.replace('"1544712660000000000"', '"1544712660000000000.5"')],
    ['a time below zero', text.replace('"1544712660000000000"', '"-1"')],
    ['a span that ends before it starts', text.replace('"1544712661', '"1544712659')],
    ['a plain value', text.replace('{"stringValue":"some value"}', '"some value"')],
    ['two values in one', text.replace('{"stringValue":"some value"}', '{"stringValue":"a","intValue":"1"}')],
    ['a whole number as a number', text.replace('{"stringValue":"some value"}', '{"intValue":1}')],
    [
      'attributes as an object',
      text.replace('[{"key":"service.name","value":{"stringValue":"a.service"}}]', '{"service.name":"a"}'),
    ],
    [
      'a field that is unknown',
      text.replace('"name":"a server span"', '"name":"a server span","duration":1'),
    ],
    ['spans without a list', text.replace('"spans":[{', '"spans":{"0":{').replace('}]}]}]}]}', '}]}}}]}]}')],
    ['a span without a name', text.replace('"name":"a server span",', '')],
  ])('refuses %s', (_what, mutated) => {
    expect(mutated).not.toBe(text);
    expect(otlpFaults(JSON.parse(mutated))).not.toEqual([]);
  });
});
