/**
 * Reads OTLP traces as a strict receiver would: every field by the definitions of opentelemetry-proto 1.11.0
 * (collector/trace/v1/trace_service, trace/v1/trace, common/v1/common, resource/v1/resource), in the JSON of proto3 with
 * OTLP's own rules (docs/specification.md, "JSON Protobuf Encoding"). Fields that the definitions do not have are
 * refused, though a receiver has to ignore them, and so are the forms that only a decoder must take.
 */

type Scalar =
  'string' | 'bool' | 'int32' | 'uint32' | 'uint64' | 'int64' | 'double' | 'bytes' | 'traceId' | 'spanId';
type Kind = Scalar | { readonly values: number } | { readonly message: string };
interface Field {
  readonly kind: Kind;
  readonly repeated?: true;
  /** At most one of the fields of the same group is set. */
  readonly oneOf?: string;
}

const one = (kind: Kind): Field => ({ kind });
const many = (kind: Kind): Field => ({ kind, repeated: true });
const eitherOf = (kind: Kind): Field => ({ kind, oneOf: 'value' });

const MESSAGES: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  ExportTraceServiceRequest: { resourceSpans: many({ message: 'ResourceSpans' }) },
  ResourceSpans: {
    resource: one({ message: 'Resource' }),
    scopeSpans: many({ message: 'ScopeSpans' }),
    schemaUrl: one('string'),
  },
  Resource: {
    attributes: many({ message: 'KeyValue' }),
    droppedAttributesCount: one('uint32'),
    entityRefs: many({ message: 'EntityRef' }),
  },
  EntityRef: {
    schemaUrl: one('string'),
    type: one('string'),
    idKeys: many('string'),
    descriptionKeys: many('string'),
  },
  ScopeSpans: {
    scope: one({ message: 'InstrumentationScope' }),
    spans: many({ message: 'Span' }),
    schemaUrl: one('string'),
  },
  InstrumentationScope: {
    name: one('string'),
    version: one('string'),
    attributes: many({ message: 'KeyValue' }),
    droppedAttributesCount: one('uint32'),
  },
  Span: {
    traceId: one('traceId'),
    spanId: one('spanId'),
    traceState: one('string'),
    parentSpanId: one('spanId'),
    flags: one('uint32'),
    name: one('string'),
    kind: one({ values: 6 }),
    startTimeUnixNano: one('uint64'),
    endTimeUnixNano: one('uint64'),
    attributes: many({ message: 'KeyValue' }),
    droppedAttributesCount: one('uint32'),
    events: many({ message: 'Event' }),
    droppedEventsCount: one('uint32'),
    links: many({ message: 'Link' }),
    droppedLinksCount: one('uint32'),
    status: one({ message: 'Status' }),
  },
  Event: {
    timeUnixNano: one('uint64'),
    name: one('string'),
    attributes: many({ message: 'KeyValue' }),
    droppedAttributesCount: one('uint32'),
  },
  Link: {
    traceId: one('traceId'),
    spanId: one('spanId'),
    traceState: one('string'),
    attributes: many({ message: 'KeyValue' }),
    droppedAttributesCount: one('uint32'),
    flags: one('uint32'),
  },
  Status: { message: one('string'), code: one({ values: 3 }) },
  KeyValue: { key: one('string'), value: one({ message: 'AnyValue' }), keyStrindex: one('int32') },
  KeyValueList: { values: many({ message: 'KeyValue' }) },
  ArrayValue: { values: many({ message: 'AnyValue' }) },
  AnyValue: {
    stringValue: eitherOf('string'),
    boolValue: eitherOf('bool'),
    intValue: eitherOf('int64'),
    doubleValue: eitherOf('double'),
    arrayValue: eitherOf({ message: 'ArrayValue' }),
    kvlistValue: eitherOf({ message: 'KeyValueList' }),
    bytesValue: eitherOf('bytes'),
    stringValueStrindex: eitherOf('int32'),
  },
};

