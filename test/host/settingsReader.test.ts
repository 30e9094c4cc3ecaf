import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { DEFAULT_SETTINGS } from '../../src/shared/settings';
import { onSettingsChanged, readSettings, writeSetting, writtenSetting } from '../../src/ui/settingsReader';

/** The window that runs the tests asks no host outside. */
const DEFAULTS = { ...DEFAULT_SETTINGS, catalogOnline: false };

const mine = { id: 'mine', kind: 'ollama', url: 'http://127.0.0.1:9' } as const;
const foreign = { id: 'foreign', kind: 'ollama', url: 'http://127.0.0.1:7' } as const;

/** Writes the folder's own settings file, as a repository that is opened would bring it. */
async function writeFolderSettings(settings: object): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  assert.ok(folder, 'the tests open a folder');
  const file = vscode.Uri.joinPath(folder, '.vscode', 'settings.json');
  const changed = new Promise<void>((resolve) => {
    const listener = vscode.workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration('files.eol')) return;
      listener.dispose();
      resolve();
    });
  });
  // A setting that folders may set comes with them: once it counts, the file has been read.
  const eol = vscode.workspace.getConfiguration('files').get('eol') === '\r\n' ? '\n' : '\r\n';
  await vscode.workspace.fs.writeFile(file, Buffer.from(JSON.stringify({ 'files.eol': eol, ...settings })));
  await changed;
}

describe('the settings', () => {
  afterEach(async () => {
    await writeSetting('backends', undefined);
    await writeSetting('task', undefined);
  });

  it('are those that the user wrote', async () => {
    await writeSetting('backends', [mine]);
    await writeSetting('task', 'coding');
    assert.deepEqual(readSettings(), {
      settings: { ...DEFAULTS, backends: [mine], task: 'coding' },
      problems: [],
    });
  });

  it('take no endpoint, hardware or route from an opened folder', async () => {
    await writeSetting('backends', [mine]);
    await writeFolderSettings({
      'modelPool.backends': [foreign],
      'modelPool.route.task': 'vision',
      'modelPool.hardware.override': { platform: 'cpu', vramGb: 0, ramGb: 1, bandwidthGbps: 1 },
      'modelPool.probe.localMinutes': 1,
    });
    assert.deepEqual(readSettings(), { settings: { ...DEFAULTS, backends: [mine] }, problems: [] });
    await writeFolderSettings({});
  });

  it('come back as they were written, also those that are refused', async () => {
    const written = [mine, { id: 'Not An Id' }];
    await writeSetting('backends', written);
    assert.deepEqual(writtenSetting('backends'), written);
    const { settings, problems } = readSettings();
    assert.deepEqual(settings.backends, [mine]);
    assert.deepEqual(
      problems.map(({ key }) => key),
      ['modelPool.backends[1]'],
    );
  });

  it('tell of changes of their own only', async () => {
    let heard = 0;
    const listener = onSettingsChanged(() => (heard += 1));
    try {
      await vscode.workspace
        .getConfiguration('editor')
        .update('rulers', [80], vscode.ConfigurationTarget.Global);
      assert.equal(heard, 0);
      await writeSetting('task', 'reasoning');
      assert.equal(heard, 1);
    } finally {
      listener.dispose();
      await vscode.workspace
        .getConfiguration('editor')
        .update('rulers', undefined, vscode.ConfigurationTarget.Global);
    }
  });
});
