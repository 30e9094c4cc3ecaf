export const CONTAINER_ID = 'modelPool';
/** Under which VS Code's chat lists our models. */
export const CHAT_VENDOR = 'model-pool';
export const POOL_VIEW_ID = 'modelPool.pool';
export const RECOMMENDED_VIEW_ID = 'modelPool.recommended';
export const PROPOSALS_VIEW_ID = 'modelPool.proposals';

/** Values of `viewItem`, by which menus know a row. A row may carry several, joined by `.`. */
export const ROW = {
  backend: 'backend',
  /** A backend that refuses us without a key, or with the one that it gets. */
  needsKey: 'needsKey',
  /** A backend of this machine that does not answer and that a command can start. */
  startable: 'startable',
  /** What is wrong with a backend or a setting, and what to do. */
  problem: 'problem',
  /** A chat model that a backend serves. */
  model: 'model',
  /** A model that a backend serves and that no talk can be had with. */
  embedding: 'embedding',
  /** One that runs on a machine of ours rather than at a service: it can be loaded and measured. */
  ownModel: 'ownModel',
  /** A model that can be removed through an installer (Ollama). */
  removable: 'removable',
  /** One that is loaded, by a server that lets go of it on request. */
  stoppable: 'stoppable',
  /** One that is installed outside the pool and can be taken in. */
  adoptable: 'adoptable',
  /** One of the pool that may be removed for another one. */
  pinnable: 'pinnable',
  /** One of the pool that never is. */
  pinned: 'pinned',
  recommended: 'recommended',
  /** A model whose score the report explains. */
  explained: 'explained',
  proposal: 'proposal',
  /** A proposal that waits for a yes or a no. */
  proposalOpen: 'proposalOpen',
  /** A recommended build that an Ollama backend could install here. */
  installable: 'installable',
  machine: 'machine',
  /** The row of the machine that the extension runs on: what only can be done here. */
  thisMachine: 'thisMachine',
  pullRunning: 'pullRunning',
  pullStopped: 'pullStopped',
} as const;

/** Context keys that `when` clauses read; set by `contextKeys.ts`. */
export const CONTEXT_KEYS = {
  hasBackends: 'modelPool.hasBackends',
  /** Whether a model server answers on this machine while none is set up. */
  hasFound: 'modelPool.hasFound',
  hasInstallable: 'modelPool.hasInstallable',
  /** Models of the pool that are not pinned, those that are, and models outside that could be in it. */
  hasPinnable: 'modelPool.hasPinnable',
  hasPinned: 'modelPool.hasPinned',
  hasOutside: 'modelPool.hasOutside',
  /** Whether proposals wait for a word, anything may be proposed at all, and models were ever compared. */
  hasProposals: 'modelPool.hasProposals',
  hasAllowed: 'modelPool.hasAllowed',
  hasCompared: 'modelPool.hasCompared',
  /** Whether models may run on another machine than this one. */
  hasHosts: 'modelPool.hasHosts',
  /** Whether any backend serves a model that can be talked to. */
  hasChatModels: 'modelPool.hasChatModels',
  /** Whether a model has answered a call of this window. */
  hasAnswered: 'modelPool.hasAnswered',
  ready: 'modelPool.ready',
} as const;
