import type { BackendConfig } from '../backends/contract';
import type { Candidate } from '../catalog/candidate';
import {
  chooseContext,
  displacesOthers,
  largestFittingContext,
  type ContextChoice,
  type ContextQuestion,
  type LoadedSize,
  type ModelToLoad,
} from '../dispatch/contextChoice';
import { isUnknownHardware } from '../hardware/overrideProfile';
import type { HardwareProfile } from '../hardware/profile';
import type { ModelRegistry } from '../registry/registry';
import type { RegisteredModel } from '../registry/row';
import type { Clock } from '../shared/clock';
import { messageOf } from '../shared/errors';
import { Emitter } from '../shared/events';
import type { Logger } from '../shared/logger';
import { modelRefKey, sameModelRef, type HostId } from '../shared/modelRef';
import type { ContextStore } from './contextStore';
import { modelSubject } from './modelSubject';

export interface LoadContextsOptions {
  readonly store: ContextStore;
  readonly registry: Pick<ModelRegistry, 'listAllByBackend'>;
  readonly backend: (id: string) => BackendConfig | undefined;
  /** What a machine is. Never rejects. */
  readonly profileOf: (host: HostId) => Promise<HardwareProfile>;
  /** Every model of the catalogue. */
  readonly candidates: () => Promise<readonly Candidate[]>;
  /** The catalogue's id of a served model. */
  readonly canonicalId: (model: RegisteredModel) => string | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What the choice of a context for a model rests on. */
export interface ContextFacts {
  readonly model: ModelToLoad;
  /** The machine that it runs on; null: nobody knows it. */
  readonly hardware: HardwareProfile | null;
  /** Tokens that it is loaded with now; null: it is not, or nobody says. */
  readonly allocated: number | null;
}

/** What was read of machines and models, and what came of it. */
interface Facts {
  readonly profiles: ReadonlyMap<HostId, HardwareProfile>;
  readonly byId: ReadonlyMap<string, Candidate>;
  /** Largest fitting context by model; filled when asked for, thrown away when the rows change. */
  fits: Map<string, number | null>;
}

/**
 * How long the number of a load stands although the model is listed as not loaded: it is not listed while it loads, which
 * takes ten minutes at most.
 */
const LOADING_MS = 10 * 60_000;
/** A number that is asked for again and again is written down this often. */
const NOTE_AGAIN_MS = LOADING_MS / 2;
const US_PER_MS = 1_000;
/** Where nobody says with how many tokens a model is loaded, for what it displaces. */
const USUAL_CONTEXT_TOKENS = 4_096;
const BILLIONS = /^([\d.]+)\s*([BMK])$/i;
const UNITS: Readonly<Record<string, number>> = { B: 1, M: 1e-3, K: 1e-6 };

/**
 * With which context each model is to be loaded on its machine. Only Ollama takes a context with its calls: for all others
 * it is their own. Answers at once, from what was read before; machines and catalogue are read in the background, and
 * until then only what is loaded or was loaded last is known.
 */
export class LoadContexts {
  #facts: Facts | undefined;
  #reading: Promise<void> | undefined;
  /** Counts what makes a read that is under way worthless. */
  #round = 0;
  readonly #changed: Emitter<void>;
  /** Calls the listener when what was read in the background may have changed a choice. */
  readonly onDidChange: (listener: () => void) => () => void;

  constructor(private readonly options: LoadContextsOptions) {
    this.#changed = new Emitter((error) =>
      options.logger.log('error', 'contexts.listener_failed', { error }),
    );
    this.onDidChange = this.#changed.on;
  }

