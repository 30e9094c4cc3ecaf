/** A part of the page that comes back to where it was left, when the page is loaded anew. */
export class KeptScroll {
  #isRestored = false;

  /** Once, when the part has a size: what is in a tab that is not shown cannot be scrolled. */
  restore(part: HTMLElement | null, top: number): void {
    if (this.#isRestored || !part || part.clientHeight === 0) return;
    this.#isRestored = true;
    part.scrollTop = top;
  }
}

/** Where a part was scrolled to, pixels; null while it is not shown, which says nothing. */
export function scrolledTo(event: Event): number | null {
  const part = event.currentTarget;
  return part instanceof HTMLElement && part.clientHeight > 0 ? part.scrollTop : null;
}
