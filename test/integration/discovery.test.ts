import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Agent } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Candidate } from '../../src/catalog/candidate';
import { CatalogFile } from '../../src/catalog/catalogFile';
import { RequestBudget } from '../../src/catalog/discoveryBudget';
import { repoReader } from '../../src/catalog/discoveryDescribe';
import { HubCache } from '../../src/catalog/hubCache';
import { CachedHub } from '../../src/catalog/hubCached';
import { HubClient } from '../../src/catalog/hubClient';
import { loadFrozenSnapshot } from '../../src/catalog/snapshot';
import { Catalogue } from '../../src/engine/catalogue';
import { ModelIdentity } from '../../src/engine/modelIdentity';
import { toRankCandidates } from '../../src/engine/rankCandidates';
import { rankModels } from '../../src/ranking/rank';
import { buildRankIndex } from '../../src/ranking/rankIndex';
import { HttpClient } from '../../src/shared/http';
import { silentLogger } from '../../src/shared/logger';
import { replaceFile } from '../../src/storage/replaceFile';
import { FakeClock } from '../fakes/fakeClock';
import { ggufRepo, type FakeFile } from '../fakes/huggingFace/repos';
import { startFakeHub, type FakeHub } from '../fakes/huggingFace/server';
import { repositoryRoot } from '../support/repository';
import { shapedGguf } from '../support/shapedGguf';
import { noteFigure } from '../support/soak';

/** No such model was released: its series is known, and nothing of it. */
const NEW_MODEL = 'Qwen/Qwen3.5-31B-A3B';
const DAY_MS = 24 * 60 * 60_000;

let folder: string;
let files: Readonly<Record<'moe' | 'tiny', FakeFile>>;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'discovery-'));
  files = {
    moe: await shapedGguf(folder, 'qwen3-30b-a3b', 'Qwen3.5 31B A3B'),
    tiny: await shapedGguf(folder, 'tiny-llama', 'Qwen3.5 31B A3B'),
  };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let clock: FakeClock;
let server: FakeHub;
let agent: Agent;
let storage: string;
let opened: Catalogue[];
let bodyBytes: number;

beforeEach(async () => {
  clock = new FakeClock('2026-11-22T12:00:00Z');
  server = await startFakeHub();
  agent = new Agent();
  storage = await mkdtemp(path.join(folder, 'storage-'));
  opened = [];
  bodyBytes = 0;
});
afterEach(async () => {
  for (const catalogue of opened) await catalogue.dispose();
  await agent.destroy();
  await server.stop();
});

/** A window, wired as the engine wires it. */
function openWindow(
  name: string,
  token?: () => Promise<string>,
): { readonly catalogue: Catalogue; readonly budget: RequestBudget } {
  const budget = new RequestBudget();
  const counting = agent.compose(
    (dispatch) => (options, handler) =>
      dispatch(options, {
        onRequestStart: (...event) => handler.onRequestStart?.(...event),
        onResponseStart: (...event) => handler.onResponseStart?.(...event),
        onResponseData: (controller, chunk) => {
          bodyBytes += chunk.byteLength;
          handler.onResponseData?.(controller, chunk);
        },
        onResponseEnd: (...event) => handler.onResponseEnd?.(...event),
        onResponseError: (...event) => handler.onResponseError?.(...event),
      }),
  );
  const http = new HttpClient(budget.limit(counting));
  const common = { clock, logger: silentLogger };
  const hub = new CachedHub(
    new HubClient({ baseUrl: server.url, http, token, ...common }),
    new HubCache({ folder: storage, writerId: name, ...common }),
  );
  const catalogue = new Catalogue({
    ...{ ...common, budget, hub },
    loadSnapshot: () => loadFrozenSnapshot({ path: path.join(repositoryRoot, 'data/snapshot.json') }),
    file: new CatalogFile({
      ...{ folder: storage, logger: silentLogger },
      replaceFile: (file, text) => replaceFile(file, text, name),
    }),
    describe: (candidates) => repoReader({ hub, http, candidates, ...(token && { token }) }),
    online: () => true,
    organisations: () =>
      ['Qwen', 'bartowski'].map((organisation) => ({ name: organisation, formats: ['gguf'] })),
  });
  opened.push(catalogue);
  return { catalogue, budget };
}

async function candidateOf(catalogue: Catalogue, id: string): Promise<Candidate | undefined> {
  const { snapshot } = await catalogue.snapshot();
  return snapshot.candidates.find(({ hfRepoId }) => hfRepoId === id);
}

