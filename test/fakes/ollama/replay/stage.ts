import { shortName } from '../names';
import type { FakeOllama, FakeOllamaOptions } from '../server';
import { startFakeOllama } from '../server';
import type { Captured } from './capture';
import {
  EMBEDDING,
  EMBEDDING_FILE,
  LOOP,
  MID_BEFORE_UPDATE,
  MID_WEIGHTS,
  REGISTRY,
  SCRIPTED_FILE,
  SHARED_WEIGHTS,
  SHORT_WEIGHTS,
  TINY,
  TINY_SECOND_LAYER,
  X5,
  scripted,
} from './capturedModels';
import type { Observed, Play } from './play';
import { play } from './play';

/** Progress lines come every 2 ms and a layer moves 1.5 MB in that time: a thirtieth of the capture's time. */
const TICK_MS = 2;
const BYTES_PER_SECOND = (1_500_000 / TICK_MS) * 1_000;

/** The capture's 320 MB layers at ten times that. */
const BIG_BYTES_PER_SECOND = BYTES_PER_SECOND * 10;

const MID = 'localhost:5000/library/mid';
const AGED_MS = 7_200_000;

/**
 * The fake server in the states that the captured one went through. What the capture did with files whose content it
 * does not hold, and to the server itself, is done here to the fake's state.
 */
export class Stage {
  private constructor(
    private current: FakeOllama,
    private readonly clock: { offsetMs: number },
  ) {}

  static async open(): Promise<Stage> {
    const clock = { offsetMs: 0 };
    return new Stage(await startServer(clock), clock);
  }

  get server(): FakeOllama {
    return this.current;
  }

  async close(): Promise<void> {
    await this.server.stop();
  }

  /** Another server, as the capture's later parts had. */
  async replace(options: FakeOllamaOptions): Promise<void> {
    await this.close();
    this.current = await startServer(this.clock, options);
  }

  start(captured: Captured): Play {
    return play(this.server.port, captured);
  }

  /** Lets models and partials age past the hour after which a server start prunes them, and starts it. */
  async restartAged(): Promise<void> {
    this.clock.offsetMs += AGED_MS;
    await this.server.restart();
  }

  /** Takes a model out of memory whose time was over in the capture. */
  expire(name: string): void {
    for (const { model } of this.server.runners.list()) {
      if (shortName(model.name) === name) this.server.runners.unload(model);
    }
  }
}

async function startServer(
  clock: { readonly offsetMs: number },
  options: FakeOllamaOptions = {},
): Promise<FakeOllama> {
  return startFakeOllama({
    registry: REGISTRY,
    bytesPerSecond: BYTES_PER_SECOND,
    progressIntervalMs: TICK_MS,
    retryBackoffMs: 4 * TICK_MS,
    tokenIntervalMs: 0,
    nowMs: () => Date.now() + clock.offsetMs,
    ...options,
  });
}

type Preparation = (stage: Stage) => Promise<void> | void;

