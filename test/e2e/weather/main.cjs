const { appendFileSync } = require('node:fs');
const { join } = require('node:path');
const vscode = require('vscode');

/** The tool, which notes each use in the open folder, where the test reads it. */
exports.activate = (context) => {
  context.subscriptions.push(
    vscode.lm.registerTool('get_weather', {
      invoke: ({ input }) => {
        const [folder] = vscode.workspace.workspaceFolders;
        appendFileSync(join(folder.uri.fsPath, 'weather.jsonl'), `${JSON.stringify(input)}\n`);
        return new vscode.LanguageModelToolResult([
          new vscode.LanguageModelTextPart(`Sunny in ${input.city}, 21 degrees.`),
        ]);
      },
    }),
  );
};
