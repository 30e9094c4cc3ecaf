import { expect, it } from 'vitest';
import { AbortableReader } from '../../../src/dispatch/abortableReader';

it('ends at once on an abort, even when the source ignores it', async () => {
  const deaf: AsyncIterator<number> = { next: () => new Promise(() => undefined) };
  const controller = new AbortController();
  const reader = new AbortableReader(deaf, controller.signal);
  const next = reader.next();
  controller.abort(new Error('enough'));
  await expect(next).rejects.toThrow('enough');
  await expect(reader.next()).rejects.toThrow('enough');
});

it('passes items, the end and errors through, and forgets the signal when it is disposed', async () => {
  let calls = 0;
  const source: AsyncIterator<number> = {
    next: () => {
      calls += 1;
      if (calls === 1) return Promise.resolve({ done: false, value: 7 });
      return calls === 2
        ? Promise.resolve({ done: true, value: undefined })
        : Promise.reject(new Error('broken'));
    },
  };
  const controller = new AbortController();
  const reader = new AbortableReader(source, controller.signal);
  expect(await reader.next()).toEqual({ done: false, value: 7 });
  expect(await reader.next()).toEqual({ done: true, value: undefined });
  await expect(reader.next()).rejects.toThrow('broken');
  reader.dispose();
  controller.abort();
});
