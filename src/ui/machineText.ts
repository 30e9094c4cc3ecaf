import * as vscode from 'vscode';
import type { Accelerator, HardwareProfile } from '../hardware/profile';
import { formatGib } from '../shared/units';
import { hoverCard } from './hoverCard';

/** `NVIDIA GeForce RTX 4090`, `2 × NVIDIA ...`, or the CPU's name: what runs the models here. */
export function machineTitle(profile: HardwareProfile): string {
  const names = [...Map.groupBy(profile.accelerators, (accelerator) => accelerator.name)].map(
    ([name, equal]) => (equal.length > 1 ? `${equal.length} × ${name}` : name),
  );
  return names.length > 0 ? names.join(' + ') : (profile.gpuName ?? profile.cpuName);
}

/** `24 GiB VRAM · 64 GiB RAM · 1008 GB/s`, with a `~` where the bandwidth is assumed. */
export function machineMemoryLine(profile: HardwareProfile): string {
  const accelerator = fastest(profile);
  const bandwidth = `${isAssumed(profile) ? '~' : ''}${Math.round(profile.bandwidthGbps)} GB/s`;
  const ram = vscode.l10n.t('{0} RAM', formatGib(profile.ramGb));
  const usable = Math.max(0, ...profile.groups.map((group) => group.totalGib));
  if (profile.platform === 'cpu') return [vscode.l10n.t('no GPU'), ram, bandwidth].join(' · ');
  const vram = accelerator?.unified
    ? vscode.l10n.t('{0} for models', formatGib(usable))
    : vscode.l10n.t('{0} VRAM', formatGib(usable > 0 ? usable : profile.vramGb));
  return [vram, ram, bandwidth].join(' · ');
}

/**
 * Whether hardware may be there that could not be looked at, so that better models may fit than those shown. A rate
 * that is only assumed does not count: the `~` before every figure made from it says so.
 */
export function hasUnseenHardware(profile: HardwareProfile): boolean {
  return profile.warnings.some(({ code }) => code === 'gpu_not_visible' || code.endsWith('_probe_failed'));
}

/** The card behind the machine's row: every fact with where it comes from, and the warnings. */
export function machineTooltip(profile: HardwareProfile): vscode.MarkdownString {
  const title = machineTitle(profile);
  return hoverCard(profile.hostName === undefined ? title : `${title} (${profile.hostName})`, [
    machineMemoryLine(profile),
    profile.source === 'override'
      ? undefined
      : vscode.l10n.t('CPU: {0}, {1} logical cores', profile.cpuName, String(profile.cpu.logicalCores)),
    vscode.l10n.t('Bandwidth: {0}', basisText(profile)),
    profile.source === 'override'
      ? undefined
      : vscode.l10n.t('Detected {0}', new Date(profile.detectedAt).toLocaleString()),
    ...profile.warnings.map((warning) => ({ warning: warning.message })),
  ]);
}

function basisText(profile: HardwareProfile): string {
  if (profile.source === 'override') return vscode.l10n.t('from the setting modelPool.hardware.override');
  switch (fastest(profile)?.basis ?? profile.memory.basis) {
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

function isAssumed(profile: HardwareProfile): boolean {
  return (fastest(profile)?.basis ?? profile.memory.basis) === 'assumed';
}

function fastest(profile: HardwareProfile): Accelerator | undefined {
  return [...profile.accelerators].sort((a, b) => b.bandwidthGBps - a.bandwidthGBps)[0];
}
