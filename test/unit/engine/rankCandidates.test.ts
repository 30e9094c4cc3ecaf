import { describe, expect, it } from 'vitest';
import type { Candidate, ModelBuild } from '../../../src/catalog/candidate';
import { toRankCandidates } from '../../../src/engine/rankCandidates';

const qwen: Candidate = {
  hfRepoId: 'Qwen/Qwen3-8B',
  name: 'Qwen3-8B',
  org: 'Qwen',
  family: 'Qwen',
  role: 'chat',
  sizeB: 8.19,
  capabilities: { tools: true, thinking: true, vision: null },
  builds: [],
  lineagePosition: 1,
};
const build: ModelBuild = {
  quant: 'Q4_K_M',
  sizeBytes: 5_027_783_488,
  sizeBasis: 'exact',
  repo: 'Qwen/Qwen3-8B-GGUF',
  ollamaName: 'qwen3:8b',
};

describe('a catalogue candidate', () => {
  it('is one entry a build for the ranking, under the one model', () => {
    const entries = toRankCandidates({ ...qwen, builds: [build, { ...build, quant: 'Q8_0' }] });
    expect(entries.map((entry) => [entry.modelId, entry.quant, entry.fileBytes])).toEqual([
      ['Qwen/Qwen3-8B', 'Q4_K_M', 5_027_783_488],
      ['Qwen/Qwen3-8B', 'Q8_0', 5_027_783_488],
    ]);
    expect(entries[0]).toMatchObject({ ollamaName: 'qwen3:8b', buildRepo: 'Qwen/Qwen3-8B-GGUF' });
  });

  it('takes the library build of a quantisation for Ollama, and keeps the repository for the other tools', () => {
    const sized = { quant: 'Q4_K_M', sizeBasis: 'exact' } as const;
    const file: ModelBuild = { ...sized, sizeBytes: 5_027_783_488, repo: 'Qwen/Qwen3-8B-GGUF' };
    const library: ModelBuild = { ...sized, sizeBytes: 5_225_376_047, ollamaName: 'qwen3:8b' };
    const entries = toRankCandidates({ ...qwen, builds: [file, library] });
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      ollamaName: 'qwen3:8b',
      buildRepo: 'Qwen/Qwen3-8B-GGUF',
      fileBytes: 5_225_376_047,
    });
  });

  it('keeps a build whose size nobody knows installable, and invents no size for it', () => {
    const unsized = { quant: 'Q4_K_M', repo: 'Qwen/Qwen3-8B-GGUF' };
    const [entry] = toRankCandidates({ ...qwen, unsizedBuilds: [unsized] });
    expect(entry).toMatchObject({ buildRepo: 'Qwen/Qwen3-8B-GGUF' });
    expect(entry).not.toHaveProperty('fileBytes');
  });

  it('without any build is judged by its parameters, and is not installable', () => {
    const entries = toRankCandidates(qwen);
    expect(entries).toHaveLength(1);
    expect(entries[0]).not.toHaveProperty('ollamaName');
    expect(entries[0]).not.toHaveProperty('buildRepo');
  });

  it('carries its line and place, so that a newer generation of it can supersede it', () => {
    const [older] = toRankCandidates({ ...qwen, name: 'Qwen2.5-7B-Instruct' });
    const [newer] = toRankCandidates(qwen);
    expect(older?.lineage?.line).toBe(newer?.lineage?.line);
    expect(older?.lineage?.order).toBeLessThan(newer?.lineage?.order ?? 0);
  });
});
