// Another extension: all that it knows of Model Pool is what that one exports.
const vscode = require('vscode');

exports.activate = () => ({
  /** @param {string} name */
  async openSession(name) {
    const api = await vscode.extensions.getExtension('modelpool.model-pool').activate();
    return api.registerSession(name);
  },
});
