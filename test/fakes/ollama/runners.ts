import type { ModelFacts } from './package';
import { declaredBytes, weightsLayer } from './package';
import { pause } from './pause';
import type { StoredModel } from './store';

/** Context of a model that nobody asked another one for: Ollama's default on a small machine. */
const DEFAULT_CONTEXT_TOKENS = 4_096;

/** Ollama never allocates less. */
const SMALLEST_CONTEXT_TOKENS = 4;

/** Bytes of cache per token of context, so that `size` grows with the context as in the captures. */
const CACHE_BYTES_PER_TOKEN = 8_192;

/** One model in memory. */
export interface Runner {
  readonly model: StoredModel;
  readonly contextTokens: number;
  readonly sizeBytes: number;
  readonly vramBytes: number;
  expiresAtMs: number;
}

interface Slot {
  readonly runner: Runner;
  inUse: number;
  /** The turn after everybody who waits: a model answers one call at a time. */
  turn: Promise<void>;
}

export interface RunnerSettings {
  /** Time to load a model, in milliseconds. */
  loadMs: number;
  /** Calls that may wait while a model loads (OLLAMA_MAX_QUEUE). */
  maxQueue: number;
  /** Part of each model in video memory, 0 to 1. */
  gpuShare: number;
}

export type Lease =
  | {
      readonly status: 'ready';
      readonly runner: Runner;
      readonly loadMs: number;
      readonly release: () => void;
    }
  | { readonly status: 'busy' }
  | { readonly status: 'left' };

/**
 * The loaded models. Two names of the same weights are one runner, listed under the name that loaded it; another
 * context length loads it anew.
 */
export class Runners {
  readonly #slots = new Map<string, Slot>();
  #loading: Promise<unknown> | null = null;
  #waiting = 0;

  constructor(
    private readonly settings: RunnerSettings,
    private readonly nowMs: () => number,
  ) {}

  /** Loads the model if it must and waits for its turn; `release` starts the keep-alive clock. */
  async acquire(
    model: StoredModel,
    wantedContext: number | undefined,
    keepAliveMs: number,
    signal: AbortSignal,
  ): Promise<Lease> {
    const started = performance.now();
    const contextTokens = contextFor(model.package.facts, wantedContext);
    const key = weightsKey(model);
    let slot = this.#slots.get(key);
    if (slot?.runner.contextTokens !== contextTokens) {
      const loaded = await this.#load(model, contextTokens, signal);
      if (typeof loaded === 'string') return { status: loaded };
      slot = loaded;
    }
    const loadMs = performance.now() - started;
    const turn = await this.#takeTurn(slot, signal);
    if (turn === null) return { status: 'left' };
    const release = (): void => {
      slot.inUse -= 1;
      slot.runner.expiresAtMs = this.nowMs() + keepAliveMs;
      if (keepAliveMs <= 0 && slot.inUse === 0 && this.#slots.get(key) === slot) this.#slots.delete(key);
      turn();
    };
    return { status: 'ready', runner: slot.runner, loadMs, release };
  }

  /** Takes a model out of memory; true also where it was not there, as the real server answers. */
  unload(model: StoredModel): void {
    this.#slots.delete(weightsKey(model));
  }

  /** What `/api/ps` lists: loaded and not expired, the longest to live first, by whole seconds. */
  list(): Runner[] {
    const now = this.nowMs();
    for (const [key, slot] of this.#slots) {
      if (slot.inUse === 0 && slot.runner.expiresAtMs <= now) this.#slots.delete(key);
    }
    const seconds = (runner: Runner): number => Math.floor(runner.expiresAtMs / 1_000);
    return [...this.#slots.values()].map((slot) => slot.runner).sort((a, b) => seconds(b) - seconds(a));
  }

  clear(): void {
    this.#slots.clear();
  }

  async #load(
    model: StoredModel,
    contextTokens: number,
    signal: AbortSignal,
  ): Promise<Slot | 'busy' | 'left'> {
    const key = weightsKey(model);
    while (this.#loading !== null) {
      if (this.#waiting >= this.settings.maxQueue) return 'busy';
      this.#waiting += 1;
      await this.#loading;
      this.#waiting -= 1;
      if (signal.aborted) return 'left';
      const ready = this.#slots.get(key);
      if (ready?.runner.contextTokens === contextTokens) return ready;
    }
    const loading = this.#idle(key).then(() => pause(this.settings.loadMs, signal));
    this.#loading = loading;
    const end = await loading;
    this.#loading = null;
    if (end === 'aborted') return 'left';
    const sizeBytes = declaredBytes(model.package) + contextTokens * CACHE_BYTES_PER_TOKEN;
    const runner: Runner = {
      model,
      contextTokens,
      sizeBytes,
      vramBytes: Math.round(sizeBytes * this.settings.gpuShare),
      expiresAtMs: Infinity,
    };
    const slot: Slot = { runner, inUse: 0, turn: Promise.resolve() };
    this.#slots.set(key, slot);
    return slot;
  }

  /** A model that answers somebody is not reloaded under them. */
  async #idle(key: string): Promise<void> {
    await this.#slots.get(key)?.turn;
  }

  async #takeTurn(slot: Slot, signal: AbortSignal): Promise<(() => void) | null> {
    const before = slot.turn;
    let done: () => void = () => undefined;
    slot.turn = new Promise((resolve) => (done = resolve));
    slot.inUse += 1;
    await before;
    if (!signal.aborted) return done;
    slot.inUse -= 1;
    done();
    return null;
  }
}

function weightsKey(model: StoredModel): string {
  return weightsLayer(model.package)?.digest ?? model.digest;
}

/** Context that is allocated: at most the model's own, silently. */
function contextFor(facts: ModelFacts, wanted: number | undefined): number {
  return Math.min(facts.contextLength, Math.max(SMALLEST_CONTEXT_TOKENS, wanted ?? DEFAULT_CONTEXT_TOKENS));
}
