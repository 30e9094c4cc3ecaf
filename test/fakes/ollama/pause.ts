/** Waits, or returns early where `signal` aborts; `Infinity` waits for the abort alone. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<'over' | 'aborted'> {
  if (signal.aborted) return 'aborted';
  if (milliseconds <= 0) return 'over';
  return new Promise((resolve) => {
    const timer = Number.isFinite(milliseconds) ? setTimeout(over, milliseconds) : undefined;
    const abort = (): void => {
      clearTimeout(timer);
      resolve('aborted');
    };
    function over(): void {
      signal.removeEventListener('abort', abort);
      resolve('over');
    }
    signal.addEventListener('abort', abort, { once: true });
  });
}
