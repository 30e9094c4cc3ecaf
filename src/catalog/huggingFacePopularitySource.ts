import * as z from 'zod';
import { benchmarkSource } from './benchmarkSource';
import type { BenchmarkSourceWarning } from './benchmarkSource';

/** The hundred text models with the most downloads. */
export const HF_POPULARITY_URL =
  'https://huggingface.co/api/models?filter=text-generation&sort=downloads&limit=100';

/** A like is worth this many downloads: who likes a model has looked at it. */
export const LIKE_WEIGHT = 50;

const SOURCE = 'hf-popularity';

const model = z.object({
  id: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  downloads: z.number().nonnegative(),
  likes: z.number().nonnegative(),
});

/**
 * How popular models are on Hugging Face: downloads and fifty times the likes, as a percentage of the most popular of the
 * same answer, graded interpolated, because it says what people try and not what a model can do. Without any popularity
 * at all there is nothing to normalise by, and no observation.
 */
export const huggingFacePopularitySource = benchmarkSource(SOURCE, HF_POPULARITY_URL, (answer, fetchedAt) => {
  const items = z.array(z.unknown()).parse(answer);
  const models = items.flatMap((item) => model.safeParse(item).data ?? []);
  const warnings: BenchmarkSourceWarning[] = [];
  if (models.length < items.length)
    warnings.push(
      invalid(`${items.length - models.length} of ${items.length} models were left out: they have no count.`),
    );
  const popularity = models.map(({ downloads, likes }) => downloads + LIKE_WEIGHT * likes);
  const most = popularity.reduce((max, value) => Math.max(max, value), 0);
  if (!(most > 0 && Number.isFinite(most)))
    return { observations: [], warnings: [...warnings, invalid('No model has been downloaded or liked.')] };
  return {
    observations: models.map(({ id }, index) => ({
      hfRepoId: id,
      source: SOURCE,
      benchmark: 'hf-popularity',
      task: 'general',
      value: (100 * (popularity[index] ?? 0)) / most,
      scale: 'percent',
      observedAt: fetchedAt,
      independent: true,
      evidence: 'interpolated',
    })),
    warnings,
  };
});

function invalid(message: string): BenchmarkSourceWarning {
  return { code: 'schema_invalid', message };
}
