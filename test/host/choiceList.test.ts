import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { chooseFrom } from '../../src/ui/choiceList';
import { eventually } from '../e2e/support/eventually';

const TEXTS = { title: 'Which one?', placeholder: 'One of these' };
const ENTRIES = [{ label: 'first' }, { label: 'second' }];

const pressEnter = (): Thenable<unknown> =>
  vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');

describe('a list that is filled after it is shown', () => {
  afterEach(() => vscode.commands.executeCommand('workbench.action.closeQuickOpen'));

  it('is open while its entries are made, and Enter takes nothing then', async () => {
    const made = Promise.withResolvers<typeof ENTRIES>();
    let taken: string | undefined = 'still open';
    const choosing = chooseFrom(TEXTS, made.promise).then((chosen) => (taken = chosen?.entry.label));
    await pressEnter();
    assert.equal(taken, 'still open');
    made.resolve(ENTRIES);
    await eventually('the first one to be taken', async () => {
      await pressEnter();
      return taken === 'first';
    });
    await choosing;
  });

  it('resolves with nothing when the person leaves', async () => {
    const choosing = chooseFrom(TEXTS, Promise.resolve(ENTRIES));
    await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
    assert.equal(await choosing, undefined);
  });

  it('rejects where its entries cannot be made', async () => {
    await assert.rejects(chooseFrom(TEXTS, Promise.reject(new Error('no ranking'))), /no ranking/);
  });
});
