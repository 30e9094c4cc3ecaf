import { spokenLanguage } from './spokenLanguage';

const formats = new Map<string, Intl.NumberFormat>();

/** `1,234.5`, as `language` writes it, with a fixed number of decimals, so that columns align. Never `-0`. */
export function formatNumber(value: number, digits = 0, language = spokenLanguage()): string {
  return formatOf({ language, least: digits, most: digits, useGrouping: true }).format(value);
}

/** `1234.5`: as short as a figure that is quoted, with at most so many decimals and no more than are needed. */
export function formatFigure(value: number, mostDigits: number): string {
  return formatOf({ language: spokenLanguage(), least: 0, most: mostDigits, useGrouping: false }).format(
    value,
  );
}

interface NumberStyle {
  readonly language: string;
  /** Decimals. */
  readonly least: number;
  readonly most: number;
  readonly useGrouping: boolean;
}

function formatOf({ language, least, most, useGrouping }: NumberStyle): Intl.NumberFormat {
  const key = `${language} ${least} ${most} ${useGrouping}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(language, {
      ...{ minimumFractionDigits: least, maximumFractionDigits: most },
      ...{ signDisplay: 'negative', useGrouping },
    });
    formats.set(key, format);
  }
  return format;
}
