/** Gives the keyboard to an element that is there in the next frame, where what has it now goes away. */
export function focusSoon(root: HTMLElement, selector: string): void {
  requestAnimationFrame(() => root.querySelector<HTMLElement>(selector)?.focus());
}
