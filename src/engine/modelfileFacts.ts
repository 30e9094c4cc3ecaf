import * as l10n from '@vscode/l10n';
import type { HardwareProfile } from '../hardware/profile';
import { factsOf } from '../modelfile/facts';
import type { MemoryPoint } from '../modelfile/facts';
import type { DescribedModel, MachineFacts } from '../modelfile/protocol';
import { confidenceText, gradeText } from '../ranking/evidenceText';
import { usableMemory, usableTotalGib } from '../ranking/fit';
import { estimateVram, type VramEstimateInput } from '../ranking/memory';
import type { RankedModel } from '../ranking/rankTypes';
import type { RegisteredModel } from '../registry/row';
import { presentFields } from '../backends/presentFields';
import { formatNumber } from '../shared/numberText';
import { BYTES_PER_GIB } from '../shared/units';
import { ollamaNameOf } from './installPlanner';
import type { Ranking } from './rankingService';

/** Contexts at which memory is estimated; between them it grows evenly but for the window of sliding layers. */
const CONTEXTS = [2_048, 8_192, 32_768, 131_072, 262_144] as const;

/** Ollama's default context by the GiB of its GPUs, from its source (v0.32.15); 4,096 below all of them. */
const DEFAULT_CONTEXT_BY_GIB = [
  { fromGib: 47, tokens: 262_144 },
  { fromGib: 23, tokens: 32_768 },
] as const;
const SMALLEST_DEFAULT_CONTEXT = 4_096;

export interface ModelfileFactsSources {
  /** Of this machine. */
  readonly ranking: Ranking;
  /** What the Ollama servers of this machine serve. */
  readonly served: readonly RegisteredModel[];
  /** What the machine is, for a reader. */
  readonly machine: string;
  /** `OLLAMA_CONTEXT_LENGTH` of this process, which a server that was started beside it has too. */
  readonly contextLength: string | undefined;
}

/** What the Modelfile server is told of this machine: its installed models first, then the ranked ones, best first. */
export function modelfileFacts({
  ranking: { models, profile, hardwareKnown },
  served,
  machine,
  contextLength,
}: ModelfileFactsSources): MachineFacts {
  const known = { models: models.flatMap((model, index) => describeRanked(model, index, profile.platform)) };
  const installed = served.map((model) => describeServed(model, factsOf(model.modelId, known)));
  return {
    models: [...installed, ...known.models],
    ...(hardwareKnown ? machineMemory(profile) : {}),
    defaultContextTokens: defaultContext(profile, contextLength),
    machine,
  };
}

function machineMemory(profile: HardwareProfile): Pick<MachineFacts, 'usableBytes' | 'acceleratorBytes'> {
  const memory = usableMemory(profile);
  return {
    usableBytes: Math.round(usableTotalGib(memory) * BYTES_PER_GIB),
    acceleratorBytes: Math.round(memory.acceleratorGib * BYTES_PER_GIB),
  };
}

function defaultContext(profile: HardwareProfile, written: string | undefined): number {
  const tokens = Number(written ?? '');
  if (Number.isSafeInteger(tokens) && tokens > 0) return tokens;
  const gib = profile.accelerators.reduce((sum, { totalGib }) => sum + totalGib, 0);
  return DEFAULT_CONTEXT_BY_GIB.find(({ fromGib }) => gib >= fromGib)?.tokens ?? SMALLEST_DEFAULT_CONTEXT;
}

/** A build of a ranked model with the name by which Ollama pulls it. */
interface NamedModelBuild extends Pick<DescribedModel, 'quant' | 'speed' | 'rank'> {
  readonly name: string;
  readonly buildRepo: string | undefined;
  readonly quant: string;
  readonly fileBytes: number | undefined;
}

/** A ranked model by every name by which Ollama knows it and its other builds, the ranked one first. */
function describeRanked(
  model: RankedModel,
  index: number,
  platform: HardwareProfile['platform'],
): readonly DescribedModel[] {
  const { licence, contextMax, benchmarkScore } = model;
  const builds = buildsOf(model, index);
  const evidence = l10n.t(
    'Score {0} of 100, {1} evidence, {2}',
    formatNumber(model.score),
    gradeText(model.evidence),
    confidenceText(benchmarkScore.confidence),
  );
  return builds.flatMap((build) => {
    const { name, quant, fileBytes, buildRepo, speed, rank } = build;
    const smallerBuilds = smallerThan(build, builds);
    const described: DescribedModel = {
      ...{ name, installed: false, quant, evidence, memory: memoryOf(model, build, platform) },
      ...(smallerBuilds.length === 0 ? {} : { smallerBuilds }),
      ...presentFields({ licence, maxContextTokens: contextMax, sizeBytes: fileBytes, speed, rank }),
    };
    const inRepository =
      buildRepo === undefined || quant.startsWith('MLX') ? name : `hf.co/${buildRepo}:${quant}`;
    return inRepository === name ? [described] : [described, { ...described, name: inRepository }];
  });
}

