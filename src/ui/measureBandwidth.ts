import * as vscode from 'vscode';
import type { Hosts, MeasuredHost } from '../engine/hosts';
import type { HardwareProfile } from '../hardware/profile';
import { formatNumber } from '../shared/numberText';
import { formatBytes } from '../shared/units';
import { CANCELLED, withCancel } from './cancellableProgress';
import { machineName } from './machineText';

/** Measures how fast this machine reads its memory, after one dialog that says what that does and for how long. */
export async function measureMemoryBandwidth(hosts: Pick<Hosts, 'measureBandwidth'>): Promise<void> {
  const measure = vscode.l10n.t('Measure');
  const choice = await vscode.window.showInformationMessage(
    vscode.l10n.t('Measure how fast this machine reads its memory?'),
    {
      modal: true,
      detail: vscode.l10n.t(
        'All cores read memory for two seconds at most, and take up to a quarter of what is free for that time. The measured figure then takes the place of the assumed one, until the processor or the memory changes. Nothing is downloaded or sent.',
      ),
    },
    measure,
  );
  if (choice !== measure) return;
  const result = await withCancel(vscode.l10n.t('Measuring memory bandwidth'), (signal, report) =>
    hosts.measureBandwidth({ signal, onProgress: (fraction) => report({ fraction }) }),
  );
  if (result === CANCELLED) return;
  if (result.ok) void vscode.window.showInformationMessage(measuredText(result));
  else void vscode.window.showWarningMessage(result.message);
}

/** What was measured, and what it was taken to be before. */
function measuredText({ measured, before, after }: Extract<MeasuredHost, { ok: true }>): string {
  const found = vscode.l10n.t(
    '{0} reads its memory at {1} GB/s ({2} threads over {3}, best of {4} rounds).',
    machineName(after),
    formatNumber(measured.bandwidthGBps, 1),
    measured.threads,
    formatBytes(measured.bufferBytes),
    measured.rounds,
  );
  return `${found} ${effectText(before, after)}`;
}

function effectText(before: HardwareProfile, after: HardwareProfile): string {
  if (after.memory.basis === 'measured')
    return vscode.l10n.t('Before, it was taken to be {0}.', memoryText(before));
  return after.source === 'override'
    ? vscode.l10n.t('The description in modelPool.hardware.override stays what it says.')
    : vscode.l10n.t('The GPU reads the same memory faster than the cores, so its own figure stays.');
}

function memoryText({ memory }: HardwareProfile): string {
  const figure = `${formatNumber(memory.bandwidthGBps, 1)} GB/s`;
  switch (memory.basis) {
    case 'measured':
      return vscode.l10n.t('{0}, as measured before', figure);
    case 'assumed':
      return vscode.l10n.t('{0}, assumed by kind of hardware', figure);
    case 'table':
    case 'driver':
      return figure;
  }
}
