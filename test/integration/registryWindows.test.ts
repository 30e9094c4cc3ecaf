import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BackendConfig } from '../../src/backends/contract';
import { ModelRegistry } from '../../src/registry/registry';
import type { RegistryRow } from '../../src/registry/row';
import { systemClock } from '../../src/shared/clock';
import { silentLogger } from '../../src/shared/logger';
import { SqlState } from '../../src/storage/state/sqlState';
import { FakeClock } from '../fakes/fakeClock';
import { SQL_WASM } from '../support/programs';
import { killWindows, RegistryWindow } from '../support/registryWindows';
import { noteFigure, rounds } from '../support/soak';

const KILLS = rounds(4, 40);
const PROBES = rounds(15, 150);

let folder: string;
let server: ListServer;
const states: SqlState[] = [];

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'mp-windows-'));
  server = await ListServer.start();
});

afterEach(async () => {
  await killWindows();
  await Promise.all(states.splice(0).map((state) => state.close()));
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('windows in processes of their own', () => {
  it('show within 3 s what one of them stored, and what it took away', { timeout: 60_000 }, async () => {
    const windows = await Promise.all([1, 2, 3].map(() => RegistryWindow.open(folder)));
    const [first, ...others] = windows;
    for (const window of windows) await window.ask({ do: 'configure', backends: [config()] });
    for (const models of [['qwen3:8b'], ['qwen3:4b', 'qwen3:8b'], []]) {
      server.models = models;
      const changed = await first?.ask({ do: 'probe', times: 1 });
      const begun = performance.now();
      for (const other of others) {
        await vi.waitFor(async () => expect((await other.ask({ do: 'show' })).rows).toEqual(changed?.rows), {
          timeout: 3_000,
          interval: 20,
        });
      }
      noteFigure(
        'registry: two other windows show a change after (ms)',
        Math.round(performance.now() - begun),
      );
    }
  });

  it('show the state of a backend that another one found', { timeout: 60_000 }, async () => {
    const [asking, watching] = [await RegistryWindow.open(folder), await RegistryWindow.open(folder)];
    for (const window of [asking, watching]) await window.ask({ do: 'configure', backends: [config()] });
    await server.stop();
    await asking.ask({ do: 'probe', times: 1 });
    await vi.waitFor(
      async () =>
        expect((await watching.ask({ do: 'show' })).backends).toMatchObject([
          { id: 'ollama', readiness: 'unreachable', failures: 1, probing: false },
        ]),
      { timeout: 3_000, interval: 20 },
    );
  });

  it(
    'that probe one server at once never duplicate a row, and agree on what was asked last',
    { timeout: 60_000 + PROBES * 2_000 },
    async () => {
      server.changing = true;
      const windows = await Promise.all([1, 2].map(() => RegistryWindow.open(folder)));
      for (const window of windows) await window.ask({ do: 'configure', backends: [config()] });
      const replies = await Promise.all(windows.map((window) => window.ask({ do: 'probe', times: PROBES })));
      const newest = Math.max(...replies.flatMap(({ rows }) => rows.map((row) => row.refreshedMono)));
      for (const window of windows) {
        await vi.waitFor(
          async () => {
            const { rows } = await window.ask({ do: 'show' });
            expect(rows.map(({ provider, refreshedMono }) => [provider, refreshedMono])).toEqual([
              ['qwen', newest],
            ]);
          },
          { timeout: 3_000, interval: 20 },
        );
      }
      expect(server.lists).toBe(2 * PROBES);
    },
  );

  it(
    'bring no row back by a probe that was held up while another one saw it vanish',
    { timeout: 60_000 },
    async () => {
      const [held, quick] = [await RegistryWindow.open(folder), await RegistryWindow.open(folder)];
      for (const window of [held, quick]) await window.ask({ do: 'configure', backends: [config()] });
      server.models = ['qwen3:8b'];
      await held.ask({ do: 'probe', times: 1 });
      const late = server.holdNextList();
      const probing = held.ask({ do: 'probe', times: 1 });
      await late.asked;
      // Stopped as by a debugger or a laptop's lid, with the old list on its way.
      held.signal('SIGSTOP');
      late.answer();
      server.models = [];
      await quick.ask({ do: 'probe', times: 1 });
      held.signal('SIGCONT');
      const { rows } = await probing;
      expect(rows).toMatchObject([{ provider: 'qwen', models: [] }]);
      expect((await quick.ask({ do: 'show' })).rows).toEqual(rows);
      await expect((await RegistryWindow.open(folder)).atStart).resolves.toMatchObject({ rows });
    },
  );

  it(
    'that are killed while they write show the same rows at the next start, before any probe',
    { timeout: 60_000 + KILLS * 10_000 },
    async () => {
      const watcher = await RegistryWindow.open(folder);
      await watcher.ask({ do: 'configure', backends: [config()] });
      server.changing = true;
      let acknowledged: readonly RegistryRow[] = [];
      for (let kill = 0; kill < KILLS; kill++) {
        const window = await RegistryWindow.open(folder);
        const { rows } = await window.atStart;
        expect(rows.length).toBe(kill === 0 ? 0 : 1);
        for (const row of acknowledged)
          expect(rows[0]?.refreshedMono).toBeGreaterThanOrEqual(row.refreshedMono);
        await window.ask({ do: 'configure', backends: [config()] });
        acknowledged = (await window.ask({ do: 'probe', times: 1 })).rows;
        const dying = window.ask({ do: 'probe', times: 1_000 });
        dying.catch(() => undefined);
        const asked = server.lists + 1 + (kill % 3);
        await vi.waitFor(() => expect(server.lists).toBeGreaterThanOrEqual(asked), {
          timeout: 10_000,
          interval: 1,
        });
        await window.kill();
        await expect(dying).rejects.toThrow('ended');
      }
      const { rows } = await (await RegistryWindow.open(folder)).atStart;
      await vi.waitFor(async () => expect((await watcher.ask({ do: 'show' })).rows).toEqual(rows), {
        timeout: 3_000,
        interval: 20,
      });
    },
  );
});

describe('one window', () => {
  const baseline = {
    observedAt: '2026-11-20',
    kinds: { ollama: [{ provider: 'qwen', models: [{ modelId: 'a', displayName: 'a', capabilities: {} }] }] },
  };

  it('seeds on a cold start, and on a warm one only what is missing', async () => {
    const cold = await openRegistry();
    await cold.seed(baseline);
    await cold.configureBackends([config()]);
    expect(shown(cold)).toEqual(['a baseline']);
    await cold.upsert([
      {
        ...{ backend: 'ollama', provider: 'qwen', source: 'probe', bootId: 'boot' },
        ...{ refreshedAt: Date.now() * 1_000, refreshedMono: 1 },
        models: [{ modelId: 'real', displayName: 'real', capabilities: {} }],
      },
    ]);
    const [qwen] = baseline.kinds.ollama;
    const warm = await openRegistry();
    await warm.seed({ ...baseline, kinds: { ollama: [qwen, { ...qwen, provider: 'google' }] } });
    await warm.configureBackends([config()]);
    expect(shown(warm)).toEqual(['a baseline', 'real probe']);
  });

  it('that starts without a folder for its state recovers by itself when there is one', async () => {
    const clock = new FakeClock();
    const blocked = path.join(folder, 'storage');
    writeFileSync(blocked, 'a file where the folder should be');
    const registry = await openRegistry(blocked, clock);
    await registry.seed(baseline);
    await registry.configureBackends([config()]);
    expect(shown(registry)).toEqual(['a baseline']);
    expect(states[0]?.status.state).toBe('degraded');
    unlinkSync(blocked);
    await clock.advance(5_000);
    await vi.waitFor(async () => expect(shown(await openRegistry(blocked, clock))).toEqual(['a baseline']), {
      timeout: 5_000,
    });
    expect(shown(registry)).toEqual(['a baseline']);
    expect(states[0]?.status.state).toBe('open');
  });

  async function openRegistry(at = folder, clock = new FakeClock()): Promise<ModelRegistry> {
    const state = new SqlState({ folder: at, wasmFile: SQL_WASM, clock: systemClock, logger: silentLogger });
    states.push(state);
    await state.open();
    return new ModelRegistry({ state, clock, logger: silentLogger });
  }

  function shown(registry: ModelRegistry): readonly string[] {
    return registry.listForBackend('ollama').map(({ modelId, source }) => `${modelId} ${source}`);
  }
});

function config(): BackendConfig {
  return { id: 'ollama', kind: 'ollama', url: server.url, host: 'local', headers: {} };
}

/** Answers as Ollama does, with a list that the test sets. */
class ListServer {
  models: readonly string[] = ['qwen3:8b'];
  /** Whether each list has one more model of its own. */
  changing = false;
  /** How often the list was asked for. */
  lists = 0;
  #held: { readonly asked: () => void; readonly answered: Promise<unknown> } | undefined;

  private constructor(private readonly http: Server) {}

  static async start(): Promise<ListServer> {
    const http = createServer((request, response) => void list.#answer(request, response));
    const list: ListServer = new ListServer(http);
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    return list;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  /** The next list is that of now, and goes out when the test says so. */
  holdNextList(): { readonly asked: Promise<unknown>; readonly answer: () => void } {
    const [asked, answered] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    this.#held = { asked: () => asked.resolve(undefined), answered: answered.promise };
    return { asked: asked.promise, answer: () => answered.resolve(undefined) };
  }

  async stop(): Promise<void> {
    if (!this.http.listening) return;
    await new Promise<void>((resolve) => {
      this.http.close(() => resolve());
      this.http.closeAllConnections();
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (body: object): void => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(body));
    };
    if (request.url === '/api/version') return send({ version: '0.32.15' });
    if (request.url === '/api/ps') return send({ models: [] });
    if (request.url !== '/api/tags')
      return send({ capabilities: ['completion'], details: {}, model_info: {} });
    this.lists += 1;
    const names = this.changing ? [...this.models, `qwen3:list-${this.lists}`] : this.models;
    const held = this.#held;
    this.#held = undefined;
    held?.asked();
    await held?.answered;
    return send({
      models: names.map((name) => ({
        ...{ name, model: name, size: 1, digest: name, modified_at: '2026-11-20T00:00:00Z' },
        details: { family: 'qwen3' },
      })),
    });
  }
}
