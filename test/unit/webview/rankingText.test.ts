import { describe, expect, it } from 'vitest';
import { evidenceOrder } from '../../../webview-ui/rankingEvidence';
import {
  evidenceText,
  firstTokenText,
  longestContextText,
  noScoresText,
  speedBasis,
} from '../../../webview-ui/rankingText';
import { NO_EVIDENCE, openedRow, rankingRow } from './samples';

const NOW = Date.parse('2026-11-21T12:00:00Z');

describe('the evidence of a row', () => {
  const row = rankingRow({
    evidence: {
      main: 'direct',
      shares: [
        { grade: 'direct', share: 0.6 },
        { grade: 'self-reported', share: 0.4 },
      ],
      ...{ results: 2, sources: 2, independent: true, newest: '2026-08-11' },
    },
    inferredFrom: [],
    unscored: 0,
  });

  it('is said with its sources, its newest date and its age', () => {
    expect(evidenceText(row, NOW)).toBe(
      '2 results from 2 sources, the newest of 2026-08-11 (3 months old); by weight 60 % direct, 40 % self-reported',
    );
    expect(evidenceText({ ...row, unscored: 3 }, NOW)).toMatch(/; 3 more cannot be compared$/);
  });

  it('names the siblings that a score without own results comes from', () => {
    const inferred = rankingRow({
      evidence: NO_EVIDENCE,
      inferredFrom: ['org/Model-8B', 'org/Model-32B'],
      unscored: 0,
    });
    expect(evidenceText(inferred, NOW)).toBe('No results of its own; inferred from Model-8B, Model-32B');
    expect(evidenceText({ ...inferred, inferredFrom: [] }, NOW)).toBe('No results that can be compared');
  });

  it('says of a score without own results or siblings whose it was given, or what it was guessed from', () => {
    const without = rankingRow({ evidence: NO_EVIDENCE, inferredFrom: [], unscored: 0 });
    expect(evidenceText({ ...without, succeeds: 'org/Model-3-8B' }, NOW)).toBe(
      'No results of its own yet; the score of Model-3-8B, the model before it in its line and size',
    );
    expect(evidenceText({ ...without, guessedFrom: 'size and date' }, NOW)).toBe(
      'No results of its own or of a relative; guessed from its size and date until there are some',
    );
    expect(evidenceText({ ...without, guessedFrom: 'size', unscored: 2 }, NOW)).toMatch(
      /guessed from its size until there are some; of 2 published results none can be compared$/,
    );
  });

  it('does not deny published results that cannot be compared', () => {
    expect(noScoresText(rankingRow({ unscored: 0 }))).toBe('No published score is known for this model.');
    expect(noScoresText(rankingRow({ unscored: 1 }))).toMatch(
      /^1 published result of this model is known, on/,
    );
    expect(noScoresText(rankingRow({ unscored: 2 }))).toMatch(/^2 published results of this model are known/);
  });

  it('is ordered from results over siblings and the model before it to a guess and nothing', () => {
    const without = rankingRow({
      evidence: NO_EVIDENCE,
      inferredFrom: [],
      succeeds: null,
      guessedFrom: null,
    });
    const order = [
      rankingRow(),
      { ...without, inferredFrom: ['org/Model-8B'] },
      { ...without, succeeds: 'org/Model-3-8B' },
      { ...without, guessedFrom: 'size' as const },
      without,
    ].map(evidenceOrder);
    expect(order).toEqual(order.toSorted((a, b) => b - a));
    expect(new Set(order).size).toBe(5);
  });
});

describe('the speed of a row', () => {
  const row = openedRow({
    ...{ speedBasis: 'estimated', speedConfidence: 'medium', tokPerSec: 34, tokPerSecRange: [25.4, 44.2] },
    ...{ calibration: null, fit: 'gpu' },
  });

  it('says its range and how sure it is, what it was corrected by, and that it was measured', () => {
    expect(speedBasis(row)).toBe('Estimated: likely 25 to 44 tok/s, medium confidence');
    expect(speedBasis({ ...row, calibration: { factor: 0.874, measurements: 1 } })).toBe(
      'Estimated: likely 25 to 44 tok/s, medium confidence; corrected by × 0.87 after measuring 1 model here',
    );
    expect(speedBasis({ ...row, speedBasis: 'measured' })).toBe('Measured on this machine');
  });

  it('gives the wait for a first token where the reading of prompts is known and the model runs', () => {
    const known = { ...row, promptTokPerSec: 2_048 };
    expect(firstTokenText(known)).toBe('about 2.0 s for a prompt of 4k (2,048 tok/s)');
    expect(firstTokenText({ ...known, promptTokPerSec: 5_496 })).toMatch(/^about 0\.7 s for/);
    expect(firstTokenText({ ...known, promptTokPerSec: 330 })).toMatch(/^about 12 s for/);
    expect(firstTokenText({ ...known, promptTokPerSec: 20 })).toMatch(/^about 3 min 25 s for/);
    expect(firstTokenText({ ...known, fit: 'none' })).toBeUndefined();
    expect(firstTokenText({ ...known, promptTokPerSec: null })).toBeUndefined();
    expect(firstTokenText({ ...known, promptTokPerSec: 0 })).toBeUndefined();
  });
});

describe('the longest context of a row', () => {
  const text = (
    onAccelerators: number,
    atAll: number,
    contextMax: number | null,
    fit: 'cpu' | 'offload' = 'offload',
  ): string => longestContextText(rankingRow({ longestContext: { onAccelerators, atAll }, contextMax, fit }));

  it('is told for each memory, beside what the model was made for', () => {
    expect(text(14_336, 61_440, 131_072)).toBe('14k on the GPU, 60k with RAM; made for 128k');
    expect(text(32_768, 32_768, 32_768)).toBe('32k on the GPU; made for 32k');
    expect(text(0, 8_192, 32_768)).toBe('8k on GPU and RAM; made for 32k');
    expect(text(0, 8_192, 32_768, 'cpu')).toBe('8k in RAM; made for 32k');
    expect(text(0, 0, 32_768)).toBe('made for 32k');
  });

  it('ends at what can be known where the model states no maximum', () => {
    expect(text(14_336, 1_048_576, null)).toBe(
      '14k on the GPU, more than 128k with RAM; its own maximum is not known',
    );
  });
});
