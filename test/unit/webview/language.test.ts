import { afterEach, describe, expect, it } from 'vitest';
import { formatNumber, formatRelative } from '../../../webview-ui/format';
import { speakLanguage } from '../../../webview-ui/language';
import { fitMark, rankingColumns } from '../../../webview-ui/rankingColumns';
import { fitOptions } from '../../../webview-ui/rankingFilters';
import { evidenceText } from '../../../webview-ui/rankingText';
import { dispatchColumns } from '../../../webview-ui/dispatchColumns';
import { outcomeLabel } from '../../../webview-ui/dispatchesView';
import { NO_EVIDENCE, rankingRow } from './samples';
import { spokenLanguage } from '../../../src/shared/spokenLanguage';
import { formatBytes } from '../../../src/shared/units';

const GERMAN = JSON.stringify({
  language: 'de',
  texts: {
    ...{ Model: 'Modell', Outcome: 'Ergebnis', Served: 'Beantwortet', 'Any fit': 'Passt: egal' },
    ...{ 'too big': 'zu groß', '{0} h ago': 'vor {0} h', '1 source': '1 Quelle' },
    'No results that can be compared': 'Keine vergleichbaren Ergebnisse',
  },
});

/** Every text of a template, its own and what is put into it. */
function textsOf(part: unknown): readonly string[] {
  if (typeof part === 'string') return [part];
  if (Array.isArray(part)) return part.flatMap(textsOf);
  if (typeof part !== 'object' || part === null) return [];
  return Object.values(part).flatMap(textsOf);
}

afterEach(() => speakLanguage(''));

describe('the language of the page', () => {
  it('is that of the texts which came with it, in every text that is drawn from then on', () => {
    speakLanguage(GERMAN);
    const row = rankingRow({
      evidence: NO_EVIDENCE,
      inferredFrom: [],
      succeeds: null,
      guessedFrom: null,
      unscored: 0,
    });
    expect(rankingColumns([row], new Set(), 0)[0]?.label).toBe('Modell');
    expect(dispatchColumns(0).map(({ label }) => label)).toContain('Ergebnis');
    expect(textsOf(fitMark('none'))).toContain('zu groß');
    expect(fitOptions()[0]).toEqual([null, 'Passt: egal']);
    expect(outcomeLabel('served')).toBe('Beantwortet');
    expect(evidenceText(row, 0)).toBe('Keine vergleichbaren Ergebnisse');
    expect(formatRelative('2026-03-09T10:00:00Z', Date.parse('2026-03-09T13:00:00Z'))).toBe('vor 3 h');
  });

  it('writes numbers as that language does, and sizes with the same sign', () => {
    expect([formatNumber(1234.5, 1), formatBytes(4.7 * 2 ** 30)]).toEqual(['1,234.5', '4.7 GiB']);
    speakLanguage(GERMAN);
    expect([formatNumber(1234.5, 1), formatBytes(4.7 * 2 ** 30)]).toEqual(['1.234,5', '4,7 GiB']);
  });

  it('leaves English what has no translation', () => {
    speakLanguage(GERMAN);
    expect(outcomeLabel('refused')).toBe('Refused');
  });

  it.each(['', 'no JSON', '{}', '{"language":"de"}', '{"language":"\\"><script>","texts":{}}', 'null'])(
    'is English where none can be read: %s',
    (text) => {
      speakLanguage(GERMAN);
      speakLanguage(text);
      expect(spokenLanguage()).toBe('en');
      expect([outcomeLabel('served'), formatNumber(1234.5, 1)]).toEqual(['Served', '1,234.5']);
    },
  );
});
