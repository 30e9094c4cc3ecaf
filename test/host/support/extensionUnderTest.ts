/** Publisher and name of package.json, as VS Code writes it. */
export const EXTENSION_ID = 'modelpool.model-pool';