/**
 * The builds of a model that Ollama can pull. Its place in the ranking have the ranked one, and the one that Ollama's
 * own library has under the shortest name: that is the one that people know.
 */
function buildsOf(model: RankedModel, index: number): readonly NamedModelBuild[] {
  const { contextTokens } = model;
  const { range, basis, tokPerSec } = model.speedEstimate;
  const own = {
    ...{ quant: model.quant, fileBytes: model.fileBytes, buildRepo: model.buildRepo },
    ...(model.fitsHardware ? { rank: index + 1 } : {}),
    ...(tokPerSec > 0
      ? { speed: { tokensPerSecond: tokPerSec, range, measured: basis === 'measured', contextTokens } }
      : {}),
  };
  const known = libraryBuild(model);
  const others = model.otherBuilds.map((build) => ({
    ...{ quant: build.quant, fileBytes: build.fileBytes, buildRepo: build.buildRepo },
    ...(build === known ? { rank: index + 1 } : {}),
    ...(build.estimatedTokPerSec > 0
      ? { speed: { tokensPerSecond: build.estimatedTokPerSec, measured: false, contextTokens } }
      : {}),
  }));
  const names = [model, ...model.otherBuilds].map(ollamaNameOf);
  return [own, ...others].flatMap((build, place) => {
    const name = names[place] ?? null;
    return name === null ? [] : [{ ...build, name }];
  });
}

function libraryBuild({ otherBuilds }: RankedModel): RankedModel['otherBuilds'][number] | undefined {
  const [shortest] = otherBuilds
    .filter(({ ollamaName, fit }) => ollamaName !== undefined && fit !== 'none')
    .sort((a, b) => (a.ollamaName?.length ?? 0) - (b.ollamaName?.length ?? 0));
  return shortest;
}

/** Names of the builds that take less memory, the largest first: what is lost is least then. */
function smallerThan(
  { fileBytes = 0 }: NamedModelBuild,
  builds: readonly NamedModelBuild[],
): readonly string[] {
  return builds
    .filter((build) => build.fileBytes !== undefined && build.fileBytes < fileBytes)
    .sort((a, b) => (b.fileBytes ?? 0) - (a.fileBytes ?? 0))
    .map(({ name }) => name);
}

/** What is served here, with what the ranking knows of the same build. */
function describeServed(model: RegisteredModel, ranked: DescribedModel | undefined): DescribedModel {
  const { sizeBytes, quant, contextLength } = model.capabilities;
  const sizeB = parameterBillions(model.capabilities.parameterSize);
  const memory =
    ranked?.memory ??
    (sizeB === null
      ? undefined
      : memoryPoints({ sizeB, quant: quant ?? '', fileBytes: sizeBytes }, contextLength));
  return {
    ...ranked,
    ...{ name: model.modelId, installed: true },
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(quant === undefined ? {} : { quant }),
    ...(contextLength === undefined ? {} : { maxContextTokens: contextLength }),
    ...(memory === undefined ? {} : { memory }),
  };
}

/** `8.0B` as 8, `630M` as 0.63; null where the server says nothing that can be read. */
function parameterBillions(text: string | undefined): number | null {
  const [, figure, unit] = /^([\d.]+)\s*([KMBT])$/i.exec(text ?? '') ?? [];
  const billions = { K: 1e-6, M: 1e-3, B: 1, T: 1e3 }[(unit ?? '').toUpperCase()];
  const value = Number(figure) * (billions ?? Number.NaN);
  return Number.isFinite(value) && value > 0 ? value : null;
}

function memoryOf(
  { sizeB, architecture, contextMax }: RankedModel,
  { quant, fileBytes }: NamedModelBuild,
  platform: HardwareProfile['platform'],
): readonly MemoryPoint[] {
  return memoryPoints({ sizeB, quant, fileBytes, architecture, platform }, contextMax);
}

function memoryPoints(
  input: Omit<VramEstimateInput, 'contextTokens'>,
  contextMax: number | undefined,
): readonly MemoryPoint[] {
  const most = contextMax ?? Infinity;
  const contexts = [
    ...CONTEXTS.filter((tokens) => tokens < most),
    ...(contextMax === undefined ? [] : [most]),
  ];
  return contexts.map((contextTokens) => ({
    contextTokens,
    bytes: Math.round(estimateVram({ ...input, contextTokens }).totalGb * BYTES_PER_GIB),
  }));
}
