import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HubFile, HubModel } from '../../../src/catalog/hub';
import { filesForHeader, sortRepoFiles } from '../../../src/catalog/repoFiles';

function repo(id: string, files: readonly (string | HubFile)[], more: Partial<HubModel> = {}): HubModel {
  return {
    id,
    tags: [],
    files: files.map((file, index) =>
      typeof file === 'string' ? { path: file, sizeBytes: 1_000 + index } : file,
    ),
    ...more,
  };
}

function quants(id: string, files: readonly (string | HubFile)[]): Record<string, number | null> {
  return Object.fromEntries(
    sortRepoFiles(repo(id, files)).builds.map(({ quant, sizeBytes }) => [quant ?? '', sizeBytes]),
  );
}

describe('sortRepoFiles', () => {
  it('makes a build of each quantisation, exact to the byte, smallest first', () => {
    const { builds, format } = sortRepoFiles(
      repo('unsloth/Qwen3-8B-GGUF', [
        '.gitattributes',
        'README.md',
        'config.json',
        { path: 'Qwen3-8B-Q8_0.gguf', sizeBytes: 8_709_518_112 },
        { path: 'Qwen3-8B-Q4_K_M.gguf', sizeBytes: 5_027_783_488, sha256: 'ab' },
        { path: 'Qwen3-8B-UD-Q4_K_XL.gguf', sizeBytes: 5_136_000_000 },
      ]),
    );
    expect(format).toBe('gguf');
    expect(builds.map(({ quant, sizeBytes }) => [quant, sizeBytes])).toEqual([
      ['Q4_K_M', 5_027_783_488],
      ['UD-Q4_K_XL', 5_136_000_000],
      ['Q8_0', 8_709_518_112],
    ]);
  });

  it('adds up the parts of split files in folders, and leaves out those that are not all there', () => {
    const sorted = sortRepoFiles(
      repo('unsloth/DeepSeek-V3-GGUF', [
        { path: 'Q4_K_M/DeepSeek-V3-Q4_K_M-00002-of-00003.gguf', sizeBytes: 20 },
        { path: 'Q4_K_M/DeepSeek-V3-Q4_K_M-00001-of-00003.gguf', sizeBytes: 10 },
        { path: 'Q4_K_M/DeepSeek-V3-Q4_K_M-00003-of-00003.gguf', sizeBytes: 30 },
        { path: 'Q8_0/DeepSeek-V3-Q8_0-00001-of-00002.gguf', sizeBytes: 99 },
        { path: 'UD-IQ1_S/DeepSeek-V3-00001-of-00001.gguf', sizeBytes: 5 },
      ]),
    );
    expect(sorted.builds.map(({ quant, sizeBytes }) => [quant, sizeBytes])).toEqual([
      ['UD-IQ1_S', 5],
      ['Q4_K_M', 60],
    ]);
    expect(sorted.builds[1]?.files.map(({ path }) => path.slice(-19))).toEqual([
      '00001-of-00003.gguf',
      '00002-of-00003.gguf',
      '00003-of-00003.gguf',
    ]);
    expect(sorted.leftOut).toEqual([
      { why: 'incomplete', path: 'Q8_0/DeepSeek-V3-Q8_0-00001-of-00002.gguf' },
    ]);
  });

  it.each([
    ['mmproj-F16.gguf', 'projector'],
    ['mmproj-google_gemma-3-4b-it-f16.gguf', 'projector'],
    ['gemma-3-4b-it.mmproj-Q8_0.gguf', 'projector'],
    ['mmproj/model-f16.gguf', 'projector'],
    ['Qwen3-8B.imatrix.gguf', 'imatrix'],
    ['imatrix_unsloth.gguf', 'imatrix'],
    ['imatrix.gguf', 'imatrix'],
    ['mtp-Qwen3.6-27B-Q8_0.gguf', 'draft'],
    ['MTP/Qwen3.6-27B-MTP-Q8_0.gguf', 'draft'],
    ['Qwen2.5-0.5B-draft-Q8_0.gguf', 'draft'],
    ['gpt-oss-20b-eagle3-Q8_0.gguf', 'draft'],
    ['ggml-vocab-llama-bpe.gguf', 'vocabulary'],
    ['my-lora-f16.gguf', 'adapter'],
    ['adapters/adapters.gguf', 'adapter'],
    ['control_vector-happy.gguf', 'adapter'],
  ])('tells %s from a model: %s', (path, kind) => {
    const { builds, companions } = sortRepoFiles(repo('a/Model-GGUF', ['Model-Q4_K_M.gguf', path]));
    expect(builds.map(({ quant }) => quant)).toEqual(['Q4_K_M']);
    expect(companions.map((companion) => [companion.kind, companion.file.path])).toEqual([[kind, path]]);
  });

  it.each([
    ['Qwen3-8B.Q4_K_M.gguf', 'Q4_K_M'],
    ['Qwen3-8B.i1-IQ3_XXS.gguf', 'IQ3_XXS'],
    ['qwen3-8b-q4_k_m.gguf', 'Q4_K_M'],
    ['ggml-model-Q4_0.gguf', 'Q4_0'],
    ['Qwen_Qwen3-8B-Q3_K_XL.gguf', 'Q3_K_XL'],
    ['gpt-oss-20b-MXFP4.gguf', 'MXFP4'],
    ['gpt-oss-20b-mxfp4.gguf', 'MXFP4'],
    ['Qwen3.6-27B-NVFP4.gguf', 'NVFP4'],
    ['Qwen3-8B-BF16.gguf', 'BF16'],
    ['Qwen3-8B-f16.gguf', 'F16'],
    ['gemma-3-4b-it-qat-q4_0.gguf', 'Q4_0'],
    ['Qwen3-8B-Q4_K_M-imat.gguf', 'Q4_K_M'],
    ['Qwen3-8B-imatrix-Q4_K_M.gguf', 'Q4_K_M'],
    ['Qwen3-8B-Q4_K_M-imatrix.gguf', 'Q4_K_M'],
    ['Qwen3.6-27B-MTP-Q4_K_M.gguf', 'Q4_K_M'],
    ['BF16/Qwen3-8B-00001-of-00001.gguf', 'BF16'],
    ['UD-Q2_K_XL/Qwen3.gguf', 'UD-Q2_K_XL'],
    ['model.gguf', null],
  ])('reads the quantisation of %s: %s', (path, quant) => {
    expect(sortRepoFiles(repo('a/b-GGUF', [path])).builds.map((build) => build.quant)).toEqual([quant]);
  });

  it('keeps to the model that the repository is of, where others lie beside it', () => {
    const { builds, leftOut } = sortRepoFiles(
      repo('a/Model-7B-GGUF', ['Model-7B-Q4_K_M.gguf', 'Model-7B-Q8_0.gguf', 'Other-3B-Q5_K_M.gguf']),
    );
    expect(builds.map(({ quant }) => quant)).toEqual(['Q4_K_M', 'Q8_0']);
    expect(leftOut).toEqual([{ why: 'other_model', path: 'Other-3B-Q5_K_M.gguf' }]);
    expect(quants('a/Other-3B-GGUF', ['Model-7B-Q4_K_M.gguf', 'Other-3B-Q5_K_M.gguf'])).toEqual({
      Q5_K_M: 1_001,
    });
  });

  it('takes the plain one of two files of one quantisation', () => {
    const files = ['experiments/Model-Q4_K_M.gguf', 'Model-Q4_K_M.gguf'];
    expect(quants('a/Model-GGUF', files)).toEqual({ Q4_K_M: 1_001 });
    expect(quants('a/Model-GGUF', files.toReversed())).toEqual({ Q4_K_M: 1_000 });
  });

  it('does not offer files that must be joined by hand', () => {
    const { builds, leftOut } = sortRepoFiles(
      repo('m/x-GGUF', ['x.Q8_0.gguf.part1of2', 'x.Q8_0.gguf.part2of2', 'x.Q6_K.gguf-split-a']),
    );
    expect(builds).toEqual([]);
    expect(leftOut.map(({ why }) => why)).toEqual([
      'unloadable_parts',
      'unloadable_parts',
      'unloadable_parts',
    ]);
  });

  it('does not make up a size that the hub did not tell', () => {
    expect(quants('a/M-GGUF', [{ path: 'M-Q4_K_M.gguf' }])).toEqual({ Q4_K_M: null });
    expect(
      quants('a/M-GGUF', [
        { path: 'M-Q4_K_M-00001-of-00002.gguf', sizeBytes: 1 },
        { path: 'M-Q4_K_M-00002-of-00002.gguf' },
      ]),
    ).toEqual({ Q4_K_M: null });
  });

  it.each([
    ['mlx-community/Qwen3-8B-4bit', [], 'MLX-4bit'],
    ['mlx-community/Qwen3-8B-8bit', [], 'MLX-8bit'],
    ['mlx-community/Qwen3-8B-bf16', [], 'BF16'],
    ['mlx-community/gpt-oss-20b-MXFP4', [], 'MXFP4'],
    ['lmstudio-community/Seed-OSS-36B-Instruct-MLX-6bit', [], 'MLX-6bit'],
    ['someone/Model-mlx', ['4-bit'], 'MLX-4bit'],
    ['someone/Model-mlx', [], null],
  ])('adds up the weights of %s for MLX', (id, tags, quant) => {
    const files = [
      { path: 'model-00001-of-00002.safetensors', sizeBytes: 5 },
      { path: 'model-00002-of-00002.safetensors', sizeBytes: 7 },
      { path: 'model.safetensors.index.json', sizeBytes: 1 },
      { path: 'tokenizer.json', sizeBytes: 3 },
    ];
    const { format, builds } = sortRepoFiles(repo(id, files, { tags: ['mlx', ...tags] }));
    expect(format).toBe('mlx');
    expect(builds.map((build) => [build.quant, build.sizeBytes, build.files.length])).toEqual([
      [quant, 12, 2],
    ]);
  });

  it('leaves out weights for MLX of which a part is missing', () => {
    const { builds, leftOut } = sortRepoFiles(
      repo('mlx-community/x-4bit', ['model-00001-of-00002.safetensors']),
    );
    expect(builds).toEqual([]);
    expect(leftOut).toEqual([{ why: 'incomplete', path: 'model-00001-of-00002.safetensors' }]);
  });

  it('takes the original weights of a model for no build', () => {
    expect(sortRepoFiles(repo('Qwen/Qwen3-8B', ['model.safetensors'])).format).toBe('none');
  });

  it('names the files whose header is worth reading', () => {
    const split = ['M-Q4_K_M-00001-of-00002.gguf', 'M-Q4_K_M-00002-of-00002.gguf'];
    const paths = (id: string, files: readonly string[]): readonly string[] =>
      filesForHeader(sortRepoFiles(repo(id, files))).map(({ path }) => path);
    expect(paths('a/M-GGUF', [...split, 'M-Q8_0.gguf', 'M-BF16.gguf', 'mmproj-F16.gguf'])).toEqual([
      'M-Q8_0.gguf',
    ]);
    expect(paths('a/M-GGUF', split)).toEqual(split);
    expect(paths('mlx-community/M-4bit', ['model.safetensors'])).toEqual([]);
    expect(paths('a/M', ['README.md'])).toEqual([]);
  });

  it('counts each byte of a model once, wherever its parts stand in the list', () => {
    const quantisation = fc.constantFrom('Q4_K_M', 'Q8_0', 'IQ2_XXS', 'UD-Q3_K_XL', 'BF16');
    const builds = fc.uniqueArray(
      fc.record({ quant: quantisation, parts: fc.integer({ min: 1, max: 5 }), folder: fc.boolean() }),
      {
        selector: ({ quant }) => quant,
        minLength: 1,
      },
    );
    fc.assert(
      fc.property(builds, fc.infiniteStream(fc.nat()), (wanted, order) => {
        let size = 1;
        const sums = new Map<string, number>();
        const files = wanted.flatMap(({ quant, parts, folder }) =>
          Array.from({ length: parts }, (_, part) => {
            size *= 2;
            sums.set(quant, (sums.get(quant) ?? 0) + size);
            const number = parts === 1 ? '' : `-0000${part + 1}-of-0000${parts}`;
            return { path: `${folder ? `${quant}/` : ''}M-1B-${quant}${number}.gguf`, sizeBytes: size };
          }),
        );
        const shuffled = files
          .map((file) => ({ file, at: Number(order.next().value) }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ file }) => file);
        expect(quants('a/M-1B-GGUF', shuffled)).toEqual(Object.fromEntries(sums));
      }),
    );
  });

  it('throws at no list of files, and names each file at most once', () => {
    const name = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'a-00001-of-00002.gguf',
        'A-00001-OF-00002.GGUF',
        'x-00009-of-00002.gguf',
        'x-00000-of-00000.gguf',
        '/.gguf',
        '.gguf',
        'a//b.gguf',
        'a.gguf.part1of2',
        'mmproj.gguf',
      ),
    );
    const files = fc.uniqueArray(
      fc.record({ path: name, sizeBytes: fc.option(fc.integer(), { nil: undefined }) }),
      {
        selector: ({ path }) => path,
      },
    );
    fc.assert(
      fc.property(fc.string(), files, fc.boolean(), (id, listed, mlx) => {
        const asked = listed.map(({ path, sizeBytes }) =>
          sizeBytes === undefined ? { path } : { path, sizeBytes },
        );
        const { builds, companions, leftOut } = sortRepoFiles({ id, tags: mlx ? ['mlx'] : [], files: asked });
        const named = [
          ...builds.flatMap((build) => build.files.map(({ path }) => path)),
          ...companions.map(({ file }) => file.path),
          ...leftOut.map(({ path }) => path),
        ];
        expect(new Set(named).size).toBe(named.length);
        for (const { sizeBytes } of builds) expect(sizeBytes === null || sizeBytes > 0).toBe(true);
      }),
    );
  });
});
