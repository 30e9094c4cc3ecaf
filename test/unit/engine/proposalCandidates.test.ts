import { describe, expect, it } from 'vitest';
import type { Candidate, Observation, SnapshotLoadResult } from '../../../src/catalog/candidate';
import { poolScores } from '../../../src/engine/poolScores';
import { proposalCandidates } from '../../../src/engine/proposalCandidates';
import { RankingService, type Ranking } from '../../../src/engine/rankingService';
import { profileFromOverride, unknownProfile } from '../../../src/hardware/overrideProfile';
import type { PoolEntry } from '../../../src/pool/poolState';
import { propose } from '../../../src/pool/proposals';
import { silentLogger } from '../../../src/shared/logger';
import { FakeClock } from '../../fakes/fakeClock';
import { poolEntry } from '../../support/poolEntries';

const GIB = 2 ** 30;
const clock = new FakeClock('2026-11-21T00:00:00Z');
const BOX = { platform: 'nvidia', vramGb: 24, ramGb: 64, bandwidthGbps: 936 } as const;

interface Offered {
  readonly sizeB?: number;
  readonly released?: string;
  readonly builds?: Candidate['builds'];
}

const exact = { sizeBasis: 'exact' } as const;

function candidate(name: string, given: Offered = {}): Candidate {
  const { sizeB = 8, released, builds } = given;
  return {
    ...{ hfRepoId: `maker/${name}`, name, org: 'maker', family: 'Maker', role: 'chat', sizeB },
    ...(released === undefined ? {} : { released }),
    capabilities: { tools: true, thinking: null, vision: null },
    builds: builds ?? [{ ...exact, quant: 'Q4_K_M', sizeBytes: 5 * GIB, ollamaName: `${name}:8b` }],
    lineagePosition: 0,
  };
}

function observation(name: string, value: number, given: Partial<Observation> = {}): Observation {
  return {
    ...{ hfRepoId: `maker/${name}`, source: 'livebench', benchmark: 'LiveBench average', task: 'coding' },
    ...{ value, scale: 'percent', observedAt: '2026-10-01', independent: true },
    ...given,
  };
}

const CATALOGUE: SnapshotLoadResult = {
  ...{ source: 'frozen', warnings: [] },
  snapshot: {
    ...{ version: 1, generatedAt: '2026-11-01T00:00:00Z' },
    candidates: [
      candidate('good', {
        released: '2026-09',
        builds: [
          { ...exact, quant: 'Q4_K_M', sizeBytes: 5 * GIB, ollamaName: 'good:8b' },
          { ...exact, quant: 'Q8_0', sizeBytes: 9 * GIB, repo: 'mirror/good-GGUF' },
          { ...exact, quant: 'MLX-4bit', sizeBytes: 5 * GIB, repo: 'mirror/good-mlx' },
        ],
      }),
      candidate('poor'),
      candidate('silent', {
        sizeB: 30,
        builds: [{ ...exact, quant: 'Q4_K_M', sizeBytes: 18 * GIB, ollamaName: 'silent' }],
      }),
      candidate('huge', {
        sizeB: 400,
        builds: [{ ...exact, quant: 'Q4_K_M', sizeBytes: 240 * GIB, ollamaName: 'huge' }],
      }),
      candidate('nameless', { builds: [{ ...exact, quant: 'Q4_K_M', sizeBytes: 5 * GIB }] }),
    ],
    observations: [
      observation('good', 75),
      observation('good', 80, { source: 'aider', benchmark: 'Aider polyglot', observedAt: '2026-08-15' }),
      observation('good', 90, { source: 'reported-maker', benchmark: 'HumanEval', independent: false }),
      observation('poor', 30),
      observation('silent', 70, { source: 'reported-maker', independent: false }),
      observation('huge', 85),
    ],
  },
};

async function ranked(hardware: 'known' | 'unknown' = 'known'): Promise<Ranking> {
  const profile =
    hardware === 'known' ? profileFromOverride('local', BOX, clock) : unknownProfile('local', clock);
  const sources = {
    detect: () => Promise.resolve(profile),
    forgetHardware: () => undefined,
    loadSnapshot: () => Promise.resolve(CATALOGUE),
  };
  return new RankingService(sources, clock, silentLogger).rank('coding');
}

const familyOf = (): string => 'Maker';
const all = (): boolean => true;

describe('candidates of a ranking', () => {
  it('are the builds that fit, that Ollama can pull, and whose size is known', async () => {
    const made = proposalCandidates(await ranked(), 'ollama', familyOf, all);
    expect(made.map(({ ollamaName, sizeBytes }) => [ollamaName, sizeBytes / GIB]).sort()).toEqual([
      ['good:8b', 5],
      ['hf.co/mirror/good-GGUF:Q8_0', 9],
      ['poor:8b', 5],
      ['silent', 18],
    ]);
    expect(made.find(({ ollamaName }) => ollamaName === 'good:8b')).toMatchObject({
      ...{ backend: 'ollama', hfRepoId: 'maker/good', label: 'good (Q4_K_M)', family: 'Maker' },
      ...{ task: 'coding', fits: true, toolCalling: true, quant: 'Q4_K_M' },
    });
  });

  it('are none on a machine that nobody described, and none that nobody wants', async () => {
    expect(proposalCandidates(await ranked('unknown'), 'ollama', familyOf, all)).toEqual([]);
    const some = proposalCandidates(await ranked(), 'ollama', familyOf, (id) => id === 'maker/poor');
    expect(some.map(({ ollamaName }) => ollamaName)).toEqual(['poor:8b']);
  });
});

