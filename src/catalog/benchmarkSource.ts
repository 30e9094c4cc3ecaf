import { messageOf } from '../shared/errors';
import { redactText } from '../shared/redact';
import { shorten } from '../shared/shorten';
import type { Observation } from './candidate';

/** A figure that was just fetched; the source itself says how directly it speaks of the model. */
export interface FetchedObservation extends Observation {
  readonly evidence: 'direct' | 'interpolated';
}

/**
 * `fetch_failed`: no answer, or one that is no success; `parse_failed`: an answer that is no JSON; `schema_invalid`: JSON
 * of another shape, as a whole or one item of it, which is left out.
 */
type BenchmarkSourceWarningCode = 'fetch_failed' | 'parse_failed' | 'schema_invalid';

export interface BenchmarkSourceWarning {
  readonly code: BenchmarkSourceWarningCode;
  readonly message: string;
  /** What the transport said, redacted, at most 200 characters. */
  readonly cause?: string;
}

interface BenchmarkSourceResult {
  /** Id of the source. */
  readonly source: string;
  readonly observations: readonly FetchedObservation[];
  readonly warnings: readonly BenchmarkSourceWarning[];
  /** `YYYY-MM-DD`, UTC. */
  readonly fetchedAt: string;
}

/** The part of an HTTP answer that sources read. */
export interface BenchmarkResponse {
  readonly ok: boolean;
  readonly status: number;
  json(): Promise<unknown>;
}

export interface BenchmarkFetchOptions {
  readonly now: () => Date;
  /** Makes the request; the caller decides about proxies, tokens, time limits and cancellation. */
  readonly fetcher: (request: { readonly url: string }) => Promise<BenchmarkResponse>;
}

/** Where live figures come from. `fetch` makes one request and never throws: what went wrong is in the warnings. */
export interface BenchmarkSource {
  readonly id: string;
  fetch(options: BenchmarkFetchOptions): Promise<BenchmarkSourceResult>;
}

/** What a source makes of an answer. */
export interface ReadAnswer {
  readonly observations: readonly FetchedObservation[];
  readonly warnings: readonly BenchmarkSourceWarning[];
}

const MAX_CAUSE_CHARACTERS = 200;

/** A source that asks `url` and reads the JSON of the answer with `read`, which may throw where it is of another shape. */
export function benchmarkSource(
  id: string,
  url: string,
  read: (answer: unknown, fetchedAt: string) => ReadAnswer,
): BenchmarkSource {
  return {
    id,
    fetch: async ({ now, fetcher }) => {
      const fetchedAt = now().toISOString().slice(0, 10);
      const failed = (
        code: BenchmarkSourceWarningCode,
        message: string,
        thrown?: unknown,
      ): BenchmarkSourceResult => ({
        source: id,
        observations: [],
        warnings: [{ code, message, ...(thrown === undefined ? {} : { cause: causeOf(thrown) }) }],
        fetchedAt,
      });

      let response: BenchmarkResponse;
      try {
        response = await fetcher({ url });
      } catch (thrown) {
        return failed('fetch_failed', `${id} did not answer; its figures stay as they were.`, thrown);
      }
      if (!response.ok)
        return failed(
          'fetch_failed',
          `${id} answered with HTTP ${response.status}; its figures stay as they were.`,
        );
      let answer: unknown;
      try {
        answer = await response.json();
      } catch (thrown) {
        return failed('parse_failed', `${id} answered with something that is no JSON.`, thrown);
      }
      try {
        return { source: id, ...read(answer, fetchedAt), fetchedAt };
      } catch (thrown) {
        return failed('schema_invalid', `${id} answered with JSON of another shape than expected.`, thrown);
      }
    },
  };
}

function causeOf(thrown: unknown): string {
  return shorten(redactText(messageOf(thrown)).replace(/\s+/g, ' ').trim(), MAX_CAUSE_CHARACTERS);
}