/** What happened in the capture before the exchange of that name. */
export const PREPARATIONS: Readonly<Record<string, Preparation>> = {
  'blob-post-again': ({ server: { store } }) =>
    store.addFile(SHARED_WEIGHTS.digest, SHARED_WEIGHTS.size, TINY),
  'create-tiny-stream': ({ server: { store } }) =>
    store.addFile(SCRIPTED_FILE.digest, SCRIPTED_FILE.size, scripted(true)),
  'tags-3': ({ server: { store } }) => {
    store.install('tiny', TINY);
    store.install('scripted', scripted(true));
    store.install('loop:v1', LOOP);
    store.install('x5', X5);
  },
  'blob-post-emb': ({ server: { store } }) =>
    store.addFile(EMBEDDING_FILE.digest, EMBEDDING_FILE.size, EMBEDDING),
  'show-emb': ({ server: { store } }) => {
    store.install('emb', EMBEDDING);
    store.install('scripted', scripted(false));
  },
  'runner-killed-generate': (stage) => {
    stage.server.faults.chatErrorMidStream = 16;
  },
  'ps-after-kill': ({ server }) => {
    server.faults.chatErrorMidStream = null;
  },
  'pull-tiny-cancel-4s': ({ server }) => {
    server.pace.bytesPerSecond = BIG_BYTES_PER_SECOND;
  },
  'pull-mid-simul-A': ({ server }) => {
    server.pace.bytesPerSecond = BYTES_PER_SECOND;
  },
  'chat-requires-newer': (stage) => stage.expire('tiny:latest'),
  'chat-truncated-gguf': ({ server: { store } }) => {
    const blob = store.blobs.get(MID_WEIGHTS.digest);
    if (blob === undefined) throw new Error('mid is not there');
    blob.loadError = 'tensor "blk.0.attn_k.weight" offset+size (308576) exceeds file size (300000)';
  },
  'chat-blob-missing': ({ server }) => {
    server.store.blobs.delete(MID_WEIGHTS.digest);
  },
  'tags-corrupt-manifest': ({ server }) =>
    server.store.corruptManifest('trunc', "invalid character 'b' looking for beginning of object key string"),
  'tags-empty-manifest-file': ({ server: { store } }) => {
    store.copy('tiny', 'hollow');
    store.corruptManifest('hollow', 'EOF');
  },
  'pull-mid-update-replaces-old-layers': ({ server }) => server.store.install(MID, MID_BEFORE_UPDATE),
  'tags-after-restart': ({ server }) => server.restart(),
  'pull-mid2-after-sigkill': ({ server }) => server.restart(),
  'pull-tiny-full': ({ server }) => {
    server.pace.bytesPerSecond = BIG_BYTES_PER_SECOND;
  },
  'pull-short-body-to-the-end': ({ server }) => {
    // The captured client left during a wait for the next try, when nothing of the part was there.
    server.store.partials.delete(SHORT_WEIGHTS.digest);
  },
  'repull-present-deleted-midway': ({ server }) => {
    server.pace.bytesPerSecond = BYTES_PER_SECOND;
    server.store.blobs.delete(TINY_SECOND_LAYER.digest);
  },
  'unload-scripted': ({ server }) => {
    server.settings.loadMs = 60_000;
  },
  'tags-after-aged-prune': async (stage) => {
    stage.server.settings.loadMs = 0;
    await stage.restartAged();
  },
  'enospc-pull-mid': (stage) => stage.replace({ faults: { diskBytes: 20_000_000 } }),
  'readonly-pull': (stage) => stage.replace({ faults: { readOnlyDisk: true } }),
  // Long enough for six requests to arrive, however busy the machine is.
  'queue-full-0': (stage) => stage.replace({ installed: { 'loop:v1': LOOP }, maxQueue: 1, loadMs: 1_500 }),
  'readonly-create': ({ server }) => {
    server.faults.dnsDown = true;
  },
  'status-cloud-enabled': (stage) => stage.replace({ cloud: 'unreachable' }),
  'pull-default-registry-unreachable': ({ server }) => {
    server.faults.networkError = 'proxyconnect tcp: dial tcp 127.0.0.1:9: connect: connection refused';
  },
};

type Run = (
  stage: Stage,
  exchanges: readonly Captured[],
) => Promise<readonly (readonly [Captured, Observed])[]>;

