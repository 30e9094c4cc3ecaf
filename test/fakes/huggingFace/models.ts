import { createHash } from 'node:crypto';
import { answerError, answerGated, answerJson, answerMissingRepo, mayRead } from './answers';
import { strikes } from './faults';
import type { FakeRepo } from './repos';
import { commitOf, isLarge, sha256Of, sizeOf } from './repos';
import type { Exchange } from './world';

/** The most that a page holds, whatever is asked for. */
const MAX_PAGE = 1_000;

const CREATED = '2026-01-05T10:00:00.000Z';
const CHANGED = '2026-02-05T10:00:00.000Z';

type Fields = Readonly<Record<string, unknown>>;

/** What can be asked for with `expand`, as far as the fake knows `ExpandModelProperty_T` of huggingface_hub. */
const EXPANDABLE: Readonly<Record<string, (repo: FakeRepo) => unknown>> = {
  author: ({ id }) => id.slice(0, id.indexOf('/')),
  createdAt: (repo) => repo.createdAt ?? CREATED,
  disabled: () => false,
  downloads: (repo) => repo.downloads ?? 0,
  gated: (repo) => repo.gated ?? false,
  lastModified: (repo) => repo.lastModified ?? CHANGED,
  library_name: (repo) => repo.libraryName,
  likes: (repo) => repo.likes ?? 0,
  pipeline_tag: (repo) => repo.pipelineTag,
  private: () => false,
  sha: commitOf,
  siblings: (repo) => Object.keys(repo.files ?? {}).map((rfilename) => ({ rfilename })),
  tags: (repo) => repo.tags ?? [],
  trendingScore: (repo) => repo.trendingScore ?? 0,
};

const LISTED = ['createdAt', 'downloads', 'library_name', 'likes', 'pipeline_tag', 'private', 'tags'];
const FULL = [...LISTED, 'author', 'gated', 'lastModified', 'sha', 'siblings', 'trendingScore'];
const SORTS: Readonly<Record<string, (repo: FakeRepo) => number>> = {
  trendingScore: (repo) => repo.trendingScore ?? 0,
  downloads: (repo) => repo.downloads ?? 0,
  likes: (repo) => repo.likes ?? 0,
  lastModified: (repo) => Date.parse(repo.lastModified ?? CHANGED),
  createdAt: (repo) => Date.parse(repo.createdAt ?? CREATED),
};

function identity(repo: FakeRepo): Fields {
  const digest = createHash('sha1').update(repo.id).digest('hex').slice(0, 24);
  return { _id: digest, id: repo.id, modelId: repo.id };
}

function expanded(repo: FakeRepo, names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, EXPANDABLE[name]?.(repo)]));
}

/** `GET /api/models`: filtered, sorted from high to low, a page at a time. */
export function listModels(exchange: Exchange): void {
  const { world, request, url } = exchange;
  const query = url.searchParams;
  const expand = query.getAll('expand');
  const sort = query.get('sort') ?? 'trendingScore';
  const unknown = expand.find((name) => !(name in EXPANDABLE));
  if (unknown !== undefined) return answerError(exchange, 400, `Invalid option: "${unknown}" at expand`);
  if (!(sort in SORTS)) return answerError(exchange, 400, 'Invalid sort parameter');
  if (strikes(world.faults, 'otherShape', request)) return answerJson(exchange, { models: [] });

  const found = sorted(
    [...world.repos.values()].filter((repo) => matches(repo, query)),
    sort,
  );
  const offset = cursorOf(query.get('cursor'));
  const asked = Math.min(Number(query.get('limit') ?? MAX_PAGE), MAX_PAGE);
  const limit = strikes(world.faults, 'ignoreLimit', request) ? found.length : asked;
  const page = found.slice(offset, offset + limit);
  const names = expand.length > 0 ? expand : query.get('full') === null ? LISTED : FULL;
  const elements: unknown[] = page.map((repo) => ({ ...identity(repo), ...expanded(repo, names) }));
  if (world.faults.affects(request)) spreadGarbage(elements, world.faults.garbageElements);

  const end = offset + limit;
  const hasNext = end < found.length || strikes(world.faults, 'endlessPages', request);
  const origin = strikes(world.faults, 'foreignNext', request) ? world.urls.cdn : world.urls.hub;
  const next = new URL(`${url.pathname}${url.search}`, origin);
  next.searchParams.set('cursor', Buffer.from(JSON.stringify({ offset: end })).toString('base64url'));
  answerJson(exchange, elements, hasNext ? { link: `<${next.href}>; rel="next"` } : {});
}

