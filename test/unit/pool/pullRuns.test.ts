import { describe, expect, it } from 'vitest';
import { InstallError } from '../../../src/backends/installAdapter';
import { pullWindow as setUp, progress, settle, DONE, FAILED } from './pullWindow';

describe('PullRuns', () => {
  it('shows a pull from the queue to the end', async () => {
    const { start, run, install } = setUp();
    const { runId } = await start('qwen3:8b');
    expect(run(runId)).toEqual({
      runId: 'run-1',
      backend: 'ollama',
      name: 'qwen3:8b',
      label: 'the qwen3:8b',
      status: 'pulling',
      completedBytes: 0,
      totalBytes: 0,
      percent: null,
      attempt: 1,
      highWaterBytes: 0,
      elsewhere: false,
      takenOver: false,
    });
    install(0).tell({ type: 'pulling', message: 'pulling manifest' });
    expect(run(runId)).toMatchObject({ status: 'pulling', message: 'pulling manifest' });
    install(0).tell(progress(400, 1_000, { bytesPerSecond: 100, secondsLeft: 6 }));
    expect(run(runId)).toMatchObject({
      completedBytes: 400,
      totalBytes: 1_000,
      bytesPerSecond: 100,
      secondsLeft: 6,
    });
    install(0).tell({ type: 'verifying', message: 'verifying sha256 digest' });
    expect(run(runId)).toMatchObject({ status: 'verifying', completedBytes: 400 });
    expect(run(runId)).not.toHaveProperty('secondsLeft');
    await install(0).end(DONE);
    expect(run(runId)).toMatchObject({ status: 'succeeded', completedBytes: 1_000, message: 'Installed.' });
  });

  it('says that a model was there already', async () => {
    const { start, run, install } = setUp();
    await start('a');
    await install(0).end({ status: 'success', name: 'a', alreadyInstalled: true });
    expect(run('run-1')?.message).toContain('installed already');
  });

  it('pulls one after another, in the order asked', async () => {
    const { start, run, install, installs } = setUp();
    await start('a');
    await start('b');
    await start('c');
    expect([run('run-1')?.status, run('run-2')?.status, run('run-3')?.status]).toEqual([
      'pulling',
      'queued',
      'queued',
    ]);
    await install(0).end(FAILED);
    expect(installs.map(({ name }) => name)).toEqual(['a', 'b']);
    await install(1).end(DONE);
    expect(installs.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it('pulls as many at once as it may', async () => {
    const { start, installs } = setUp({ maxConcurrent: 2 });
    await start('a');
    await start('b');
    await start('c');
    expect(installs.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('shares one run for the same model, however its name is written', async () => {
    const { start, pulls, installs } = setUp({ maxConcurrent: 5 });
    const first = await start('llama3.2');
    expect((await start('Llama3.2:latest')).runId).toBe(first.runId);
    expect((await start('registry.ollama.ai/library/llama3.2')).runId).toBe(first.runId);
    expect((await start('llama3.2', 'ollama_gpubox')).runId).not.toBe(first.runId);
    expect(pulls.runs).toHaveLength(2);
    expect(installs).toHaveLength(2);
  });

  it('keeps a failed run listed and resumes it', async () => {
    const { start, run, install, installs, act } = setUp();
    await start('a');
    install(0).tell(progress(700));
    await install(0).end(FAILED);
    expect(run('run-1')).toMatchObject({
      status: 'failed',
      code: 'install_failed',
      message: 'It broke.',
      completedBytes: 700,
    });
    await act('resume', 'run-1');
    expect(run('run-1')).toMatchObject({ status: 'pulling', attempt: 2, highWaterBytes: 700 });
    expect(run('run-1')).not.toHaveProperty('code');
    install(1).tell(progress(650));
    expect(run('run-1')).toMatchObject({ completedBytes: 700, highWaterBytes: 700 });
    await install(1).end(DONE);
    expect(run('run-1')?.status).toBe('succeeded');
    expect(installs).toHaveLength(2);
  });

  it('resumes by starting the same model again', async () => {
    const { start, run, install, pulls } = setUp();
    await start('a');
    await install(0).end(FAILED);
    expect((await start('a')).runId).toBe('run-1');
    expect(run('run-1')).toMatchObject({ status: 'pulling', attempt: 2 });
    expect(pulls.runs).toHaveLength(1);
  });

  it('starts anew where the model was pulled before', async () => {
    const { start, install, pulls } = setUp();
    await start('a');
    await install(0).end(DONE);
    expect((await start('a')).runId).toBe('run-2');
    expect(pulls.runs.map(({ runId }) => runId)).toEqual(['run-2']);
  });

  it('cancels what downloads, and lets the next one begin', async () => {
    const { start, run, install, installs, act } = setUp();
    await start('a');
    await start('b');
    await act('cancel', 'run-1');
    expect(install(0).signal.aborted).toBe(true);
    await settle();
    expect(run('run-1')).toMatchObject({
      status: 'cancelled',
      code: 'cancelled',
      message: 'Cancelled. It resumes.',
    });
    expect(installs.map(({ name }) => name)).toEqual(['a', 'b']);
    await act('resume', 'run-1');
    expect(run('run-1')).toMatchObject({ status: 'queued', attempt: 2 });
  });

  it('cancels what waits without asking the server', async () => {
    const { start, run, install, installs, act } = setUp();
    await start('a');
    await start('b');
    await act('cancel', 'run-2');
    expect(run('run-2')).toMatchObject({ status: 'cancelled' });
    await install(0).end(DONE);
    expect(installs).toHaveLength(1);
  });

  it('dismisses what is over and nothing else', async () => {
    const { start, install, pulls, act } = setUp();
    await start('a');
    await act('dismiss', 'run-1');
    expect(pulls.runs).toHaveLength(1);
    await install(0).end(FAILED);
    await act('dismiss', 'run-1');
    expect(pulls.runs).toEqual([]);
  });

  it('ignores ids that it does not know', async () => {
    const { changes, act } = setUp();
    for (const what of ['cancel', 'resume', 'dismiss'] as const) await act(what, 'nobody');
    expect(changes).toEqual([]);
  });

  it('ignores what an adapter still says after the end', async () => {
    const { start, run, install } = setUp();
    await start('a');
    await install(0).end(FAILED);
    install(0).tell(progress(999));
    expect(run('run-1')).toMatchObject({ status: 'failed', completedBytes: 0 });
  });

  it('shows the code of an InstallError that an adapter rejects with', async () => {
    const { start, run, install } = setUp();
    await start('a');
    await install(0).break(new InstallError('advisory_only', 'Run `vllm serve a`.'));
    expect(run('run-1')).toMatchObject({
      status: 'failed',
      code: 'advisory_only',
      message: 'Run `vllm serve a`.',
    });
  });

  it('survives a fault in an adapter without showing its text', async () => {
    const { start, run, install, installs } = setUp();
    await start('a');
    await start('b');
    await install(0).break(new TypeError('undefined is not a function'));
    expect(run('run-1')).toMatchObject({ status: 'failed', code: 'install_failed' });
    expect(run('run-1')?.message).not.toContain('undefined');
    expect(installs).toHaveLength(2);
  });

  it('fails where the backend is no longer configured', async () => {
    const { start, run } = setUp();
    await start('a', 'gone');
    await settle();
    expect(run('run-1')).toMatchObject({ status: 'failed', code: 'installer_unavailable' });
    expect(run('run-1')?.message).toContain('gone');
  });

  it('tells who waits when a run is over', async () => {
    const { start, install, pulls } = setUp();
    await start('a');
    const over = pulls.whenOver('run-1');
    install(0).tell(progress(5));
    await install(0).end(DONE);
    await expect(over).resolves.toMatchObject({ status: 'succeeded' });
    await expect(pulls.whenOver('run-1')).resolves.toMatchObject({ status: 'succeeded' });
    await expect(pulls.whenOver('nobody')).resolves.toBeUndefined();
  });

  it('does not keep those waiting for ever who wait when it is disposed', async () => {
    const { start, pulls } = setUp();
    await start('a');
    const over = pulls.whenOver('run-1');
    pulls.dispose();
    await expect(over).resolves.toBeUndefined();
  });

  it('hands out state that nobody can change', async () => {
    const { start, pulls } = setUp();
    await start('a');
    expect(Object.isFrozen(pulls.runs)).toBe(true);
    expect(Object.isFrozen(pulls.runs[0])).toBe(true);
  });

  it('ends its downloads when it is disposed, and tells nothing more', async () => {
    const { start, install, pulls, changes, clock, installs } = setUp();
    await start('a');
    await start('b');
    pulls.dispose();
    const before = changes.length;
    await settle();
    await clock.advance(1_000);
    expect(install(0).signal.aborted).toBe(true);
    expect(installs).toHaveLength(1);
    expect(changes).toHaveLength(before);
    expect(clock.pending).toBe(0);
  });
});

describe('PullRuns, how often it tells', () => {
  it('tells progress four times a second at most, and the last state always', async () => {
    const { start, install, changes, clock } = setUp();
    await start('a');
    await clock.advance(1_000);
    changes.length = 0;
    for (let tick = 1; tick <= 100; tick++) {
      install(0).tell(progress(tick));
      await clock.advance(10);
    }
    expect(changes.length).toBeGreaterThanOrEqual(4);
    expect(changes.length).toBeLessThanOrEqual(5);
    await clock.advance(250);
    expect(changes.at(-1)?.[0]?.completedBytes).toBe(100);
    await clock.advance(10_000);
    expect(changes.length).toBeLessThanOrEqual(6);
  });

  it('tells the end at once, and once', async () => {
    const { start, install, changes, clock } = setUp();
    await start('a');
    install(0).tell(progress(1));
    install(0).tell(progress(2));
    await install(0).end(FAILED);
    expect(changes.at(-1)?.[0]).toMatchObject({ status: 'failed' });
    const told = changes.length;
    await clock.advance(5_000);
    expect(changes).toHaveLength(told);
  });

  it('goes on when a listener throws', async () => {
    const { start, install, pulls, changes } = setUp();
    pulls.onDidChange(() => {
      throw new Error('a view that is gone');
    });
    await start('a');
    await install(0).end(DONE);
    expect(changes.at(-1)?.[0]).toMatchObject({ status: 'succeeded' });
  });

  it('stops telling who has left', async () => {
    const { start, install, pulls } = setUp();
    const heard: number[] = [];
    const stop = pulls.onDidChange((runs) => void heard.push(runs.length));
    await start('a');
    stop();
    await install(0).end(DONE);
    expect(heard).toEqual([1]);
  });
});
