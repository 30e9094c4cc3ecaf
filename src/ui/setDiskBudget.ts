import * as vscode from 'vscode';
import { LOCAL_HOST } from '../shared/modelRef';
import { bytesToGib, formatGib } from '../shared/units';
import { readDiskBudget } from './diskBudgetInput';
import { poolUsedText } from './poolText';
import { writeSetting } from './settingsReader';
import type { UiContext } from './uiContext';

/** Asks for the disk budget and sets it. False where the person left, and nothing was changed. */
export async function setDiskBudget(context: UiContext): Promise<boolean> {
  const { engine } = context;
  const { disks } = engine.pool.manager.snapshot();
  const written = engine.settings.poolDiskBudgetGb;
  const freeGib = await freeOnThisMachine(context);
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Disk budget of the pool, in GiB'),
    value: written === null ? '' : String(written),
    placeHolder: vscode.l10n.t('Empty: 100, or half of the disk where that is less'),
    prompt: [
      vscode.l10n.t('The most that models of the pool may take on each machine.'),
      vscode.l10n.t('Now they take {0}.', poolUsedText(disks)),
      freeGib === null ? '' : vscode.l10n.t('{0} are free on this machine.', formatGib(freeGib)),
    ]
      .filter((sentence) => sentence !== '')
      .join(' '),
    validateInput: (value) => budgetMessage(value, { usedGib: usedOnOne(context), freeGib }),
  });
  const input = text === undefined ? undefined : readDiskBudget(text);
  if (input?.kind !== 'budget' && input?.kind !== 'default') return false;
  await writeSetting('poolDiskBudgetGb', input.kind === 'budget' ? input.gib : undefined);
  // What is done next is to be judged by it.
  await engine.pool.ready();
  return true;
}

interface Disk {
  /** GiB that the pool takes on the machine where it takes most. */
  readonly usedGib: number;
  /** Of this machine; null: not known. */
  readonly freeGib: number | null;
}

/** What is to be said of a budget while it is written: an error where it is none, else what it would mean. */
export function budgetMessage(
  value: string,
  { usedGib, freeGib }: Disk,
): vscode.InputBoxValidationMessage | null {
  const input = readDiskBudget(value);
  const { Error, Warning, Info } = vscode.InputBoxValidationSeverity;
  switch (input.kind) {
    case 'default':
      return null;
    case 'unreadable':
      return { severity: Error, message: vscode.l10n.t('Write a number of GiB, for example 80 or 12.5.') };
    case 'too-big':
      return { severity: Error, message: vscode.l10n.t('At most 1,000,000 GiB can be set.') };
    case 'budget':
      if (input.gib < usedGib) {
        const message = vscode.l10n.t(
          'Less than the {0} in use: nothing is removed for it, but nothing more is installed before models are removed or make room.',
          formatGib(usedGib),
        );
        return { severity: Warning, message };
      }
      if (input.gib === 0)
        return { severity: Warning, message: vscode.l10n.t('With 0 nothing can be installed.') };
      if (freeGib !== null && input.gib > usedGib + freeGib) {
        const message = vscode.l10n.t(
          'More than this disk has room for ({0} in use and {1} free): the free space binds as well.',
          formatGib(usedGib),
          formatGib(freeGib),
        );
        return { severity: Info, message };
      }
      return null;
  }
}

function usedOnOne({ engine }: UiContext): number {
  return Math.max(0, ...engine.pool.manager.snapshot().disks.map(({ usedGb }) => usedGb));
}

async function freeOnThisMachine({ engine }: UiContext): Promise<number | null> {
  const local = engine.registry
    .backends()
    .find(({ id, host }) => host === LOCAL_HOST && engine.installs.canInstallOn(id));
  // Without one it is asked for the place where Ollama would be.
  const bytes = await engine.pool.disk.freeBytes(local?.id ?? '');
  return bytes === null ? null : bytesToGib(bytes);
}
