export const CONTAINER_ID = 'modelPool';
/** Under which VS Code's chat lists our models. */
export const CHAT_VENDOR = 'model-pool';
export const POOL_VIEW_ID = 'modelPool.pool';
export const RECOMMENDED_VIEW_ID = 'modelPool.recommended';

/** Values of `viewItem`, by which menus know a row. A row may carry several, joined by `.`. */
export const ROW = {
  backend: 'backend',
  /** A backend that refuses us without a key, or with the one that it gets. */
  needsKey: 'needsKey',
  /** What is wrong with a backend or a setting, and what to do. */
  problem: 'problem',
  /** A chat model that a backend serves. */
  model: 'model',
  /** One that runs on a machine of ours rather than at a service: it can be loaded and measured. */
  ownModel: 'ownModel',
  /** A model that can be removed through an installer (Ollama). */
  removable: 'removable',
  recommended: 'recommended',
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
  hasInstallable: 'modelPool.hasInstallable',
  /** Whether models may run on another machine than this one. */
  hasHosts: 'modelPool.hasHosts',
  ready: 'modelPool.ready',
} as const;