describe('scores of installed models', () => {
  it('are those of the very build, else of its quantisation, else of the best one; unknown ones have none', async () => {
    const ranking = await ranked();
    const scoreOf = poolScores([ranking]);
    const good = ranking.models.find(({ name }) => name === 'good');
    const of = (ollamaName: string, quant: string, hfRepoId: string | null = 'maker/good') =>
      scoreOf(poolEntry(ollamaName, { quant, hfRepoId }), 'coding');
    const scores = new Map(
      [good, ...(good?.otherBuilds ?? [])].map((build) => [build?.quant, build?.score] as const),
    );
    expect(new Set(scores.values()).size).toBeGreaterThan(1);
    expect(of('good:8b', 'unknown')).toBe(scores.get('Q4_K_M'));
    expect(of('HF.co/mirror/good-gguf:q8_0', 'unknown')).toBe(scores.get('Q8_0'));
    expect(of('mine', 'Q8_0')).toBe(scores.get('Q8_0'));
    expect(of('mine', 'Q2_K')).toBe(good?.score);
    expect(of('huge', 'Q4_K_M', 'maker/huge')).toBe(0);
    expect([of('mine', 'Q8_0', null), of('mine', 'Q8_0', 'other/x')]).toEqual([undefined, undefined]);
    expect(
      poolScores([await ranked('unknown')])(poolEntry('good:8b', { hfRepoId: 'maker/good' }), 'coding'),
    ).toBe(undefined);
  });
});

describe('what a person reads of a proposal', () => {
  async function texts(entries: readonly PoolEntry[], names: readonly string[]): Promise<readonly string[]> {
    const ranking = await ranked();
    const score = poolScores([ranking]);
    const pooled = entries.map((entry) => ({
      ...entry,
      currentScore: score(entry, 'coding') ?? entry.currentScore,
    }));
    const { added } = propose({
      pool: {
        ...{ diskBudgetGb: 100, diskUsedGb: 6, disks: [], entries: pooled, allowedOrgs: ['maker', 'mirror'] },
        ...{ allowedFamilies: [], lastRefreshAt: null },
      },
      candidates: proposalCandidates(ranking, 'ollama', familyOf, (id) => names.includes(id)),
      ...{ known: [], tasks: ['coding'], threshold: 5, now: '2026-11-21T00:00:00Z', newId: () => 'id' },
      scoreOf: (entry) => entry.currentScore,
    });
    return added.flatMap(({ kind, justification }) => [
      kind,
      justification.summary,
      ...justification.benchmarkBasis,
      ...[justification.hardwareFit, justification.evidence, justification.freshness].filter(
        (text) => text !== '',
      ),
    ]);
  }

  it('says of an addition what it is best at, what it takes, and what the score rests on', async () => {
    expect(await texts([], ['maker/good'])).toMatchInlineSnapshot(`
      [
        "add",
        "good (Q8_0) is the best model for coding that fits this machine and your lists. It takes 9.0 GiB of disk.",
        "LiveBench average (LiveBench, 2026-10-01)",
        "Aider polyglot (Aider, 2026-08-15)",
        "HumanEval (its maker, 2026-10-01)",
        "Fits the GPU: 12.5 GiB at 16k of context, about 56 tok/s by estimate.",
        "2 independent sources and its maker's own figures; medium confidence.",
        "Released 2026-09, newest result of 2026-10-01, scores as of 2026-11-01.",
      ]
    `);
  });

  it('says of a swap by how much it is better, and what it costs', async () => {
    const old = poolEntry('poor:8b', { hfRepoId: 'maker/poor', sizeOnDiskGb: 6 });
    expect(await texts([old], ['maker/good'])).toMatchInlineSnapshot(`
      [
        "swap",
        "good (Q8_0) scores 30.3 points more for coding here than poor:8b (54.7 instead of 24.4) and takes 3.0 GiB more disk.",
        "LiveBench average (LiveBench, 2026-10-01)",
        "Aider polyglot (Aider, 2026-08-15)",
        "HumanEval (its maker, 2026-10-01)",
        "Fits the GPU: 12.5 GiB at 16k of context, about 56 tok/s by estimate.",
        "2 independent sources and its maker's own figures; medium confidence.",
        "Released 2026-09, newest result of 2026-10-01, scores as of 2026-11-01.",
      ]
    `);
  });

  it('says how little a score counts that only the maker stands for', async () => {
    expect((await texts([], ['maker/silent'])).slice(1)).toMatchInlineSnapshot(`
      [
        "silent (Q4_K_M) is the best model for coding that fits this machine and your lists. It takes 18.0 GiB of disk.",
        "LiveBench average (its maker, 2026-10-01)",
        "Is split between GPU and RAM: 24.2 GiB at 16k of context, about 25 tok/s by estimate.",
        "Its maker's own figures alone, which count little; low confidence.",
        "Newest result of 2026-10-01, scores as of 2026-11-01.",
      ]
    `);
  });

  it('says of a removal since when it was not used, and what is better', async () => {
    const idle = poolEntry('poor:8b', {
      ...{ hfRepoId: 'maker/poor', sizeOnDiskGb: 6, installedAt: '2026-09-01T00:00:00.000Z' },
    });
    const good = poolEntry('good:8b', { hfRepoId: 'maker/good', sizeOnDiskGb: 5 });
    expect(await texts([idle, good], [])).toMatchInlineSnapshot(`
      [
        "evict",
        "poor:8b was never used since it was installed on 2026-09-01, and good:8b takes no more room and scores 29.2 points more for coding. Removing it frees 6.0 GiB.",
      ]
    `);
    const used = { ...idle, lastUsedAt: '2026-10-02T00:00:00.000Z' };
    expect((await texts([used, good], []))[1]).toMatchInlineSnapshot(
      `"poor:8b was not used since 2026-10-02, and good:8b takes no more room and scores 29.2 points more for coding. Removing it frees 6.0 GiB."`,
    );
  });
});