/** What is wrong with an `ExportTraceServiceRequest`, each with its path; nothing of one that is right. */
export function otlpFaults(request: unknown): readonly string[] {
  return [...messageFaults('ExportTraceServiceRequest', request, '')];
}

function* messageFaults(message: string, value: unknown, path: string): Generator<string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    yield `${path}: not an object (${message})`;
    return;
  }
  const fields = new Map(Object.entries(MESSAGES[message] ?? {}));
  const groups = new Set<string>();
  for (const [key, inner] of Object.entries(value)) {
    const field = fields.get(key);
    if (!field) {
      yield `${path}.${key}: no field of ${message}`;
      continue;
    }
    if (field.oneOf !== undefined && groups.has(field.oneOf)) yield `${path}.${key}: a second value`;
    if (field.oneOf !== undefined) groups.add(field.oneOf);
    if (!field.repeated) yield* valueFaults(field.kind, inner, `${path}.${key}`);
    else if (!Array.isArray(inner)) yield `${path}.${key}: not a list`;
    else
      for (const [index, item] of inner.entries())
        yield* valueFaults(field.kind, item, `${path}.${key}[${index}]`);
  }
  if (message === 'Span') yield* spanFaults(new Map(Object.entries(value)), path);
}

/** What the definitions say of a span in words: it has both ids and a name, and does not end before it starts. */
function* spanFaults(span: ReadonlyMap<string, unknown>, path: string): Generator<string> {
  for (const key of ['traceId', 'spanId', 'name']) if (!span.has(key)) yield `${path}.${key}: missing`;
  const [start, end] = [span.get('startTimeUnixNano'), span.get('endTimeUnixNano')];
  if (
    typeof start === 'string' &&
    typeof end === 'string' &&
    /^\d+$/.test(start + end) &&
    BigInt(end) < BigInt(start)
  ) {
    yield `${path}: ends before it starts`;
  }
  const attributes = span.get('attributes');
  const keys = Array.isArray(attributes)
    ? attributes.map((entry: unknown) => JSON.stringify(new Map(Object.entries(entry ?? {})).get('key')))
    : [];
  if (new Set(keys).size !== keys.length) yield `${path}.attributes: a key stands twice`;
}

function* valueFaults(kind: Kind, value: unknown, path: string): Generator<string> {
  if (typeof kind === 'object') {
    if ('message' in kind) yield* messageFaults(kind.message, value, path);
    else if (!isWhole(value, 0, kind.values - 1)) yield `${path}: not a number of the enumeration`;
    return;
  }
  if (!SCALARS[kind](value)) yield `${path}: not a ${kind}: ${JSON.stringify(value)}`;
}

const isWhole = (value: unknown, least: number, most: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;

const isLong = (value: unknown, least: bigint, most: bigint): boolean =>
  typeof value === 'string' &&
  /^(0|-?[1-9]\d*)$/.test(value) &&
  BigInt(value) >= least &&
  BigInt(value) <= most;

const isId = (value: unknown, digits: number): boolean =>
  typeof value === 'string' && new RegExp(`^[0-9a-fA-F]{${digits}}$`).test(value) && /[^0]/.test(value);

const SCALARS: Readonly<Record<Scalar, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string' && value.isWellFormed(),
  bool: (value) => typeof value === 'boolean',
  int32: (value) => isWhole(value, -(2 ** 31), 2 ** 31 - 1),
  uint32: (value) => isWhole(value, 0, 2 ** 32 - 1),
  uint64: (value) => isLong(value, 0n, 2n ** 64n - 1n),
  int64: (value) => isLong(value, -(2n ** 63n), 2n ** 63n - 1n),
  double: (value) =>
    typeof value === 'number' || ['NaN', 'Infinity', '-Infinity'].some((word) => word === value),
  bytes: (value) => typeof value === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(value),
  traceId: (value) => isId(value, 32),
  spanId: (value) => isId(value, 16),
};
