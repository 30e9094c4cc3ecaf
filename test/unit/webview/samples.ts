import type { DispatchRecord } from '../../../src/shared/dispatchRecord';
import { hostMessageSchema } from '../../../src/shared/reportMessages';
import type { Dispatches, RankingRow, Rankings } from '../../../src/shared/reportMessages';
import type { OpenedRow } from '../../../webview-ui/openedRow';
import { sampleDispatches, sampleRankings } from '../../fixtures/report/sampleMessages.mjs';

/** Made-up messages, parsed as the page parses them. */

export function rankingsMessage(count: number, changes: Partial<Rankings> = {}): Rankings {
  const message = hostMessageSchema.parse(sampleRankings(count, changes));
  if (message.type !== 'rankings') throw new Error('not a rankings message');
  return message;
}

export function dispatchesMessage(total: number, offset = 0, limit = 100): Dispatches {
  const message = hostMessageSchema.parse(sampleDispatches(total, offset, limit));
  if (message.type !== 'dispatches') throw new Error('not a dispatches message');
  return message;
}

export function rankingRow(changes: Partial<RankingRow> = {}): RankingRow {
  const row = rankingsMessage(1).rows[0];
  if (!row) throw new Error('no sample row');
  return { ...row, ...changes };
}

/** With what stands under it. */
export function openedRow(changes: Partial<OpenedRow> = {}): OpenedRow {
  const detail = rankingsMessage(1).details[0];
  if (!detail) throw new Error('no sample detail');
  return { ...rankingRow(), ...detail, ...changes };
}

/** Of a row that rests on one result of this grade. */
export function evidence(main: RankingRow['evidence']['main'], independent = true): RankingRow['evidence'] {
  return { ...NO_EVIDENCE, main, shares: [{ grade: main, share: 1 }], results: 1, sources: 1, independent };
}

/** Of a row without any result. */
export const NO_EVIDENCE: RankingRow['evidence'] = {
  ...{ main: 'interpolated', shares: [], results: 0, sources: 0, independent: false, newest: null },
};

export function dispatchRecord(changes: Partial<DispatchRecord> = {}): DispatchRecord {
  const record = dispatchesMessage(1).records[0];
  if (!record) throw new Error('no sample record');
  return { ...record, ...changes };
}
