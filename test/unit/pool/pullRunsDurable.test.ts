import { describe, expect, it } from 'vitest';
import type { PullGate } from '../../../src/pool/pullGate';
import { SharedMemory } from '../../support/registryState';
import { DONE, FAILED, progress, pullWindow, settle, type PullWindowOptions } from './pullWindow';

const MINUTE = 60_000;

/** Two windows on one state, with clocks of their own: one whose clock stands still shows no sign of life. */
function twoWindows(options: PullWindowOptions = {}) {
  const memory = new SharedMemory();
  const ids = { newRunId: () => `run-${(next += 1)}` };
  let next = 0;
  const one = pullWindow({ memory, ...ids, ...options, owner: 'w1' });
  const two = pullWindow({ memory, ...ids, ...options, owner: 'w2' });
  const both = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 1_000) {
      await one.clock.advance(1_000);
      await two.clock.advance(1_000);
    }
  };
  return { one, two, both, memory };
}

describe('pulls in several windows', () => {
  it('shows a download of another window, with what that stores of it', async () => {
    const { one, two, both } = twoWindows();
    await one.start('a');
    one.install(0).tell(progress(420));
    await both(6_000);
    expect(two.run('run-1')).toMatchObject({
      ...{ status: 'pulling', completedBytes: 420, totalBytes: 1_000, percent: 42, elsewhere: true },
    });
    expect(one.run('run-1')).toMatchObject({ elsewhere: false, completedBytes: 420 });
    await one.install(0).end(DONE);
    expect(two.run('run-1')).toMatchObject({ status: 'succeeded', percent: 100, elsewhere: false });
    expect(two.installs).toEqual([]);
  });

  it('shares one pull of one model', async () => {
    const { one, two } = twoWindows({ maxConcurrent: 5 });
    const first = await one.start('a');
    const second = await two.start('A:latest');
    expect(second.runId).toBe(first.runId);
    expect([one.installs.length, two.installs.length]).toEqual([1, 0]);
  });

  it('pulls one after another over all windows, in the order asked', async () => {
    const { one, two } = twoWindows();
    await one.start('a');
    await two.start('b');
    await one.start('c');
    expect([one.installs.length, two.installs.length]).toEqual([1, 0]);
    await one.install(0).end(FAILED);
    expect([one.installs.length, two.installs.map(({ name }) => name)]).toEqual([1, ['b']]);
    await two.install(0).end(DONE);
    expect(one.installs.map(({ name }) => name)).toEqual(['a', 'c']);
  });

  it('goes on at once where the other window closed', async () => {
    const { one, two } = twoWindows();
    await one.start('a');
    one.install(0).tell(progress(300));
    one.pulls.dispose();
    await settle();
    expect(one.install(0).signal.aborted).toBe(true);
    expect(two.installs.map(({ name }) => name)).toEqual(['a']);
    expect(two.run('run-1')).toMatchObject({
      ...{ status: 'pulling', attempt: 2, takenOver: true, elsewhere: false, completedBytes: 300 },
      message: 'Goes on from a window that is gone.',
    });
    await two.install(0).end(DONE);
    expect(two.run('run-1')).toMatchObject({ status: 'succeeded', takenOver: true });
  });

  it('goes on after 120 s where the other window died, and not before', async () => {
    const { one, two } = twoWindows();
    await one.start('a');
    await two.clock.advance(119_000);
    expect(two.installs).toHaveLength(0);
    await two.clock.advance(10_000);
    expect(two.installs).toHaveLength(1);
    expect(two.run('run-1')).toMatchObject({ attempt: 2, takenOver: true });
  });

  it('goes on with what only waited in a window that died, as its first attempt', async () => {
    const { one, two } = twoWindows();
    await two.start('a');
    await one.start('b');
    // It is dead: whatever happens, it does nothing.
    one.state.failure = { ok: false, code: 'closed', message: 'dead' };
    await two.clock.advance(125_000);
    await two.install(0).end(DONE);
    expect(two.installs.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(two.run('run-2')).toMatchObject({ status: 'pulling', attempt: 1, takenOver: true });
  });

  it('leaves a download alone whose window lives, however long it says nothing', async () => {
    const { one, two, both } = twoWindows();
    await one.start('a');
    one.install(0).tell({ type: 'verifying', message: 'verifying sha256 digest' });
    await both(20 * MINUTE);
    expect(two.installs).toHaveLength(0);
    expect(two.run('run-1')).toMatchObject({ status: 'verifying', attempt: 1 });
  });

  it('waits 120 s from its first look where the stamps are of another boot', async () => {
    const memory = new SharedMemory();
    const before = pullWindow({ memory, owner: 'w0', bootId: 'the boot before' });
    await before.clock.advance(1_000_000);
    await before.start('a');
    const after = pullWindow({ memory, owner: 'w1', bootId: 'boot' });
    await after.clock.advance(119_000);
    expect(after.installs).toHaveLength(0);
    await after.clock.advance(10_000);
    expect(after.installs).toHaveLength(1);
  });

  it('goes on once where two windows could', async () => {
    const { one, two, memory } = twoWindows();
    const three = pullWindow({ memory, owner: 'w3' });
    await one.start('a');
    one.pulls.dispose();
    await settle();
    expect(two.installs.length + three.installs.length).toBe(1);
    expect(two.run('run-1')?.attempt).toBe(2);
  });

  it('writes nothing of a download that another window has taken over', async () => {
    const { one, two } = twoWindows();
    await one.start('a');
    await two.clock.advance(130_000);
    expect(two.installs).toHaveLength(1);
    // The first one was only asleep: it sees what happened and ends its own part without a word.
    expect(one.install(0).signal.aborted).toBe(true);
    await settle();
    expect(one.run('run-1')).toMatchObject({ status: 'pulling', elsewhere: true, attempt: 2 });
    await two.install(0).end(DONE);
    expect(one.run('run-1')).toMatchObject({ status: 'succeeded' });
  });

  it('cancels the download of another window', async () => {
    const { one, two } = twoWindows();
    await one.start('a');
    await two.act('cancel', 'run-1');
    expect(one.install(0).signal.aborted).toBe(true);
    await settle();
    for (const window of [one, two]) {
      expect(window.run('run-1')).toMatchObject({ status: 'cancelled', code: 'cancelled' });
    }
  });

  it.each([
    ['cancelled', async (window: ReturnType<typeof pullWindow>) => window.act('cancel', 'run-1')],
    ['failed', async (window: ReturnType<typeof pullWindow>) => window.install(0).end(FAILED)],
    ['succeeded', async (window: ReturnType<typeof pullWindow>) => window.install(0).end(DONE)],
  ] as const)('never goes on with what %s by itself', async (status, endIt) => {
    const { one, two } = twoWindows();
    await one.start('a');
    await endIt(one);
    one.pulls.dispose();
    await two.clock.advance(10 * MINUTE);
    expect(two.installs).toHaveLength(0);
    expect(two.run('run-1')?.status).toBe(status);
  });

  it('lets a person resume in one window what was cancelled in another', async () => {
    const { one, two } = twoWindows();
    await one.start('a');
    one.install(0).tell(progress(300));
    await one.act('cancel', 'run-1');
    await two.act('resume', 'run-1');
    expect(two.run('run-1')).toMatchObject({ status: 'pulling', attempt: 2, completedBytes: 300 });
    expect(two.installs).toHaveLength(1);
  });

  it('shows a resumed run as queued at once, so that who waits for its end does not see the old one', async () => {
    const window = pullWindow();
    await window.start('a');
    await window.install(0).end(FAILED);
    window.pulls.resume('run-1');
    expect(window.run('run-1')).toMatchObject({ status: 'queued' });
    const over = window.pulls.whenOver('run-1');
    await settle();
    await window.install(1).end(DONE);
    await expect(over).resolves.toMatchObject({ status: 'succeeded', attempt: 2 });
  });

  it('gives up after five windows in a row that ended without a new byte', async () => {
    const memory = new SharedMemory();
    const open = (owner: string) => pullWindow({ memory, owner });
    let window = open('w0');
    await window.start('a');
    window.install(0).tell(progress(300));
    window.pulls.dispose();
    await settle();
    for (let n = 1; n <= 5; n++) {
      window = open(`w${n}`);
      await settle();
      expect(window.run('run-1')).toMatchObject({ status: 'pulling', attempt: n + 1 });
      window.pulls.dispose();
      await settle();
    }
    window = open('w6');
    await settle();
    expect(window.installs).toHaveLength(0);
    expect(window.run('run-1')).toMatchObject({ status: 'failed', code: 'installer_unavailable' });
    await window.act('resume', 'run-1');
    expect(window.installs).toHaveLength(1);
  });

  it('goes on for ever while every window brings a byte', async () => {
    const memory = new SharedMemory();
    for (let n = 0; n < 12; n++) {
      const window = pullWindow({ memory, owner: `w${n}` });
      if (n === 0) await window.start('a');
      await settle();
      window.install(0).tell(progress(10 * (n + 1)));
      window.pulls.dispose();
      await settle();
    }
    expect(pullWindow({ memory }).run('run-1')).toMatchObject({ status: 'pulling' });
  });
});

describe('what is shown and stored of a pull', () => {
  it('never runs backwards, and ends at 100 %', async () => {
    const window = pullWindow();
    await window.start('a');
    const shown: (number | null | undefined)[] = [];
    const bytes: number[] = [];
    const early: unknown[] = [];
    window.pulls.onDidChange(([run]) => {
      if ((run?.percent === 100) !== (run?.status === 'succeeded')) early.push(run);
      shown.push(run?.percent);
      bytes.push(run?.completedBytes ?? 0);
    });
    // A second layer raises the total, a part starts again, and the last layer is small.
    for (const [completed, total] of [
      [900, 1_000],
      [1_000, 1_000],
      [1_000, 5_000],
      [4_000, 5_000],
      [200, 5_000],
      [5_000, 5_000],
      [5_000, 5_010],
    ] as const) {
      window.install(0).tell(progress(completed, total));
      await window.clock.advance(300);
    }
    await window.install(0).end(DONE);
    const percents = shown.map((percent) => percent ?? 0);
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    expect(bytes).toEqual(bytes.toSorted((a, b) => a - b));
    expect(percents.at(-1)).toBe(100);
    expect(early).toEqual([]);
    expect(window.run('run-1')).toMatchObject({ completedBytes: 5_010, totalBytes: 5_010 });
  });

  it('does not run backwards where another window goes on from less', async () => {
    const { one, two } = twoWindows();
    await one.start('a');
    one.install(0).tell(progress(900));
    one.pulls.dispose();
    await settle();
    two.install(0).tell(progress(10));
    expect(two.run('run-1')).toMatchObject({ completedBytes: 900, percent: 90 });
  });

  it('stores progress every five seconds at most, and renews a silent lease every half minute', async () => {
    const window = pullWindow();
    await window.start('a');
    const renewals = () => window.state.begun.filter((name) => name === 'pulls.renew').length;
    for (let tick = 1; tick <= 300; tick++) {
      window.install(0).tell(progress(tick));
      await window.clock.advance(200);
    }
    expect(renewals()).toBe(12);
    await window.clock.advance(3 * MINUTE);
    expect(renewals()).toBeLessThanOrEqual(12 + 7);
    expect(renewals()).toBeGreaterThanOrEqual(12 + 5);
  });

  it('keeps no timer once all runs are over', async () => {
    const window = pullWindow();
    await window.start('a');
    await window.install(0).end(DONE);
    await window.clock.advance(MINUTE);
    expect(window.clock.pending).toBe(0);
  });

  it('says that nothing can be stored, begins nothing, and tries again when resumed', async () => {
    const window = pullWindow();
    window.state.failure = { ok: false, code: 'storage_unavailable', message: 'The folder is read-only.' };
    const { runId } = await window.start('a');
    expect(window.run(runId)).toMatchObject({
      ...{ status: 'failed', code: 'storage_unavailable', message: 'The folder is read-only.' },
    });
    expect(window.installs).toHaveLength(0);
    await expect(window.pulls.whenOver(runId)).resolves.toMatchObject({ status: 'failed' });
    window.state.failure = undefined;
    await window.act('resume', runId);
    expect(window.run(runId)).toBeUndefined();
    expect(window.pulls.runs).toMatchObject([{ status: 'pulling', name: 'a' }]);
  });

  it('stores an end as soon as that is possible again', async () => {
    const window = pullWindow();
    await window.start('a');
    window.state.failure = { ok: false, code: 'storage_unavailable', message: 'full' };
    await window.install(0).end(DONE);
    await window.clock.advance(20_000);
    expect(window.run('run-1')?.status).not.toBe('succeeded');
    window.state.failure = undefined;
    await window.clock.advance(6_000);
    expect(window.run('run-1')).toMatchObject({ status: 'succeeded' });
    expect(window.installs).toHaveLength(1);
  });
});

describe('the pool at the gate of a pull', () => {
  function gated(gate: Partial<PullGate>) {
    const endings: string[] = [];
    const window = pullWindow({
      gate: {
        readmit: () => Promise.resolve(() => ({ reservedBytes: 5_000, evicts: ['x'] })),
        grow: () => Promise.resolve(() => null),
        arrived: () => Promise.resolve(() => null),
        ended: (run) => void endings.push(run.status),
        ...gate,
      },
    });
    const start = async () => {
      await window.pulls.start({
        ...{ backend: 'ollama', name: 'a', label: 'A', reservedBytes: 1_000, intent: { what: 'for' } },
      });
      await settle();
    };
    const stored = () => window.pulls.queue.runs[0];
    return { ...window, start, stored, endings };
  }

  it('frees the space with the end, and asks for it anew with a resume', async () => {
    const window = gated({});
    await window.start();
    expect(window.stored()).toMatchObject({ reservedBytes: 1_000 });
    await window.install(0).end(FAILED);
    expect(window.stored()).toMatchObject({ reservedBytes: 0, status: 'failed', intent: { what: 'for' } });
    await window.act('resume', 'run-1');
    expect(window.stored()).toMatchObject({ reservedBytes: 5_000, evicts: ['x'], status: 'pulling' });
    expect(window.endings).toEqual(['failed']);
  });

  it('does not resume where there is no space, and says so', async () => {
    const window = gated({
      readmit: () => Promise.resolve(() => ({ code: 'budget_exceeded', message: 'No room.' })),
    });
    await window.start();
    await window.install(0).end(FAILED);
    await window.act('resume', 'run-1');
    expect(window.run('run-1')).toMatchObject({
      ...{ status: 'failed', code: 'budget_exceeded', message: 'No room.' },
    });
    expect(window.installs).toHaveLength(1);
  });

  it('says so where it cannot find out whether there is space', async () => {
    const window = gated({ readmit: () => Promise.reject(new Error('private')) });
    await window.start();
    await window.install(0).end(FAILED);
    await window.act('resume', 'run-1');
    expect(window.run('run-1')).toMatchObject({ status: 'failed', code: 'install_failed' });
    expect(window.run('run-1')?.message).not.toContain('private');
  });

  it('writes what has arrived in the very transaction that ends the run', async () => {
    const layers: unknown[] = [];
    const window = gated({
      arrived: (_run, told) => {
        layers.push(...told);
        return Promise.resolve((sql) => {
          sql.run("INSERT INTO meta (key, value) VALUES ('arrived', 'yes')");
          return null;
        });
      },
    });
    await window.start();
    window.install(0).tell(progress(1_000));
    const before = window.state.memory.generation;
    await window.install(0).end(DONE);
    expect(layers).toEqual([{ digest: 'sha256:a', bytes: 1_000 }]);
    expect(window.state.memory.generation).toBe(before + 1);
    expect(window.endings).toEqual(['succeeded']);
  });

  it('promises more to a model that turns out bigger, or ends its download', async () => {
    const window = gated({
      grow: () =>
        Promise.resolve((_sql, _run, bytes) =>
          bytes > 3_000 ? { code: 'budget_exceeded', message: 'Too big after all.' } : null,
        ),
    });
    await window.start();
    window.install(0).tell(progress(10, 2_000));
    await settle();
    expect(window.stored()).toMatchObject({ reservedBytes: 2_000 });
    window.install(0).tell(progress(20, 4_000));
    await settle();
    expect(window.install(0).signal.aborted).toBe(true);
    await settle();
    expect(window.run('run-1')).toMatchObject({ status: 'failed', code: 'budget_exceeded' });
  });
});
