import * as vscode from 'vscode';
import type { HardwareProfile } from '../hardware/profile';
import { formatGib } from '../shared/units';

/** `NVIDIA GeForce RTX 4090` or the CPU's name: what runs the models here. */
export function machineTitle(profile: HardwareProfile): string {
  if (profile.accelerators.length > 1 && profile.gpuName) {
    return `${profile.accelerators.length} × ${profile.gpuName}`;
  }
  return profile.gpuName ?? profile.cpuName;
}

/** `24 GiB VRAM · 64 GiB RAM · 1,008 GB/s`, with a `~` where the bandwidth is assumed. */
export function machineMemoryLine(profile: HardwareProfile): string {
  const accelerator = profile.accelerators[0];
  const basis = accelerator?.basis ?? profile.memory.basis;
  const bandwidth = `${basis === 'assumed' ? '~' : ''}${Math.round(profile.bandwidthGbps)} GB/s`;
  const ram = vscode.l10n.t('{0} RAM', formatGib(profile.ramGb));
  if (!accelerator) return [vscode.l10n.t('no GPU'), ram, bandwidth].join(' · ');
  const vram = accelerator.unified
    ? vscode.l10n.t('{0} for models', formatGib(profile.vramGb))
    : vscode.l10n.t('{0} VRAM', formatGib(profile.vramGb));
  return [vram, ram, bandwidth].join(' · ');
}

/** The card behind the machine's row: every fact with where it comes from, and the warnings. */
export function machineTooltip(profile: HardwareProfile): vscode.MarkdownString {
  const lines = [
    `**${machineTitle(profile)}**${profile.hostName ? ` — ${profile.hostName}` : ''}`,
    '',
    machineMemoryLine(profile),
    '',
    vscode.l10n.t('CPU: {0}, {1} logical cores', profile.cpuName, String(profile.cpu.logicalCores)),
    '',
    vscode.l10n.t('Bandwidth: {0}', basisText(profile)),
    '',
    vscode.l10n.t('Detected {0}', new Date(profile.detectedAt).toLocaleString()),
    ...profile.warnings.flatMap((warning) => ['', `$(warning) ${warning.message}`]),
  ];
  return new vscode.MarkdownString(lines.join('\n'), true);
}

function basisText(profile: HardwareProfile): string {
  switch (profile.accelerators[0]?.basis ?? profile.memory.basis) {
    case 'table':
      return vscode.l10n.t('from the device table');
    case 'driver':
      return vscode.l10n.t('from the driver');
    case 'measured':
      return vscode.l10n.t('measured on this machine');
    case 'assumed':
      return vscode.l10n.t('assumed by kind of hardware, so speeds are rough');
  }
}
