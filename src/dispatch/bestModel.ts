import * as l10n from '@vscode/l10n';
import type { BackendConfig, BackendKind } from '../backends/contract';
import type { ModelRegistry } from '../registry/registry';
import type { RegisteredModel } from '../registry/row';
import { compareCodePoints } from '../shared/codePointOrder';
import type { HostId, ModelRef } from '../shared/modelRef';
import { LOCAL_HOST, modelRefKey } from '../shared/modelRef';
import { formatNumber } from '../shared/numberText';
import type { CapabilityRule } from '../shared/routeSettings';
import type { Task } from '../shared/settings';
import { taskWord } from '../shared/taskWord';
import type { BreakerState, BreakerView } from './breaker';
import { capabilitiesOf, traitsOf, type ModelCapabilities } from './capabilityTable';
import type { ModelNeed } from './chat';

/** An installed model that can be talked to, for the choice of the best one. */
export interface ModelCandidate {
  readonly model: RegisteredModel;
  readonly host: HostId;
  /** Its score for the task on that machine, 0..100; null where it is not ranked. */
  readonly score: number | null;
}

/** What is known of models without asking any of them. */
export interface ModelKnowledge {
  readonly registry: Pick<ModelRegistry, 'backend'>;
  readonly backend: (id: string) => BackendConfig | undefined;
  /** Whether a kind is a provider's own service. */
  readonly isHosted: (kind: BackendKind) => boolean;
  readonly task: () => Task;
  /** Every installed chat model, in no order. */
  readonly candidates: (task: Task) => readonly ModelCandidate[];
  readonly capabilityRules: () => readonly CapabilityRule[];
  /** Whether a model calls tools, as found by trying; undefined: not tried. */
  readonly toolCalling: (model: RegisteredModel) => boolean | undefined;
}

/** A model that could have been taken, and where it stands. */
export interface RunnerUp {
  readonly ref: ModelRef;
  readonly why: string;
}

export type BestModels =
  /** Best first. */
  | { readonly ok: true; readonly models: readonly [RunnerUp, ...RunnerUp[]] }
  /** What is missing and what to do, in sentences. */
  | { readonly ok: false; readonly sentences: readonly string[] };

/**
 * Points that a model's score counts less where it is not known to have what is needed: as much as the pool takes for a
 * real difference between two models (a proposal's threshold), so that a model that is known to call tools
 * stands before one of about the same score that only might.
 */
const UNSURE_POINTS = 5;

const BREAKER_ORDER: Readonly<Record<BreakerState, number>> = { closed: 0, half_open: 1, open: 2 };

interface Place {
  readonly candidate: ModelCandidate;
  readonly kind: BackendKind;
  readonly breaker: BreakerState;
  /** Whether its backend has answered. */
  readonly answered: boolean;
  /** Whether it calls tools; undefined where nobody knows, and where that does not count. */
  readonly tools: boolean | undefined;
  /** Tokens that it can be called with; undefined where nobody says. */
  readonly context: number | undefined;
}

/** Whether a model calls tools: the user's word, else what trying it showed, else what its server says. */
export function callsTools(
  model: RegisteredModel | null,
  { tools }: Pick<ModelCapabilities, 'tools'>,
  { toolCalling }: Pick<ModelKnowledge, 'toolCalling'>,
): boolean | undefined {
  return tools ?? (model ? (toolCalling(model) ?? model.capabilities.tools) : undefined);
}

/**
 * The installed chat models for a need, best first: those of backends that answer or were not asked yet, on the machine
 * that is asked for, without those that are known not to call tools (where that is needed; the task `agentic` needs it),
 * not to take images (for the task `vision`) or to hold less context than is needed.
 *
 * Models that fail again and again (open breaker) stand last, before them those that are to be tried once more; then
 * come backends that were not asked yet; then the score counts, with 5 points less where it is not known whether the
 * model has what is needed; unranked models stand behind ranked ones. Among equals: known before unknown, this machine
 * before others and those before services, what is loaded before what is not, and the id. The order does not
 * depend on that of the input.
 */
