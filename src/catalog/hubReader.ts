import * as l10n from '@vscode/l10n';
import type { Hub, HubFailure, HubModel, HubQuery, HubResult, HubSummary } from './hub';
import type { HubKind, HubPage } from './hubShapes';
import { DOWNLOADS, MODEL, PAGE } from './hubShapes';

/** What a list is asked to say of each repository; the server leaves out everything else. */
const LISTED_FIELDS = [
  'createdAt',
  'downloads',
  'gated',
  'lastModified',
  'library_name',
  'pipeline_tag',
  'tags',
  'trendingScore',
];

/** As many as huggingface.js asks for at once; the server's own bound is 1,000. */
const PAGE_ELEMENTS = 500;
const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 10_000;
/** Twice what the largest list takes: a server whose pages never end is left then. */
const MAX_PAGES = 40;

/** Hugging Face's questions and answers over anything that reads a path, be it the server or the cache before it. */
export abstract class HubReader implements Hub {
  /** Without a slash at its end. */
  readonly baseUrl: string;

  constructor(baseUrl: string) {
    this.baseUrl = baseUrl.replace(/\/+$/, '');
  }

  protected abstract read<T>(
    kind: HubKind<T>,
    path: string,
    repo: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<HubResult<T>>;

  /**
   * Repositories in the server's order, each once; `query.limit` of them at most (100 by default, 10,000 in all), over
   * as many pages as that takes. A page that fails makes the whole list fail.
   */
  async listModels(query: HubQuery, signal?: AbortSignal): Promise<HubResult<readonly HubSummary[]>> {
    const limit = Math.min(Math.max(1, Math.floor(query.limit ?? DEFAULT_LIMIT)), MAX_LIMIT);
    const found = new Map<string, HubSummary>();
    let staleBecause: HubFailure | undefined;
    let path: string | undefined = listPath({ ...query, limit });
    const asked = new Set<string>();
    while (path !== undefined && !asked.has(path) && asked.size < MAX_PAGES && found.size < limit) {
      asked.add(path);
      const page: HubResult<HubPage> = await this.read(PAGE, path, undefined, signal);
      if (!page.ok) return page;
      staleBecause ??= page.staleBecause;
      for (const model of page.value.models) {
        if (found.size < limit) found.set(model.id, model);
      }
      path = page.value.next;
    }
    const value = [...found.values()];
    return staleBecause ? { ok: true, value, stale: true, staleBecause } : { ok: true, value };
  }

  /** A repository with the exact sizes of its files. */
  getModel(repo: string, signal?: AbortSignal): Promise<HubResult<HubModel>> {
    return this.#readRepo(MODEL, repo, '?blobs=true', signal);
  }

  /** How often it was downloaded in the last 30 days. */
  getDownloadCount(repo: string, signal?: AbortSignal): Promise<HubResult<number>> {
    return this.#readRepo(DOWNLOADS, repo, '?expand=downloads', signal);
  }

  /** Of the newest revision. The server sends large files from another host, which must not be sent the token. */
  fileUrl(repo: string, path: string): string {
    return `${this.baseUrl}/${escapePath(repo)}/resolve/main/${escapePath(path)}`;
  }

  async #readRepo<T>(
    kind: HubKind<T>,
    repo: string,
    query: string,
    signal: AbortSignal | undefined,
  ): Promise<HubResult<T>> {
    const path = `/api/models/${escapePath(repo)}${query}`;
    if (isRepoName(repo)) return this.read(kind, path, repo, signal);
    const message = l10n.t(
      '“{0}” is not the name of a repository: it is written as organisation/name.',
      repo,
    );
    return { ok: false, failure: { code: 'HF_NOT_FOUND', message, path } };
  }
}

/** Parts that are empty or dots would lead to another address. Old names have no organisation. */
function isRepoName(repo: string): boolean {
  const parts = repo.split('/');
  return parts.length <= 2 && parts.every((part) => !/^\.*$/.test(part));
}

function escapePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** The path of a list's first page: parameters by name, empty ones left out. */
function listPath({ search, author, filter, sort, limit }: HubQuery & { readonly limit: number }): string {
  const parameters = [
    ['author', author],
    ...LISTED_FIELDS.map((field) => ['expand', field]),
    ['filter', filter],
    ['limit', String(Math.min(limit, PAGE_ELEMENTS))],
    ['search', search],
    ['sort', sort],
  ];
  const query = parameters.flatMap(([name = '', value = '']) =>
    value.trim() === '' ? [] : [`${name}=${encodeURIComponent(value.trim())}`],
  );
  return `/api/models?${query.join('&')}`;
}
