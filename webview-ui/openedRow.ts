import type { RankingDetail, RankingRow } from '../src/shared/reportMessages';

/** A row of the ranking with what stands under it. */
export type OpenedRow = RankingRow & RankingDetail;
