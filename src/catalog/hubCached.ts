import { parseJson } from '../shared/json';
import type { HubErrorCode, HubResult } from './hub';
import type { HubCache } from './hubCache';
import type { CacheEntry } from './hubCacheFile';
import type { HubClient } from './hubClient';
import { HubReader } from './hubReader';
import type { HubKind } from './hubShapes';

/** Failures that say nothing of what was asked for: what was known of it is as good as before. */
const KNOWN_STILL_SERVES: ReadonlySet<HubErrorCode> = new Set(['HF_NETWORK', 'HF_UNAVAILABLE', 'HF_PARSE']);

/**
 * Hugging Face through the cache: what is fresh costs no request, what is older is asked for by its ETag, and where the
 * server cannot be asked, what was known is served and said to be stale. A repository that is gone is forgotten; one
 * that may no longer be read is not served, though it stays in the cache for the day when the token is right again.
 */
export class CachedHub extends HubReader {
  constructor(
    private readonly client: HubClient,
    private readonly cache: HubCache,
  ) {
    super(client.baseUrl);
  }

  /** How many requests have been sent so far: each page, each redirect and each failed try counts. */
  get requestsSent(): number {
    return this.client.requestsSent;
  }

  protected override async read<T>(
    kind: HubKind<T>,
    path: string,
    repo: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<HubResult<T>> {
    const { client, cache } = this;
    const key = `${this.baseUrl}${path}`;
    const entry = await cache.get(key);
    const known = entry && valueOf(kind, entry);
    if (entry && known && cache.isFresh(entry)) return { ok: true, value: known.value };
    const answer = await client.ask(kind, path, repo, known && entry.etag, signal);
    if (answer.ok && !answer.value.unchanged) {
      await cache.set(key, answer.value.value, answer.value.etag);
      return { ok: true, value: answer.value.value };
    }
    if (answer.ok && known) {
      await cache.renew(key);
      return { ok: true, value: known.value };
    }
    if (answer.ok) throw new Error('an answer was said to be unchanged, though none was known');
    const { failure } = answer;
    if (failure.code === 'HF_NOT_FOUND') await cache.delete(key);
    if (!known || !KNOWN_STILL_SERVES.has(failure.code)) return { ok: false, failure };
    return { ok: true, value: known.value, stale: true, staleBecause: failure };
  }
}

/** Undefined where what is kept has another shape, as after an update that changed it. */
function valueOf<T>(kind: HubKind<T>, { json }: CacheEntry): { readonly value: T } | undefined {
  const parsed = kind.stored.safeParse(parseJson(json));
  return parsed.success ? { value: parsed.data } : undefined;
}
