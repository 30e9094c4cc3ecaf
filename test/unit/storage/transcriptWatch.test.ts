import { appendFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TranscriptWatch } from '../../../src/storage/transcriptWatch';
import { FakeClock } from '../../fakes/fakeClock';

const FILE = '20261121-a.jsonl';

let parent: string;
let folder: string;
let clock: FakeClock;
let watch: TranscriptWatch;
let stops: (() => void)[] = [];

beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'watch-'));
  folder = path.join(parent, 'transcript');
  clock = new FakeClock();
  watch = watchOf(folder);
});

afterEach(async () => {
  for (const stop of stops) stop();
  stops = [];
  await rm(parent, { recursive: true, force: true });
});

it('sees a folder that comes, a file that grows, and one that goes', async () => {
  const { changed } = listen(watch);
  await looks(1);
  await mkdir(folder);
  await appendFile(path.join(folder, FILE), 'one\n');
  await seen(changed);
  await appendFile(path.join(folder, FILE), 'two\n');
  await seen(changed);
  await rm(path.join(folder, FILE));
  await seen(changed);
});

it('tells nothing while nothing changes, nor of files that are not ours', async () => {
  await mkdir(folder);
  const { changed } = listen(watch);
  await looks(2);
  await appendFile(path.join(folder, 'notes.txt'), 'mine');
  await looks(2);
  expect(changed).not.toHaveBeenCalled();
});

it('looks only while somebody listens', async () => {
  const first = listen(watch);
  const second = listen(watch);
  first.stop();
  first.stop();
  expect(clock.pending).toBeGreaterThan(0);
  second.stop();
  expect(clock.pending).toBe(0);
});

function watchOf(watched: string): TranscriptWatch {
  return new TranscriptWatch({ folder: watched, clock, onListenerError: () => undefined });
}

function listen(to: TranscriptWatch) {
  const changed = vi.fn();
  const stop = to.on(changed);
  stops.push(stop);
  return { changed, stop };
}

/** Lets so many looks pass: as many as another watch, of a folder that changes all the time, has told of. */
async function looks(count: number): Promise<void> {
  const other = path.join(parent, 'other');
  await mkdir(other, { recursive: true });
  const { changed, stop } = listen(watchOf(other));
  await vi.waitFor(
    async () => {
      await appendFile(path.join(other, FILE), 'more\n');
      await clock.advance(2_000);
      expect(changed.mock.calls.length).toBeGreaterThanOrEqual(count);
    },
    { timeout: 4_000, interval: 10 },
  );
  stop();
}

async function seen(changed: ReturnType<typeof vi.fn>): Promise<void> {
  await vi.waitFor(
    async () => {
      await clock.advance(500);
      expect(changed).toHaveBeenCalled();
    },
    { timeout: 4_000, interval: 10 },
  );
  changed.mockClear();
}
