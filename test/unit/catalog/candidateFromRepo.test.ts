import { beforeAll, describe, expect, it } from 'vitest';
import { candidateFromRepo, type RepoCandidate } from '../../../src/catalog/candidateFromRepo';
import type { GgufHeader } from '../../../src/catalog/ggufHeader';
import type { GgufValue } from '../../../src/catalog/ggufValue';
import type { HubModel } from '../../../src/catalog/hub';
import { buildIdentityIndex, canonicalModelOf, type IdentityIndex } from '../../../src/catalog/identity';
import { loadFrozenSnapshot } from '../../../src/catalog/snapshot';

let known: IdentityIndex;

beforeAll(async () => {
  const { snapshot } = await loadFrozenSnapshot({ path: 'data/snapshot.json' });
  known = buildIdentityIndex(snapshot.candidates);
});

function repo(id: string, tags: readonly string[] = [], more: Partial<HubModel> = {}): HubModel {
  const name = id.slice(id.indexOf('/') + 1).replace(/-GGUF$/i, '');
  return {
    id,
    tags: ['gguf', ...tags],
    files: [
      { path: 'README.md', sizeBytes: 900 },
      { path: `${name}-Q4_K_M.gguf`, sizeBytes: 5_000_000_000, sha256: 'ab'.repeat(32) },
      { path: `${name}-Q8_0.gguf`, sizeBytes: 8_700_000_000 },
    ],
    ...more,
  };
}

function header(
  metadata: Readonly<Record<string, GgufValue>>,
  totals: Partial<GgufHeader['tensors']> = {},
): GgufHeader {
  return {
    version: 3,
    littleEndian: true,
    metadata: new Map(Object.entries(metadata)),
    arrayLengths: new Map([['tokenizer.ggml.tokens', 151_936]]),
    tensors: {
      count: 1,
      elements: 8_190_735_360,
      expertElements: 0,
      bytes: 5_000_000_000,
      complete: true,
      ...totals,
    },
    dataOffset: 5_950_000,
    fetchedBytes: 8_000_000,
  };
}

/** A model that no snapshot knows. */
const NEW_MOE = header(
  {
    'general.architecture': 'qwen3moe',
    'general.license': 'mit',
    'qwen3moe.block_count': 48,
    'qwen3moe.context_length': 262_144,
    'qwen3moe.embedding_length': 2_048,
    'qwen3moe.attention.head_count': 32,
    'qwen3moe.attention.head_count_kv': 4,
    'qwen3moe.attention.key_length': 128,
    'qwen3moe.attention.value_length': 128,
    'qwen3moe.expert_count': 128,
    'qwen3moe.expert_used_count': 8,
    'tokenizer.chat_template': '{% if tools %}{% endif %}{% if enable_thinking %}{% endif %}',
  },
  { elements: 30_532_122_624, expertElements: 28_991_029_248 },
);

/** What came out, short enough to compare. */
function told(result: RepoCandidate): readonly unknown[] {
  return result.kind === 'none' ? [result.why] : [result.kind, result.candidate.hfRepoId, result.edge];
}