function addNewModel(): void {
  server.repos.set(
    'Qwen/Qwen3.5-31B-A3B-GGUF',
    ggufRepo('Qwen/Qwen3.5-31B-A3B-GGUF', {
      ...{ createdAt: '2026-11-22T08:00:00.000Z', lastModified: '2026-11-22T09:00:00.000Z' },
      tags: ['gguf', 'text-generation', 'conversational', 'license:apache-2.0'],
      files: {
        'README.md': { content: '# Qwen3.5' },
        'Qwen3.5-31B-A3B-F16.gguf': files.moe,
        'Qwen3.5-31B-A3B-Q8_0-00001-of-00002.gguf': { content: 'GGUF', sizeBytes: 70_000_000_001 },
        'Qwen3.5-31B-A3B-Q8_0-00002-of-00002.gguf': { content: 'GGUF', sizeBytes: 2_000_000_002 },
        'mmproj-Qwen3.5-31B-A3B-F16.gguf': { content: 'GGUF', sizeBytes: 900_000_000 },
      },
    }),
  );
}

describe('a brand-new repository', () => {
  it('becomes a candidate with exact sizes, context, expert counts and capabilities, and stands in a ranking', async () => {
    addNewModel();
    const { catalogue, budget } = openWindow('one');
    expect((await catalogue.refresh()).state).toBe('live');
    expect(budget.made).toBe(server.requests.length);
    noteFigure('discovery: requests for a new 30B model with a 3.8 MB header', budget.made);
    const found = await candidateOf(catalogue, NEW_MODEL);
    expect(found).toMatchObject({
      ...{
        org: 'Qwen',
        name: 'Qwen3.5-31B-A3B',
        role: 'chat',
        licence: 'apache-2.0',
        released: '2026-11-22',
      },
      architecture: { arch: 'qwen3moe', layers: 48, experts: 128, expertsUsed: 8, contextMax: 40_960 },
      capabilities: { tools: true, thinking: true, vision: true },
    });
    expect(found?.sizeB).toBeCloseTo(30.53, 2);
    expect(found?.activeB).toBeCloseTo(3.3, 0);
    const sizes = new Map(
      found?.builds.map(({ quant, sizeBytes, sizeBasis }) => [quant, [sizeBytes, sizeBasis]]),
    );
    expect(sizes.get('F16')).toEqual([files.moe.sizeBytes, 'exact']);
    expect(sizes.get('Q8_0')).toEqual([72_000_000_003, 'exact']);
    expect(sizes.size).toBe(2);

    const { snapshot } = await catalogue.snapshot();
    const { models } = rankModels(
      {
        candidates: snapshot.candidates.filter(({ role }) => role === 'chat').flatMap(toRankCandidates),
        hardware: { platform: 'nvidia', vramGb: 96, ramGb: 128, bandwidthGbps: 1_792 },
        snapshot,
        options: { task: 'general', rankingDate: '2026-11-22T12:00:00.000Z', includeUnfit: true },
      },
      buildRankIndex(snapshot.observations),
    );
    const ranked = models.find(({ modelId }) => modelId === NEW_MODEL);
    expect(ranked).toMatchObject({ fitsHardware: true, buildRepo: 'Qwen/Qwen3.5-31B-A3B-GGUF' });
    expect(ranked?.evidence).toBe('interpolated');
    expect(ranked?.score).toBeGreaterThan(0);
  });

  it('is known by its name on a server as soon as the identities were read again', async () => {
    addNewModel();
    const { catalogue } = openWindow('one');
    const identity = new ModelIdentity(() => catalogue.snapshot());
    await identity.load();
    const served = { modelId: 'hf.co/Qwen/Qwen3.5-31B-A3B-GGUF:F16', displayName: '', capabilities: {} };
    expect(identity.canonicalId(served)).toBeUndefined();
    const reloaded = new Promise<void>((resolve) => {
      catalogue.onDidChangeModels(() => void identity.reload().then(resolve));
    });
    await catalogue.refresh();
    await reloaded;
    expect(identity.canonicalId(served)).toBe(NEW_MODEL);
  });

  it('costs its mirrors one request each, whose builds are added to it', async () => {
    addNewModel();
    const { catalogue } = openWindow('one');
    await catalogue.refresh();
    await clock.advance(DAY_MS);
    const mirror = 'bartowski/Qwen_Qwen3.5-31B-A3B-GGUF';
    const q4 = { content: 'GGUF', sizeBytes: 18_556_685_824 };
    server.repos.set(
      mirror,
      ggufRepo(mirror, {
        createdAt: '2026-11-22T07:00:00.000Z',
        tags: ['gguf', 'base_model:quantized:Qwen/Qwen3.5-31B-A3B', 'text-generation'],
        files: { 'Qwen_Qwen3.5-31B-A3B-Q4_K_M.gguf': q4 },
      }),
    );
    const before = server.requests.length;
    await catalogue.refresh();
    expect(server.requests.slice(before).filter(({ path: asked }) => asked.includes('/resolve/'))).toEqual(
      [],
    );
    expect((await candidateOf(catalogue, NEW_MODEL))?.builds).toContainEqual(
      expect.objectContaining({ quant: 'Q4_K_M', repo: mirror, sizeBytes: q4.sizeBytes, sizeBasis: 'exact' }),
    );
  });

  it('is seen by a second window that was open before, and by a third without a network', async () => {
    addNewModel();
    const [one, two] = [openWindow('one').catalogue, openWindow('two').catalogue];
    expect(await candidateOf(two, NEW_MODEL)).toBeUndefined();
    await one.refresh();
    const asked = server.requests.length;
    await two.look();
    expect(await candidateOf(two, NEW_MODEL)).toEqual(await candidateOf(one, NEW_MODEL));
    server.faults.refuse = true;
    const { catalogue: three } = openWindow('three');
    expect(await candidateOf(three, NEW_MODEL)).toBeDefined();
    expect(server.requests).toHaveLength(asked);
  });
});

