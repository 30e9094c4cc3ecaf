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
  readonly shift: boolean;
  /** Time that the last caller wanted it kept, in milliseconds. */
  keepAliveMs: number;
  /** The process has died: still listed, and loaded anew for the next call. */
  dead: boolean;
  inUse: number;
  /** The turn after everybody who waits: a model answers one call at a time. */
  turn: Promise<void>;
}

/** What a call wants of the loaded model; where one of these differs, the model is loaded anew. */
export interface Wish {
  readonly contextTokens: number | undefined;
  /** Whether a full context makes room for more; false ends the answer. */
  readonly shift: boolean;
}

export interface RunnerSettings {
  /** Time to load a model, in milliseconds. */
  loadMs: number;
  /** Calls that may wait while a model loads (OLLAMA_MAX_QUEUE). */
  maxQueue: number;
  /** Models that are loaded at once (OLLAMA_MAX_LOADED_MODELS); another one takes the place of an idle one. */
  maxLoaded: number;
  /** Part of each model in video memory, 0 to 1. */
  gpuShare: number;
}

export type Lease =
  | {
      readonly status: 'ready';
      readonly runner: Runner;
      readonly loadMs: number;
      readonly release: () => void;
      /** The model's process has died under this call. */
      readonly crash: () => void;
    }
  | { readonly status: 'busy' }
  | { readonly status: 'left' };

/** The loaded models. Two names of the same weights are one runner, listed under the name that loaded it. */
export class Runners {
  readonly #slots = new Map<string, Slot>();
  #loading: Promise<unknown> | null = null;
  #waiting = 0;

  constructor(
    private readonly settings: RunnerSettings,
    private readonly nowMs: () => number,
  ) {}

  /** Loads the model if it must and waits for its turn; `release` starts the keep-alive clock. */
  async acquire(model: StoredModel, wish: Wish, keepAliveMs: number, signal: AbortSignal): Promise<Lease> {
    const started = performance.now();
    const contextTokens = contextFor(model.package.facts, wish.contextTokens);
    const key = weightsKey(model);
    this.#dropExpired();
    let slot = this.#fitting(key, contextTokens, wish.shift);
    if (slot === undefined) {
      const loaded = await this.#load(model, contextTokens, wish.shift, signal);
      if (typeof loaded === 'string') return { status: loaded };
      slot = loaded;
    }
    const loadMs = performance.now() - started;
    const turn = await this.#takeTurn(slot, signal);
    if (turn === null) return { status: 'left' };
    const release = (): void => {
      slot.inUse -= 1;
      slot.keepAliveMs = keepAliveMs;
      slot.runner.expiresAtMs = this.nowMs() + keepAliveMs;
      if (keepAliveMs <= 0 && slot.inUse === 0 && this.#slots.get(key) === slot) this.#slots.delete(key);
      turn();
    };
    const crash = (): void => {
      slot.dead = true;
    };
    return { status: 'ready', runner: slot.runner, loadMs, release, crash };
  }

  /** Takes a model out of memory, if it is there. */
  unload(model: StoredModel): void {
    this.#slots.delete(weightsKey(model));
  }

  /** What `/api/ps` lists: loaded and not expired, the longest to live first, by whole seconds. */
  list(): Runner[] {
    this.#dropExpired();
    const seconds = (runner: Runner): number => Math.floor(runner.expiresAtMs / 1_000);
    return [...this.#slots.values()].map((slot) => slot.runner).sort((a, b) => seconds(b) - seconds(a));
  }

  clear(): void {
    this.#slots.clear();
  }

  async #load(
    model: StoredModel,
    contextTokens: number,
    shift: boolean,
    signal: AbortSignal,
  ): Promise<Slot | 'busy' | 'left'> {
    const key = weightsKey(model);
    while (this.#loading !== null) {
      if (this.#waiting >= this.settings.maxQueue) return 'busy';
      this.#waiting += 1;
      await this.#loading;
      this.#waiting -= 1;
      if (signal.aborted) return 'left';
      const ready = this.#fitting(key, contextTokens, shift);
      if (ready !== undefined) return ready;
    }
    const loading = this.#makeRoom(key).then(() => pause(this.settings.loadMs, signal));
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
    const slot: Slot = {
      runner,
      shift,
      keepAliveMs: 0,
      dead: false,
      inUse: 0,
      turn: Promise.resolve(),
    };
    this.#slots.set(key, slot);
    return slot;
  }

  #fitting(key: string, contextTokens: number, shift: boolean): Slot | undefined {
    const slot = this.#slots.get(key);
    const fits = slot?.runner.contextTokens === contextTokens && slot.shift === shift && !slot.dead;
    return fits ? slot : undefined;
  }

  #dropExpired(): void {
    const now = this.nowMs();
    for (const [key, slot] of this.#slots) {
      if (slot.inUse === 0 && slot.runner.expiresAtMs <= now) this.#slots.delete(key);
    }
  }

  /**
   * Waits until the same weights are idle, for a model is not reloaded under anybody, and takes another model out
   * where there are too many: the shortest keep-alive first, then by the weights' digest, as the real scheduler does.
   */
  async #makeRoom(key: string): Promise<void> {
    const same = this.#slots.get(key);
    if (same !== undefined) return same.turn;
    while (this.#slots.size >= this.settings.maxLoaded) {
      const [next] = [...this.#slots].sort(
        ([aKey, a], [bKey, b]) =>
          Math.min(a.inUse, 1) - Math.min(b.inUse, 1) ||
          a.keepAliveMs - b.keepAliveMs ||
          (aKey < bKey ? -1 : 1),
      );
      if (next === undefined) return;
      await next[1].turn;
      if (next[1].inUse === 0) this.#slots.delete(next[0]);
    }
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
