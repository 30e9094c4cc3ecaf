import * as l10n from '@vscode/l10n';
import type { BackendConfig } from '../backends/contract';
import type { UseCounter } from '../dispatch/inUse';
import { measureRates, type MeasuredRates, type NotMeasured } from '../dispatch/measure';
import { tryToolCalling, type ToolCallingVerdict } from '../dispatch/toolCallingProbe';
import type { TrialDispatcher } from '../dispatch/trialCall';
import { UNLOADING_KINDS, unloadModel } from '../dispatch/unload';
import { routeOfTrial, warmModel, whyNotOurs, type Warmed } from '../dispatch/warm';
import type { ModelRegistry } from '../registry/registry';
import type { RegisteredModel } from '../registry/row';
import { isoNow, type Clock } from '../shared/clock';
import type { HttpClient } from '../shared/http';
import { modelRefKey, type Measurement, type ModelRef } from '../shared/modelRef';
import type { ContextFacts, LoadContexts } from './loadContexts';
import { placedAs, quantOf, type MeasurementStore } from './measurementStore';
import { modelSubject } from './modelSubject';
import type { ToolCallingFinding, ToolCallingStore } from './toolCallingStore';

export interface ModelTrialsOptions {
  readonly registry: Pick<ModelRegistry, 'find' | 'listAllByBackend'>;
  readonly dispatcher: TrialDispatcher;
  /** Counts a model as in use, as a call does, until the returned function is called. */
  readonly hold: UseCounter['enter'];
  readonly backend: (id: string) => BackendConfig | undefined;
  readonly http: (backendId: string) => HttpClient;
  /** Asks a backend again what it serves. */
  readonly refresh: (backendId: string, signal?: AbortSignal) => Promise<void>;
  readonly contexts: LoadContexts;
  readonly toolCalling: ToolCallingStore;
  readonly measurements: MeasurementStore;
  readonly clock: Clock;
}

/** What loading a model would mean, before it is done. */
export type WarmPlan =
  | {
      readonly ok: true;
      readonly model: RegisteredModel;
      /** Tokens that are asked for; null: as its server likes it. */
      readonly contextTokens: number | null;
      readonly isLoaded: boolean;
      /** Whether it is loaded anew, with more context than it has now. */
      readonly reloads: boolean;
      /** Loaded models that its server may put out for it. */
      readonly mayDisplace: readonly RegisteredModel[];
    }
  | { readonly ok: false; readonly message: string };

export type WarmResult =
  | (Extract<Warmed, { ok: true }> & {
      /** What it was asked to allocate; null: nothing was said. */
      readonly contextAsked: number | null;
      /** What its server has allocated; null where it does not say. */
      readonly contextTokens: number | null;
      /** Models that were loaded before and are not any more. */
      readonly displaced: readonly RegisteredModel[];
    })
  | { readonly ok: false; readonly message: string };

export type MeasureResult =
  (MeasuredRates & { readonly measurement: Measurement; readonly loadMs: number | null }) | NotMeasured;

export type UnloadResult =
  | {
      readonly ok: true;
      /** Whether its server has let go of it already; else it does when the calls that run have ended. */
      readonly isGone: boolean;
    }
  | { readonly ok: false; readonly message: string };

/** `run` from 1; 0 is the one that does not count. */
export type TrialProgress =
  { readonly phase: 'loading' | 'checking' } | { readonly phase: 'measuring'; readonly run: number };

export interface TrialOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: TrialProgress) => void;
  /** Context that it must be loaded with at least, in tokens. */
  readonly minContext?: number;
}

/**
 * What is done to a model rather than with it: loading it before it is needed, measuring how fast it is, trying whether it
 * calls tools. While any of these runs the model counts as in use, so that no window removes it. What came of it is
 * stored for all windows. Rejects only with the reason of an abort.
 */
export class ModelTrials {
  /** Models whose tool calling is being tried: what is known of it must not decide how it is asked. */
  readonly #trying = new Set<string>();

  constructor(private readonly options: ModelTrialsOptions) {}

  /** Whether a model calls tools, as far as that was tried or taken from its list; undefined: nobody has. */
  toolCalling(model: RegisteredModel): boolean | undefined {
    return this.#trying.has(modelRefKey(model)) ? undefined : this.toolCallingFound(model)?.callsTools;
  }

  /** As `toolCalling`, with how and when that was found. */
  toolCallingFound(model: RegisteredModel): ToolCallingFinding | undefined {
    return this.options.toolCalling.find(modelSubject(model));
  }

