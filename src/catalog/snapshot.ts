import { readFile } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { messageOf } from '../shared/errors';
import { isoNow, systemClock, type Clock } from '../shared/clock';
import { parseJson } from '../shared/json';
import type { FrozenSnapshot, SnapshotLoadResult, SnapshotWarning } from './candidate';
import { decodeSnapshot } from './decodeSnapshot';

export interface SnapshotSource {
  /** Where the file lies; not read where `read` is given. */
  readonly path: string;
  /** Reads the file's text in its place. */
  readonly read?: () => Promise<string>;
  /** Dates the empty snapshot that stands in for an unusable one. */
  readonly clock?: Clock;
}

/**
 * The models and scores that ship with the extension. Never rejects: where the file is missing, unreadable, no JSON
 * or of another version, the result is an empty snapshot dated now, `source: 'fallback'`, and one warning that says
 * why. A single bad row is left out, with a warning that counts them.
 */
export async function loadFrozenSnapshot(source: SnapshotSource): Promise<SnapshotLoadResult> {
  const clock = source.clock ?? systemClock;
  let text: string;
  try {
    text = await (source.read ? source.read() : readFile(source.path, 'utf8'));
  } catch (thrown) {
    return fallback(
      clock,
      'snapshot_read_failed',
      l10n.t('The list of models could not be read: {0}.', messageOf(thrown)),
    );
  }
  const json = parseJson(text);
  if (json === undefined) {
    return fallback(clock, 'snapshot_parse_failed', l10n.t('The list of models is damaged: it is no JSON.'));
  }
  const decoded = decodeSnapshot(json);
  if (!decoded.ok) {
    return fallback(
      clock,
      'snapshot_schema_invalid',
      l10n.t('The list of models is not one that this version reads: {0}.', decoded.why),
    );
  }
  const { snapshot, droppedRows } = decoded;
  const warnings: SnapshotWarning[] = [];
  if (droppedRows > 0) {
    const message =
      droppedRows === 1
        ? l10n.t(
            '1 row of the list of models could not be read and is missing from it. Reinstall the extension to repair it.',
          )
        : l10n.t(
            '{0} rows of the list of models could not be read and are missing from it. Reinstall the extension to repair it.',
            droppedRows,
          );
    warnings.push({ code: 'snapshot_items_dropped', message });
  }
  return { snapshot, source: 'frozen', warnings };
}

function fallback(clock: Clock, code: SnapshotWarning['code'], what: string): SnapshotLoadResult {
  const next = l10n.t('No model can be recommended without it. Reinstall the extension to repair it.');
  const snapshot: FrozenSnapshot = {
    version: 1,
    generatedAt: isoNow(clock).slice(0, 10),
    candidates: [],
    observations: [],
  };
  return { snapshot, source: 'fallback', warnings: [{ code, message: `${what} ${next}` }] };
}
