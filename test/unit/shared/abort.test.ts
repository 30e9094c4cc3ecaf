import { describe, expect, it } from 'vitest';
import { abortReason, untilAborted } from '../../../src/shared/abort';

describe('abortReason', () => {
  it('is the reason where that is an error, else an AbortError', () => {
    const reason = new Error('the user pressed Escape');
    expect(abortReason(AbortSignal.abort(reason))).toBe(reason);
    expect(abortReason(AbortSignal.abort('a text')).name).toBe('AbortError');
    expect(abortReason(AbortSignal.abort()).name).toBe('AbortError');
  });
});

describe('untilAborted', () => {
  const never = new Promise<never>(() => undefined);

  it('settles as the promise does', async () => {
    const { signal } = new AbortController();
    await expect(untilAborted(Promise.resolve(7), signal)).resolves.toBe(7);
    await expect(untilAborted(Promise.resolve(7), undefined)).resolves.toBe(7);
    await expect(untilAborted(Promise.reject(new Error('broke')), signal)).rejects.toThrow('broke');
  });

  it('rejects at once on an abort, also one that came before', async () => {
    const controller = new AbortController();
    const waiting = untilAborted(never, controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(untilAborted(never, controller.signal)).rejects.toThrow('enough');
  });

  it('leaves what the promise does after an abort without a listener, and unhandled nowhere', async () => {
    const controller = new AbortController();
    let reject: (error: Error) => void = () => undefined;
    const late = new Promise<void>((_resolve, fail) => (reject = fail));
    const waiting = untilAborted(late, controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    // vitest fails the run where nobody handles this.
    reject(new Error('too late'));
    await new Promise((resolve) => setImmediate(resolve));
  });
});