  /** Reads machines and catalogue, as far as that was not done. Never rejects. */
  async prepare(): Promise<void> {
    if (!this.#facts && this.#hosts().size > 0) await (this.#reading ??= this.#read());
  }

  /** To be called when other rows are listed: other models are loaded then, maybe on another machine. */
  rowsChanged(): void {
    if (!this.#facts) {
      void this.prepare();
      return;
    }
    this.#facts.fits = new Map();
    const { profiles } = this.#facts;
    if ([...this.#hosts()].some((host) => !profiles.has(host))) this.#again();
  }

  /** To be called when a machine or the catalogue is another one. */
  factsChanged(): void {
    if (this.#facts || this.#reading) this.#again();
  }

  choiceFor(model: RegisteredModel, need?: number): ContextChoice {
    const config = this.options.backend(model.backend);
    if (config?.kind !== 'ollama' || model.capabilities.embedding === true)
      return { contextTokens: null, reloads: false };
    void this.prepare();
    return chooseContext({
      need,
      ...this.#held(model, config.host),
      own: model.capabilities.ownContext,
      fits: this.#fits(model, config.host),
      contextMax: model.capabilities.contextLength ?? this.#candidateOf(model)?.architecture?.contextMax,
    });
  }

  /** For a choice that a person makes. Null where calls to the model take no context. Never rejects. */
  async factsOf(model: RegisteredModel): Promise<ContextFacts | null> {
    const config = this.options.backend(model.backend);
    if (config?.kind !== 'ollama' || model.capabilities.embedding === true) return null;
    await this.prepare();
    const profile = this.#facts?.profiles.get(config.host);
    return {
      model: this.#shapeOf(model),
      hardware: profile && !isUnknownHardware(profile) ? profile : null,
      allocated: model.running?.contextTokens ?? null,
    };
  }

  /** Remembers that a model is loaded with this context from now on. */
  async note(model: RegisteredModel, contextTokens: number): Promise<void> {
    const { store, backend, clock } = this.options;
    const host = backend(model.backend)?.host;
    if (host === undefined) return;
    const subject = modelSubject(model);
    const known = store.find(host, subject);
    if (known?.contextTokens === contextTokens) {
      const sinceMs = clock.now() - known.chosenAtMs;
      const isToldOtherwise =
        isLoadedWith(model, contextTokens) === false && known.chosenAtMs <= seenAtMs(model);
      if (sinceMs >= 0 && sinceMs < NOTE_AGAIN_MS && !isToldOtherwise) return;
    }
    await store.save(host, subject, { contextTokens, chosenAtMs: clock.now() });
  }

  /** Loaded models of the same backend that its server may put out for this one. */
  displacedBy(model: RegisteredModel, contextTokens: number | null): readonly RegisteredModel[] {
    const config = this.options.backend(model.backend);
    const others = (this.options.registry.listAllByBackend().get(model.backend) ?? []).filter(
      (other) => other.running && !sameModelRef(other, model),
    );
    if (!config || others.length === 0) return [];
    // How many models another server holds at once is its own setting, which it does not tell.
    if (config.kind !== 'ollama') return others;
    const profile = this.#facts?.profiles.get(config.host);
    if (!profile || isUnknownHardware(profile)) return [];
    const tokens = contextTokens ?? USUAL_CONTEXT_TOKENS;
    const loaded = this.#loadedBeside(model, config.host);
    return displacesOthers(this.#shapeOf(model), tokens, profile, loaded) ? others : [];
  }

  /** What it is loaded with, or may be: a call that was made since it was looked at may have loaded it anew. */
  #held(model: RegisteredModel, host: HostId): Pick<ContextQuestion, 'loaded' | 'remembered'> {
    const { running } = model;
    const known = this.options.store.find(host, modelSubject(model));
    const seenMs = seenAtMs(model);
    if (running) return { loaded: known && seenMs < known.chosenAtMs ? known : running };
    return known && seenMs < known.chosenAtMs + LOADING_MS ? { remembered: known.contextTokens } : {};
  }

  #fits(model: RegisteredModel, host: HostId): number | null {
    const profile = this.#facts?.profiles.get(host);
    if (!this.#facts || !profile || isUnknownHardware(profile)) return null;
    const key = modelRefKey(model);
    const known = this.#facts.fits.get(key);
    if (known !== undefined) return known;
    const fits = largestFittingContext(this.#shapeOf(model), profile, this.#loadedBeside(model, host));
    this.#facts.fits.set(key, fits);
    return fits;
  }

  #candidateOf(model: RegisteredModel): Candidate | undefined {
    return this.#facts?.byId.get(this.options.canonicalId(model) ?? '');
  }

  /** By the catalogue where it knows the model, with the size and the maximum that the server tells. */
  #shapeOf(model: RegisteredModel): ModelToLoad {
    const { quant = '', sizeBytes, contextLength, parameterSize } = model.capabilities;
    const candidate = this.#candidateOf(model);
    const architecture = candidate?.architecture;
    return {
      sizeB: candidate?.sizeB ?? billionsOf(parameterSize),
      activeB: candidate?.activeB,
      quant,
      fileBytes: sizeBytes,
      architecture:
        contextLength === undefined ? architecture : { ...architecture, contextMax: contextLength },
    };
  }

  /** Of all backends on a machine. */
  #loadedBeside(model: RegisteredModel, host: HostId): readonly LoadedSize[] {
    return [...this.options.registry.listAllByBackend()].flatMap(([backend, models]) => {
      if (this.options.backend(backend)?.host !== host) return [];
      return models.flatMap((other) => {
        if (!other.running || sameModelRef(other, model)) return [];
        const sizeBytes = other.running.sizeBytes ?? other.capabilities.sizeBytes ?? 0;
        return [{ sizeBytes, vramBytes: other.running.vramBytes ?? sizeBytes }];
      });
    });
  }

  /** Those that take a context with their calls. */
  #models(): readonly RegisteredModel[] {
    return [...this.options.registry.listAllByBackend()].flatMap(([id, models]) =>
      this.options.backend(id)?.kind === 'ollama' ? models.filter(isSeen) : [],
    );
  }

  /**
   * Machines whose models take a context with their calls; not before their backend was asked once, for what ships with
   * us is listed at every start, and says of no machine that it is used.
   */
  #hosts(): ReadonlySet<HostId> {
    const hosts = this.#models().flatMap(({ backend }) => this.options.backend(backend)?.host ?? []);
    return new Set(hosts);
  }

