import { beforeAll, describe, expect, it } from 'vitest';
import type { Candidate, FrozenSnapshot, Observation } from '../../../src/catalog/candidate';
import { parseModelName } from '../../../src/catalog/modelName';
import { loadFrozenSnapshot } from '../../../src/catalog/snapshot';

let snapshot: FrozenSnapshot;
let scored: ReadonlyMap<string, ReadonlySet<string>>;

/** Benchmarks of one publisher are one voice: copies that Epoch gathers, and the boards of one author. */
const PUBLISHERS: Readonly<Record<string, string>> = {
  'fiction-livebench': 'epoch',
  weirdml: 'epoch',
  'simple-bench': 'epoch',
  balrog: 'epoch',
  'arc-agi': 'epoch',
  'nyt-connections': 'lechmazur',
  confabulations: 'lechmazur',
  pact: 'lechmazur',
  'creative-writing': 'lechmazur',
  generalization: 'lechmazur',
};

function publishersByModel(observations: readonly Observation[]): ReadonlyMap<string, ReadonlySet<string>> {
  const result = new Map<string, Set<string>>();
  for (const { hfRepoId, source, independent, weak } of observations) {
    if (!independent || weak === true) continue;
    const publishers = result.get(hfRepoId) ?? new Set<string>();
    result.set(hfRepoId, publishers.add(PUBLISHERS[source] ?? source));
  }
  return result;
}

beforeAll(async () => {
  ({ snapshot } = await loadFrozenSnapshot({ path: 'data/snapshot.json' }));
  scored = publishersByModel(snapshot.observations);
});

function chatModels(): readonly Candidate[] {
  return snapshot.candidates.filter(({ role }) => role === 'chat');
}

