import { describe, expect, it } from 'vitest';
import { asked, INITIAL_DATA, reduceHostMessage } from '../../../webview-ui/pageData';
import type { PageData } from '../../../webview-ui/pageData';
import { dispatchesMessage, rankingsMessage } from './samples';

const withPage = (data: PageData, total: number, offset = 0): PageData =>
  reduceHostMessage(data, dispatchesMessage(total, offset), null);

describe('rankings', () => {
  it('end the loading and clear an older failure', () => {
    const failed = reduceHostMessage(INITIAL_DATA, { type: 'failed', what: 'rankings', message: 'no' }, null);
    expect(failed.rankings).toEqual({ data: null, loading: false, failure: 'no' });
    const message = rankingsMessage(3);
    expect(reduceHostMessage(failed, message, null).rankings).toEqual({
      data: message,
      loading: false,
      failure: null,
    });
  });

  it('for another task than the wanted one are dropped', () => {
    expect(reduceHostMessage(INITIAL_DATA, rankingsMessage(3), 'coding')).toBe(INITIAL_DATA);
    const coding = rankingsMessage(3, { task: 'coding' });
    expect(reduceHostMessage(INITIAL_DATA, coding, 'coding').rankings.data).toEqual(coding);
  });

  it('stay on the page while new ones are awaited and when these fail', () => {
    const shown = reduceHostMessage(INITIAL_DATA, rankingsMessage(3), null);
    const waiting = reduceHostMessage(shown, { type: 'loading', what: 'rankings' }, null);
    expect(waiting.rankings).toMatchObject({ loading: true, data: { type: 'rankings' } });
    const failed = reduceHostMessage(waiting, { type: 'failed', what: 'rankings', message: 'no' }, null);
    expect(failed.rankings).toMatchObject({ loading: false, failure: 'no', data: { type: 'rankings' } });
    expect(failed.dispatches).toBe(shown.dispatches);
  });
});

describe('dispatches', () => {
  it('grow page by page until the host has no more', () => {
    const first = withPage(INITIAL_DATA, 150);
    expect(first.dispatches).toMatchObject({ more: true, loading: false });
    expect(first.dispatches.records).toHaveLength(100);
    const second = withPage(first, 150, 100);
    expect(second.dispatches.records).toHaveLength(150);
    expect(second.dispatches.more).toBe(false);
  });

  it('still know that the log ended after a reload of its top', () => {
    const whole = withPage(withPage(INITIAL_DATA, 150), 150, 100);
    const reloaded = withPage(whole, 150);
    expect(reloaded.dispatches.records).toHaveLength(150);
    expect(reloaded.dispatches.more).toBe(false);
  });

  it('are announced as newer until the page asks for the top', () => {
    const newer = reduceHostMessage(withPage(INITIAL_DATA, 5), { type: 'dispatchesChanged' }, null);
    expect(newer.dispatches.newer).toBe(true);
    expect(asked(newer, 'dispatches', false).dispatches).toMatchObject({ newer: true, loading: true });
    expect(asked(newer, 'dispatches', true).dispatches).toMatchObject({ newer: false, loading: true });
  });
});

describe('asking', () => {
  it('takes an older failure away and shows that an answer is awaited', () => {
    const failed = reduceHostMessage(INITIAL_DATA, { type: 'failed', what: 'rankings', message: 'no' }, null);
    expect(asked(failed, 'rankings', true).rankings).toEqual({ data: null, loading: true, failure: null });
  });
});
