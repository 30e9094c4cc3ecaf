import * as vscode from 'vscode';
import type { Hosts } from '../engine/hosts';
import { LOCAL_HOST, type HostId } from '../shared/modelRef';
import { machineMemoryLine, machineName, machineTitle } from './machineText';
import type { UiContext } from './uiContext';

/** Under which this workspace's choice is kept; in VS Code's own state, so that no repository can set it. */
const HOST_KEY = 'modelPool.host';

type KnownHosts = Pick<Hosts, 'known' | 'profileOf'>;

/** Asks for which machine models are ranked, and keeps that for this workspace. */
export async function chooseHost(context: UiContext, hosts: KnownHosts): Promise<void> {
  const { rankings } = context.engine;
  const profiles = await Promise.all(hosts.known().map((host) => hosts.profileOf(host)));
  const choice = await vscode.window.showQuickPick(
    profiles.map((profile) => ({
      label: machineName(profile),
      description: [
        profile.host === LOCAL_HOST ? vscode.l10n.t('this machine') : undefined,
        profile.host === rankings.host ? vscode.l10n.t('current') : undefined,
      ]
        .filter((part) => part !== undefined)
        .join(' · '),
      detail: `${machineTitle(profile)} · ${machineMemoryLine(profile)}`,
      host: profile.host,
    })),
    { title: vscode.l10n.t('Rank models for which machine?'), matchOnDetail: true },
  );
  if (!choice) return;
  await context.extension.workspaceState.update(HOST_KEY, choice.host);
  rankings.chooseHost(choice.host);
}

/** Ranks for the machine of this workspace's choice, as long as it is known; else for this machine. */
export function restoreHost({ engine, extension }: UiContext, hosts: Pick<Hosts, 'known'>): void {
  engine.rankings.chooseHost(knownHost(hosts.known(), extension.workspaceState.get(HOST_KEY)));
}

function knownHost(known: readonly HostId[], stored: unknown): HostId {
  return known.find((host) => host === stored) ?? LOCAL_HOST;
}
