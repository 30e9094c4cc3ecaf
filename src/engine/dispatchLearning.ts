import type { BackendConfig } from '../backends/contract';
import type { ModelRegistry } from '../registry/registry';
import { isoNow, type Clock } from '../shared/clock';
import type { DispatchRecord } from '../shared/dispatchRecord';
import { modelRefKey, type Measurement, type ModelRef } from '../shared/modelRef';
import type { LoadContexts } from './loadContexts';
import { placedAs, quantOf, type MeasurementStore } from './measurementStore';
import { digestSubject } from './modelSubject';

export interface DispatchLearningOptions {
  readonly registry: Pick<ModelRegistry, 'find'>;
  readonly backend: (id: string) => BackendConfig | undefined;
  readonly contexts: Pick<LoadContexts, 'note'>;
  readonly measurements: MeasurementStore;
  readonly clock: Clock;
}

/** A shorter answer says little of a rate. */
const FEWEST_TOKENS = 32;
/** Of one model, quantisation and context on one machine one call an hour is kept. */
const KEEP_EVERY_MS = 60 * 60_000;
/** Trials keep what they find themselves. */
const TRIALS: readonly string[] = ['measure', 'probe', 'warm'];

/**
 * Learns from calls that were made anyway: with which context their model is loaded now, and how fast it was where its
 * server timed it.
 */
export class DispatchLearning {
  constructor(private readonly options: DispatchLearningOptions) {}

  /** To be called with the record of every call. Never throws; what it stores is stored in the background. */
  note(record: DispatchRecord): void {
    this.#noteContext(record);
    this.#noteRates(record);
  }

  /** The number was asked for, and an answer began: the model is loaded with it. */
  #noteContext({ wireFormat, contextRequested, firstTokenAt, ...record }: DispatchRecord): void {
    if (wireFormat !== 'ollama' || contextRequested === null || firstTokenAt === null) return;
    const model = this.options.registry.find(record.backend, record.provider, record.model);
    if (model) void this.options.contexts.note(model, contextRequested);
  }

  #noteRates(record: DispatchRecord): void {
    const measurement = this.#measurementOf(record);
    if (!measurement) return;
    const { measurements, clock } = this.options;
    const isKnown = measurements.all().some((known) => {
      const sinceMs = clock.now() - Date.parse(known.measuredAt);
      return isOfOneKey(known, measurement) && sinceMs >= 0 && sinceMs < KEEP_EVERY_MS;
    });
    if (!isKnown) void measurements.save(measurement);
  }

  /**
   * Only of answers that their server timed; ours are off by the way there. The digest is what the registry had at the
   * call, for Ollama that of the manifest; without one the model's own key stands in.
   */
  #measurementOf(record: DispatchRecord): Measurement | undefined {
    const { timings, usage, outcome, backend, provider, model: modelId, contextAllocated } = record;
    const host = this.options.backend(backend)?.host;
    const contextTokens = contextAllocated ?? record.contextRequested;
    const rate = timings?.decodeTokPerSec;
    if (timings?.measuredBy !== 'server' || rate === undefined || !(rate > 0)) return undefined;
    if (outcome.kind !== 'served' || (usage.outputTokens ?? 0) < FEWEST_TOKENS) return undefined;
    if (host === undefined || contextTokens === null || TRIALS.includes(record.sessionId)) return undefined;
    const ref: ModelRef = { backend, provider, modelId };
    const { promptTokPerSec, loadMs } = timings;
    const { inputTokens, outputTokens } = usage;
    return {
      hostId: host,
      digest: record.digest === null ? modelRefKey(ref) : digestSubject(record.digest),
      quant: quantOf(record.quant),
      contextTokens,
      ...(inputTokens === null ? {} : { readTokens: Math.round(inputTokens + (outputTokens ?? 0) / 2) }),
      ...placedAs(this.options.registry.find(backend, provider, modelId)?.running),
      decodeTokPerSec: rate,
      // A prompt that came from the server's cache in part was read faster than it is.
      ...(promptTokPerSec !== undefined && promptTokPerSec > 0 && (usage.cachedTokens ?? 0) === 0
        ? { promptTokPerSec }
        : {}),
      ...(loadMs !== undefined && loadMs >= SHORTEST_LOAD_MS ? { loadMs } : {}),
      measuredAt: isoNow(this.options.clock),
      from: 'dispatch',
    };
  }
}

/** Ollama calls it a load, too, to look up a model that is loaded already, which takes some tens of milliseconds. */
const SHORTEST_LOAD_MS = 500;

function isOfOneKey(a: Measurement, b: Measurement): boolean {
  return (
    a.from === b.from &&
    a.hostId === b.hostId &&
    a.digest === b.digest &&
    a.quant === b.quant &&
    a.contextTokens === b.contextTokens
  );
}
