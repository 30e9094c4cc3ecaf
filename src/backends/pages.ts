import type { HttpFailure } from '../shared/http';

/** One page of a list: its entries, and what to ask for the next one with; `next` absent on the last. */
type Page =
  | { readonly ok: true; readonly entries: readonly unknown[]; readonly next: string | undefined }
  | { readonly ok: false; readonly failure: HttpFailure };

/** A server that names a next page for ever is not followed for ever. */
const MAX_PAGES = 20;

/**
 * The entries of all pages in order, at most twenty pages and none twice. One page that fails fails the list: half of
 * one would make the models of the other half disappear.
 */
export async function allPages(
  ask: (next: string | undefined) => Promise<Page>,
): Promise<
  | { readonly ok: true; readonly entries: readonly unknown[] }
  | { readonly ok: false; readonly failure: HttpFailure }
> {
  const entries: unknown[] = [];
  const asked = new Set<string | undefined>();
  let next: string | undefined;
  do {
    asked.add(next);
    const page = await ask(next);
    if (!page.ok) return page;
    for (const entry of page.entries) entries.push(entry);
    next = page.next;
  } while (next !== undefined && next !== '' && !asked.has(next) && asked.size < MAX_PAGES);
  return { ok: true, entries };
}
