import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { describe, it } from 'mocha';
import { thisMachineLabel } from '../../src/ui/hostText';
import { nameWithPlace, remoteLabel, whereModelsRun } from '../../src/ui/windowPlace';

describe('a window on another machine', () => {
  it('is called as people call it', () => {
    assert.deepEqual(
      [
        'wsl',
        'ssh-remote',
        'dev-container',
        'attached-container',
        'codespaces',
        'tunnel',
        '10.0.0.7:8080',
      ].map(remoteLabel),
      ['WSL', 'SSH', 'container', 'container', 'codespace', 'tunnel', '10.0.0.7:8080'],
    );
  });

  it('says beside the machine how it is reached, where that has a name', () => {
    const name = (remoteName: string | undefined, runsBeside = false): string =>
      nameWithPlace('gpubox', { remoteName, runsBeside });
    assert.equal(name('ssh-remote'), 'gpubox (SSH)');
    assert.equal(name('wsl'), 'gpubox (WSL)');
    assert.equal(name('10.0.0.7:8080'), 'gpubox');
    assert.equal(name(undefined), 'gpubox');
    // The hardware is that of the person's own computer then.
    assert.equal(name('ssh-remote', true), 'gpubox');
  });

  it('calls the machine that models run on by its name, and only here "this machine"', () => {
    const label = (remoteName: string | undefined, runsBeside = false): string =>
      thisMachineLabel({ remoteName, runsBeside });
    assert.equal(label(undefined), 'this machine');
    assert.equal(label('ssh-remote'), `${hostname()} (SSH)`);
    assert.equal(label('10.0.0.7:8080'), hostname());
    assert.equal(label('ssh-remote', true), 'your own computer');
  });

  it('says on which of the two machines models run, and what addresses mean', () => {
    const text = (remoteName: string | undefined, runsBeside = false): string | undefined =>
      whereModelsRun({ remoteName, runsBeside });
    assert.equal(text(undefined), undefined);
    assert.match(text('ssh-remote') ?? '', /remote machine \(SSH\): models run there, not on the computer/);
    assert.match(text('dev-container') ?? '', /remote machine \(container\): models run there/);
    assert.match(text('wsl') ?? '', /in WSL: models run there.*Windows side too\.$/);
    assert.match(
      text('ssh-remote', true) ?? '',
      /Model Pool on your own computer: models run here\. Install/,
    );
  });
});
