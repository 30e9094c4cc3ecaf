import fc from 'fast-check';
import { Agent } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { architectureOf, parametersOf } from '../../../src/catalog/ggufArchitecture';
import { readGgufModel, type GgufReadOptions, type GgufResult } from '../../../src/catalog/ggufHeader';
import { originOfFile } from '../../../src/catalog/ggufShape';
import { HttpClient } from '../../../src/shared/http';
import { ggufFile, GgufWriter, type Entry, type GgufParts } from '../../fixtures/catalog/ggufBytes';
import { startRangeServer, type RangeServerFaults, type ServedFile } from '../../support/rangeServer';
import { rounds } from '../../support/soak';

let agent: Agent;
beforeAll(() => {
  agent = new Agent({ connections: 1 });
});
afterAll(() => agent.destroy());

const ENTRIES: readonly Entry[] = [
  ['general.architecture', 'string', 'qwen3moe'],
  ['general.name', 'string', 'Test 30B A3B'],
  ['general.license', 'string', 'apache-2.0'],
  ['general.file_type', 'u32', 15],
  ['general.quantized_by', 'string', 'Somebody'],
  ['general.base_model.count', 'u32', 1],
  ['general.base_model.0.name', 'string', 'Qwen3 30B A3B'],
  ['general.base_model.0.organization', 'string', 'Qwen'],
  ['general.base_model.0.repo_url', 'string', 'https://huggingface.co/Qwen/Qwen3-30B-A3B'],
  ['general.tags', 'array', 'string', ['text-generation', 'ü']],
  ['qwen3moe.block_count', 'u32', 2],
  ['qwen3moe.context_length', 'u64', 40_960],
  ['qwen3moe.embedding_length', 'u32', 64],
  ['qwen3moe.attention.head_count', 'u16', 4],
  ['qwen3moe.attention.head_count_kv', 'array', 'i32', [2, 2]],
  ['qwen3moe.attention.key_length', 'u32', 16],
  ['qwen3moe.attention.value_length', 'u8', 16],
  ['qwen3moe.expert_count', 'u32', 8],
  ['qwen3moe.expert_used_count', 'i8', 2],
  ['qwen3moe.rope.freq_base', 'f32', 1_000_000],
  ['tokenizer.ggml.add_bos_token', 'bool', 0],
  ['tokenizer.ggml.tokens', 'array', 'string', Array.from({ length: 40 }, (_, index) => `token${index}`)],
  ['tokenizer.ggml.scores', 'array', 'f64', [0.5, 1]],
  ['tokenizer.chat_template', 'string', '{% if tools %}{{ tools }}{% endif %}{{ messages }}'],
];
const TENSORS = [
  { name: 'token_embd.weight', dimensions: [64, 40], type: 0, offset: 0 },
  { name: 'blk.0.ffn_up_exps.weight', dimensions: [64, 32, 8], type: 8, offset: 10_240 },
  { name: 'blk.0.attn_norm.weight', dimensions: [64], type: 1, offset: 27_648 },
];
const DATA_BYTES = 27_776;
const PARTS: GgufParts = { entries: ENTRIES, tensors: TENSORS, dataBytes: DATA_BYTES };

interface Reading {
  readonly result: GgufResult;
  readonly sentBytes: number;
  readonly requests: number;
}

async function readServed(
  file: ServedFile,
  options: Partial<GgufReadOptions> = {},
  faults: RangeServerFaults = {},
): Promise<Reading> {
  const server = await startRangeServer({ '/m.gguf': file }, faults);
  const result = await readGgufModel({
    urls: [`${server.url}/m.gguf`],
    http: new HttpClient(agent),
    ...options,
  });
  return { result, sentBytes: server.sentBytes, requests: server.requests.length };
}

function codeOf({ result }: Reading): string {
  return result.ok ? 'ok' : result.failure.code;
}

