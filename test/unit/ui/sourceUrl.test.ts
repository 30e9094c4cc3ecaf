import { describe, expect, it } from 'vitest';
import { sourceUrl } from '../../../src/ui/sourceUrl';

describe('the page behind a score', () => {
  it.each([
    [
      'github:LiveBench/livebench.github.io@4bf96c8:public/table_2024_11_25.csv',
      'https://github.com/LiveBench/livebench.github.io/blob/4bf96c8/public/table_2024_11_25.csv',
    ],
    [
      'github:hlzhang109/causal-eval@ca2a96b:data/ (export of open-llm-leaderboard/contents)',
      'https://github.com/hlzhang109/causal-eval/blob/ca2a96b/data/',
    ],
    ['github:a/b@c0ffee', 'https://github.com/a/b/tree/c0ffee'],
    ['github:a/b', 'https://github.com/a/b'],
    ['https://example.org/board?x=1', 'https://example.org/board?x=1'],
  ])('of %s is %s', (source, url) => {
    expect(sourceUrl(source)).toBe(url);
  });

  it.each([
    'stored text id 53518543322',
    'http://example.org',
    'javascript:alert(1)',
    'github:../..:x',
    '',
    undefined,
  ])('is not made up for %s', (source) => {
    expect(sourceUrl(source)).toBeUndefined();
  });
});
