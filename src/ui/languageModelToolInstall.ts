import type { InstallPlan } from '../engine/installs';
import type { InstallOutcome, PoolInstallRequest } from '../pool/poolInstalls';
import type { PullRun } from '../pool/pullRuns';
import type { RankedModel } from '../ranking/rankTypes';
import { sleep, type Clock } from '../shared/clock';
import type { ToolInput } from './languageModelToolInputs';

type PossiblePlan = Extract<InstallPlan, { readonly kind: 'possible' }>;
type Input = ToolInput<'model_pool_install'>;

/** A tool that answers late blocks the agent that called it: a longer download goes on by itself. */
const ANSWER_AFTER_MS = 60_000;

export interface InstallToolOptions {
  /** The ranking of the machine of the views, best first. */
  readonly ranked: () => Promise<readonly RankedModel[]>;
  readonly plan: (model: RankedModel) => Promise<InstallPlan>;
  readonly install: (request: PoolInstallRequest) => Promise<InstallOutcome>;
  readonly isInstalled: (model: RankedModel) => boolean;
  readonly clock: Clock;
}

/** What an install would be, once it is known: something to ask the user, or a reason why not. */
type Planned =
  | { readonly kind: 'ask'; readonly plan: PossiblePlan }
  | { readonly kind: 'answer'; readonly answer: Readonly<Record<string, unknown>> };

/**
 * Installing for an agent: what the user is shown is planned first, and that very plan is carried out after a yes. A plan
 * is used once; without one nothing is begun.
 */
export class InstallTool {
  /** What the user was last asked for each model. */
  readonly #shown = new Map<string, PoolInstallRequest>();

  constructor(private readonly options: InstallToolOptions) {}

  /** What to ask the user before `install`; where there is nothing to ask, `install` says why. */
  async prepare(input: Input): Promise<PossiblePlan | null> {
    this.#shown.delete(input.modelId);
    const planned = await this.#plan(input);
    if (planned.kind === 'answer') return null;
    this.#shown.set(input.modelId, planned.plan.request);
    return planned.plan;
  }

  /** Carries out what the user has agreed to. Returns what happened, or after a minute how far it is. */
  async install(input: Input, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    const request = this.#shown.get(input.modelId);
    this.#shown.delete(input.modelId);
    if (!request) {
      const planned = await this.#plan(input);
      if (planned.kind === 'answer') return planned.answer;
      return refusal('not_confirmed', 'The user was not asked. Call the tool again, so that they are.');
    }
    const { clock, install } = this.options;
    const seen: { run?: PullRun } = {};
    const onEvent = (run: PullRun): void => {
      seen.run = run;
    };
    const waiting = new AbortController();
    const done = install({ ...request, signal, onEvent });
    const late = sleep(clock, ANSWER_AFTER_MS, waiting.signal).then(
      () => 'late' as const,
      () => 'late' as const,
    );
    const outcome = await Promise.race([done, late]);
    waiting.abort();
    if (outcome === 'late') {
      // Its row tells how it ends.
      done.catch(() => undefined);
      return underWay(request, seen.run);
    }
    if (outcome.status === 'error') return refusal(outcome.code, outcome.message);
    const { name, alreadyInstalled, evicted, pending } = outcome;
    return {
      status: 'installed',
      name,
      backend: request.backend,
      alreadyInstalled,
      removed: evicted,
      pending,
    };
  }

  async #plan({ modelId }: Input): Promise<Planned> {
    const { ranked, plan: planOf, isInstalled } = this.options;
    const model = (await ranked()).find((row) => row.modelId === modelId);
    if (!model) {
      const message = `${modelId} is not in the ranking. Take a modelId of model_pool_rank.`;
      return { kind: 'answer', answer: refusal('unknown_model', message) };
    }
    if (isInstalled(model)) {
      return { kind: 'answer', answer: { status: 'installed', modelId, alreadyInstalled: true } };
    }
    const plan = await planOf(model);
    if (plan.kind === 'impossible') {
      return { kind: 'answer', answer: refusal('impossible', plan.message) };
    }
    const refused = plan.preview.refusal;
    if (refused) return { kind: 'answer', answer: refusal(refused.code, refused.message) };
    return { kind: 'ask', plan };
  }
}

function refusal(code: string, message: string): Readonly<Record<string, unknown>> {
  return { status: 'not_installed', code, message };
}

function underWay(
  { ollamaName, backend }: PoolInstallRequest,
  run?: PullRun,
): Readonly<Record<string, unknown>> {
  return {
    ...{ status: 'downloading', name: ollamaName, backend, percent: run?.percent ?? null },
    message:
      'The download goes on. The user sees it in the Pool view and can stop it there; model_pool_list_models shows the model when it is there.',
  };
}
