import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import type { RankingRow } from '../src/shared/reportMessages';

/** What the table of models is narrowed to. Pure. */

const FITS = ['gpu', 'offload', 'cpu', 'any', 'none'] as const;
const SIZES = ['tiny', 'small', 'middle', 'large', 'huge'] as const;
const EVIDENCES = ['direct', 'independent'] as const;

/** Kept with the page's state; null and the empty text stand for no choice. */
export const rankingFilter = z.object({
  text: z.string().max(500).catch(''),
  installedOnly: z.boolean().catch(false),
  toolsOnly: z.boolean().catch(false),
  fit: z.enum(FITS).nullable().catch(null),
  size: z.enum(SIZES).nullable().catch(null),
  evidence: z.enum(EVIDENCES).nullable().catch(null),
  /** `OPEN_LICENCES`, `NO_LICENCE`, or one by its id. */
  licence: z.string().max(100).nullable().catch(null),
});
export type RankingFilter = Readonly<z.infer<typeof rankingFilter>>;

export const NO_RANKING_FILTER: RankingFilter = {
  ...{ text: '', installedOnly: false, toolsOnly: false },
  ...{ fit: null, size: null, evidence: null, licence: null },
};

type Options<Value> = readonly (readonly [Value | null, string])[];

export function fitOptions(): Options<(typeof FITS)[number]> {
  return [
    [null, l10n.t('Any fit')],
    ['gpu', l10n.t('Fits GPU')],
    ['offload', l10n.t('GPU and RAM')],
    ['cpu', l10n.t('RAM alone')],
    ['any', l10n.t('Fits somewhere')],
    ['none', l10n.t('Too big')],
  ];
}

export function sizeOptions(): Options<(typeof SIZES)[number]> {
  return [
    [null, l10n.t('Any size')],
    ['tiny', l10n.t('Under 4B')],
    ['small', l10n.t('4B to 12B')],
    ['middle', l10n.t('12B to 40B')],
    ['large', l10n.t('40B to 150B')],
    ['huge', l10n.t('Over 150B')],
  ];
}

export function evidenceOptions(): Options<(typeof EVIDENCES)[number]> {
  return [
    [null, l10n.t('Any evidence')],
    ['direct', l10n.t('Mainly direct')],
    ['independent', l10n.t('Independent')],
  ];
}

/** Billions of parameters in all, the upper end not included. */
const SIZE_ENDS: Readonly<Record<(typeof SIZES)[number], readonly [number, number]>> = {
  tiny: [0, 4],
  small: [4, 12],
  middle: [12, 40],
  large: [40, 150],
  huge: [150, Number.POSITIVE_INFINITY],
};

export const OPEN_LICENCES = 'open';
export const NO_LICENCE = 'none';

/** Licences that the Open Source Initiative has approved, by their ids on Hugging Face, as far as models use them. */
const APPROVED: ReadonlySet<string> = new Set([
  ...['apache-2.0', 'mit', 'bsd-2-clause', 'bsd-3-clause', 'isc', 'mpl-2.0', 'unlicense', 'artistic-2.0'],
  ...['gpl', 'gpl-2.0', 'gpl-3.0', 'lgpl-2.1', 'lgpl-3.0', 'agpl-3.0', 'ecl-2.0', 'eupl-1.1', 'eupl-1.2'],
]);

/** The licences of these rows by how many have them; the chosen one is always among them. */
export function licenceOptions(rows: readonly RankingRow[], chosen: string | null): Options<string> {
  const found = [...Map.groupBy(rows, (row) => row.licence)].sort(([, a], [, b]) => b.length - a.length);
  const named = found.flatMap(([licence]) => (licence === null ? [] : [licence]));
  const known = new Set([OPEN_LICENCES, NO_LICENCE, ...named]);
  return [
    [null, l10n.t('Any licence')],
    [OPEN_LICENCES, l10n.t('Open source')],
    [NO_LICENCE, l10n.t('Not stated')],
    ...named.map((licence) => [licence, licence] as const),
    ...(chosen === null || known.has(chosen) ? [] : [[chosen, chosen] as const]),
  ];
}

export function filterRankings(rows: readonly RankingRow[], filter: RankingFilter): readonly RankingRow[] {
  return rows.filter(
    (row) =>
      (!filter.installedOnly || row.installed) &&
      (!filter.toolsOnly || row.toolCalling === true) &&
      hasFit(row, filter.fit) &&
      hasSize(row, filter.size) &&
      hasEvidence(row, filter.evidence) &&
      hasLicence(row, filter.licence) &&
      matchesText(filter.text, [row.name, row.modelId, row.quant, row.licence, row.installName]),
  );
}

/** True when every word of the filter occurs in one of the texts; letter case does not count. */
export function matchesText(filter: string, texts: readonly (string | null | undefined)[]): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const haystack = texts
    .filter((text) => typeof text === 'string')
    .join(' ')
    .toLowerCase();
  return words.every((word) => haystack.includes(word));
}

function hasFit({ fit }: RankingRow, wanted: RankingFilter['fit']): boolean {
  if (wanted === 'any') return fit !== 'none' && fit !== 'unknown';
  return wanted === null || fit === wanted;
}

function hasSize({ sizeB }: RankingRow, wanted: RankingFilter['size']): boolean {
  if (wanted === null) return true;
  const [from, until] = SIZE_ENDS[wanted];
  return sizeB >= from && sizeB < until;
}

function hasEvidence(row: RankingRow, wanted: RankingFilter['evidence']): boolean {
  if (wanted === null) return true;
  const { main, results, independent } = row.evidence;
  return results > 0 && (wanted === 'direct' ? main === 'direct' : independent);
}

function hasLicence({ licence }: RankingRow, wanted: string | null): boolean {
  if (wanted === null) return true;
  if (wanted === NO_LICENCE) return licence === null;
  return wanted === OPEN_LICENCES ? licence !== null && APPROVED.has(licence) : licence === wanted;
}
