import type { Candidate } from './candidate';
import type { SeriesRule } from './seriesTable';
import { SERIES_RULES } from './seriesTable';

/** Where a name stands among its relatives. */
export interface SeriesPlace {
  readonly family: string;
  /** What replaces what: `qwen-coder` holds CodeQwen1.5, Qwen2.5-Coder and Qwen3-Coder. */
  readonly line: string;
  /** One generation of one line: `Qwen2.5-Coder`. */
  readonly series: string;
  readonly generation: string;
  /** Grows with each generation of the line; comparable within the line only. */
  readonly order: number;
  /** Organisation that makes the line. */
  readonly maker: string;
}

/**
 * Finds the series of a name without namespace (`Qwen3-8B`, `qwen3:8b`, `Llama-3_3-Nemotron-Super-49B-v1`). With
 * `org`, only series that this organisation releases count: somebody's finetune called `Llama-3-8B-Foo` is no Llama.
 * Returns undefined where the table does not know the name.
 */
export function seriesOf(name: string, org?: string): SeriesPlace | undefined {
  const text = name
    .toLowerCase()
    .replace(/[\s_]/g, '-')
    .replace(/^(?:meta-|nvidia-|c4ai-)/, '')
    .replace(/^(llama-3)-([123])/, '$1.$2');
  for (const rule of SERIES_RULES) {
    if (org !== undefined && !rule.orgs.some((own) => own.toLowerCase() === org.toLowerCase())) continue;
    const match = rule.pattern.exec(text);
    if (match) return placeOf(rule, match[1]);
  }
  return undefined;
}

function placeOf(rule: SeriesRule, captured: string | undefined): SeriesPlace {
  const generation = rule.generation ?? captured?.replace('-', '.') ?? '1';
  const order = rule.order ?? Number(generation);
  return {
    family: rule.family,
    line: rule.line,
    series: rule.series.replace('$', generation),
    generation,
    order: Number.isFinite(order) ? order : 1,
    maker: rule.orgs[0] ?? '',
  };
}

/**
 * The candidates with `lineagePosition` counted anew: 0 for the newest generation of a line among these candidates,
 * 1 for the one before, and so on; 0 for a model of no known line. Models that are no chat models do not make a
 * generation, but stand in one.
 */
export function withLineage(candidates: readonly Candidate[]): readonly Candidate[] {
  const places = candidates.map((candidate) => seriesOf(candidate.name, candidate.org));
  const ordersByLine = new Map<string, Set<number>>();
  for (const [index, place] of places.entries()) {
    if (place === undefined || candidates[index]?.role !== 'chat') continue;
    const orders = ordersByLine.get(place.line) ?? new Set<number>();
    ordersByLine.set(place.line, orders.add(place.order));
  }
  return candidates.map((candidate, index) => {
    const place = places[index];
    const newer = place === undefined ? [] : [...(ordersByLine.get(place.line) ?? [])];
    const lineagePosition = newer.filter((order) => place !== undefined && order > place.order).length;
    return { ...candidate, lineagePosition };
  });
}
