import * as l10n from '@vscode/l10n';
import { messageOf } from '../../shared/errors';
import { systemCodeOf } from '../fileLayer';
import type { Newest } from './stateFolder';

const FULL = new Set(['ENOSPC', 'EDQUOT']);
const FORBIDDEN = new Set(['EACCES', 'EPERM', 'EROFS']);

/** Why the state cannot be stored or read now, for a person. */
export function troubleText(folder: string, thrown: unknown): string {
  const code = systemCodeOf(thrown) ?? '';
  const next = l10n.t('Model Pool works on in memory and tries again by itself.');
  if (FULL.has(code))
    return `${l10n.t('Model Pool cannot save its state, because the disk of {0} is full. Free some space there.', folder)} ${next}`;
  if (FORBIDDEN.has(code))
    return `${l10n.t('Model Pool cannot save its state, because it may not write to {0}. Allow it to write there.', folder)} ${next}`;
  if (code === 'ENOENT' && messageOf(thrown).includes('.wasm'))
    return `${l10n.t('Model Pool cannot open or save its state, because a part of the extension is missing. Reinstall it.')} ${next}`;
  return `${l10n.t('Model Pool cannot open or save its state in {0} ({1}).', folder, messageOf(thrown))} ${next}`;
}

export function tooNewText(found: number, ours: number): string {
  return l10n.t(
    'The saved state was written by a newer version of Model Pool (schema {0}; this version knows {1}). It is shown and not changed. Update Model Pool, and reload this window.',
    found,
    ours,
  );
}

/** What was found damaged, and what is used in its place. */
export function damageText({ damages, held, lost }: Newest): string {
  const files = damages.map(({ keptAs }) => keptAs).join(', ');
  if (lost) {
    return l10n.t(
      'The saved state was damaged. It was kept as {0}, and saved again from memory: nothing is missing.',
      files,
    );
  }
  if (held.generation > 0) {
    return l10n.t(
      'The saved state was damaged. It was kept as {0}, and the version before it is used; the last changes may be missing.',
      files,
    );
  }
  return l10n.t(
    'The saved state was damaged. It was kept as {0}, and no earlier version is left. Model Pool begins anew and asks the model servers again.',
    files,
  );
}

export function closedText(): string {
  return l10n.t('The state was closed, because this window is closing. Nothing was saved.');
}
