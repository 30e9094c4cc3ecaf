import * as vscode from 'vscode';
import type { PoolEntry } from '../pool/poolState';
import type { RegisteredModel } from '../registry/row';
import type { Measurement, ModelRef } from '../shared/modelRef';
import type { CardLine } from './hoverCard';
import { servedModelRowValue, type PoolPlace } from './manifest/rowValues';
import { knownWhere, servedModelDescription, servedModelTooltip } from './modelText';
import { shortModelName } from '../shared/shortModelName';
import { poolEntryLines } from './poolText';

export interface ServedModelFacts {
  readonly picked: boolean;
  readonly busy: boolean;
  readonly removable: boolean;
  /** Whether it is loaded by a server that lets go of it on request. */
  readonly stoppable: boolean;
  /** Whether the report can explain its score. */
  readonly ranked: boolean;
  /** False where our estimate says that it does not fit its machine. */
  readonly fits: boolean;
  /** Score, evidence, speed and fit by context, for its card. */
  readonly rankLines: readonly CardLine[];
  /** Whether it runs on a machine of ours. */
  readonly own: boolean;
  readonly callsTools: boolean | undefined;
  readonly toolCalling: string | undefined;
  readonly measured: Measurement | null;
  /** The context of a call to it now. */
  readonly contextTokens: number | undefined;
  readonly host: string;
  readonly reachable: boolean;
  /** What the pool knows of it; undefined where it is installed outside, or nothing is installed there. */
  readonly entry: PoolEntry | undefined;
}

/** A row of the Pool view for one served model; commands on the row get it as their argument. */
export class ServedModelItem extends vscode.TreeItem {
  readonly ref: ModelRef;

  constructor(
    readonly model: RegisteredModel,
    facts: ServedModelFacts,
  ) {
    super(shortModelName(model.displayName, model.provider), vscode.TreeItemCollapsibleState.None);
    this.ref = { backend: model.backend, provider: model.provider, modelId: model.modelId };
    this.id = `model:${model.backend}/${model.provider}/${model.modelId}`;
    this.contextValue = servedModelRowValue({
      ...{ own: facts.own, removable: facts.removable, explained: facts.ranked },
      embedding: model.capabilities.embedding === true,
      stoppable: facts.stoppable && facts.reachable,
      place: placeOf(facts.entry),
    });
    const known = knownWhere(facts.reachable, model);
    this.description = [
      // Of a narrow row only the first words are seen.
      facts.entry?.pendingEviction
        ? vscode.l10n.t('goes when no call uses it')
        : facts.busy
          ? vscode.l10n.t('in use')
          : '',
      facts.fits || model.running ? '' : vscode.l10n.t('does not fit'),
      facts.entry?.pinned ? vscode.l10n.t('pinned') : '',
      servedModelDescription(known, facts.callsTools),
    ]
      .filter((part) => part !== '')
      .join(' · ');
    this.iconPath = new vscode.ThemeIcon(facts.busy ? 'loading~spin' : modelIcon(model, facts));
    const pool = facts.removable ? poolEntryLines(facts.entry) : [];
    this.tooltip = servedModelTooltip(model, { ...facts, pool });
    const spoken = [model.displayName, facts.picked ? vscode.l10n.t('picked') : '', this.description];
    this.accessibilityInformation = { label: spoken.filter((part) => part !== '').join(', ') };
  }
}

function placeOf(entry: PoolEntry | undefined): PoolPlace {
  if (entry === undefined) return 'outside';
  if (entry.pendingEviction || entry.origin === 'user') return 'fixed';
  return entry.pinned ? 'pinned' : 'free';
}

function modelIcon(model: RegisteredModel, { picked, reachable, entry }: ServedModelFacts): string {
  if (entry?.pendingEviction) return 'trash';
  if (model.capabilities.embedding === true) return 'symbol-array';
  if (picked) return 'check';
  return model.running && reachable ? 'circle-filled' : 'circle-outline';
}
