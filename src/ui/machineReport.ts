import * as vscode from 'vscode';
import type { HostMeasurement } from '../engine/hostMeasurements';
import { usableGib } from '../engine/machineLimits';
import type { MachineSpeeds } from '../engine/machineSpeeds';
import type { HardwareProfile } from '../hardware/profile';
import type { RegisteredModel } from '../registry/row';
import type { Machine } from '../shared/machineMessage';
import { bytesToGib, formatGib } from '../shared/units';
import { isUnknownHardware, machineMemoryLine, machineName, machineTitle } from './machineText';
import type { UiContext } from './uiContext';

type MemoryRow = Machine['memory'][number];
type LoadedRow = Machine['loaded'][number];
type MeasuredRow = Machine['measured'][number];

/** The machine that the views rank for, as the report page gets it. Rejects as detecting it does. */
export async function machineMessage({ engine }: Pick<UiContext, 'engine'>): Promise<Machine> {
  const host = engine.rankings.host;
  const speeds = await engine.rankings.speeds(host);
  const loaded = engine.served
    .all()
    .filter(
      (model) =>
        model.running !== undefined && engine.served.isOwn(model) && engine.hostOf(model.backend) === host,
    );
  return machineReport(speeds, loaded);
}

/** `loaded`: the models that are loaded on this machine now. */
function machineReport(
  { profile, calibration, uncompared }: MachineSpeeds,
  loaded: readonly RegisteredModel[],
): Machine {
  const rows = loaded.map(loadedRow);
  const measured = [...(calibration?.rows ?? []).map(comparedRow), ...uncompared.map(uncomparedRow)];
  const factors = (['accelerator', 'system'] as const).flatMap((placement) => {
    const learned = calibration?.[placement];
    return learned ? [{ placement, factor: learned.factor, measurements: learned.measurements }] : [];
  });
  const alone = new Set(factors.filter(({ measurements }) => measurements === 1).map((one) => one.placement));
  return {
    type: 'machine',
    title: `${machineTitle(profile)} (${machineName(profile)})`,
    memoryLine: machineMemoryLine(profile),
    detectedAt: profile.source === 'override' ? null : profile.detectedAt,
    facts: isUnknownHardware(profile) ? [] : factsOf(profile),
    memory: isUnknownHardware(profile) ? [] : memoryOf(profile, rows),
    loaded: rows,
    warnings: profile.warnings.map(({ message }) => message),
    measured: measured
      .map((row) =>
        row.placement !== null && alone.has(row.placement) ? { ...row, calibratedTokPerSec: null } : row,
      )
      .sort((a, b) => (a.measuredAt === b.measuredAt ? 0 : a.measuredAt > b.measuredAt ? -1 : 1)),
    factors,
    errorBefore: calibration?.errorBefore ?? null,
    errorAfter: calibration?.errorAfter ?? null,
  };
}

function factsOf(profile: HardwareProfile): Machine['facts'] {
  const { cpu, memory, source } = profile;
  const described = source === 'override';
  const cores =
    cpu.physicalCores === undefined ? cpu.logicalCores : `${cpu.physicalCores} / ${cpu.logicalCores}`;
  return [
    ...profile.accelerators.map((card) => ({
      name: vscode.l10n.t('Accelerator'),
      value: [
        card.name,
        formatGib(card.totalGib),
        `${Math.round(card.bandwidthGBps)} GB/s (${basisOf(card.basis, described)})`,
      ].join(' · '),
    })),
    {
      name: vscode.l10n.t('Processor'),
      value: described
        ? profile.cpuName
        : vscode.l10n.t('{0} · {1} cores (physical / logical)', profile.cpuName, String(cores)),
    },
    {
      name: vscode.l10n.t('System memory'),
      value: [
        formatGib(memory.totalGib),
        `${Math.round(memory.bandwidthGBps)} GB/s (${basisOf(memory.basis, described)})`,
        ...(memory.limitGib === undefined
          ? []
          : [vscode.l10n.t('limited to {0} by its container', formatGib(memory.limitGib))]),
      ].join(' · '),
    },
    {
      name: vscode.l10n.t('Known from'),
      value: described
        ? vscode.l10n.t('the settings')
        : vscode.l10n.t('a look at the hardware and the device table'),
    },
  ];
}

