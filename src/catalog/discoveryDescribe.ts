import type { HttpClient } from '../shared/http';
import type { Candidate } from './candidate';
import { candidateFromRepo, type RepoCandidate } from './candidateFromRepo';
import type { DescribeRepo } from './discovery';
import type { RepoFinding } from './discoveryRecord';
import { readGgufModel, type GgufResult } from './ggufHeader';
import type { Hub, HubFailure, HubFile, HubModel } from './hub';
import { buildIdentityIndex } from './identity';
import { filesForHeader, sortRepoFiles } from './repoFiles';

/** Parts of a split file whose headers are read, each for two requests; of more than this the first speaks for all. */
const MAX_PARTS = 3;

export interface RepoReaderOptions {
  readonly hub: Hub;
  /** Counts its requests against the refresh's budget; adds no secrets of its own. */
  readonly http: HttpClient;
  /** Sent to Hugging Face itself only. */
  readonly token?: () => Promise<string | undefined>;
  /** The models that are known when the refresh begins. */
  readonly candidates: readonly Candidate[];
}

/**
 * Reads repositories for discovery: from the file list alone where they hold builds of a known model and say so, else
 * with the header of their smallest build, where it is a GGUF file. A model that is found is known to the next repository, so that its mirrors
 * cost one request each.
 */
export function repoReader(options: RepoReaderOptions): DescribeRepo {
  const candidates = [...options.candidates];
  let known = buildIdentityIndex(candidates);
  return async (repo, signal) => {
    const byList = candidateFromRepo({ repo, known });
    const files = filesForHeader(sortRepoFiles(repo));
    let described = byList;
    if (files.length > 0 && needsHeader(byList)) {
      const read = await readHeader(repo, files, options, signal);
      if (read.ok) described = candidateFromRepo({ repo, header: read.header, known });
      else if (read.failure.code !== 'network') {
        return { ok: true, finding: { kind: 'nothing', reason: read.failure.message } };
      } else if (repo.gated !== true) {
        return { ok: false, failure: networkFailure(repo, read.failure.message) };
      }
      // A gated file that nobody may read: its name and its list of files are all that there is.
    }
    if (described.kind === 'new') {
      candidates.push(described.candidate);
      known = buildIdentityIndex(candidates);
    }
    return { ok: true, finding: findingOf(described) };
  };
}

/** Whether the file list leaves open what the repository holds. */
function needsHeader(byList: RepoCandidate): boolean {
  switch (byList.kind) {
    case 'new':
      return true;
    case 'builds':
      // Only a likeness of names: the header may tell another size.
      return byList.edge === 'name';
    case 'none':
      return byList.why === 'size_unknown' || byList.why === 'no_usable_file';
  }
}

async function readHeader(
  repo: HubModel,
  files: readonly HubFile[],
  { hub, http, token }: RepoReaderOptions,
  signal: AbortSignal,
): Promise<GgufResult> {
  const parts = files.length <= MAX_PARTS ? files : files.slice(0, 1);
  const secret = (await token?.())?.trim() ?? '';
  return readGgufModel({
    urls: parts.map(({ path }) => hub.fileUrl(repo.id, path)),
    ...{ http, signal },
    ...(secret !== '' && { headers: { authorization: `Bearer ${secret}` } }),
  });
}

function findingOf(described: RepoCandidate): RepoFinding {
  switch (described.kind) {
    case 'new':
      return { kind: 'model', candidate: described.candidate };
    case 'builds':
      return { kind: 'builds', buildsFor: described.candidate.hfRepoId, builds: described.builds };
    case 'none':
      return { kind: 'nothing', reason: described.why };
  }
}

function networkFailure({ id }: HubModel, message: string): HubFailure {
  return { code: 'HF_NETWORK', message, path: `/${id}/resolve` };
}
