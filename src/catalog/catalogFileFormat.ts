import * as z from 'zod';
import type { Candidate, ModelBuild } from './candidate';
import { REFRESH_END_CODES, type RefreshEnd } from './discoveryEnd';
import { NOTHING_DISCOVERED, type DiscoveredRepo, type DiscoveryRecord } from './discoveryRecord';
import { KV_RULES, ROLES } from './snapshotFormat';

/** The last refresh of any window. */
interface LastRefresh {
  /** ISO 8601. */
  readonly endedAt: string;
  readonly end: RefreshEnd;
  readonly requests: number;
}

/** What is kept of live discovery from one start to the next, and between windows. */
export interface KeptCatalogue {
  readonly discovery: DiscoveryRecord;
  readonly lastRefresh?: LastRefresh;
  /** When Hugging Face last answered a refresh, ISO 8601. */
  readonly liveAt?: string;
  /** Nothing may be asked before, ISO 8601: the server said so. */
  readonly waitUntil?: string;
}

export const NOTHING_KEPT: KeptCatalogue = { discovery: NOTHING_DISCOVERED };

const FORMAT = 'model-pool-catalogue';
const VERSION = 1;

/** More files of one quantisation than any repository has; more than this is a fault. */
const MAX_BUILDS = 200;

const id = z.string().regex(/^[^/\s]{1,96}\/[^/\s]{1,96}$/);
const text = z.string().max(500);
const count = z.int().positive();
const instant = z.iso.datetime();
const tristate = z.boolean().nullable();

const kv = z.object({
  rule: z.enum(KV_RULES),
  fullBytesPerTokenF16: z.number().nonnegative(),
  windowBytesPerTokenF16: z.exactOptional(z.number().nonnegative()),
  windowTokens: z.exactOptional(count),
  stateBytes: z.exactOptional(z.number().nonnegative()),
});

const architecture = z.object({
  arch: z.exactOptional(text),
  layers: z.exactOptional(count),
  heads: z.exactOptional(count),
  kvHeads: z.exactOptional(z.int().nonnegative()),
  headDimK: z.exactOptional(count),
  headDimV: z.exactOptional(count),
  hidden: z.exactOptional(count),
  feedForward: z.exactOptional(count),
  expertFeedForward: z.exactOptional(count),
  vocab: z.exactOptional(count),
  contextMax: z.exactOptional(count),
  experts: z.exactOptional(count),
  expertsUsed: z.exactOptional(count),
  kv: z.exactOptional(kv),
  computeWidth: z.exactOptional(count),
});

const unsizedBuild = z.object({
  quant: text,
  repo: z.exactOptional(id),
  file: z.exactOptional(text),
  ollamaName: z.exactOptional(text),
  digest: z.exactOptional(text),
  ollamaManifest: z.exactOptional(text),
});

const build: z.ZodType<ModelBuild> = unsizedBuild.extend({
  sizeBytes: count,
  sizeBasis: z.enum(['exact', 'rounded']),
});
const builds = z.array(build).max(MAX_BUILDS);

const candidate: z.ZodType<Candidate> = z.object({
  hfRepoId: id,
  name: text,
  org: text,
  family: text,
  series: z.exactOptional(text),
  generation: z.exactOptional(text),
  variant: z.exactOptional(text),
  role: z.enum(ROLES),
  released: z.exactOptional(z.string().regex(/^\d{4}-\d{2}(?:-\d{2})?$/)),
  licence: z.exactOptional(text),
  sizeB: z.number().positive(),
  activeB: z.exactOptional(z.number().positive()),
  architecture: z.exactOptional(architecture),
  capabilities: z.object({ tools: tristate, thinking: tristate, vision: tristate }),
  builds,
  unsizedBuilds: z.exactOptional(z.array(unsizedBuild).max(MAX_BUILDS)),
  aliases: z.exactOptional(z.array(id)),
  ollamaNames: z.exactOptional(z.array(text)),
  lineagePosition: z.int().nonnegative(),
});

const repo: z.ZodType<DiscoveredRepo> = z.object({
  repo: id,
  seenAt: instant,
  createdAt: z.exactOptional(text),
  lastModified: z.exactOptional(text),
  downloads: z.exactOptional(z.number()),
  trendingScore: z.exactOptional(z.number()),
  finding: z.exactOptional(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('model'), candidate }),
      z.object({ kind: z.literal('builds'), buildsFor: id, builds }),
      z.object({ kind: z.literal('nothing'), reason: text }),
    ]),
  ),
  findingOf: z.exactOptional(text),
  tries: z.exactOptional(z.int().nonnegative()),
});

const file = z.object({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  askedAt: z.record(z.string(), instant),
  lastRefresh: z.exactOptional(
    z.object({
      endedAt: instant,
      requests: z.int().nonnegative(),
      end: z.object({
        code: z.enum(REFRESH_END_CODES),
        message: text,
        nextStep: z.exactOptional(text),
        waitMs: z.exactOptional(z.number().nonnegative()),
      }),
    }),
  ),
  liveAt: z.exactOptional(instant),
  waitUntil: z.exactOptional(instant),
  repos: z.array(z.unknown()),
});

export function encodeCatalogFile({ discovery, ...rest }: KeptCatalogue): string {
  return `${JSON.stringify({ format: FORMAT, version: VERSION, ...rest, ...discovery })}\n`;
}

/** What a file says; null where it is none of ours or of another version. Bad repositories are left out and counted. */
export function decodeCatalogFile(json: unknown): { kept: KeptCatalogue; droppedRepos: number } | null {
  const parsed = file.safeParse(json);
  if (!parsed.success) return null;
  const { askedAt, repos: listed, lastRefresh, liveAt, waitUntil } = parsed.data;
  const repos = listed.flatMap((each) => {
    const read = repo.safeParse(each);
    return read.success ? [read.data] : [];
  });
  const kept: KeptCatalogue = {
    discovery: { askedAt, repos },
    ...(lastRefresh && { lastRefresh }),
    ...(liveAt !== undefined && { liveAt }),
    ...(waitUntil !== undefined && { waitUntil }),
  };
  return { kept, droppedRepos: listed.length - repos.length };
}