function basisOf(basis: HardwareProfile['memory']['basis'], described: boolean): string {
  if (described && basis !== 'assumed') return vscode.l10n.t('as described');
  switch (basis) {
    case 'table':
      return vscode.l10n.t('device table');
    case 'driver':
      return vscode.l10n.t('firmware or driver');
    case 'measured':
      return vscode.l10n.t('measured here');
    case 'assumed':
      return vscode.l10n.t('assumed');
  }
}

/** One row for accelerators, one for the memory of the system; a shared memory is one. */
function memoryOf(profile: HardwareProfile, loaded: readonly LoadedRow[]): MemoryRow[] {
  const { accelerators, groups, memory } = profile;
  const usable = usableGib(profile);
  const sum = (of: (row: LoadedRow) => number | null): number =>
    loaded.reduce((total, row) => total + (of(row) ?? 0), 0);
  const [onCards, inSystem] = [sum((row) => row.acceleratorGib), sum((row) => row.systemGib)];
  const system = { bandwidthGBps: memory.bandwidthGBps, bandwidthKnown: memory.basis !== 'assumed' };
  if (accelerators.length === 0) {
    const loadedGib = onCards + inSystem;
    return [{ kind: 'system', totalGib: memory.totalGib, usableGib: usable.totalGib, loadedGib, ...system }];
  }
  const largest = groups.toSorted((a, b) => b.totalGib - a.totalGib)[0];
  const cards = {
    bandwidthGBps: largest?.bandwidthGBps ?? profile.bandwidthGbps,
    bandwidthKnown: accelerators.every(({ basis }) => basis !== 'assumed'),
  };
  if (accelerators.every(({ unified }) => unified)) {
    const loadedGib = onCards + inSystem;
    return [{ kind: 'shared', totalGib: memory.totalGib, usableGib: usable.totalGib, loadedGib, ...cards }];
  }
  const totalGib = accelerators.reduce((total, card) => total + (card.unified ? 0 : card.totalGib), 0);
  return [
    { kind: 'accelerator', totalGib, usableGib: usable.acceleratorGib, loadedGib: onCards, ...cards },
    {
      ...{ kind: 'system' as const, totalGib: memory.totalGib, loadedGib: inSystem, ...system },
      usableGib: usable.totalGib - usable.acceleratorGib,
    },
  ];
}

function loadedRow({ displayName, backend, capabilities, running }: RegisteredModel): LoadedRow {
  const { sizeBytes, vramBytes } = running ?? {};
  const inSystem = sizeBytes === undefined || vramBytes === undefined ? undefined : sizeBytes - vramBytes;
  return {
    ...{ model: displayName, backend },
    acceleratorGib: vramBytes === undefined ? null : bytesToGib(vramBytes),
    systemGib: inSystem === undefined ? null : bytesToGib(Math.max(0, inSystem)),
    contextTokens: running?.contextTokens ?? capabilities.allocatedContext ?? null,
  };
}

function comparedRow(row: NonNullable<MachineSpeeds['calibration']>['rows'][number]): MeasuredRow {
  const { measurement, name, quant, placement } = row;
  const { measuredTokPerSec, estimatedTokPerSec, calibratedTokPerSec } = row;
  return {
    ...uncomparedRow(measurement),
    ...{ model: name, quant, placement, measuredTokPerSec, estimatedTokPerSec, calibratedTokPerSec },
  };
}

function uncomparedRow(measurement: HostMeasurement): MeasuredRow {
  const { readTokens, contextTokens, decodeTokPerSec, measuredAt, from, quant, servedAs } = measurement;
  return {
    ...{ model: servedAs ?? vscode.l10n.t('a model that is not served now'), quant, measuredAt, from },
    readTokens: Math.min(readTokens ?? contextTokens, contextTokens),
    measuredTokPerSec: decodeTokPerSec,
    ...{ estimatedTokPerSec: null, calibratedTokPerSec: null, placement: null },
  };
}
