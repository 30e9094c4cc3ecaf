import * as vscode from 'vscode';
import type { Accelerator, HardwareProfile } from '../hardware/profile';
import { LOCAL_HOST } from '../shared/modelRef';
import { formatMoment } from '../shared/timeText';
import { formatGib } from '../shared/units';
import { hoverCard } from './hoverCard';

/** `NVIDIA GeForce RTX 4090`, `2 × NVIDIA ...`, or the CPU's name: what runs the models here. */
export function machineTitle(profile: HardwareProfile): string {
  const names = [...Map.groupBy(profile.accelerators, (accelerator) => accelerator.name)].map(
    ([name, equal]) => (equal.length > 1 ? `${equal.length} × ${name}` : name),
  );
  return names.length > 0 ? names.join(' + ') : (profile.gpuName ?? profile.cpuName);
}

/** The machine's own name: that of this machine by the system, of another one as backends and settings call it. */
export function machineName({ host, hostName }: HardwareProfile): string {
  return host === LOCAL_HOST ? (hostName ?? vscode.l10n.t('this machine')) : host;
}

/** `24 GiB VRAM · 64 GiB RAM · 1008 GB/s`, with a `~` where the bandwidth is assumed; no figure where none is known. */
export function machineMemoryLine(profile: HardwareProfile): string {
  if (isUnknownHardware(profile)) return vscode.l10n.t('not described in modelPool.hosts');
  const accelerator = mainAccelerator(profile);
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

/** The card behind the machine's row: where it is, every fact with where it comes from, and the warnings. */
export function machineTooltip(profile: HardwareProfile, place?: string): vscode.MarkdownString {
  const title = machineTitle(profile);
  const warnings = profile.warnings.map((warning) => ({ warning: warning.message }));
  if (isUnknownHardware(profile)) return hoverCard(`${title} (${machineName(profile)})`, warnings);
  return hoverCard(`${title} (${machineName(profile)})`, [
    place,
    machineMemoryLine(profile),
    profile.source === 'override'
      ? undefined
      : vscode.l10n.t('CPU: {0}, {1} logical cores', profile.cpuName, String(profile.cpu.logicalCores)),
    vscode.l10n.t('Bandwidth: {0}', basisText(profile)),
    profile.platform !== 'cpu' && profile.memory.basis === 'measured'
      ? vscode.l10n.t(
          'System memory: {0} GB/s, measured on this machine',
          Math.round(profile.memory.bandwidthGBps),
        )
      : undefined,
    profile.source === 'override'
      ? undefined
      : vscode.l10n.t('Detected {0}', formatMoment(profile.detectedAt)),
    ...warnings,
  ]);
}

/** Of a machine that nobody described; no figure of it means anything. */
export function isUnknownHardware(profile: HardwareProfile): boolean {
  return profile.warnings.some(({ code }) => code === 'remote_host_unknown');
}

function basisText(profile: HardwareProfile): string {
  if (profile.source === 'override')
    return profile.host === LOCAL_HOST
      ? vscode.l10n.t('from the setting modelPool.hardware.override')
      : vscode.l10n.t('from the setting modelPool.hosts');
  switch (mainAccelerator(profile)?.basis ?? profile.memory.basis) {
    case 'table':
      return vscode.l10n.t('from the device table');
    case 'driver':
      return vscode.l10n.t('from the firmware or the driver');
    case 'measured':
      return vscode.l10n.t('measured on this machine');
    case 'assumed':
      return vscode.l10n.t('assumed by kind of hardware, so speeds are rough');
  }
}

function isAssumed(profile: HardwareProfile): boolean {
  return (mainAccelerator(profile)?.basis ?? profile.memory.basis) === 'assumed';
}

/** The accelerator that holds the most, whose memory the line speaks of. */
function mainAccelerator({ accelerators, groups }: HardwareProfile): Accelerator | undefined {
  const [largest] = groups.toSorted((a, b) => b.totalGib - a.totalGib || b.bandwidthGBps - a.bandwidthGBps);
  return accelerators.find(({ index }) => index === largest?.indexes[0]) ?? accelerators[0];
}
