import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama, type FakeOllama } from '../fakes/ollama/server';
import { useEditor } from './support/editor';
import { eventually } from './support/eventually';
import { extensionHostsOf } from './support/extensionHosts';
import type { Workbench } from './support/workbench';

/** What a change in one window may take to be seen in another. */
const SEEN_WITHIN_MS = 3_000;
/** spec/storage.md: another window leads within this time of the leader's death; and the editor's own slowness. */
const SUCCESSION_MS = 30_000 + 5_000;

describe('two windows on one stored state', () => {
  let ollama: FakeOllama;
  let second: Workbench;
  const editor = useEditor(async () => {
    const chat = describeModel({ capabilities: ['completion'] });
    ollama = await startFakeOllama({ installed: { 'qwen3:8b': chat, 'llama3.2:3b': chat } });
    return { settings: { 'modelPool.backends': [{ id: 'ollama', kind: 'ollama', url: ollama.url }] } };
  });
  beforeAll(async () => {
    const first = editor().workbench;
    await first.openOurViews();
    await first.tree('Pool').waitForLabels(['qwen3:8b', 'llama3.2:3b']);
    second = await editor().newWindow();
    await second.openOurViews();
  });
  afterAll(() => ollama.stop());

  const leaderPid = (): number | undefined => {
    const text = readFileSync(path.join(editor().globalStorageFolder, 'leader.lock'), 'utf8');
    const pid = /\bw(\d+)-/.exec(text)?.[1];
    return pid === undefined ? undefined : Number(pid);
  };

  /** Waits until both windows show what is stored, once another host runs than these. */
  async function rowsWithOtherHost(hosts: readonly number[]): Promise<void> {
    await eventually('a new extension host', async () =>
      extensionHostsOf(editor().server.pid).some((pid) => !hosts.includes(pid)),
    );
    for (const workbench of [editor().workbench, second]) {
      await workbench.waitUntilActive();
      await workbench.tree('Pool').waitForLabels(['qwen3:8b']);
      await unreachable(workbench, 60_000);
    }
  }

  it('show the same models, and one of them leads', async () => {
    await second.tree('Pool').waitForLabels(['qwen3:8b', 'llama3.2:3b']);
    // Each draws what it learns for itself, and the row of a server has the minute in which it was looked at.
    await eventually('the same rows', async () => {
      expect(await second.tree('Pool').rows()).toEqual(await editor().workbench.tree('Pool').rows());
      return true;
    });
    const hosts = extensionHostsOf(editor().server.pid);
    expect(hosts).toHaveLength(2);
    expect(hosts).toContain(await eventually('a leader', async () => leaderPid()));
  });

  it('see within 3 s what the other one learnt', async () => {
    const first = editor().workbench;
    await remove(ollama, 'llama3.2:3b');
    await first.tree('Pool').pressTitleAction('Refresh');
    await rowsWithout(first, 'llama3.2:3b', 60_000);
    await rowsWithout(second, 'llama3.2:3b', SEEN_WITHIN_MS);
    await ollama.kill();
    await second.tree('Pool').pressTitleAction('Refresh');
    await unreachable(second, 60_000);
    await unreachable(first, SEEN_WITHIN_MS);
  });

  it('have the same rows after a kill of the leading host, before anything could be asked', async () => {
    // The server is down: only what is stored can tell what it served.
    const before = leaderPid();
    expect(before).toBeDefined();
    const hosts = extensionHostsOf(editor().server.pid);
    process.kill(before ?? -1, 'SIGKILL');
    const killedAt = Date.now();
    // Not after the rows: how long the windows take for those says nothing of the leader.
    const succession = eventually(
      'another leader',
      async () => {
        const pid = leaderPid();
        return pid !== before && pid;
      },
      SUCCESSION_MS,
    ).then((pid) => ({ pid, tookMs: Date.now() - killedAt }));
    const [{ pid, tookMs }] = await Promise.all([succession, rowsWithOtherHost(hosts)]);
    expect(tookMs).toBeLessThan(SUCCESSION_MS);
    expect(extensionHostsOf(editor().server.pid)).toContain(pid);
    await editor().workbench.screenshot('after-kill-dark');
  });

  it('follow the server when it comes back, without a press of a button', async () => {
    await ollama.restart();
    for (const workbench of [editor().workbench, second]) {
      await workbench
        .tree('Pool')
        .waitForRows(
          'a serving backend',
          (rows) => rows[0]?.description.includes('serving') === true,
          40_000,
        );
    }
  });
});

async function rowsWithout(workbench: Workbench, label: string, withinMs: number): Promise<void> {
  await workbench
    .tree('Pool')
    .waitForRows(`no ${label}`, (rows) => !rows.some((row) => row.label === label), withinMs);
}

async function unreachable(workbench: Workbench, withinMs: number): Promise<void> {
  await workbench
    .tree('Pool')
    .waitForRows(
      'an unreachable backend',
      (rows) => rows[0]?.description.includes('unreachable') === true,
      withinMs,
    );
}

async function remove(ollama: FakeOllama, model: string): Promise<void> {
  const response = await fetch(`${ollama.url}/api/delete`, {
    method: 'DELETE',
    body: JSON.stringify({ model }),
  });
  expect(response.status).toBe(200);
}
