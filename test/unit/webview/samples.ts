import type { DispatchRecord } from '../../../src/shared/dispatchRecord';
import { hostMessageSchema } from '../../../src/shared/reportMessages';
import type { Dispatches, RankingRow, Rankings } from '../../../src/shared/reportMessages';
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

type Contribution = RankingRow['contributions'][number];

export function contribution(changes: Partial<Contribution> = {}): Contribution {
  const part = rankingRow().contributions[0];
  if (!part) throw new Error('no sample contribution');
  return { ...part, ...changes };
}

export function dispatchRecord(changes: Partial<DispatchRecord> = {}): DispatchRecord {
  const record = dispatchesMessage(1).records[0];
  if (!record) throw new Error('no sample record');
  return { ...record, ...changes };
}