function matches(repo: FakeRepo, query: URLSearchParams): boolean {
  const search = query.get('search')?.toLowerCase();
  const author = query.get('author');
  return (
    repo.movedTo === undefined &&
    (search === undefined || repo.id.toLowerCase().includes(search)) &&
    (author === null || repo.id.startsWith(`${author}/`)) &&
    query.getAll('filter').every((tag) => tag.split(',').every((one) => repo.tags?.includes(one) === true))
  );
}

/** From high to low, then by id. */
function sorted(repos: readonly FakeRepo[], sort: string): readonly FakeRepo[] {
  const keyed = repos.map((repo) => ({ repo, value: SORTS[sort]?.(repo) ?? 0 }));
  keyed.sort((a, b) => b.value - a.value || (a.repo.id < b.repo.id ? -1 : 1));
  return keyed.map(({ repo }) => repo);
}

function cursorOf(cursor: string | null): number {
  if (cursor === null) return 0;
  const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  const hasOffset = typeof parsed === 'object' && parsed !== null && 'offset' in parsed;
  return hasOffset && typeof parsed.offset === 'number' ? parsed.offset : 0;
}

const GARBAGE: readonly unknown[] = [
  null,
  7,
  'text',
  [],
  {},
  { id: 5 },
  { id: 'no-slash' },
  { id: '../../x' },
];

function spreadGarbage(elements: unknown[], count: number): void {
  for (let index = 0; index < count; index++) {
    elements.splice((index * 3) % (elements.length + 1), 0, GARBAGE[index % GARBAGE.length]);
  }
}

/** `GET /api/models/{repo}`, with the sizes of its files where `blobs=true` asks for them. */
export function describeModel(exchange: Exchange, id: string): void {
  const { world, request, url } = exchange;
  const repo = world.repos.get(id);
  if (repo?.movedTo !== undefined) {
    const location = `/api/models/${repo.movedTo}${url.search}`;
    exchange.response.writeHead(307, { location }).end(`Temporary Redirect. Redirecting to ${location}`);
    return;
  }
  if (repo?.vanished === true) {
    return answerError(exchange, 404, 'Repository not found', { code: 'RepoNotFound' });
  }
  if (repo === undefined) return answerMissingRepo(exchange);
  if (repo.restricted === true && !mayRead(exchange, id)) return answerGated(exchange, id);
  if (strikes(world.faults, 'otherShape', request)) return answerJson(exchange, [repo.id]);
  const expand = url.searchParams.getAll('expand');
  const fields = expanded(repo, expand.length > 0 ? expand : FULL);
  const siblings = url.searchParams.get('blobs') === 'true' ? { siblings: blobsOf(repo) } : {};
  answerJson(exchange, { ...identity(repo), ...fields, ...siblings });
}

/** Shapes after huggingface_hub's `RepoSibling` and `BlobLfsInfo`. */
function blobsOf(repo: FakeRepo): readonly Fields[] {
  return Object.entries(repo.files ?? {}).map(([path, file]) => {
    const blobId = createHash('sha1')
      .update(`${path}:${sha256Of(file)}`)
      .digest('hex');
    const lfs = { sha256: sha256Of(file), size: sizeOf(file), pointerSize: 135 };
    return { rfilename: path, blobId, size: sizeOf(file), ...(isLarge(path, file) ? { lfs } : {}) };
  });
}