/** Exchanges that ran at the same time, under the name of the first; all others run alone, to their end. */
export const TOGETHER: Readonly<Record<string, { readonly others: readonly string[]; readonly run: Run }>> = {
  'concurrent-chat-1': {
    others: ['concurrent-chat-2'],
    run: async (stage, exchanges) => finish(exchanges.map((captured) => [captured, stage.start(captured)])),
  },
  'pull-tiny-cancel-4s': {
    others: ['tags-during-pull'],
    run: async (stage, [pull, tags]) => {
      const pulling = start(stage, pull);
      await pulling.play.lines(6);
      const listing = start(stage, tags);
      await listing.play.done;
      pulling.play.leave();
      return both(pulling, listing);
    },
  },
  'pull-mid-simul-A': { others: ['pull-mid-simul-B'], run: joinLater },
  'pull-mid-A-cancelled': {
    others: ['pull-mid-B-continues'],
    run: async (stage, [first, second]) => {
      const a = start(stage, first);
      await a.play.lines(4);
      const b = start(stage, second);
      await b.play.lines(3);
      a.play.leave();
      return both(a, b);
    },
  },
  'pull-mid-while-deleted': { others: ['delete-during-first-pull'], run: joinLater },
  'pull-mid2-server-killed': {
    others: ['generate-server-terminated'],
    run: async (stage, [pull, chat]) => {
      const pulling = start(stage, pull);
      const talking = start(stage, chat);
      await Promise.all([pulling.play.lines(5), talking.play.lines(20)]);
      await stage.server.stop();
      return both(pulling, talking);
    },
  },
  'pull-mid2-server-sigkill': {
    others: [],
    run: async (stage, [pull]) => {
      const pulling = start(stage, pull);
      await pulling.play.lines(5);
      await stage.server.kill();
      return [[pulling.captured, await pulling.play.done]];
    },
  },
  'repull-present-deleted-midway': { others: ['delete-while-repulling-present'], run: joinLater },
  'chat-cold-cancel-80ms': {
    others: ['ps-while-loading'],
    run: async (stage, [chat, ps]) => {
      const before = stage.server.requests.length;
      const loading = start(stage, chat);
      await until(() => stage.server.requests.length > before);
      const listing = start(stage, ps);
      await listing.play.done;
      loading.play.leave();
      return both(loading, listing);
    },
  },
  'queue-full-0': {
    others: ['queue-full-1', 'queue-full-2', 'queue-full-3', 'queue-full-4', 'queue-full-5'],
    // Their order of arrival is not recorded; those that were served came first.
    run: async (stage, exchanges) => {
      const inOrder = [...exchanges].sort((a, b) => (a.status ?? 0) - (b.status ?? 0));
      const plays: [Captured, Play][] = [];
      for (const captured of inOrder) {
        const before = stage.server.requests.length;
        plays.push([captured, stage.start(captured)]);
        await until(() => stage.server.requests.length > before);
      }
      return finish(plays);
    },
  },
};

/** How many lines a client reads before it goes away, where it went in the capture; others read on. */
export const LEAVES_AFTER_LINES: Readonly<Record<string, number>> = {
  'loop-endless-cancel': 30,
  'pull-stall': 10,
  'pull-short-body': 6,
  'pull-hang-manifest': 1,
  'pull-stall-40s': 6,
};

interface Started {
  readonly captured: Captured;
  readonly play: Play;
}

function start(stage: Stage, captured: Captured | undefined): Started {
  if (captured === undefined) throw new Error('an exchange of this group is not in the captures');
  return { captured, play: stage.start(captured) };
}

async function both(first: Started, second: Started): Promise<(readonly [Captured, Observed])[]> {
  return finish([
    [first.captured, first.play],
    [second.captured, second.play],
  ]);
}

async function finish(
  plays: readonly (readonly [Captured, Play])[],
): Promise<(readonly [Captured, Observed])[]> {
  return Promise.all(plays.map(async ([captured, { done }]) => [captured, await done] as const));
}

/** The second starts when the first has shown some progress; both run to their end. */
async function joinLater(
  stage: Stage,
  [first, second]: readonly Captured[],
): Promise<(readonly [Captured, Observed])[]> {
  const a = start(stage, first);
  await a.play.lines(4);
  return both(a, start(stage, second));
}

/** Polls until `condition` holds; gives up after five seconds. */
async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('waited five seconds in vain');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
