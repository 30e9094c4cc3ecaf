/**
 * Makes a page load an unpacked extension, and run a test module in its extension host when one is named. This is
 * what `--extensionDevelopmentPath` does on a desktop; code-server has no such switch, but the workbench reads the
 * same options from an attribute of its own page.
 *
 * Changing the page's text on its way instead would make the browser block the connection to the extension host.
 *
 * @param {import('playwright-core').Page} page not yet at the workbench
 * @param {{ origin: string, extensionFolders: readonly string[], testModule?: string }} options
 */
export async function loadDevelopmentExtension(page, { origin, extensionFolders, testModule }) {
  const authority = new URL(origin).host;
  const uri = (/** @type {string} */ path) => ({ $mid: 1, scheme: 'vscode-remote', authority, path });
  const developmentOptions = {
    extensions: extensionFolders.map(uri),
    ...(testModule ? { extensionTestsPath: uri(testModule) } : {}),
  };
  await page.addInitScript((options) => {
    const { Element } = /** @type {any} */ (globalThis);
    const original = Element.prototype.getAttribute;
    /**
     * @this {{ id: string }}
     * @param {string} name
     */
    Element.prototype.getAttribute = function getAttribute(name) {
      const value = original.call(this, name);
      if (this.id !== 'vscode-workbench-web-configuration' || name !== 'data-settings') return value;
      Element.prototype.getAttribute = original;
      return JSON.stringify({ ...JSON.parse(value), developmentOptions: options });
    };
  }, developmentOptions);
}
