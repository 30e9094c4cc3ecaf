import * as l10n from '@vscode/l10n';

/** Weight of a source that the table does not name. */
export const DEFAULT_UNKNOWN_SOURCE_WEIGHT = 0.5;

/**
 * How much a source counts against the others, before evidence and recency. The first two are the peers'. The others
 * follow how well the source's columns agree with the anchor on the models they share (correlation over scores.jsonl of
 * 2026-11, in brackets), and how broad they are.
 */
export const DEFAULT_SOURCE_WEIGHTS: Readonly<Record<string, number>> = {
  'open-llm-leaderboard': 1.0,
  'hf-popularity': 0.25,
  // The anchor itself: blind votes of people on their own prompts.
  lmarena: 1.0,
  // Fresh questions with exact answers, several fields (0.77 to 0.88).
  livebench: 1.0,
  // One team's own runs of GPQA, MATH, AIME (0.85 to 0.90).
  epoch: 0.8,
  // Code that is run (0.84; 0.87 to 0.90).
  bigcodebench: 0.8,
  evalplus: 0.6,
  aider: 0.8,
  'arena-hard': 0.8,
  // Knowledge and language only, but the broadest on small and new models (0.54 to 0.78).
  euroeval: 0.5,
  // Function calling (0.74 to 0.81), for whose format some models are made.
  bfcl: 0.6,
  // Open questions of one field, by one author, graded by a model (0.57 to 0.83).
  'pm-llm-benchmark': 0.35,
  zeroeval: 0.6,
  // Tool use in dialogues with a simulated user.
  'tau2-bench': 0.8,
  // One narrow skill each: drawing, word groups, haggling, stories, one SQL dialect into another.
  svgbench: 0.25,
  'nyt-connections': 0.25,
  pact: 0.25,
  'creative-writing': 0.25,
  generalization: 0.25,
  confabulations: 0.25,
  'scale-sql': 0.25,
};

/** The source's weight, at least 0; the default for a source that is not in the table. */
export function sourceWeight(
  source: string,
  weights: Readonly<Record<string, number>> = DEFAULT_SOURCE_WEIGHTS,
): number {
  const weight = Object.hasOwn(weights, source) ? weights[source] : DEFAULT_UNKNOWN_SOURCE_WEIGHT;
  return weight !== undefined && Number.isFinite(weight) && weight > 0 ? weight : 0;
}

/** What sources call themselves, where their id is not a name. */
const NAMES: Readonly<Record<string, string>> = {
  lmarena: 'LMArena',
  livebench: 'LiveBench',
  epoch: 'Epoch AI',
  bigcodebench: 'BigCodeBench',
  evalplus: 'EvalPlus',
  aider: 'Aider',
  'arena-hard': 'Arena-Hard',
  euroeval: 'EuroEval',
  bfcl: 'BFCL',
  'pm-llm-benchmark': 'PM-LLM-Benchmark',
  zeroeval: 'ZeroEval',
  'tau2-bench': 'tau2-bench',
  svgbench: 'SVGBench',
  'nyt-connections': 'NYT Connections',
  pact: 'PACT',
  'simple-bench': 'SimpleBench',
  weirdml: 'WeirdML',
  balrog: 'BALROG',
  'fiction-livebench': 'Fiction.liveBench',
  kagi: 'Kagi',
  ruler: 'RULER',
  'scale-sql': 'SCALE SQL',
  'vectara-hhem': 'Vectara HHEM',
};

/** The source's name for people; its id where no other is known. */
export function sourceName(source: string): string {
  if (source === 'open-llm-leaderboard') return l10n.t('the Open LLM Leaderboard');
  if (source === 'hf-popularity') return l10n.t('popularity on Hugging Face');
  return Object.hasOwn(NAMES, source) ? (NAMES[source] ?? source) : source;
}