describe('candidateFromRepo', () => {
  it('makes a new repository a candidate with exact sizes, context, counts of experts and capabilities', () => {
    const result = candidateFromRepo({
      known,
      header: NEW_MOE,
      repo: repo(
        'unsloth/Qwen9-30B-A3B-GGUF',
        ['base_model:Qwen/Qwen9-30B-A3B', 'base_model:quantized:Qwen/Qwen9-30B-A3B', 'license:apache-2.0'],
        {
          createdAt: '2027-01-02T03:04:05.000Z',
          pipelineTag: 'text-generation',
        },
      ),
    });
    expect(result).toEqual({
      kind: 'new',
      edge: 'quantisation',
      candidate: {
        hfRepoId: 'Qwen/Qwen9-30B-A3B',
        name: 'Qwen9-30B-A3B',
        org: 'Qwen',
        family: 'Qwen',
        series: 'Qwen9',
        generation: '9',
        variant: 'plain',
        role: 'chat',
        released: '2027-01-02',
        licence: 'apache-2.0',
        sizeB: 30.532,
        activeB: 3.353,
        architecture: {
          ...{
            arch: 'qwen3moe',
            layers: 48,
            heads: 32,
            kvHeads: 4,
            headDimK: 128,
            headDimV: 128,
            hidden: 2_048,
          },
          ...{ vocab: 151_936, contextMax: 262_144, experts: 128, expertsUsed: 8 },
          kv: { rule: 'full', fullBytesPerTokenF16: 98_304 },
        },
        capabilities: { tools: true, thinking: true, vision: false },
        builds: [
          {
            ...{ quant: 'Q4_K_M', sizeBytes: 5_000_000_000, sizeBasis: 'exact', digest: 'ab'.repeat(32) },
            ...{ repo: 'unsloth/Qwen9-30B-A3B-GGUF', file: 'Qwen9-30B-A3B-Q4_K_M.gguf' },
          },
          {
            ...{ quant: 'Q8_0', sizeBytes: 8_700_000_000, sizeBasis: 'exact' },
            ...{ repo: 'unsloth/Qwen9-30B-A3B-GGUF', file: 'Qwen9-30B-A3B-Q8_0.gguf' },
          },
        ],
        lineagePosition: 0,
      },
    });
    // What the pool installs by: `hf.co/<repo>:<quant>` leads back to the same model.
    if (result.kind !== 'new') throw new Error('not new');
    const index = buildIdentityIndex([result.candidate]);
    expect(canonicalModelOf('hf.co/unsloth/Qwen9-30B-A3B-GGUF:Q4_K_M', index)).toBe(result.candidate);
  });

  it.each([
    // A mirror of a known model adds builds to it.
    ['unsloth/Qwen3.5-9B-GGUF', [], 'builds', 'Qwen/Qwen3.5-9B', 'repository'],
    [
      'someone/Qwen3-8B-imat-GGUF',
      ['base_model:quantized:Qwen/Qwen3-8B'],
      'builds',
      'Qwen/Qwen3-8B',
      'quantisation',
    ],
    [
      'someone/my-own-name-GGUF',
      ['base_model:quantized:Qwen/Qwen3-8B'],
      'builds',
      'Qwen/Qwen3-8B',
      'quantisation',
    ],
    ['someone/Qwen3-8B-GGUF', ['base_model:Qwen/Qwen3-8B'], 'builds', 'Qwen/Qwen3-8B', 'quantisation'],
    [
      'someone/Qwen3-8B-GGUF',
      ['base_model:finetune:Qwen/Qwen3-8B'],
      'builds',
      'Qwen/Qwen3-8B',
      'quantisation',
    ],
    [
      'someone/Qwen3-8B-GGUF',
      ['base_model:quantized:unsloth/Qwen3-8B'],
      'builds',
      'Qwen/Qwen3-8B',
      'quantisation',
    ],
    [
      'someone/Qwen3-8B-GGUF',
      ['base_model:quantized:Qwen/Qwen3-8B-FP8'],
      'builds',
      'Qwen/Qwen3-8B',
      'quantisation',
    ],
    ['mradermacher/Qwen3-8B-i1-GGUF', [], 'builds', 'Qwen/Qwen3-8B', 'name'],
    [
      'someone/glm-4-9b-chat-GGUF',
      ['base_model:quantized:THUDM/glm-4-9b-chat'],
      'builds',
      'zai-org/glm-4-9b-chat',
      'quantisation',
    ],
    // A finetune is a model of its own, and so is a merge; a mirror of it belongs to it.
    ['NousResearch/Foo-8B-GGUF', ['base_model:finetune:Qwen/Qwen3-8B'], 'new', 'NousResearch/Foo-8B', 'own'],
    [
      'someone/Qwen3-8B-abliterated-GGUF',
      ['base_model:finetune:Qwen/Qwen3-8B'],
      'new',
      'someone/Qwen3-8B-abliterated',
      'own',
    ],
    [
      'mradermacher/Foo-8B-i1-GGUF',
      ['base_model:quantized:NousResearch/Foo-8B'],
      'new',
      'NousResearch/Foo-8B',
      'quantisation',
    ],
    [
      'someone/Merge-8B-GGUF',
      ['base_model:merge:a/One-8B', 'base_model:merge:b/Two-8B'],
      'new',
      'someone/Merge-8B',
      'own',
    ],
    ['Foo/Bar-8B-GGUF', [], 'new', 'Foo/Bar-8B', 'own'],
    ['Foo/Bar-8B', [], 'new', 'Foo/Bar-8B', 'own'],
    // A mirror that does not say whose model it is.
    ['bartowski/Qwen9-8B-GGUF', [], 'new', 'Qwen/Qwen9-8B', 'name'],
    ['bartowski/Quux-8B-GGUF', [], 'new', 'bartowski/Quux-8B', 'own'],
  ] as const)('%s with %j is %s of %s', (id, tags, kind, hfRepoId, edge) => {
    const result = candidateFromRepo({ repo: repo(id, tags), known, header: undefined });
    expect(told(result)).toEqual([kind, hfRepoId, edge]);
  });

  it('believes the origin that the file names, where it bears the name of the repository', () => {
    const from = (repoUrl: string): GgufHeader =>
      header({
        ...{ 'general.architecture': 'qwen3', 'general.base_model.count': 1 },
        'general.base_model.0.repo_url': repoUrl,
      });
    const mirror = repo('someone/Qwen3-8B-imatrix-GGUF');
    expect(
      told(candidateFromRepo({ repo: mirror, known, header: from('https://huggingface.co/Qwen/Qwen3-8B') })),
    ).toEqual([...['builds', 'Qwen/Qwen3-8B', 'metadata']]);
    // The file of a finetune names what it was tuned from.
    const tuned = repo('someone/Foo-8B-GGUF');
    expect(
      told(candidateFromRepo({ repo: tuned, known, header: from('https://huggingface.co/Qwen/Qwen3-8B') })),
    ).toEqual([...['new', 'someone/Foo-8B', 'own']]);
  });

  it('gives a small file no place under the large model whose name it bears', () => {
    const small = repo('someone/DeepSeek-V3-GGUF', ['base_model:quantized:deepseek-ai/DeepSeek-V3']);
    expect(told(candidateFromRepo({ repo: small, known, header: header({}) }))).toEqual(['other_size']);
  });

  it.each([
    ['Qwen/Qwen3-Embedding-8B-GGUF', {}, {}, 'embedding'],
    ['someone/Vectors-8B-GGUF', { pipelineTag: 'feature-extraction' }, {}, 'embedding'],
    [
      'someone/Vectors-8B-GGUF',
      {},
      { 'general.architecture': 'qwen3', 'qwen3.pooling_type': 3 },
      'embedding',
    ],
    ['someone/Vectors-8B-GGUF', {}, { 'general.architecture': 'nomic-bert-moe' }, 'embedding'],
    ['someone/bge-m3-GGUF', {}, {}, 'embedding'],
    ['Qwen/Qwen3-Reranker-8B-GGUF', {}, {}, 'reranker'],
    ['someone/Ranks-8B-GGUF', {}, { 'general.architecture': 'qwen3', 'qwen3.pooling_type': 4 }, 'reranker'],
    ['someone/Tuned-8B-GGUF', {}, { 'general.type': 'adapter' }, 'adapter'],
    ['someone/Qwen3-8B-lora-GGUF', {}, {}, 'adapter'],
    [
      'someone/Eyes-8B-GGUF',
      {},
      { 'general.architecture': 'clip', 'general.type': 'mmproj' },
      'projector_only',
    ],
    ['someone/Speaks-8B-GGUF', { pipelineTag: 'text-to-speech' }, {}, 'speech'],
    ['ggml-org/whisper-large-GGUF', {}, {}, 'speech'],
    ['Qwen/Qwen3Guard-Gen-8B-GGUF', {}, {}, 'other'],
    ['city96/FLUX.1-dev-gguf', {}, { 'general.architecture': 'flux' }, 'other'],
    [
      'someone/Only-Eyes-8B-GGUF',
      { files: [{ path: 'mmproj-F16.gguf', sizeBytes: 1 }] },
      {},
      'projector_only',
    ],
    [
      'someone/Half-8B-GGUF',
      { files: [{ path: 'x-Q4_K_M-00001-of-00002.gguf', sizeBytes: 1 }] },
      {},
      'no_usable_file',
    ],
    ['someone/Weights-8B', { files: [{ path: 'model.safetensors', sizeBytes: 1 }] }, {}, 'no_usable_file'],
    ['someone/Empty-8B-GGUF', { files: [] }, {}, 'no_usable_file'],
  ] as const)('%s is no candidate: %j %j %s', (id, more, metadata, why) => {
    const read = Object.keys(metadata).length > 0 ? header(metadata) : undefined;
    expect(told(candidateFromRepo({ repo: repo(id, [], more), known, header: read }))).toEqual([why]);
  });

  it('does not guess a size that neither the file nor a name tells', () => {
    const unnamed = repo('someone/Wonder-GGUF');
    expect(told(candidateFromRepo({ repo: unnamed, known, header: undefined }))).toEqual(['size_unknown']);
    expect(
      told(candidateFromRepo({ repo: unnamed, known, header: header({}, { complete: false }) })),
    ).toEqual(['size_unknown']);
    expect(told(candidateFromRepo({ repo: unnamed, known, header: header({}) }))).toEqual([
      'new',
      'someone/Wonder',
      'own',
    ]);
  });

  it('believes the name about active parameters where the count is far from it', () => {
    // OpenAI counts 3.6 of gpt-oss as active, without its embeddings; the tensors give 4.2.
    const counted = header(
      { 'general.architecture': 'gpt-oss', 'gpt-oss.expert_count': 32, 'gpt-oss.expert_used_count': 4 },
      { elements: 20_914_757_184, expertElements: 19_116_933_120 },
    );
    const empty = buildIdentityIndex([]);
    const result = candidateFromRepo({
      repo: repo('openai/gpt-oss-20b-GGUF'),
      known: empty,
      header: counted,
    });
    expect(result).toMatchObject({ candidate: { sizeB: 20.915, activeB: 3.6 } });
  });

  it('says that a model sees when its projector lies beside it', () => {
    const files = [
      { path: 'Eye-8B-Q4_K_M.gguf', sizeBytes: 5_000_000_000 },
      { path: 'mmproj-F16.gguf', sizeBytes: 800_000_000 },
    ];
    const result = candidateFromRepo({
      repo: repo('Foo/Eye-8B-GGUF', [], { files }),
      known,
      header: undefined,
    });
    expect(result).toMatchObject({
      candidate: { capabilities: { tools: null, thinking: null, vision: true } },
    });
    expect(result.kind === 'new' && result.candidate.builds.map(({ quant }) => quant)).toEqual(['Q4_K_M']);
  });

  it('makes a model for MLX a candidate by the sum of its weights', () => {
    const files = [
      { path: 'model-00001-of-00002.safetensors', sizeBytes: 3_000_000_000 },
      { path: 'model-00002-of-00002.safetensors', sizeBytes: 2_000_000_000 },
    ];
    const mlx = {
      ...repo('mlx-community/Qwen9-8B-4bit', [], { files }),
      tags: ['mlx', 'base_model:quantized:Qwen/Qwen9-8B'],
    };
    expect(candidateFromRepo({ repo: mlx, known, header: undefined })).toMatchObject({
      kind: 'new',
      candidate: {
        ...{ hfRepoId: 'Qwen/Qwen9-8B', sizeB: 8 },
        builds: [
          {
            quant: 'MLX-4bit',
            sizeBytes: 5_000_000_000,
            sizeBasis: 'exact',
            repo: 'mlx-community/Qwen9-8B-4bit',
          },
        ],
      },
    });
  });

  it('keeps files of unknown size as such, and names a lone file by its header', () => {
    const unsized = repo('Foo/Bar-8B-GGUF', [], { files: [{ path: 'Bar-8B-Q4_K_M.gguf' }] });
    expect(candidateFromRepo({ repo: unsized, known, header: undefined })).toMatchObject({
      candidate: { builds: [], unsizedBuilds: [{ quant: 'Q4_K_M', repo: 'Foo/Bar-8B-GGUF' }] },
    });
    const lone = repo('Foo/Bar-8B-GGUF', [], { files: [{ path: 'model.gguf', sizeBytes: 9 }] });
    expect(
      candidateFromRepo({ repo: lone, known, header: header({ 'general.file_type': 7 }) }),
    ).toMatchObject({
      candidate: { builds: [{ quant: 'Q8_0', file: 'model.gguf', sizeBytes: 9 }] },
    });
    expect(told(candidateFromRepo({ repo: lone, known, header: undefined }))).toEqual(['no_usable_file']);
  });
});
