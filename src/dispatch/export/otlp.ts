import { createHash } from 'node:crypto';
import type { DispatchRecord } from '../../shared/dispatchRecord';
import {
  attemptAttributes,
  CONVENTIONS_SCHEMA_URL,
  errorType,
  recordAttributes,
  type Attribute,
} from './recordAttributes';

const SPAN_KIND_CLIENT = 3;
const STATUS_CODE_ERROR = 2;
const SERVICE = 'model-pool';

/** What a span and its events have a place of their own for. */
const TOLD_BY_SPAN = new Set([
  'model_pool.span.id',
  'model_pool.started_at',
  'model_pool.ended_at',
  'model_pool.duration_ms',
  'model_pool.error.message',
  'model_pool.attempt.started_at',
]);

/**
 * Records as one `ExportTraceServiceRequest` of OTLP 1.11.0 in its JSON encoding, on one line without its end: a span
 * a call, with an event for each attempt. `version` is this extension's. A file of such lines is what OpenTelemetry's
 * file exporter writes, and any one line can be sent to a collector as it is.
 * https://opentelemetry.io/docs/specs/otel/protocol/file-exporter/
 */
export function otlpLine(records: readonly DispatchRecord[], version: string): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [text('service.name', SERVICE), text('service.version', version)] },
        scopeSpans: [
          {
            scope: { name: SERVICE, version },
            spans: records.map(span),
            schemaUrl: CONVENTIONS_SCHEMA_URL,
          },
        ],
        schemaUrl: CONVENTIONS_SCHEMA_URL,
      },
    ],
  });
}

function span(record: DispatchRecord): object {
  const start = unixNano(record.startedAt);
  const end = unixNano(record.endedAt);
  return {
    traceId: traceId(record.callId),
    spanId: spanId(record),
    name: `chat ${record.model}`.trim(),
    kind: SPAN_KIND_CLIENT,
    startTimeUnixNano: String(start),
    // A span that ends before it starts is refused by some readers.
    endTimeUnixNano: String(end < start ? start : end),
    attributes: keyValues(recordAttributes(record)),
    events: record.attempts.map((attempt) => ({
      timeUnixNano: String(unixNano(attempt.startedAt)),
      name: 'model_pool.attempt',
      attributes: keyValues(attemptAttributes(attempt)),
    })),
    ...(errorType(record) === null ? {} : { status: errorStatus(record) }),
  };
}

/** The status of a call that was served stays unset, as the conventions want it. */
function errorStatus({ error }: DispatchRecord): object {
  return { code: STATUS_CODE_ERROR, ...(error ? { message: error.message } : {}) };
}

function keyValues(attributes: readonly Attribute[]): readonly object[] {
  return attributes.flatMap((attribute) =>
    TOLD_BY_SPAN.has(attribute.name) ? [] : { key: attribute.name, value: anyValue(attribute) },
  );
}

function text(key: string, stringValue: string): object {
  return { key, value: { stringValue } };
}

function anyValue(attribute: Attribute): object {
  switch (attribute.type) {
    case 'string':
      return { stringValue: attribute.value };
    case 'int':
      // A 64-bit whole number is a text in the JSON of protobuf.
      return { intValue: String(attribute.value) };
    case 'double':
      return { doubleValue: attribute.value };
    case 'boolean':
      return { boolValue: attribute.value };
    case 'string[]':
      return { arrayValue: { values: attribute.value.map((stringValue) => ({ stringValue })) } };
  }
}

/** 32 hex digits: those of the call's UUID, else of a hash of the id, so that two exports give the same trace. */
function traceId(callId: string): string {
  const digits = callId.replaceAll('-', '').toLowerCase();
  return isId(digits, 32) ? digits : hashed(`trace ${callId}`, 32);
}

/** 16 hex digits: the span's own id where the record has one, else of a hash of the record's id. */
function spanId({ spanId: given, recordId }: DispatchRecord): string {
  const digits = given?.toLowerCase() ?? '';
  return isId(digits, 16) ? digits : hashed(`span ${recordId}`, 16);
}

/** Ids that are all zero are invalid. */
function isId(digits: string, length: number): boolean {
  return digits.length === length && /^[0-9a-f]+$/.test(digits) && /[^0]/.test(digits);
}

function hashed(of: string, digits: number): string {
  return createHash('sha256').update(of).digest('hex').slice(0, digits);
}

/** Nanoseconds since the epoch with every digit of the text; 0, which stands for unknown, of what is not a time. */
function unixNano(iso: string): bigint {
  const epochMs = Date.parse(iso);
  if (Number.isNaN(epochMs) || epochMs < 0) return 0n;
  const fraction = /[.,](\d{1,9})/.exec(iso)?.[1] ?? '';
  return BigInt(Math.floor(epochMs / 1_000)) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}