  /** The newest measurement of a model on its machine; null where it was never measured there. */
  measured(model: RegisteredModel): Measurement | null {
    const host = this.options.backend(model.backend)?.host;
    return host === undefined ? null : this.options.measurements.newest(host, modelSubject(model));
  }

  /** Every measurement of this machine and of those that are known by name, newest first. */
  measurements(): readonly Measurement[] {
    return this.options.measurements.all();
  }

  /** Calls the listener when something was measured or found of tool calling, in this window or another one. */
  onDidChange(listener: () => void): () => void {
    const { measurements, toolCalling } = this.options;
    const stops = [measurements.onDidChange(listener), toolCalling.onDidChange(listener)];
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** The context that a model is to be loaded with, at least `need` tokens; null: its server's own. */
  contextFor(model: RegisteredModel, need?: number): number | null {
    return this.options.contexts.choiceFor(model, need).contextTokens;
  }

  /** What choosing a context for a model rests on; null where calls to it take none. Never rejects. */
  contextFacts(model: RegisteredModel): Promise<ContextFacts | null> {
    return this.options.contexts.factsOf(model);
  }

  /** Calls the listener when the context of a model that is not loaded may be another one than was said before. */
  onDidChangeContexts(listener: () => void): () => void {
    return this.options.contexts.onDidChange(listener);
  }

  /** Tries whether a model calls tools, and keeps what was found unless that is inconclusive. */
  async probeToolCalling(ref: ModelRef, signal: AbortSignal): Promise<ToolCallingVerdict> {
    const { toolCalling, dispatcher, clock } = this.options;
    const model = await this.#find(ref, signal);
    if (!model) return { result: 'inconclusive', message: notThere(ref), recordId: null };
    const key = modelRefKey(ref);
    this.#trying.add(key);
    const verdict = await this.#using(ref, () => tryToolCalling(dispatcher, ref, signal)).finally(() =>
      this.#trying.delete(key),
    );
    if (verdict.result === 'inconclusive') return verdict;
    await toolCalling.save(modelSubject(model), {
      ...{ callsTools: verdict.result === 'yes', how: verdict.how, foundAtMs: clock.now() },
    });
    return verdict;
  }

  /** Says what `warm` would do; asks nobody and changes nothing. */
  planWarm(ref: ModelRef, minContext?: number): WarmPlan {
    const { registry, dispatcher, contexts } = this.options;
    const resolved = routeOfTrial(dispatcher, { model: ref, sessionId: 'warm' });
    if (!resolved.ok) return resolved;
    const { route } = resolved;
    const why = whyNotOurs(route);
    if (why !== undefined) return { ok: false, message: why };
    const model = registry.find(ref.backend, ref.provider, ref.modelId);
    if (!model) return { ok: false, message: notThere(ref) };
    const choice = contexts.choiceFor(model, minContext);
    // Where the user has its calls speak another dialect, they cannot ask for a context, and neither may we.
    const contextTokens = route.wireFormat === 'ollama' ? choice.contextTokens : null;
    const reloads = contextTokens !== null && choice.reloads;
    const isLoaded = model.running !== undefined;
    return {
      ...{ ok: true, model, contextTokens, isLoaded, reloads },
      mayDisplace: isLoaded && !reloads ? [] : contexts.displacedBy(model, contextTokens),
    };
  }

  /**
   * Whether a model is loaded by a server that lets go of it on request. A llama-server that was started with one model
   * does not, and lists that one alone.
   */
  canUnload({ backend, running }: RegisteredModel): boolean {
    const kind = this.options.backend(backend)?.kind;
    if (!running || kind === undefined || !UNLOADING_KINDS.includes(kind)) return false;
    return kind !== 'llama_server' || this.#servedBy(backend).length > 1;
  }

  /** Has a model's server let go of it, and looks whether it has. */
  async unload(ref: ModelRef, signal: AbortSignal): Promise<UnloadResult> {
    const { registry, refresh } = this.options;
    const unloaded = await unloadModel(this.options, { model: ref, signal });
    if (!unloaded.ok) return unloaded;
    await refresh(ref.backend, signal);
    const model = registry.find(ref.backend, ref.provider, ref.modelId);
    return { ok: true, isGone: model?.running === undefined };
  }

  /** Loads a model so that the next call does not wait for it. */
  async warm(ref: ModelRef, options: TrialOptions): Promise<WarmResult> {
    return this.#using(ref, () => this.#warm(ref, options));
  }

  /**
   * Measures a model where it is loaded, after loading it with the context that calls give it. The load's time is part of
   * the measurement where it was not loaded before.
   */
  async measure(ref: ModelRef, options: TrialOptions): Promise<MeasureResult> {
    return this.#using(ref, () => this.#measure(ref, options));
  }

