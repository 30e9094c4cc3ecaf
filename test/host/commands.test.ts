import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { COMMANDS, commandId } from '../../src/ui/manifest/commands';
import { eventually } from '../e2e/support/eventually';
import { EXTENSION_ID } from './support/extensionUnderTest';

const reports = (): readonly vscode.Tab[] =>
  vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(
      ({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith('modelPool.report'),
    );

describe('the commands', () => {
  before(async () => {
    await vscode.extensions.getExtension(EXTENSION_ID)?.activate();
  });

  it('are all registered, and none besides', async () => {
    const wanted = Object.keys(COMMANDS).map((key) => commandId(key as keyof typeof COMMANDS));
    const found = (await vscode.commands.getCommands(true)).filter((id) => id.startsWith('modelPool.'));
    // VS Code makes some of its own for each view: focus, open, reset its place.
    assert.deepEqual(
      found.filter((id) => !/^modelPool\.(pool|recommended|proposals)\./.test(id)).sort(),
      wanted.sort(),
    );
  });

  it('open one report, whichever of them opens it', async () => {
    for (const id of ['openReport', 'rank', 'showDispatches', 'explainScore'] as const) {
      await vscode.commands.executeCommand(commandId(id));
      await eventually('a report', async () => reports().length === 1 && reports()[0]?.isActive === true);
    }
    const [report] = reports();
    assert.equal(report?.label, 'Model Pool Report');
    await vscode.window.tabGroups.close(reports());
    assert.equal(reports().length, 0);
    await vscode.commands.executeCommand(commandId('openReport'));
    await eventually('a new report', async () => reports().length === 1);
    await vscode.window.tabGroups.close(reports());
  });

  it('that need a row do nothing without one', async () => {
    for (const id of [
      'pausePull',
      'cancelPull',
      'resumePull',
      'dismissPull',
      'copyModelId',
      'stopModel',
      'openModelfile',
    ] as const) {
      assert.equal(await vscode.commands.executeCommand(commandId(id)), undefined);
    }
  });

  it('detect the hardware again', async () => {
    await vscode.commands.executeCommand(commandId('redetectHardware'));
  });
});
