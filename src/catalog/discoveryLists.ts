import type { Hub, HubFailure, HubResult, HubSummary } from './hub';
import { parseModelName } from './modelName';

/** Repositories that one organisation can bring into a refresh. */
const MAX_REPOS = 50;

/** Formats that are looked for, by the tag that Hugging Face gives them. */
export type RepoFormat = 'gguf' | 'mlx';

/** Two views of one organisation: what people look at now, and what they have downloaded most. */
const ARMS = ['trendingScore', 'downloads'] as const;

/** Kinds of models that are talked to; everything else with a kind of its own needs no look. */
const TALKED_TO = new Set(['text-generation', 'image-text-to-text', 'any-to-any', 'text2text-generation']);

export interface OrganisationLists {
  /** What the arms that answered named, and what was known of an arm that failed. */
  readonly repos: readonly HubSummary[];
  /** How many of the arms failed: 0, 1 or 2. */
  readonly failures: number;
}

/**
 * The repositories of an organisation that may hold chat models: the union of both arms, from the top of each in turn,
 * at most 50. Where one arm fails the other stands for both. Asks both arms at once and tells `onAnswer` how each went.
 * Rejects only with the signal's reason.
 */
export async function listOrganisation(options: {
  readonly hub: Hub;
  readonly organisation: string;
  readonly format: RepoFormat;
  readonly onAnswer: (answer: HubResult<unknown>) => void;
  readonly signal: AbortSignal;
}): Promise<OrganisationLists> {
  const { hub, organisation, format, signal } = options;
  const answers = await Promise.all(
    ARMS.map(async (sort) => {
      const answer = await hub.listModels(
        { author: organisation, filter: format, sort, limit: MAX_REPOS },
        signal,
      );
      options.onAnswer(answer);
      return answer;
    }),
  );
  const lists = answers.map((answer) =>
    answer.ok
      ? answer.value.filter((repo) => isOf(repo, organisation) && mayTalk(repo)).slice(0, MAX_REPOS)
      : [],
  );
  return {
    repos: inTurn(lists).slice(0, MAX_REPOS),
    failures: answers.filter((answer) => failureOf(answer) !== undefined).length,
  };
}

/** Why there is no answer, or only the one that was known before. */
export function failureOf(answer: HubResult<unknown>): HubFailure | undefined {
  return answer.ok ? answer.staleBecause : answer.failure;
}

/** One of each list in turn, each repository once. */
function inTurn(lists: readonly (readonly HubSummary[])[]): readonly HubSummary[] {
  const repos = new Map<string, HubSummary>();
  const longest = Math.max(0, ...lists.map((list) => list.length));
  for (let place = 0; place < longest; place++) {
    for (const list of lists) {
      const repo = list[place];
      // What one arm says of a repository may lack what the other says.
      if (repo) repos.set(repo.id, { ...repos.get(repo.id), ...repo });
    }
  }
  return [...repos.values()];
}

function isOf({ id }: HubSummary, organisation: string): boolean {
  return id.toLowerCase().startsWith(`${organisation.toLowerCase()}/`);
}

function mayTalk({ id, pipelineTag }: HubSummary): boolean {
  if (pipelineTag !== undefined && !TALKED_TO.has(pipelineTag)) return false;
  return parseModelName(id).role !== 'other';
}
