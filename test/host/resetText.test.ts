import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { resetText } from '../../src/ui/resetData';

describe('what the dialog of a reset says', () => {
  const { message, detail } = resetText({ stateBytes: 40_960, transcriptBytes: 2 ** 20, transcriptFiles: 2 });
  const [goes = '', stays = ''] = detail.split('Not touched:');

  it('is all that goes, with its size', () => {
    assert.equal(message, 'Reset all data of Model Pool?');
    assert.match(goes, /^Removed, for all windows:$/m);
    assert.match(goes, /measured.*\(40\.0 KiB\)/);
    assert.match(goes, /All records of calls \(1\.0 MiB\)/);
    for (const word of [/pins/, /paused installs/, /proposals/, /public models/, /picks/])
      assert.match(goes, word);
  });

  it('is all that stays, and what that means', () => {
    for (const word of [/All models, on their servers/, /settings/, /API keys/, /exported/])
      assert.match(stays, word);
    assert.match(stays, /count as yours: outside of its disk budget, and none of them is removed/);
    assert.match(stays, /cannot be undone/);
    assert.match(stays, /Reload other windows too/);
    assert.doesNotMatch(goes, /settings|keys/);
  });

  it('promises no loss of records where there are none', () => {
    const none = resetText({ stateBytes: 0, transcriptBytes: 0, transcriptFiles: 0 }).detail;
    assert.match(none, /Records of calls: there are none/);
  });
});
