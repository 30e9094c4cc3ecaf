import * as z from 'zod';
import type { BenchmarkSourceWarning, FetchedObservation } from './benchmarkSource';
import { benchmarkSource } from './benchmarkSource';
import type { ObservationTask } from './candidate';

/** Where the peers read the leaderboard; whoever wires the source decides whether to ask there. */
export const OPEN_LLM_LEADERBOARD_URL =
  'https://huggingface.co/api/datasets/open-llm-leaderboard/contents/v2/leaderboard.json';

const SOURCE = 'open-llm-leaderboard';

const leaderboard = z.object({ models: z.array(z.unknown()) });
const entry = z.object({
  model: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  scores: z.record(z.string(), z.unknown()),
  /** When the model was measured, where the copy says it. */
  date: z.optional(z.string().regex(/^\d{4}(?:-\d{2}){0,2}$/)),
});

/** What the leaderboard's benchmarks measure; the others are general knowledge. */
const TASKS: readonly (readonly [RegExp, ObservationTask])[] = [
  [/ifeval/i, 'instruction'],
  [/math|gsm/i, 'math'],
  [/humaneval|mbpp|code/i, 'coding'],
  [/bbh|gpqa|musr|arc|hellaswag|winogrande/i, 'reasoning'],
];

/**
 * The Open LLM Leaderboard, or a copy of it: one observation for each model and benchmark, graded direct, as measured on
 * the day that the copy states, else today. The leaderboard itself takes no new models since 2025, so that figures
 * without a date look fresher than they are; the frozen snapshot holds them with theirs.
 */
export const openLlmLeaderboardSource = benchmarkSource(
  SOURCE,
  OPEN_LLM_LEADERBOARD_URL,
  (answer, fetchedAt) => {
    const observations: FetchedObservation[] = [];
    const warnings: BenchmarkSourceWarning[] = [];
    for (const [index, item] of leaderboard.parse(answer).models.entries()) {
      const parsed = entry.safeParse(item);
      if (!parsed.success) {
        warnings.push(leftOut(`entry ${index + 1}`, 'it has no id or no scores'));
        continue;
      }
      const { model, scores, date } = parsed.data;
      const values = Object.entries(scores).filter(
        (score): score is [string, number] => typeof score[1] === 'number' && Number.isFinite(score[1]),
      );
      if (values.length < Object.keys(scores).length || values.length === 0)
        warnings.push(
          leftOut(model, values.length === 0 ? 'it has no scores' : 'some of its scores are no numbers'),
        );
      for (const [benchmark, value] of values)
        observations.push({
          hfRepoId: model,
          source: SOURCE,
          benchmark,
          task: TASKS.find(([pattern]) => pattern.test(benchmark))?.[1] ?? 'general',
          value,
          scale: 'percent',
          observedAt: date ?? fetchedAt,
          independent: true,
          evidence: 'direct',
        });
    }
    return { observations, warnings };
  },
);

function leftOut(what: string, why: string): BenchmarkSourceWarning {
  return {
    code: 'schema_invalid',
    message: `Of the ${SOURCE}, ${what} was left out in part or whole: ${why}.`,
  };
}
