import { describe, expect, it } from 'vitest';
import type { Candidate, SnapshotLoadResult } from '../../../src/catalog/candidate';
import { modelfileFacts } from '../../../src/engine/modelfileFacts';
import { RankingService } from '../../../src/engine/rankingService';
import { profileFromOverride, unknownProfile } from '../../../src/hardware/overrideProfile';
import { factsOf } from '../../../src/modelfile/facts';
import { parseFacts } from '../../../src/modelfile/parseFacts';
import type { MachineFacts } from '../../../src/modelfile/protocol';
import type { RegisteredModel } from '../../../src/registry/row';
import { silentLogger } from '../../../src/shared/logger';
import { FakeClock } from '../../fakes/fakeClock';

const GIB = 2 ** 30;
const clock = new FakeClock();
const CARD = { platform: 'nvidia', vramGb: 24, ramGb: 32, bandwidthGbps: 1_008 } as const;

function candidate(name: string, sizeB: number, builds: Candidate['builds']): Candidate {
  return {
    ...{ hfRepoId: `maker/${name}`, name, org: 'maker', family: 'Maker', role: 'chat', sizeB, builds },
    capabilities: { tools: true, thinking: null, vision: null },
    ...{ lineagePosition: 0, licence: 'apache-2.0' },
  };
}

const build = (quant: string, gb: number, ollamaName?: string): Candidate['builds'][number] => ({
  ...{ quant, sizeBytes: gb * 1e9, sizeBasis: 'exact', repo: 'maker/GGUF' },
  ...(ollamaName === undefined ? {} : { ollamaName }),
});

const LOADED: SnapshotLoadResult = {
  ...{ source: 'frozen', warnings: [] },
  snapshot: {
    ...{ version: 1, generatedAt: '2026-11-01T00:00:00Z' },
    candidates: [
      candidate('small', 8, [build('Q8_0', 8.5), build('Q4_K_M', 4.9, 'small:8b'), build('Q2_K', 3.1)]),
      candidate('huge', 400, [build('Q4_K_M', 240, 'huge:400b')]),
    ],
    observations: ['small', 'huge'].map((name) => ({
      ...{ hfRepoId: `maker/${name}`, source: 'livebench', benchmark: 'average', task: 'general', value: 50 },
      ...{ scale: 'percent', observedAt: '2026-10-01', independent: true },
    })),
  },
};

function served(modelId: string, capabilities: RegisteredModel['capabilities']): RegisteredModel {
  return {
    ...{ modelId, displayName: modelId, capabilities, backend: 'ollama', provider: 'maker' },
    ...{ source: 'probe', refreshedAt: 0 },
  };
}

async function factsFor(
  models: readonly RegisteredModel[] = [],
  options: { readonly contextLength?: string; readonly host?: string } = {},
): Promise<MachineFacts> {
  const rankings = new RankingService(
    {
      detect: (host) =>
        Promise.resolve(
          host === 'local' ? profileFromOverride(host, CARD, clock) : unknownProfile(host, clock),
        ),
      forgetHardware: () => undefined,
      loadSnapshot: () => Promise.resolve(LOADED),
    },
    clock,
    silentLogger,
  );
  const ranking = await rankings.rank('general', options.host ?? 'local');
  return modelfileFacts({ ranking, served: models, machine: 'box', contextLength: options.contextLength });
}

describe('what the Modelfile server is told', () => {
  it('is what it can read', async () => {
    const facts = await factsFor([served('own:latest', { parameterSize: '7.6B', quant: 'Q4_K_M' })]);
    expect(parseFacts(JSON.parse(JSON.stringify(facts)))).toEqual({ facts, dropped: 0 });
  });

  it('has every build by every name, and a place for the one that is recommended and the one of the library', async () => {
    const facts = await factsFor();
    const names = facts.models.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(['hf.co/maker/GGUF:Q8_0', 'small:8b', 'hf.co/maker/GGUF:Q4_K_M', 'huge:400b']),
    );
    const ranks = facts.models.filter(({ rank }) => rank !== undefined).map(({ name, rank }) => [name, rank]);
    expect(ranks).toContainEqual(['small:8b', 1]);
    expect(ranks.some(([name]) => name === 'huge:400b')).toBe(false);
    const small = factsOf('small:8b', facts);
    expect(small).toMatchObject({
      installed: false,
      quant: 'Q4_K_M',
      licence: 'apache-2.0',
      sizeBytes: 4.9e9,
    });
    expect(small?.evidence).toMatch(/^Score \d+ of 100, \S+ evidence, \w+ confidence$/);
  });

  it('names smaller builds of a model, the largest first', async () => {
    const facts = await factsFor();
    expect(factsOf('hf.co/maker/GGUF:Q8_0', facts)?.smallerBuilds).toEqual([
      'small:8b',
      'hf.co/maker/GGUF:Q2_K',
    ]);
    expect(factsOf('hf.co/maker/GGUF:Q2_K', facts)?.smallerBuilds).toBeUndefined();
  });

  it('has memory that grows with the context, and what this machine has of it', async () => {
    const facts = await factsFor();
    const bytes = factsOf('small:8b', facts)?.memory?.map((point) => point.bytes) ?? [];
    expect(bytes.length).toBeGreaterThan(2);
    expect([...bytes].sort((a, b) => a - b)).toEqual(bytes);
    expect(bytes[0]).toBeGreaterThan(4.9e9);
    expect(facts.acceleratorBytes).toBe(24 * GIB);
    expect(facts.usableBytes).toBeGreaterThan(24 * GIB);
  });

  it('joins what is installed with what is known of the same build, in any way of writing its name', async () => {
    const facts = await factsFor([
      served('small:8b', { sizeBytes: 5e9, contextLength: 40_960, quant: 'Q4_K_M' }),
      served('own:latest', { sizeBytes: 5e9, parameterSize: '7.6B', quant: 'Q4_K_M' }),
      served('vague:latest', {}),
    ]);
    expect(facts.models.slice(0, 3).map(({ name, installed }) => [name, installed])).toEqual([
      ['small:8b', true],
      ['own:latest', true],
      ['vague:latest', true],
    ]);
    const known = factsOf('registry.ollama.ai/library/small:8b', facts);
    expect(known).toMatchObject({ installed: true, maxContextTokens: 40_960, sizeBytes: 5e9, rank: 1 });
    expect(factsOf('own', facts)?.memory?.[0]?.bytes).toBeGreaterThan(5e9);
    expect(factsOf('vague', facts)?.memory).toBeUndefined();
  });

  it("has Ollama's default context for the graphics memory, unless the environment says another", async () => {
    expect((await factsFor()).defaultContextTokens).toBe(32_768);
    expect((await factsFor([], { contextLength: '8192' })).defaultContextTokens).toBe(8_192);
    expect((await factsFor([], { contextLength: 'many' })).defaultContextTokens).toBe(32_768);
  });

  it('says nothing of the memory of a machine that nobody described', async () => {
    const facts = await factsFor([], { host: 'elsewhere' });
    expect(facts.usableBytes).toBeUndefined();
    expect(facts.defaultContextTokens).toBe(4_096);
  });
});
