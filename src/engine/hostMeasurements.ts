import type { Candidate } from '../catalog/candidate';
import { normalizeQuantId } from '../ranking/quantisation';
import type { RankCandidate, RankMeasurement } from '../ranking/rankTypes';
import type { RegisteredModel } from '../registry/row';
import type { HostId, Measurement } from '../shared/modelRef';
import { modelSubject } from './modelSubject';
import { toRankCandidates } from './rankCandidates';

/** A measurement, with the build that it is of as far as that is certain. */
export interface HostMeasurement extends RankMeasurement {
  /** The id by which a backend serves the measured model now. */
  readonly servedAs?: string;
}

export interface HostMeasurementSources {
  /** Those of every machine. */
  readonly measurements: () => readonly Measurement[];
  /** The models that run on machines of ours. */
  readonly served: () => readonly RegisteredModel[];
  readonly hostOf: (backendId: string) => HostId;
  readonly canonicalId: (model: RegisteredModel) => string | undefined;
}

/** Digits of a manifest's digest that the catalogue knows. */
const MANIFEST_DIGITS = 12;
/** A file further than this from the catalogue's size is another one: a rounded size is off by less. */
const SAME_FILE_RATIO = 1.1;

type Build = Pick<RankCandidate, 'modelId' | 'hfRepoId' | 'quant' | 'fileBytes'>;

/**
 * Finds the catalogue's builds behind measurements. By the digest where the catalogue has it, of the file or of its
 * manifest in Ollama's library; else by the served model that the measurement was kept under: the catalogue's model of
 * that name with the same quantisation, and nothing else if its file has another size. A wrong join would change every
 * estimate of the machine, so what is not certain stays without a build.
 */
export class HostMeasurements {
  constructor(private readonly sources: HostMeasurementSources) {}

  /** Those of one machine, of models that run there themselves, in the order of the store. */
  of(host: HostId, candidates: readonly Candidate[]): readonly HostMeasurement[] {
    const { measurements, served, hostOf } = this.sources;
    const own = measurements().filter((measurement) => measurement.hostId === host);
    if (own.length === 0) return [];
    const bySubject = Map.groupBy(
      served().filter(({ backend }) => hostOf(backend) === host),
      modelSubject,
    );
    const catalogue = new CatalogueBuilds(candidates);
    return own.map((measurement) => {
      const models = bySubject.get(measurement.digest) ?? [];
      const build =
        catalogue.byDigest(measurement) ??
        models
          .map((model) => catalogue.byName(this.sources.canonicalId(model), model, measurement))
          .find((found) => found !== undefined);
      const servedAs = models[0]?.modelId;
      return {
        ...measurement,
        ...(build === undefined ? {} : { modelId: build.modelId ?? build.hfRepoId, quant: build.quant }),
        ...(servedAs === undefined ? {} : { servedAs }),
      };
    });
  }
}

class CatalogueBuilds {
  readonly #byId = new Map<string, Candidate>();
  readonly #byDigest = new Map<string, Build>();

  constructor(candidates: readonly Candidate[]) {
    for (const candidate of candidates) {
      const { hfRepoId, builds, unsizedBuilds = [] } = candidate;
      this.#byId.set(hfRepoId, candidate);
      for (const { quant, digest, ollamaManifest } of [...builds, ...unsizedBuilds]) {
        if (digest !== undefined) this.#byDigest.set(digest.toLowerCase(), { hfRepoId, quant });
        if (ollamaManifest !== undefined) this.#byDigest.set(ollamaManifest, { hfRepoId, quant });
      }
    }
  }

  byDigest({ digest, quant }: Measurement): Build | undefined {
    const build = this.#byDigest.get(digest) ?? this.#byDigest.get(digest.slice(0, MANIFEST_DIGITS));
    return build && isSameQuant(build.quant, quant) ? build : undefined;
  }

  byName(
    id: string | undefined,
    { capabilities }: Pick<RegisteredModel, 'capabilities'>,
    { quant }: Measurement,
  ): Build | undefined {
    const candidate = id === undefined ? undefined : this.#byId.get(id);
    return (
      candidate &&
      toRankCandidates(candidate).find(
        (build) => isSameQuant(build.quant, quant) && isSameFile(build.fileBytes, capabilities.sizeBytes),
      )
    );
  }
}

/** Whether both are the same known quantisation; a name that nobody knows is no ground to join anything. */
function isSameQuant(a: string, b: string): boolean {
  const [first, second] = [normalizeQuantId(a), normalizeQuantId(b)];
  return first.known && first.canonical === second.canonical;
}

/** Nothing is known against a size that nobody states. */
function isSameFile(a: number | undefined, b: number | undefined): boolean {
  if (a === undefined || b === undefined) return true;
  return Math.max(a, b) <= Math.min(a, b) * SAME_FILE_RATIO;
}
