import type * as z from 'zod';

/** The items of a value that tools print as one object or as an array of them; those that do not fit are left out. */
export function arrayOf<T>(value: unknown, item: z.ZodType<T>): readonly T[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return items.flatMap((one) => {
    const parsed = item.safeParse(one);
    return parsed.success ? [parsed.data] : [];
  });
}
