import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PageQueue } from '../../../src/ui/pageQueue';

interface Message {
  readonly n: number;
  readonly progress: boolean;
}

function queue(): { readonly sent: Message[]; readonly queue: PageQueue<Message> } {
  const sent: Message[] = [];
  return {
    sent,
    queue: new PageQueue<Message>({
      send: (message) => sent.push(message),
      isProgress: ({ progress }) => progress,
    }),
  };
}

const MOST = 1_024;
const UNCONFIRMED = 32;

describe('messages to a page', () => {
  it('that keeps up are sent at once and in order', () => {
    const { sent, queue: to } = queue();
    for (let n = 0; n < 5_000; n += 1) {
      to.push({ n, progress: n % 2 === 0 });
      to.confirmed();
    }
    expect(sent.map(({ n }) => n)).toEqual(Array.from({ length: 5_000 }, (_, n) => n));
    expect(to.dropped).toBe(0);
  });

  it('that does not keep up wait, and go on in order when it does', () => {
    const { sent, queue: to } = queue();
    for (let n = 0; n < 100; n += 1) to.push({ n, progress: true });
    expect(sent.length).toBe(UNCONFIRMED);
    for (let n = 0; n < 100; n += 1) to.confirmed();
    expect(sent.map(({ n }) => n)).toEqual(Array.from({ length: 100 }, (_, n) => n));
  });

  it('of progress are dropped beyond 1,024, the oldest first, and counted', () => {
    const { sent, queue: to } = queue();
    for (let n = 0; n < UNCONFIRMED + MOST + 300; n += 1) to.push({ n, progress: true });
    expect(to.dropped).toBe(300);
    while (sent.at(-1)?.n !== UNCONFIRMED + MOST + 299) to.confirmed();
    expect(sent.length).toBe(UNCONFIRMED + MOST);
    expect(sent[UNCONFIRMED]?.n).toBe(UNCONFIRMED + 300);
  });

  it('of any other kind are never dropped, however many wait', () => {
    const { sent, queue: to } = queue();
    const total = 3 * MOST;
    for (let n = 0; n < total; n += 1) to.push({ n, progress: false });
    to.push({ n: total, progress: true });
    for (let n = 0; n < total; n += 1) to.confirmed();
    expect(sent.map(({ n }) => n)).toEqual(Array.from({ length: total }, (_, n) => n));
    expect(to.dropped).toBe(1);
  });

  it('keep their order and lose nothing but old progress, whatever happens', () => {
    const steps = fc.array(fc.constantFrom('progress', 'other', 'seen'), {
      minLength: 1_000,
      maxLength: 4_000,
    });
    fc.assert(
      fc.property(steps, (kinds) => {
        const { sent, queue: to } = queue();
        const pushed: Message[] = [];
        for (const kind of kinds) {
          if (kind === 'seen') to.confirmed();
          else {
            const message = { n: pushed.length, progress: kind === 'progress' };
            pushed.push(message);
            to.push(message);
          }
        }
        kinds.forEach(() => to.confirmed());
        expect(sent.map(({ n }) => n)).toEqual(sent.map(({ n }) => n).toSorted((a, b) => a - b));
        expect(sent.filter(({ progress }) => !progress)).toEqual(pushed.filter(({ progress }) => !progress));
        expect(sent.length + to.dropped).toBe(pushed.length);
      }),
      { numRuns: 40 },
    );
  });

  it('of a page that is gone are forgotten, and the next page gets its own at once', () => {
    const { sent, queue: to } = queue();
    for (let n = 0; n < 2_000; n += 1) to.push({ n, progress: true });
    to.reset();
    expect(to.dropped).toBe(0);
    to.push({ n: -1, progress: false });
    expect(sent.length).toBe(UNCONFIRMED + 1);
    expect(sent.at(-1)?.n).toBe(-1);
  });

  it('are not sent more freely because a page confirms what it never got', () => {
    const { sent, queue: to } = queue();
    for (let n = 0; n < 1_000; n += 1) to.confirmed();
    for (let n = 0; n < 1_000; n += 1) to.push({ n, progress: true });
    expect(sent.length).toBe(UNCONFIRMED);
  });
});
