import { messageOf } from '../../shared/errors';
import { systemCodeOf } from '../fileLayer';
import type { Newest } from './stateFolder';

const FULL = new Set(['ENOSPC', 'EDQUOT']);
const FORBIDDEN = new Set(['EACCES', 'EPERM', 'EROFS']);

/** Why the state cannot be stored or read now, for a person. */
export function troubleText(folder: string, thrown: unknown): string {
  const code = systemCodeOf(thrown) ?? '';
  const next = 'Model Pool works on in memory and tries again by itself.';
  if (FULL.has(code))
    return `Model Pool cannot save its state, because the disk of ${folder} is full. Free some space there. ${next}`;
  if (FORBIDDEN.has(code))
    return `Model Pool cannot save its state, because it may not write to ${folder}. Allow it to write there. ${next}`;
  if (code === 'ENOENT' && messageOf(thrown).includes('.wasm'))
    return `Model Pool cannot open or save its state, because a part of the extension is missing. Reinstall it. ${next}`;
  return `Model Pool cannot open or save its state in ${folder} (${messageOf(thrown)}). ${next}`;
}

export function tooNewText(found: number, ours: number): string {
  return (
    `The saved state was written by a newer version of Model Pool (schema ${found}; this version knows ${ours}). ` +
    'It is shown and not changed. Update Model Pool, and reload this window.'
  );
}

/** What was found damaged, and what is used in its place. */
export function damageText({ damages, held, lost }: Newest): string {
  const found = `The saved state was damaged. It was kept as ${damages.map(({ keptAs }) => keptAs).join(', ')}`;
  if (lost) return `${found}, and saved again from memory: nothing is missing.`;
  if (held.generation > 0)
    return `${found}, and the version before it is used; the last changes may be missing.`;
  return `${found}, and no earlier version is left. Model Pool begins anew and asks the model servers again.`;
}

export const CLOSED_TEXT = 'The state was closed, because this window is closing. Nothing was saved.';
