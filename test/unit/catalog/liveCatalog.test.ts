import * as fc from 'fast-check';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Candidate, FrozenSnapshot, ModelBuild } from '../../../src/catalog/candidate';
import type { DiscoveredRepo, RepoFinding } from '../../../src/catalog/discoveryRecord';
import { DISCOVERY_ORGANISATIONS } from '../../../src/catalog/discoveryOrganisations';
import { mergeCatalogue } from '../../../src/catalog/liveCatalog';
import { isMirrorOrg } from '../../../src/catalog/modelName';
import { loadFrozenSnapshot } from '../../../src/catalog/snapshot';

const Q4: ModelBuild = {
  ...{ quant: 'Q4_K_M', sizeBytes: 5_000_000_000, sizeBasis: 'rounded', repo: 'unsloth/Qwen3-8B-GGUF' },
};

function model(hfRepoId: string, more: Partial<Candidate> = {}): Candidate {
  const [org = '', name = ''] = hfRepoId.split('/');
  return {
    ...{ hfRepoId, org, name, family: 'Qwen', role: 'chat', sizeB: 8.2, builds: [], lineagePosition: 0 },
    capabilities: { tools: null, thinking: null, vision: null },
    ...more,
  };
}

function snapshotOf(candidates: readonly Candidate[]): FrozenSnapshot {
  return { version: 1, generatedAt: '2026-11-21', candidates, observations: [] };
}

function found(repo: string, finding: RepoFinding): DiscoveredRepo {
  return { repo, seenAt: '2026-11-22T00:00:00.000Z', finding };
}

function merged(candidates: readonly Candidate[], repos: readonly DiscoveredRepo[]): readonly Candidate[] {
  return mergeCatalogue(snapshotOf(candidates), repos).candidates;
}

