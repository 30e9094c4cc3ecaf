/** Holds where the extension runs in the browser; `inBrowser.ts` sets it, and nothing else does. */
export const IN_BROWSER_KEY = 'modelPool.inBrowser';

/**
 * Holds where there is a machine to look at and to run models on. A web window without a remote (vscode.dev) has none:
 * there the extension is the grammar of Modelfiles, and whatever is shown elsewhere has this clause.
 *
 * `isWeb` alone would not do: it holds in code-server and Codespaces as well, where the extension runs on the remote.
 * Nor would these two: a remote may be open that the extension is not installed on. Then it runs in the browser too,
 * which it can only say for itself, once it does.
 */
export const HAS_MACHINE = `(remoteName || !isWeb) && !${IN_BROWSER_KEY}`;