describe('the snapshot that ships', () => {
  it('holds as many scored and sized chat models as the specification asks for', () => {
    const sources = ({ hfRepoId }: Candidate): number => scored.get(hfRepoId)?.size ?? 0;
    const chat = chatModels();
    const one = chat.filter((model) => sources(model) >= 1);
    const two = chat.filter((model) => sources(model) >= 2);
    const counts = {
      models: snapshot.candidates.length,
      chat: chat.length,
      chatWithOneSource: one.length,
      chatWithTwoSources: two.length,
      chatWithThreeSources: chat.filter((model) => sources(model) >= 3).length,
      chatSince2025WithTwoSources: two.filter(({ released }) => released !== undefined && released >= '2025')
        .length,
      scoredWithExactSizeOrArchitecture: one.filter(
        ({ builds, architecture }) =>
          architecture?.kv !== undefined || builds.some(({ sizeBasis }) => sizeBasis === 'exact'),
      ).length,
      chatWithBuilds: chat.filter(({ builds }) => builds.length > 0).length,
      chatWithCacheCost: chat.filter(({ architecture }) => architecture?.kv !== undefined).length,
      builds: snapshot.candidates.reduce((sum, { builds }) => sum + builds.length, 0),
      observations: snapshot.observations.length,
    };
    console.log(counts);
    expect(counts.chatWithOneSource).toBeGreaterThanOrEqual(500);
    expect(counts.chatWithTwoSources).toBeGreaterThanOrEqual(200);
    expect(counts.chatWithThreeSources).toBeGreaterThanOrEqual(120);
    expect(counts.chatSince2025WithTwoSources).toBeGreaterThanOrEqual(110);
    expect(counts.scoredWithExactSizeOrArchitecture).toBeGreaterThanOrEqual(300);
  });

  it('holds every scored model, and each model once', () => {
    const ids = snapshot.candidates.map(({ hfRepoId }) => hfRepoId);
    expect(new Set(ids).size).toBe(ids.length);
    const known = new Set(ids);
    expect(snapshot.observations.filter(({ hfRepoId }) => !known.has(hfRepoId))).toEqual([]);
    const lower = ids.map((id) => id.toLowerCase());
    expect(new Set(lower).size).toBe(lower.length);
  });

  it('calls no embedding, reranker, adapter, speech or reward model a chat model', () => {
    const wrong = chatModels().filter(({ hfRepoId }) => parseModelName(hfRepoId).role === 'other');
    expect(wrong.map(({ hfRepoId }) => hfRepoId)).toEqual([]);
    const named = /embed|rerank|whisper|-tts|-asr|-RM$|reward|lora$|guard|colbert|canine|flan|mt5|-base$/i;
    expect(
      chatModels()
        .filter(({ name }) => named.test(name))
        .map(({ hfRepoId }) => hfRepoId),
    ).toEqual([]);
  });

  it('holds no weak or unknown evidence as a score', () => {
    const weak = new Set(
      snapshot.observations.filter((row) => row.weak === true).map(({ source }) => source),
    );
    expect([...weak]).toEqual(['vectara-hhem']);
  });

  it('dates every figure and every release in months that exist', () => {
    const date = /^20[0-2]\d(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?$/;
    const released = snapshot.candidates.flatMap((model) => model.released ?? []);
    const observed = snapshot.observations.map(({ observedAt }) => observedAt);
    expect([...released, ...observed].filter((text) => !date.test(text))).toEqual([]);
    // Its source gives RULER a range of years; the first is taken, so that no figure looks newer than it is.
    const ruler = snapshot.observations.filter(({ source }) => source === 'ruler');
    const dates = new Set(ruler.map(({ observedAt }) => observedAt));
    expect(dates).toContain('2024');
    expect([...dates].filter((day) => day !== '2024' && !released.includes(day))).toEqual([]);
  });

  it('dates no figure before the release of its model, whatever its table is dated', () => {
    const releases = new Map(snapshot.candidates.map(({ hfRepoId, released }) => [hfRepoId, released]));
    const early = snapshot.observations.filter(({ hfRepoId, observedAt }) => {
      const released = releases.get(hfRepoId) ?? '';
      const digits = Math.min(released.length, observedAt.length);
      return observedAt.slice(0, digits) < released.slice(0, digits);
    });
    expect(early.map(({ hfRepoId, benchmark }) => `${hfRepoId}: ${benchmark}`)).toEqual([]);
  });

  it('carries one figure a model of the tables whose licence allows no more', () => {
    const perModel = new Map<string, number>();
    for (const { hfRepoId, source, thinking } of snapshot.observations) {
      if (source !== 'pm-llm-benchmark') continue;
      const key = `${hfRepoId} ${String(thinking)}`;
      perModel.set(key, (perModel.get(key) ?? 0) + 1);
    }
    expect(perModel.size).toBeGreaterThan(50);
    expect(Math.max(...perModel.values())).toBe(1);
  });

  it('has builds that can be installed as stated', () => {
    for (const { hfRepoId, builds, unsizedBuilds = [] } of snapshot.candidates) {
      expect(builds.length, hfRepoId).toBeLessThanOrEqual(16);
      expect(new Set(builds.map(({ quant }) => quant)).size, hfRepoId).toBeLessThanOrEqual(12);
      for (const build of [...builds, ...unsizedBuilds]) {
        if (build.ollamaName === undefined) expect(build.repo, hfRepoId).toMatch(/^[\w.-]+\/[\w.-]+$/);
        else expect(build.ollamaName).toMatch(/^[\w.-]+:[\w.-]+$/);
        expect(build.ollamaName ?? '').not.toMatch(/:latest$/);
        if (build.file !== undefined) expect(build.file.toLowerCase()).toMatch(/\.gguf$/);
        if (build.digest !== undefined) expect(build.digest).toMatch(/^[0-9a-f]{64}$/);
      }
      if (builds.length > 0) expect(unsizedBuilds, hfRepoId).toEqual([]);
    }
  });

  it('has sizes, shapes and caches that fit each other', () => {
    for (const { hfRepoId, sizeB, activeB, architecture } of snapshot.candidates) {
      expect(sizeB, hfRepoId).toBeGreaterThan(0);
      expect(sizeB, hfRepoId).toBeLessThanOrEqual(2_800);
      if (activeB !== undefined) expect(activeB, hfRepoId).toBeLessThan(sizeB);
      const { kv, layers, kvHeads, headDimK, headDimV = headDimK } = architecture ?? {};
      if (!kv) continue;
      if (kv.rule === 'iswa') expect(kv.windowTokens, hfRepoId).toBeGreaterThan(0);
      if (kv.rule !== 'full' || !layers || !kvHeads || !headDimK || !headDimV) continue;
      expect(kv.fullBytesPerTokenF16, hfRepoId).toBeLessThanOrEqual(
        layers * kvHeads * (headDimK + headDimV) * 2,
      );
    }
  });

  it('prints which benchmarks it holds', () => {
    const bySource = new Map<string, number>();
    for (const { source } of snapshot.observations) bySource.set(source, (bySource.get(source) ?? 0) + 1);
    console.log(Object.fromEntries([...bySource].sort(([, a], [, b]) => b - a)));
    expect(bySource.size).toBeGreaterThan(20);
  });
});
