/** What Hugging Face says of a repository in a list. Absent means that it did not say. */
export interface HubSummary {
  /** `organisation/name`. */
  readonly id: string;
  readonly tags: readonly string[];
  readonly downloads?: number;
  readonly trendingScore?: number;
  /** ISO 8601. */
  readonly createdAt?: string;
  /** ISO 8601. */
  readonly lastModified?: string;
  readonly pipelineTag?: string;
  readonly libraryName?: string;
  /** Whether its licence must be accepted on its page first. */
  readonly gated?: boolean;
}

export interface HubFile {
  /** Path in the repository, with `/`. */
  readonly path: string;
  readonly sizeBytes?: number;
  /** Of the content, where it is stored as a large file; hex without prefix. */
  readonly sha256?: string;
}

/** A repository with its files. */
export interface HubModel extends HubSummary {
  readonly files: readonly HubFile[];
  /** The commit that the files are of. */
  readonly revision?: string;
}

export interface HubQuery {
  readonly search?: string;
  readonly author?: string;
  /** A tag, for example `gguf`. */
  readonly filter?: string;
  readonly sort?: 'trendingScore' | 'downloads' | 'lastModified' | 'createdAt';
  /** At most this many, over as many pages as that takes. */
  readonly limit?: number;
}

export type HubErrorCode = 'HF_NOT_FOUND' | 'HF_UNAUTHORIZED' | 'HF_UNAVAILABLE' | 'HF_NETWORK' | 'HF_PARSE';

export interface HubFailure {
  readonly code: HubErrorCode;
  /** What happened, why, and what to do; redacted. */
  readonly message: string;
  /** Path and query that were asked, without a token. */
  readonly path: string;
  readonly status?: number;
  /** How long to wait before the next request, where the server said so. */
  readonly retryAfterMs?: number;
  /** At most 200 characters of the body, redacted. */
  readonly bodyExcerpt?: string;
}

export type HubResult<T> =
  | {
      readonly ok: true;
      readonly value: T;
      /** What was known before, because asking again failed; `staleBecause` says how. */
      readonly stale?: true;
      readonly staleBecause?: HubFailure;
    }
  | { readonly ok: false; readonly failure: HubFailure };

/**
 * Hugging Face, as the catalogue asks it. Implemented by `HubClient`, and by `CachedHub`, which asks it only for what is
 * not known. Rejects only with a signal's reason: the specification counts an abort as HF_NETWORK, but in this codebase
 * cancellation is never a failure.
 */
export interface Hub {
  listModels(query: HubQuery, signal?: AbortSignal): Promise<HubResult<readonly HubSummary[]>>;
  getModel(repo: string, signal?: AbortSignal): Promise<HubResult<HubModel>>;
  getDownloadCount(repo: string, signal?: AbortSignal): Promise<HubResult<number>>;
  /** Where a file of a repository can be read, by range requests as well. */
  fileUrl(repo: string, path: string): string;
}