describe('asking again', () => {
  it('costs no request within a day, and no body when nothing has changed', async () => {
    addNewModel();
    const { catalogue } = openWindow('one');
    await catalogue.refresh();
    const asked = server.requests.length;
    await clock.advance(60_000);
    await catalogue.refresh();
    expect(server.requests).toHaveLength(asked);
    await clock.advance(DAY_MS);
    bodyBytes = 0;
    expect((await catalogue.refresh()).state).toBe('live');
    const again = server.requests.slice(asked);
    expect(again).toHaveLength(4);
    expect(again.every(({ headers }) => headers['if-none-match'] !== undefined)).toBe(true);
    expect(bodyBytes).toBe(0);
  });

  it('says that it is offline though the cache answers, and keeps everything', async () => {
    addNewModel();
    const { catalogue } = openWindow('one');
    await catalogue.refresh();
    await clock.advance(DAY_MS);
    server.faults.refuse = true;
    expect((await catalogue.refresh()).state).toBe('offline');
    expect(await candidateOf(catalogue, NEW_MODEL)).toBeDefined();
  });
});

describe('an organisation of 10,000 repositories', () => {
  it('gives its 50 of the top, within the budget, and leaves the catalogue usable', async () => {
    for (let index = 0; index < 10_000; index++) {
      const id = `bartowski/Model${index}-7B-GGUF`;
      server.repos.set(id, ggufRepo(id, { files: {} }));
    }
    server.faults.ignoreLimit = true;
    addNewModel();
    const { catalogue, budget } = openWindow('one');
    expect((await catalogue.refresh()).state).toBe('live');
    expect(budget.made).toBeLessThanOrEqual(60);
    expect(server.requests.length).toBe(budget.made);
    expect(await candidateOf(catalogue, NEW_MODEL)).toBeDefined();
  });
});

describe('a header that cannot be trusted', () => {
  it.each([
    ['that names more than the file has', (): FakeFile => ({ ...files.moe, sizeBytes: 5_000_000_000 })],
    ['that ends too soon', (): FakeFile => ({ ...files.tiny, sizeBytes: 3_000 })],
    ['that is none', (): FakeFile => ({ content: 'not a model', sizeBytes: 5_000_000_000 })],
  ])('%s makes no candidate, and hurts nothing else', async (_name, file) => {
    addNewModel();
    const liar = 'bartowski/Liar-7B-GGUF';
    server.repos.set(liar, ggufRepo(liar, { files: { 'Liar-7B-F16.gguf': file() } }));
    const { catalogue } = openWindow('one');
    expect((await catalogue.refresh()).state).toBe('live');
    const { snapshot } = await catalogue.snapshot();
    expect(snapshot.candidates.filter(({ name }) => name.startsWith('Liar'))).toEqual([]);
    expect(await candidateOf(catalogue, NEW_MODEL)).toBeDefined();
  });

  it('is not asked for of a gated repository without a token: the name and the files tell', async () => {
    server.repos.set(
      'Qwen/Gated-8B-GGUF',
      ggufRepo('Qwen/Gated-8B-GGUF', { gated: 'manual', files: { 'Gated-8B-Q4_K_M.gguf': files.tiny } }),
    );
    const { catalogue } = openWindow('one');
    await catalogue.refresh();
    expect(await candidateOf(catalogue, 'Qwen/Gated-8B')).toMatchObject({ sizeB: 8 });
  });

  it('is read with a token that opens it, which no other host sees', async () => {
    await server.stop();
    server = await startFakeHub({ tokens: { hf_test: ['Qwen/Gated-8B-GGUF'] } });
    server.repos.set(
      'Qwen/Gated-8B-GGUF',
      ggufRepo('Qwen/Gated-8B-GGUF', { gated: 'manual', files: { 'Gated-8B-F16.gguf': files.moe } }),
    );
    const { catalogue } = openWindow('one', () => Promise.resolve('hf_test'));
    await catalogue.refresh();
    expect((await candidateOf(catalogue, 'Qwen/Gated-8B'))?.architecture?.experts).toBe(128);
    const elsewhere = server.requests.filter(({ host }) => host === 'cdn');
    expect(elsewhere.length).toBeGreaterThan(0);
    expect(elsewhere.every(({ headers }) => headers['authorization'] === undefined)).toBe(true);
  });
});
