const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const MAX_STEPS = 60;
const STEPS_MS = [
  ...[1, 5, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 7, 30, 365].map((days) => days * DAY_MS),
];

/** The width of a histogram's bars over a span of time, milliseconds: a round one that gives at most 61 bars. */
export function histogramStepMs(spanMs: number): number {
  const step = STEPS_MS.find((candidate) => spanMs / candidate <= MAX_STEPS);
  return step ?? Math.ceil(spanMs / MAX_STEPS / DAY_MS) * DAY_MS;
}