  async #warm(ref: ModelRef, { signal, onProgress, minContext }: TrialOptions): Promise<WarmResult> {
    const { registry, contexts, refresh, dispatcher } = this.options;
    const resolved = routeOfTrial(dispatcher, { model: ref, sessionId: 'warm' });
    const why = resolved.ok ? whyNotOurs(resolved.route) : undefined;
    if (why !== undefined) return { ok: false, message: why };
    // What was loaded at the last look may be gone, and then the time that the load takes would be nobody's.
    await refresh(ref.backend, signal);
    await contexts.prepare();
    const plan = this.planWarm(ref, minContext);
    if (!plan.ok) return plan;
    const { contextTokens, isLoaded, reloads } = plan;
    const before = this.#loadedOn(ref.backend);
    onProgress?.({ phase: 'loading' });
    // Before it is loaded: a call that is made meanwhile must ask for the same.
    if (contextTokens !== null) await contexts.note(plan.model, contextTokens);
    const warmed = await warmModel(this.options, {
      ...{ model: ref, isLoaded: isLoaded && !reloads, contextTokens, signal },
    });
    if (!warmed.ok) return warmed;
    onProgress?.({ phase: 'checking' });
    await refresh(ref.backend, signal);
    const after = registry.find(ref.backend, ref.provider, ref.modelId);
    const stillLoaded = new Set(this.#loadedOn(ref.backend).map(modelRefKey));
    return {
      ...{ ...warmed, contextAsked: contextTokens },
      contextTokens: after?.running?.contextTokens ?? after?.capabilities.allocatedContext ?? null,
      displaced: before.filter((model) => !stillLoaded.has(modelRefKey(model))),
    };
  }

  async #measure(ref: ModelRef, options: TrialOptions): Promise<MeasureResult> {
    const { registry, dispatcher, backend, measurements, clock } = this.options;
    const warmed = await this.#warm(ref, options);
    if (!warmed.ok) return { ...warmed, recordId: null };
    const rates = await measureRates(dispatcher, {
      ...{ model: ref, signal: options.signal, head: clock.now().toString(36) },
      onRun: (run) => options.onProgress?.({ phase: 'measuring', run }),
    });
    if (!rates.ok) return rates;
    const model = registry.find(ref.backend, ref.provider, ref.modelId);
    const hostId = backend(ref.backend)?.host;
    if (!model || hostId === undefined) return { ok: false, message: notThere(ref), recordId: null };
    const { decodeTokPerSec, promptTokPerSec, promptTokens, answerTokens } = rates;
    const { loadMs } = warmed;
    const measurement: Measurement = {
      ...{ hostId, digest: modelSubject(model), quant: quantOf(model.capabilities.quant) },
      // Where nobody says how much is allocated, what was used says at least that.
      contextTokens: warmed.contextTokens ?? Math.max(1, (promptTokens ?? 0) + answerTokens),
      ...(promptTokens === null ? {} : { readTokens: Math.round(promptTokens + answerTokens / 2) }),
      ...placedAs(model.running),
      decodeTokPerSec,
      ...(promptTokPerSec === undefined ? {} : { promptTokPerSec }),
      ...(loadMs === null ? {} : { loadMs }),
      measuredAt: isoNow(clock),
      from: 'measure',
    };
    await measurements.save(measurement);
    return { ...rates, measurement, loadMs };
  }

  /** Counts the model as in use until the trial has ended. */
  async #using<T>(ref: ModelRef, trial: () => Promise<T>): Promise<T> {
    const leave = this.options.hold(ref);
    try {
      return await trial();
    } finally {
      leave();
    }
  }

  /** Asks its backend where the model is not listed. */
  async #find(ref: ModelRef, signal: AbortSignal): Promise<RegisteredModel | undefined> {
    const { registry, refresh } = this.options;
    signal.throwIfAborted();
    const known = registry.find(ref.backend, ref.provider, ref.modelId);
    if (known) return known;
    await refresh(ref.backend, signal);
    return registry.find(ref.backend, ref.provider, ref.modelId);
  }

  #loadedOn(backendId: string): readonly RegisteredModel[] {
    return this.#servedBy(backendId).filter(({ running }) => running !== undefined);
  }

  #servedBy(backendId: string): readonly RegisteredModel[] {
    return this.options.registry.listAllByBackend().get(backendId) ?? [];
  }
}

function notThere({ backend, modelId }: ModelRef): string {
  return l10n.t(
    '{0} does not list the model {1}. Refresh the list, or pick another model.',
    backend,
    modelId,
  );
}