describe('the snapshot with what was found', () => {
  const qwen = model('Qwen/Qwen3-8B', {
    ...{ licence: 'apache-2.0', released: '2025-04', builds: [Q4] },
    capabilities: { tools: true, thinking: null, vision: null },
  });

  it('is the snapshot itself where nothing was found', () => {
    const snapshot = snapshotOf([qwen]);
    const nothing = found('a/b', { kind: 'nothing', reason: 'an adapter' });
    const unread: DiscoveredRepo = { repo: 'a/c', seenAt: '2026-11-22T00:00:00.000Z' };
    expect(mergeCatalogue(snapshot, [nothing, unread])).toBe(snapshot);
  });

  it("has a mirror's builds with the model that they are of", () => {
    const q8: ModelBuild = {
      quant: 'Q8_0',
      sizeBytes: 8,
      sizeBasis: 'exact',
      repo: 'bartowski/Qwen3-8B-GGUF',
    };
    const repos = [
      found('bartowski/Qwen3-8B-GGUF', { kind: 'builds', buildsFor: 'qwen/qwen3-8b', builds: [q8] }),
    ];
    expect(merged([qwen], repos)).toEqual([{ ...qwen, builds: [Q4, q8] }]);
  });

  it('takes the exact size over the rounded one of the same file, and no rounded one over an exact one', () => {
    const exact: ModelBuild = { ...Q4, sizeBytes: 5_027_783_488, sizeBasis: 'exact', digest: 'a'.repeat(64) };
    const repos = [found(Q4.repo ?? '', { kind: 'builds', buildsFor: qwen.hfRepoId, builds: [exact] })];
    expect(merged([qwen], repos)[0]?.builds).toEqual([exact]);
    const back = [found(Q4.repo ?? '', { kind: 'builds', buildsFor: qwen.hfRepoId, builds: [Q4] })];
    expect(merged([{ ...qwen, builds: [exact] }], back)[0]?.builds).toEqual([exact]);
  });

  it('keeps what is known of a file that is the same, and forgets the digest of one that was replaced', () => {
    const known: ModelBuild = { ...Q4, sizeBasis: 'exact', digest: 'a'.repeat(64), ollamaName: 'qwen3:8b' };
    const of = (build: ModelBuild): readonly DiscoveredRepo[] => [
      found(Q4.repo ?? '', { kind: 'builds', buildsFor: qwen.hfRepoId, builds: [build] }),
    ];
    const same: ModelBuild = { ...Q4, sizeBasis: 'exact' };
    expect(merged([{ ...qwen, builds: [known] }], of(same))[0]?.builds).toEqual([known]);
    const replaced: ModelBuild = { ...Q4, sizeBasis: 'exact', sizeBytes: 6_000_000_000 };
    expect(merged([{ ...qwen, builds: [known] }], of(replaced))[0]?.builds).toEqual([replaced]);
  });

  it('knows the size of a build that had none', () => {
    const unsized = { quant: 'Q4_K_M', repo: 'unsloth/Qwen3-8B-GGUF' };
    const other = { ...unsized, quant: 'Q6_K' };
    const before = { ...qwen, builds: [], unsizedBuilds: [unsized, other] };
    const repos = [found(Q4.repo ?? '', { kind: 'builds', buildsFor: qwen.hfRepoId, builds: [Q4] })];
    expect(merged([before], repos)).toEqual([{ ...qwen, builds: [Q4], unsizedBuilds: [other] }]);
  });

  it("fills in what the snapshot does not know, and leaves the snapshot's facts", () => {
    const candidate = model('Qwen/Qwen3-8B', {
      ...{ licence: 'other', sizeB: 9, architecture: { arch: 'qwen3', layers: 36 } },
      capabilities: { tools: false, thinking: true, vision: false },
    });
    const known = { ...qwen, architecture: { layers: 37 } };
    expect(merged([known], [found('x/y', { kind: 'model', candidate })])).toEqual([
      {
        ...qwen,
        architecture: { arch: 'qwen3', layers: 37 },
        capabilities: { tools: true, thinking: true, vision: false },
      },
    ]);
  });

  it('has new models after the known ones, in the order of names, and recounts the lines', () => {
    const repos = [
      found('Qwen/Qwen4-8B-GGUF', { kind: 'model', candidate: model('Qwen/Qwen4-8B') }),
      found('new/Amber-1B-GGUF', { kind: 'model', candidate: model('new/Amber-1B') }),
      found('bartowski/Qwen4-8B-GGUF', { kind: 'builds', buildsFor: 'Qwen/Qwen4-8B', builds: [Q4] }),
    ];
    expect(merged([qwen], repos)).toEqual([
      { ...qwen, lineagePosition: 1 },
      model('Qwen/Qwen4-8B', { builds: [Q4] }),
      model('new/Amber-1B'),
    ]);
  });

  it("takes the maker's own word where several repositories hold one new model", () => {
    const repos = [
      found('a-mirror/Qwen4-8B-GGUF', {
        kind: 'model',
        candidate: model('Qwen/Qwen4-8B', { licence: 'guessed', builds: [Q4] }),
      }),
      found('Qwen/Qwen4-8B-GGUF', { kind: 'model', candidate: model('Qwen/Qwen4-8B', { licence: 'own' }) }),
    ];
    expect(merged([], repos)).toEqual([model('Qwen/Qwen4-8B', { licence: 'own', builds: [Q4] })]);
  });

  it('knows a model by an earlier name of it or of its maker', () => {
    const glm = model('zai-org/glm-4-9b-chat', { aliases: ['THUDM/glm-4-9b-chat-old'] });
    const repos = [
      found('x/one', { kind: 'builds', buildsFor: 'THUDM/glm-4-9b-chat', builds: [Q4] }),
      found('x/two', {
        kind: 'builds',
        buildsFor: 'THUDM/glm-4-9b-chat-old',
        builds: [{ ...Q4, repo: 'x/two' }],
      }),
    ];
    const [only, ...others] = merged([glm], repos);
    expect(others).toEqual([]);
    expect(only?.builds).toHaveLength(2);
  });

  it('leaves out builds of a model that nobody has described', () => {
    const repos = [found('x/y', { kind: 'builds', buildsFor: 'nobody/Knows-1B', builds: [Q4] })];
    expect(merged([qwen], repos).map(({ hfRepoId }) => hfRepoId)).toEqual([qwen.hfRepoId]);
  });

  it('is the same in whatever order things were found', () => {
    const repos = ['a/A-1B', 'b/B-1B', 'c/C-1B'].flatMap((id) => [
      found(`${id}-GGUF`, { kind: 'model', candidate: model(id, { licence: 'one' }) }),
      found(`mirror/${id.slice(2)}`, {
        kind: 'model',
        candidate: model(id, { licence: 'two', builds: [Q4] }),
      }),
      found(`other/${id.slice(2)}`, {
        ...{ kind: 'builds', buildsFor: id, builds: [{ ...Q4, repo: `other/${id.slice(2)}` }] },
      }),
    ]);
    const inOrder = merged([qwen], repos);
    fc.assert(
      fc.property(fc.shuffledSubarray(repos, { minLength: repos.length }), (shuffled) => {
        expect(merged([qwen], shuffled)).toEqual(inOrder);
      }),
    );
  });
});

describe('the real snapshot', () => {
  let snapshot: FrozenSnapshot;
  beforeAll(async () => {
    const file = path.join(import.meta.dirname, '../../../data/snapshot.json');
    ({ snapshot } = await loadFrozenSnapshot({ path: file }));
  });

  it('keeps its facts, scores and order when something new is found', () => {
    const repos = [
      found('brand-new/Thing-9B-GGUF', { kind: 'model', candidate: model('brand-new/Thing-9B') }),
    ];
    const result = mergeCatalogue(snapshot, repos);
    expect(result.candidates.slice(0, -1)).toEqual(snapshot.candidates);
    expect(result.observations).toBe(snapshot.observations);
    expect(result.generatedAt).toBe(snapshot.generatedAt);
  });

  it('knows everybody whom discovery asks: as a maker of chat models, or as a converter with files in it', () => {
    const makers = new Set(snapshot.candidates.filter(({ role }) => role === 'chat').map(({ org }) => org));
    const sources = new Set(
      snapshot.candidates.flatMap(({ builds }) => builds.flatMap(({ repo }) => repo?.split('/')[0] ?? [])),
    );
    const isKnown = (org: string): boolean => (isMirrorOrg(org) ? sources.has(org) : makers.has(org));
    expect(DISCOVERY_ORGANISATIONS.filter((org) => !isKnown(org))).toEqual([]);
    expect(new Set(DISCOVERY_ORGANISATIONS).size).toBe(DISCOVERY_ORGANISATIONS.length);
  });
});
