import * as z from 'zod';
import type { HubFile, HubModel, HubSummary } from './hub';

/** A page of a list, and the path of the one after it. */
export interface HubPage {
  readonly models: readonly HubSummary[];
  readonly next?: string;
}

/** What was made of an answer, and how many of its elements were left out because they are of another shape. */
export interface ParsedAnswer<T> {
  readonly value: T;
  readonly dropped: number;
}

/** A kind of answer: how it is read from the server's JSON, and how the cache knows it again. */
export interface HubKind<T> {
  readonly wire: z.ZodType<ParsedAnswer<T>>;
  /** Adds where the next page is, to what has pages. */
  readonly withNext?: (value: T, next: string) => T;
  readonly stored: z.ZodType<T>;
}

/** More than the server puts on a page; what sends more is broken, and the rest is left. */
const MAX_PAGE_ELEMENTS = 10_000;
/** The largest repositories of the Hub have some thousands of files. */
const MAX_FILES = 20_000;

/** `organisation/name`; neither is made of dots alone, which would lead elsewhere in a path. */
const repoId = z.string().regex(/^(?!\.+\/)[\w.-]+\/(?!\.+$)[\w.-]+$/);
const count = z.number().nonnegative();

/** Absent and null mean the same to the server. Fields after `ApiModelInfo` of huggingface.js. */
const wireSummary = z.object({
  id: repoId,
  tags: z.array(z.string()).nullish(),
  downloads: count.nullish(),
  trendingScore: z.number().nullish(),
  createdAt: z.string().nullish(),
  lastModified: z.string().nullish(),
  pipeline_tag: z.string().nullish(),
  library_name: z.string().nullish(),
  // `false`, `"auto"` or `"manual"`.
  gated: z.union([z.boolean(), z.string()]).nullish(),
});

/** After `RepoSibling` and `BlobLfsInfo` of huggingface_hub. Sizes that are none are left out, never the file. */
const wireFile = z.object({
  rfilename: z.string().refine(isPlainPath),
  size: z.int().nonnegative().nullish().catch(undefined),
  lfs: z
    .object({
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/i)
        .nullish()
        .catch(undefined),
      size: z.int().nonnegative().nullish().catch(undefined),
    })
    .nullish()
    .catch(undefined),
});

const wireModel = wireSummary.extend({
  sha: z.string().nullish(),
  siblings: z.array(z.unknown()).nullish(),
});

const storedSummary = z.object({
  id: repoId,
  tags: z.array(z.string()),
  downloads: z.number().exactOptional(),
  trendingScore: z.number().exactOptional(),
  createdAt: z.string().exactOptional(),
  lastModified: z.string().exactOptional(),
  pipelineTag: z.string().exactOptional(),
  libraryName: z.string().exactOptional(),
  gated: z.boolean().exactOptional(),
});

const storedModel = storedSummary.extend({
  files: z.array(
    z.object({
      path: z.string().refine(isPlainPath),
      sizeBytes: z.number().exactOptional(),
      sha256: z.string().exactOptional(),
    }),
  ),
  revision: z.string().exactOptional(),
});

/** Of `GET /api/models`: elements that are no repositories are left out. */
export const PAGE: HubKind<HubPage> = {
  wire: z.array(z.unknown()).transform((all) => {
    const elements = all.slice(0, MAX_PAGE_ELEMENTS);
    const models = elements.flatMap((element) => {
      const parsed = wireSummary.safeParse(element);
      return parsed.success ? [summaryOf(parsed.data)] : [];
    });
    return { value: { models }, dropped: elements.length - models.length };
  }),
  withNext: (page, next) => ({ ...page, next }),
  stored: z.object({ models: z.array(storedSummary), next: z.string().exactOptional() }),
};

/** Of `GET /api/models/{repo}?blobs=true`: files without a usable path are left out. */
export const MODEL: HubKind<HubModel> = {
  wire: wireModel.transform((model) => {
    const listed = (model.siblings ?? []).slice(0, MAX_FILES);
    const files = listed.flatMap((element) => {
      const file = wireFile.safeParse(element);
      return file.success ? [fileOf(file.data)] : [];
    });
    const revision = typeof model.sha === 'string' ? { revision: model.sha } : {};
    return { value: { ...summaryOf(model), files, ...revision }, dropped: listed.length - files.length };
  }),
  stored: storedModel,
};

/** Of `GET /api/models/{repo}?expand=downloads`. */
export const DOWNLOADS: HubKind<number> = {
  wire: z.object({ downloads: count }).transform(({ downloads }) => ({ value: downloads, dropped: 0 })),
  stored: z.number(),
};

function summaryOf(wire: z.output<typeof wireSummary>): HubSummary {
  const { id, tags, downloads, trendingScore, createdAt, lastModified, gated } = wire;
  const { pipeline_tag: pipelineTag, library_name: libraryName } = wire;
  return {
    id,
    tags: tags ?? [],
    ...(typeof downloads === 'number' ? { downloads } : {}),
    ...(typeof trendingScore === 'number' ? { trendingScore } : {}),
    ...(typeof createdAt === 'string' ? { createdAt } : {}),
    ...(typeof lastModified === 'string' ? { lastModified } : {}),
    ...(typeof pipelineTag === 'string' ? { pipelineTag } : {}),
    ...(typeof libraryName === 'string' ? { libraryName } : {}),
    ...(gated === null || gated === undefined ? {} : { gated: gated !== false }),
  };
}

function fileOf({ rfilename, size, lfs }: z.output<typeof wireFile>): HubFile {
  // The file's own size is said twice; the outer one is of the pointer where a server knows no better.
  const sizeBytes = lfs?.size ?? size;
  const sha256 = lfs?.sha256;
  return {
    path: rfilename,
    ...(typeof sizeBytes === 'number' ? { sizeBytes } : {}),
    ...(typeof sha256 === 'string' ? { sha256: sha256.toLowerCase() } : {}),
  };
}

/** Whether a path stays within its repository, wherever it is appended to. */
function isPlainPath(path: string): boolean {
  return (
    !/[\\\0]/.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  );
}