describe('readGgufModel', () => {
  it.each([
    ['version 3, little endian', { version: 3, littleEndian: true }],
    ['version 2, little endian', { version: 2, littleEndian: true }],
    ['version 3, big endian', { version: 3, littleEndian: false }],
    ['version 2, big endian', { version: 2, littleEndian: false }],
  ] as const)('reads %s', async (_, form) => {
    const { bytes, headerBytes } = ggufFile({ ...PARTS, ...form });
    const { result, sentBytes } = await readServed({ bytes });
    if (!result.ok) throw new Error(result.failure.message);
    const { header } = result;
    expect(header).toMatchObject({ ...form, fileBytes: bytes.length, dataOffset: bytes.length - DATA_BYTES });
    expect(header.dataOffset - headerBytes).toBeLessThan(32);
    expect(header.fetchedBytes).toBe(sentBytes);
    expect(header.tensors).toEqual({
      count: 3,
      elements: 2_560 + 16_384 + 64,
      expertElements: 16_384,
      bytes: 10_240 + 17_408 + 128,
      complete: true,
    });
    expect(header.metadata.get('qwen3moe.rope.freq_base')).toBe(1_000_000);
    expect(header.metadata.get('tokenizer.ggml.add_bos_token')).toBe(false);
    expect(header.metadata.get('tokenizer.ggml.scores')).toEqual([0.5, 1]);
    expect(header.metadata.get('general.tags')).toEqual(['text-generation', 'ü']);
    expect(parametersOf(header)).toEqual({ sizeB: 0, activeB: 0 });
    expect(originOfFile(header)).toEqual({
      name: 'Test 30B A3B',
      licence: 'apache-2.0',
      quantizedBy: 'Somebody',
      quant: 'Q4_K_M',
      baseModels: [{ name: 'Qwen3 30B A3B', organisation: 'Qwen', repo: 'Qwen/Qwen3-30B-A3B' }],
      chatTemplate: '{% if tools %}{{ tools }}{% endif %}{{ messages }}',
    });
    expect(architectureOf(header)).toEqual({
      ...{
        arch: 'qwen3moe',
        layers: 2,
        heads: 4,
        kvHeads: 2,
        headDimK: 16,
        headDimV: 16,
        hidden: 64,
        vocab: 40,
      },
      ...{ contextMax: 40_960, experts: 8, expertsUsed: 2 },
      kv: { rule: 'full', fullBytesPerTokenF16: 2 * 2 * 32 * 2 },
    });
  });

  it('reads a template for tools that stands beside the usual one', async () => {
    const more: Entry = ['tokenizer.chat_template.tool_use', 'string', '{{ functions }}'];
    const { result } = await readServed({ bytes: ggufFile({ ...PARTS, entries: [...ENTRIES, more] }).bytes });
    expect(result.ok && originOfFile(result.header).chatTemplate).toMatch(/tools[^]*functions/);
  });

  it('adds up the parts of a split file, and says so when only one of them was read', async () => {
    const split = (no: number): readonly Entry[] => [
      ['split.no', 'u16', no],
      ['split.count', 'u16', 2],
    ];
    const first = ggufFile({ ...PARTS, entries: [...ENTRIES, ...split(0)] }).bytes;
    const second = ggufFile({ ...PARTS, entries: split(1) }).bytes;
    const server = await startRangeServer({ '/1': { bytes: first }, '/2': { bytes: second } });
    const http = new HttpClient(agent);
    const both = await readGgufModel({ urls: [`${server.url}/1`, `${server.url}/2`], http });
    const one = await readGgufModel({ urls: [`${server.url}/1`], http });
    if (!both.ok || !one.ok) throw new Error('not read');
    expect(both.header.tensors).toMatchObject({ count: 6, elements: 38_016, bytes: 55_552, complete: true });
    expect(one.header.tensors).toMatchObject({ count: 3, complete: false });
    expect(parametersOf(one.header)).toBeNull();
    expect(both.header.metadata.get('general.name')).toBe('Test 30B A3B');
  });

  it('does not fetch what it skips', async () => {
    const writer = new GgufWriter();
    const long: Entry = ['tokenizer.ggml.token_type', 'array', 'i32', []];
    const count = 4_000_000;
    const list = Buffer.concat([
      writer.text(long[0]),
      ...[writer.type('array'), writer.type('i32'), writer.number('u64', count), Buffer.alloc(count * 4)],
    ]);
    const { bytes } = ggufFile({ ...PARTS, saysEntries: ENTRIES.length + 1 });
    const withList = Buffer.concat([bytes.subarray(0, 24), list, bytes.subarray(24), Buffer.alloc(32)]);
    const { result, sentBytes } = await readServed({ bytes: withList });
    expect(result.ok && result.header.arrayLengths.get('tokenizer.ggml.token_type')).toBe(count);
    expect(sentBytes).toBeLessThan(1024 * 1024);
    expect(withList.length).toBeGreaterThan(16_000_000);
  });

  it('fetches nothing beyond its bound, and says that the header is larger', async () => {
    const tokens = Array.from({ length: 60_000 }, (_, index) => `a token of some length, number ${index}`);
    const { bytes } = ggufFile({
      entries: [...ENTRIES, ['tokenizer.ggml.merges', 'array', 'string', tokens]],
    });
    expect(bytes.length).toBeGreaterThan(2_000_000);
    const reading = await readServed({ bytes }, { maxBytes: 1_000_000 });
    expect(codeOf(reading)).toBe('too_large');
    expect(reading.sentBytes).toBe(1_000_000);
    expect(codeOf(await readServed({ bytes }))).toBe('ok');
  });

  it('gives up the token when it is sent to another host, and keeps to the end of the redirects', async () => {
    const { bytes } = ggufFile(PARTS);
    const store = await startRangeServer({ '/blob': { bytes } });
    const hub = await startRangeServer({ '/m': { status: 302, location: `${store.url}/blob` } });
    const headers = { authorization: 'Bearer hf_secret' };
    const result = await readGgufModel({ urls: [`${hub.url}/m`], http: new HttpClient(agent), headers });
    expect(result.ok).toBe(true);
    expect(hub.requests[0]?.headers.authorization).toBe('Bearer hf_secret');
    expect(store.requests).toHaveLength(1);
    expect(store.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('stops at a ring of redirects', async () => {
    const reading = await readServed({ status: 302, location: '/m.gguf' });
    expect([codeOf(reading), reading.requests]).toEqual(['network', 6]);
  });

  it('reads a short header from a server that ignores ranges, and refuses a longer one', async () => {
    const { bytes } = ggufFile({ ...PARTS, dataBytes: 40_000_000 });
    const short = await readServed({ bytes }, {}, { ignoresRanges: true });
    expect(codeOf(short)).toBe('ok');
    expect(short.result.ok && short.result.header.fetchedBytes).toBeLessThanOrEqual(256 * 1024);
    const tokens = Array.from({ length: 20_000 }, (_, index) => `a token of some length, number ${index}`);
    const long = ggufFile({ entries: [...ENTRIES, ['tokenizer.ggml.merges', 'array', 'string', tokens]] });
    expect(codeOf(await readServed({ bytes: long.bytes }, {}, { ignoresRanges: true }))).toBe('network');
  });

  it('reads from a server that does not tell how long the file is', async () => {
    const { bytes } = ggufFile(PARTS);
    const { result } = await readServed({ bytes }, {}, { hidesLength: true });
    expect(result.ok && result.header.tensors.count).toBe(3);
  });

  it('does not wait for a server that hands out a few bytes at a time', async () => {
    const { bytes } = ggufFile(PARTS);
    const reading = await readServed({ bytes }, {}, { mostBytes: 8 });
    expect([codeOf(reading), reading.requests]).toEqual(['network', 64]);
  });

  it.each([
    [401, 'network'],
    [404, 'network'],
    [416, 'truncated'],
    [429, 'network'],
    [503, 'network'],
  ])('takes status %d for %s', async (status, code) => {
    expect(codeOf(await readServed({ status, body: 'no' }))).toBe(code);
  });

  it('rejects with the reason of the caller who cancels, also in the middle of a body', async () => {
    const cancel = new AbortController();
    const reading = readServed(
      {
        answer: (response) => {
          response.writeHead(206, { 'content-range': 'bytes 0-262143/9000000' });
          response.write('GGUF');
          setImmediate(() => cancel.abort(new Error('enough')));
        },
      },
      { signal: cancel.signal },
    );
    await expect(reading).rejects.toThrow('enough');
  });

  it('gives up when the server is too slow', async () => {
    const reading = await readServed({ answer: (response) => response.flushHeaders() }, { timeoutMs: 50 });
    expect(codeOf(reading)).toBe('network');
  });

  it('is told when the connection breaks within the header', async () => {
    const reading = await readServed({
      answer: (response) => {
        response.writeHead(206, { 'content-range': 'bytes 0-262143/9000000', 'content-length': '262144' });
        response.write('GGUF', () => response.destroy());
      },
    });
    expect(codeOf(reading)).toBe('network');
  });

  it('does not take another range for the one it asked for', async () => {
    const reading = await readServed({
      answer: (response) => {
        response.writeHead(206, { 'content-range': 'bytes 100-199/9000000' });
        response.end(Buffer.alloc(100));
      },
    });
    expect(codeOf(reading)).toBe('network');
  });
});

describe('readGgufModel on files that are not what they say', () => {
  const writer = new GgufWriter();
  const u32 = (value: number): Buffer => writer.number('u32', value);
  const u64 = (value: number): Buffer => writer.number('u64', value);
  const start = (tensors: Buffer, entries: Buffer): Buffer =>
    Buffer.concat([Buffer.from('GGUF'), u32(3), tensors, entries]);
  const most = Buffer.alloc(8, 0xff);
  const oneEntry = (...rest: readonly Buffer[]): Buffer =>
    Buffer.concat([start(u64(0), u64(1)), writer.text('a.key'), ...rest, Buffer.alloc(200)]);
  const oneTensor = (...rest: readonly Buffer[]): Buffer =>
    Buffer.concat([start(u64(1), u64(0)), writer.text('t'), ...rest, Buffer.alloc(200)]);
  const nested = Array.from({ length: 40 }, () => Buffer.concat([u32(9), u64(1)]));

  const HOSTILE: readonly (readonly [string, string, Buffer])[] = [
    ['an empty file', 'truncated', Buffer.alloc(0)],
    ['three letters', 'truncated', Buffer.from('GGU')],
    ['a page of HTML', 'not_gguf', Buffer.from('<!doctype html><title>Sign in</title>'.repeat(9))],
    ['zeros', 'not_gguf', Buffer.alloc(4_096)],
    ['the format before GGUF', 'not_gguf', Buffer.from('tjgg\u0003\0\0\0'.repeat(20))],
    ['version 1', 'unsupported_version', ggufFile({ ...PARTS, version: 1 }).bytes],
    ['version 4', 'unsupported_version', ggufFile({ ...PARTS, version: 4 }).bytes],
    ['version 0', 'unsupported_version', ggufFile({ ...PARTS, version: 0 }).bytes],
    ['2^64 tensors', 'lies', Buffer.concat([start(most, u64(0)), Buffer.alloc(99)])],
    ['2^64 keys', 'lies', Buffer.concat([start(u64(0), most), Buffer.alloc(99)])],
    ['more tensors than it has bytes for', 'lies', ggufFile({ ...PARTS, saysTensors: 3_000_000 }).bytes],
    ['more keys than it has bytes for', 'lies', ggufFile({ ...PARTS, saysEntries: 60_000 }).bytes],
    ['a key of 2^64 bytes', 'lies', Buffer.concat([start(u64(0), u64(1)), most, Buffer.alloc(200)])],
    ['a text of 2^64 bytes', 'lies', oneEntry(u32(8), most)],
    ['a text longer than the file', 'lies', oneEntry(u32(8), u64(5_000))],
    ['a list of 2^64 numbers', 'lies', oneEntry(u32(9), u32(4), most)],
    ['a list of numbers longer than the file', 'lies', oneEntry(u32(9), u32(12), u64(200))],
    ['a list of texts longer than the file', 'lies', oneEntry(u32(9), u32(8), u64(200))],
    ['a list of lists longer than the file', 'lies', oneEntry(u32(9), u32(9), u64(200))],
    ['lists in lists in lists', 'lies', oneEntry(u32(9), ...nested)],
    ['a value of no known type', 'lies', oneEntry(u32(13))],
    ['a list of no known type', 'lies', oneEntry(u32(9), u32(99), u64(1))],
    ['a tensor of five dimensions', 'lies', oneTensor(u32(5))],
    ['a tensor of 2^64 values', 'lies', oneTensor(u32(1), most, u32(0), u64(0))],
    [
      'a tensor whose dimensions overflow',
      'lies',
      oneTensor(u32(2), u64(2 ** 40), u64(2 ** 40), u32(0), u64(0)),
    ],
    ['a tensor larger than the file', 'lies', oneTensor(u32(1), u64(1_000), u32(0), u64(0))],
    ['a tensor of half a block', 'lies', oneTensor(u32(1), u64(33), u32(8), u64(0))],
    ['a tensor behind the end of the file', 'lies', oneTensor(u32(1), u64(1), u32(0), u64(5_000))],
    ['an offset of 2^64', 'lies', oneTensor(u32(1), u64(1), u32(0), most)],
    ['an alignment of zero', 'lies', ggufFile({ entries: [['general.alignment', 'u32', 0]] }).bytes],
    [
      'an alignment of 2^32',
      'lies',
      ggufFile({ entries: [['general.alignment', 'u32', 2 ** 32 - 1]] }).bytes,
    ],
  ];

  it.each(HOSTILE)('says of %s: %s', async (_, code, bytes) => {
    const reading = await readServed({ bytes });
    expect(codeOf(reading)).toBe(code);
    expect(reading.sentBytes).toBeLessThanOrEqual(bytes.length);
  });

  it('gives no address, key or value away in what it says', async () => {
    for (const [, , bytes] of HOSTILE) {
      const { result } = await readServed({ bytes });
      expect(result.ok || /127\.0\.0\.1|a\.key/.test(result.failure.message)).toBe(false);
    }
  });

  it('reads on without the weight of a tensor type that it does not know', async () => {
    const tensors = [{ name: 't', dimensions: [64], type: 200, offset: 0 }];
    const { result } = await readServed({
      bytes: ggufFile({ entries: ENTRIES, tensors, dataBytes: 64 }).bytes,
    });
    expect(result.ok && result.header.tensors).toMatchObject({ elements: 64, bytes: null });
  });

  it('never takes a file that ends within its header for a whole one', async () => {
    const { bytes, headerBytes } = ggufFile(PARTS);
    const served: { bytes: Buffer } = { bytes };
    const server = await startRangeServer({ '/m': served });
    const codes = new Map<string, number>();
    for (let length = 0; length < headerBytes; length++) {
      served.bytes = bytes.subarray(0, length);
      const result = await readGgufModel({ urls: [`${server.url}/m`], http: new HttpClient(agent) });
      const code = result.ok ? 'ok' : result.failure.code;
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect([...codes.keys()].toSorted()).toEqual(['lies', 'truncated']);
    served.bytes = bytes.subarray(0, bytes.length - 1);
    const cut = await readGgufModel({ urls: [`${server.url}/m`], http: new HttpClient(agent) });
    expect(cut.ok ? 'ok' : cut.failure.code).toBe('lies');
  }, 60_000);

  it('ends with a header or a failure whatever bytes are flipped, within its bound', async () => {
    const { bytes, headerBytes } = ggufFile(PARTS);
    const served: { bytes: Buffer } = { bytes };
    for (const faults of [{}, { hidesLength: true }]) {
      const server = await startRangeServer({ '/m': served }, faults);
      const flips = fc.array(fc.tuple(fc.nat(headerBytes - 1), fc.integer({ min: 1, max: 255 })), {
        minLength: 1,
        maxLength: 6,
      });
      await fc.assert(
        fc.asyncProperty(flips, async (changes) => {
          const changed = Buffer.from(bytes);
          for (const [at, bits] of changes) changed[at] = (changed[at] ?? 0) ^ bits;
          served.bytes = changed;
          const before = server.sentBytes;
          const maxBytes = 64 * 1024;
          const result = await readGgufModel({
            urls: [`${server.url}/m`],
            http: new HttpClient(agent),
            maxBytes,
          });
          expect(server.sentBytes - before).toBeLessThanOrEqual(maxBytes);
          if (!result.ok) return;
          const { arch, ...shape } = architectureOf(result.header) ?? {};
          originOfFile(result.header);
          const numbers = JSON.stringify([typeof arch, shape, parametersOf(result.header)]);
          // Neither below zero nor NaN or infinite, which JSON writes as null.
          expect(numbers).not.toMatch(/-\d|:null/);
        }),
        { numRuns: rounds(400, 10_000) },
      );
    }
  }, 600_000);
});
