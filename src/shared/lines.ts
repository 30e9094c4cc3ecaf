/** Longest line that is kept; a longer one is cut there, so that a server without newlines cannot fill the memory. */
const MAX_LINE_CHARACTERS = 16 * 1024 * 1024;

/**
 * Splits a byte stream into lines of text, for NDJSON. Characters split over two chunks are joined; empty lines are
 * left out; a last line without its newline is yielded too.
 */
export async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    // What was left has no newline: only the new part is searched.
    let searched = rest.length;
    rest += decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = rest.indexOf('\n', searched); end !== -1; end = rest.indexOf('\n', searched)) {
      const line = rest.slice(start, end).trim();
      start = end + 1;
      searched = start;
      if (line !== '') yield line;
    }
    rest = rest.slice(start, start + MAX_LINE_CHARACTERS);
  }
  const last = (rest + decoder.decode()).trim();
  if (last !== '') yield last;
}
