/** A number for all layers, or one for each. */
export type PerLayer = number | readonly number[];

/** What is known of a model's shape, in llama.cpp's words. Absent: not known. */
export interface ModelShape {
  /** llama.cpp's architecture name, for example `qwen3moe`. */
  readonly arch?: string;
  readonly layers?: number;
  readonly heads?: PerLayer;
  readonly kvHeads?: PerLayer;
  readonly headDimK?: number;
  readonly headDimV?: number;
  /** Head sizes of the layers with a window, where they differ. */
  readonly windowHeadDimK?: number;
  readonly windowHeadDimV?: number;
  readonly hidden?: number;
  readonly feedForward?: PerLayer;
  /** Feed-forward width of one expert. */
  readonly expertFeedForward?: number;
  readonly vocab?: number;
  /** Longest context the model was made for, in tokens. */
  readonly contextMax?: number;
  /** Tokens. */
  readonly slidingWindow?: number;
  /** A period, or 1 for each layer that slides and 0 for one that does not. */
  readonly windowPattern?: PerLayer;
  /**
   * Rank of the compressed keys and values, where the cache holds only these (MLA); 0 where the file expands them.
   */
  readonly kvRank?: number;
  readonly ropeDimensions?: number;
  /** Key size of a sparse attention's index. */
  readonly indexerHeadDim?: number;
  readonly experts?: number;
  readonly expertsUsed?: number;
  readonly ssmConvKernel?: number;
  readonly ssmInner?: number;
  readonly ssmState?: number;
  readonly ssmGroups?: number;
  /** Heads of a state space layer. */
  readonly ssmHeads?: number;
  /** Head size of Kimi's delta attention. */
  readonly kdaHeadDim?: number;
  readonly wkvHeadSize?: number;
  readonly tokenShifts?: number;
  /** Length of the short convolutions' memory (LFM2). */
  readonly shortConvolution?: number;
  readonly fullAttentionInterval?: number;
  /** Last layers that use another layer's cache. */
  readonly sharedKvLayers?: number;
  /** Layers that only predict further tokens. */
  readonly predictionLayers?: number;
  /** Width of the input that each layer gets for itself (Gemma 3n, Gemma 4 E). */
  readonly layerInput?: number;
}

/** The value of one layer. */
export function atLayer(value: PerLayer | undefined, layer: number): number | undefined {
  return typeof value === 'object' ? value[layer] : value;
}

/** The largest value of any layer. */
export function mostOfLayers(value: PerLayer | undefined): number | undefined {
  return typeof value === 'object' ? Math.max(...value) : value;
}
