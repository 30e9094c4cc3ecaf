import { describe, expect, it } from 'vitest';
import { pageMessageSchema } from '../../../src/shared/reportMessages';
import type { PageMessage } from '../../../src/shared/reportMessages';
import { DetailRequests } from '../../../webview-ui/detailRequests';
import { INITIAL_DATA, reduceHostMessage } from '../../../webview-ui/pageData';
import { MAX_EXPANDED } from '../../../webview-ui/rankingsView';
import { rankingsMessage } from './samples';

const { details, ...message } = rankingsMessage(3);
const [a = '', b = '', c = ''] = details.map(({ key }) => key);

function page() {
  const state = {
    data: INITIAL_DATA,
    opened: [] as readonly string[],
    sent: [] as PageMessage[],
  };
  const requests = new DetailRequests({
    rankings: () => state.data.rankings,
    opened: () => state.opened,
    send: (question) => void state.sent.push(question),
  });
  const open = (...keys: readonly string[]): void => {
    state.opened = keys;
    requests.ask();
  };
  const receive = (ranking: number, keys: readonly string[]): void => {
    const came = details.filter(({ key }) => keys.includes(key));
    state.data = reduceHostMessage(state.data, { ...message, ranking, details: came }, null);
    requests.ask();
  };
  return { state, open, receive };
}

const question = (ranking: number, ...opened: readonly string[]) => ({
  ...{ type: 'queryRankingDetails', ranking, opened },
});

describe('what stands under rows', () => {
  it('is asked for when a row is opened, with all that are open, and not again', () => {
    const { state, open, receive } = page();
    receive(1, []);
    expect(state.sent).toEqual([]);
    open(a);
    open(a);
    open(a, b);
    expect(state.sent).toEqual([question(1, a), question(1, a, b)]);
  });

  it('is not asked for where it is there, nor before there are rows', () => {
    const { state, open, receive } = page();
    open(a);
    expect(state.sent).toEqual([]);
    receive(1, [a]);
    open(a);
    open();
    open(a);
    expect(state.sent).toEqual([]);
  });

  it('is asked for again of the next ranking, where that did not bring it', () => {
    const { state, open, receive } = page();
    receive(1, []);
    open(a, b);
    receive(2, [a]);
    receive(3, [a, b]);
    open(a, b, c);
    expect(state.sent).toEqual([question(1, a, b), question(2, a, b), question(3, a, b, c)]);
  });

  it('is taken by the host for as many rows as the page keeps open, and two that are compared', () => {
    const opened = Array.from({ length: MAX_EXPANDED + 2 }, (_, index) => `org/model-${index}|Q4_K_M`);
    for (const message of [
      { type: 'ready', tab: 'rankings', opened },
      { type: 'queryRankings', task: 'general', opened },
      question(1, ...opened),
    ]) {
      expect(pageMessageSchema.safeParse(message).success).toBe(true);
    }
  });
});
