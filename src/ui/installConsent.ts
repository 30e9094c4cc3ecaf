import * as vscode from 'vscode';
import type { InstallPlan } from '../engine/installs';
import { bytesToGib, BYTES_PER_GIB, formatBytes, formatGib } from '../shared/units';
import { HUGGING_FACE_KEYS_PAGE } from '../shared/huggingFacePage';
import type { Settings } from '../shared/settings';
import { keptLine, leavingLine, poolUseText } from './poolText';

type PossiblePlan = Extract<InstallPlan, { readonly kind: 'possible' }>;

export interface ConsentFacts {
  readonly settings: Pick<Settings, 'poolAllowedOrgs' | 'poolAutonomy'>;
  /** What an earlier attempt has left on the disk. */
  readonly begunBytes: number;
  /** Unix milliseconds. */
  readonly nowMs: number;
}

export interface ConsentText {
  readonly message: string;
  readonly detail: string;
  /** The organisation that may be allowed besides; null where it is allowed already, or there is none. */
  readonly organisation: string | null;
}

/** What the one dialog before an install says: everything that it costs, and that it would take away. */
export function consentText(plan: PossiblePlan, { settings, begunBytes, nowMs }: ConsentFacts): ConsentText {
  const { request, preview, licence, gatedPage, backendUrl } = plan;
  const organisation = organisationOf(request.hfRepoId);
  const allow = settings.poolAllowedOrgs.includes(organisation ?? '') ? null : organisation;
  const lines = [
    downloadLine(plan, begunBytes),
    budgetLine(preview),
    diskLine(preview),
    licence === null
      ? vscode.l10n.t('Licence: not known here; see the model page before use')
      : vscode.l10n.t('Licence: {0}', licence),
    gatedPage === null ? undefined : gatedLine(gatedPage),
    vscode.l10n.t('Through {0} at {1}.', request.backend, backendUrl),
    '',
    ...removalLines(preview, nowMs),
    ...(allow === null ? [] : ['', allowLine(allow, settings.poolAutonomy)]),
  ];
  return {
    message: vscode.l10n.t('Install {0}?', request.ollamaName),
    detail: lines.filter((line) => line !== undefined).join('\n'),
    organisation: allow,
  };
}

/** What the dialog says in its place where the install would be refused: why, and what stays in the way. */
export function refusalDetail({ preview }: PossiblePlan): string {
  const { refusal, plan, usedBytes, budgetBytes, freeBytes } = preview;
  const lines = [
    refusal?.message,
    vscode.l10n.t('Pool: {0} now', poolUseText(usedBytes, budgetBytes)),
    freeBytes === null ? undefined : vscode.l10n.t('Free on its disk: {0} now', formatBytes(freeBytes)),
    plan.evict.length === 0
      ? undefined
      : vscode.l10n.t(
          'Not enough even without: {0}.',
          plan.evict.map(({ ollamaName }) => ollamaName).join(', '),
        ),
    keptLine(plan.kept),
  ];
  return lines.filter((line) => line !== undefined).join('\n');
}

function downloadLine({ preview, estimatedGib }: PossiblePlan, begunBytes: number): string {
  const { sizeBytes, freeBytes } = preview;
  if (sizeBytes === null) {
    const size = formatGib(estimatedGib);
    return freeBytes !== null && bytesToGib(freeBytes) < estimatedGib
      ? vscode.l10n.t(
          'Download: about {0} by its parameters, MORE THAN IS FREE ON ITS DISK; the exact size is known once it begins',
          size,
        )
      : vscode.l10n.t(
          'Download: about {0} by its parameters; the exact size is known once it begins, and it stops where it would exceed the budget or the disk',
          size,
        );
  }
  if (begunBytes === 0) return vscode.l10n.t('Download: {0}', formatBytes(sizeBytes));
  return vscode.l10n.t(
    'Download: {0}, of which {1} are here already',
    formatBytes(sizeBytes),
    formatBytes(begunBytes),
  );
}

function budgetLine({ sizeBytes, usedBytes, afterBytes, budgetBytes }: PossiblePlan['preview']): string {
  const now = poolUseText(usedBytes, budgetBytes);
  return sizeBytes === null
    ? vscode.l10n.t('Pool: {0} now', now)
    : vscode.l10n.t('Pool: {0} now, then {1}', now, formatBytes(afterBytes));
}

function diskLine({ sizeBytes, freeBytes, plan }: PossiblePlan['preview']): string {
  if (freeBytes === null) return vscode.l10n.t('Free on its disk: cannot be seen from here');
  const now = formatBytes(freeBytes);
  if (sizeBytes === null) return vscode.l10n.t('Free on its disk: {0} now', now);
  const after = Math.max(0, freeBytes - sizeBytes + plan.freedGb * BYTES_PER_GIB);
  return vscode.l10n.t('Free on its disk: {0} now, then {1}', now, formatBytes(after));
}

/** What must happen before the download can; nobody can do it for the person. */
function gatedLine(page: string): string {
  return vscode.l10n.t(
    'Gated: Hugging Face gives it only to accounts that have accepted its conditions at {0} and know the key of your Ollama ({1}).',
    page,
    HUGGING_FACE_KEYS_PAGE,
  );
}

function removalLines(
  { plan, evictFirst, freeBytes }: PossiblePlan['preview'],
  nowMs: number,
): readonly (string | undefined)[] {
  if (plan.evict.length === 0) return [vscode.l10n.t('Nothing is removed.')];
  const freed = formatGib(plan.freedGb);
  return [
    evictFirst
      ? vscode.l10n.t(
          'Removed BEFORE the download, because the disk has too little room for both ({0} free):',
          formatGib(bytesToGib(freeBytes ?? 0)),
        )
      : vscode.l10n.t('Removed when it is installed, to stay within the disk budget (frees {0}):', freed),
    ...plan.evict.map((entry) => leavingLine(entry, nowMs)),
    evictFirst
      ? vscode.l10n.t('If the download then fails, they are gone all the same and must be downloaded again.')
      : vscode.l10n.t('If the download fails, they stay.'),
    vscode.l10n.t('Lowest score first, then longest unused, and only as many as are needed.'),
    keptLine(plan.kept),
  ];
}

function allowLine(organisation: string, autonomy: Settings['poolAutonomy']): string {
  return autonomy === 'within-budget'
    ? vscode.l10n.t(
        'Always Allow {0}: installs it, and from now on Model Pool also installs better models of {0} by itself, within the budget.',
        organisation,
      )
    : vscode.l10n.t(
        'Always Allow {0}: installs it, and from now on Model Pool also proposes better models of {0}; each waits for your word.',
        organisation,
      );
}

/** The part of a repository's id before the slash; null where it has none. */
function organisationOf(hfRepoId: string | null): string | null {
  const slash = hfRepoId?.indexOf('/') ?? -1;
  return hfRepoId === null || slash <= 0 ? null : hfRepoId.slice(0, slash);
}
