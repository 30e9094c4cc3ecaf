/** What a person wrote into the field for the disk budget. */
export type DiskBudgetInput =
  | { readonly kind: 'default' }
  | { readonly kind: 'budget'; readonly gib: number }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'too-big' };

/** Of the setting. */
const MAX_GIB = 1_000_000;

/**
 * Reads `80`, `12.5`, `12,5` or `80 GiB` (`GB` means the same here); nothing at all is the default. Everything else,
 * negative numbers and other units included, is `unreadable`.
 */
export function readDiskBudget(text: string): DiskBudgetInput {
  const trimmed = text.trim();
  if (trimmed === '') return { kind: 'default' };
  const digits = /^(\d+(?:[.,]\d+)?|[.,]\d+)\s*(?:gib|gb)?$/i.exec(trimmed)?.[1];
  if (digits === undefined) return { kind: 'unreadable' };
  const gib = Number(digits.replace(',', '.'));
  return gib > MAX_GIB ? { kind: 'too-big' } : { kind: 'budget', gib };
}