  #again(): void {
    this.#round += 1;
    if (this.#hosts().size > 0) this.#reading = this.#read();
  }

  async #read(): Promise<void> {
    const { profileOf, candidates, logger } = this.options;
    const round = this.#round;
    try {
      const [profiles, all] = await Promise.all([
        Promise.all([...this.#hosts()].map(async (host) => [host, await profileOf(host)] as const)),
        candidates(),
      ]);
      if (round !== this.#round) return;
      const byId = new Map(all.map((candidate) => [candidate.hfRepoId, candidate]));
      this.#facts = { profiles: new Map(profiles), byId, fits: new Map() };
      // Another machine may have been listed meanwhile.
      this.rowsChanged();
      this.#changed.fire();
    } catch (thrown) {
      logger.log('warn', 'contexts.not_read', { error: messageOf(thrown) });
    } finally {
      if (round === this.#round) this.#reading = undefined;
    }
  }
}

/** Undefined where it is not loaded, or nobody says with how many. */
function isLoadedWith({ running }: RegisteredModel, contextTokens: number): boolean | undefined {
  return running?.contextTokens === undefined ? undefined : running.contextTokens === contextTokens;
}

function seenAtMs({ refreshedAt }: RegisteredModel): number {
  return refreshedAt / US_PER_MS;
}

function isSeen({ source }: RegisteredModel): boolean {
  return source !== 'baseline';
}

/** `8.0B` in billions; 0 for what is not such a text. */
function billionsOf(parameterSize: string | undefined): number {
  const [, amount = '', unit = ''] = BILLIONS.exec(parameterSize ?? '') ?? [];
  return amount === '' ? 0 : Number(amount) * (UNITS[unit.toUpperCase()] ?? 0);
}