export function bestModels(need: ModelNeed, known: ModelKnowledge, breaker: BreakerView): BestModels {
  const task = need.task ?? known.task();
  const { minContext, host } = need;
  const needsTools = need.requireToolCalling === true || task === 'agentic';
  const reachable = known
    .candidates(task)
    .flatMap((candidate) => placeOf(candidate, needsTools, known, breaker) ?? []);
  if (reachable.length === 0) {
    return missing(
      l10n.t('There is no model to ask: none is picked, and no backend that answers has one that can chat.'),
      l10n.t('Install a recommended model or start a model server, then try again.'),
    );
  }
  const there = reachable.filter(({ candidate }) => host === undefined || candidate.host === host);
  if (there.length === 0) {
    return missing(
      host === LOCAL_HOST
        ? l10n.t('No chat model is served on this machine.')
        : l10n.t('No chat model is served on {0}.', host ?? ''),
      l10n.t('Start a model server there, or ask for a model of any machine.'),
    );
  }
  const calling = there.filter(({ tools }) => !needsTools || tools !== false);
  if (calling.length === 0) {
    return missing(
      l10n.t('A model that calls tools is needed, and none of those that can be reached does.'),
      l10n.t('Install one that does, or say in the setting modelPool.route.capabilities which one can.'),
    );
  }
  const seeing = calling.filter(
    ({ candidate }) => task !== 'vision' || candidate.model.capabilities.vision !== false,
  );
  if (seeing.length === 0) {
    return missing(
      l10n.t('A model that takes images is needed, and none of those that can be reached does.'),
      l10n.t('Install one that does, or choose another task.'),
    );
  }
  const able = seeing.filter(({ context }) => (context ?? Infinity) >= (minContext ?? 0));
  if (able.length === 0) {
    return missing(
      l10n.t(
        'A context of {0} tokens is needed, and none of the models that can be reached has one that long.',
        minContext ?? 0,
      ),
      l10n.t('Send less, or install a model with a longer context.'),
    );
  }
  const isSure = ({ tools, context }: Place): boolean =>
    (!needsTools || tools === true) && (minContext === undefined || context !== undefined);
  const keyed = able.map((place) => ({ place, key: keyOf(place, isSure(place), known) }));
  keyed.sort((a, b) => compareKeys(a.key, b.key));
  const [best, ...others] = keyed.map(({ place }) => runnerUpOf(place, task, isSure(place)));
  if (!best) throw new Error('A list with entries has no first one');
  return { ok: true, models: [best, ...others] };
}

/** What is known of a candidate; undefined where its backend cannot be used now. */
function placeOf(
  candidate: ModelCandidate,
  needsTools: boolean,
  known: ModelKnowledge,
  breaker: BreakerView,
): Place | undefined {
  const { model } = candidate;
  const config = known.backend(model.backend);
  const readiness = known.registry.backend(model.backend)?.readiness ?? 'unknown';
  if (!config || (readiness !== 'ok' && readiness !== 'unknown')) return undefined;
  const { kind } = config;
  return {
    ...{ candidate, kind },
    breaker: breaker.stateOf(refOf(model)),
    answered: readiness === 'ok',
    tools: needsTools ? callsTools(model, ruledOf(model, kind, known), known) : undefined,
    context: contextOf(model, kind),
  };
}

function ruledOf(model: RegisteredModel, kind: BackendKind, known: ModelKnowledge): ModelCapabilities {
  return capabilitiesOf(traitsOf(model, kind, model.capabilities.family), known.capabilityRules());
}

/** Ollama loads a model with the context that a call asks for; elsewhere it was fixed when the server started. */
function contextOf({ capabilities }: RegisteredModel, kind: BackendKind): number | undefined {
  const { contextLength, allocatedContext } = capabilities;
  return kind === 'ollama' ? contextLength : (allocatedContext ?? contextLength);
}

/** Numbers in the order of their weight, smaller first; at last the id. */
interface Key {
  readonly numbers: readonly number[];
  readonly id: string;
}

function keyOf({ candidate, kind, breaker, answered }: Place, sure: boolean, known: ModelKnowledge): Key {
  const { model, host, score } = candidate;
  const isService = kind === 'vscode' || known.isHosted(kind);
  const distance = isService ? 2 : host === LOCAL_HOST ? 0 : 1;
  return {
    numbers: [
      BREAKER_ORDER[breaker],
      answered ? 0 : 1,
      score === null ? Infinity : -(sure ? score : score - UNSURE_POINTS),
      sure ? 0 : 1,
      distance,
      model.running ? 0 : 1,
    ],
    id: modelRefKey(refOf(model)),
  };
}

function compareKeys(a: Key, b: Key): number {
  const at = a.numbers.findIndex((number, index) => number !== b.numbers[index]);
  if (at === -1) return compareCodePoints(a.id, b.id);
  return (a.numbers[at] ?? 0) < (b.numbers[at] ?? 0) ? -1 : 1;
}

function runnerUpOf({ candidate, breaker, answered }: Place, task: Task, sure: boolean): RunnerUp {
  const { model, score } = candidate;
  const parts = [
    score === null
      ? l10n.t('not ranked for {0}', taskWord(task))
      : l10n.t('{0} points for {1}', formatNumber(score, 1), taskWord(task)),
    ...(breaker === 'open' ? [l10n.t('failed again and again, left alone for a while')] : []),
    ...(breaker === 'half_open' ? [l10n.t('failed again and again, to be tried once')] : []),
    ...(answered ? [] : [l10n.t('its backend has not been asked yet')]),
    ...(sure ? [] : [l10n.t('not known to have what is needed')]),
  ];
  return { ref: refOf(model), why: parts.join(', ') };
}

function refOf({ backend, provider, modelId }: RegisteredModel): ModelRef {
  return { backend, provider, modelId };
}

function missing(...sentences: readonly string[]): BestModels {
  return { ok: false, sentences };
}
