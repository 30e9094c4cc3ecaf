import type { ChatRequest } from './chat';

/** Texts shorter than this are too common to be taken for a quote. */
const MIN_QUOTE_CHARACTERS = 4;
/** A piece of this length is a quote: shorter ones are found in any long conversation by chance. */
const QUOTE_CHARACTERS = 16;

/**
 * Whether a server's message, which is short, quotes something of the request: a whole short text, or a piece of at least
 * 16 characters of a longer one.
 */
export function quotesRequest(message: string, request: ChatRequest): boolean {
  const texts = privateTexts(request);
  if (
    texts.some((text) => text.length >= MIN_QUOTE_CHARACTERS && text.length < 200 && message.includes(text))
  ) {
    return true;
  }
  for (let start = 0; start + QUOTE_CHARACTERS <= message.length; start += 1) {
    const piece = message.slice(start, start + QUOTE_CHARACTERS);
    if (texts.some((text) => text.includes(piece))) return true;
  }
  return false;
}

/** Everything of a request that people or models wrote. */
function privateTexts(request: ChatRequest): readonly string[] {
  const ofMessages = request.messages.flatMap(({ content, toolCalls = [] }) => [
    content.trim(),
    ...toolCalls.map((call) => JSON.stringify(call.arguments)),
  ]);
  const ofTools = (request.tools ?? []).flatMap((tool) => [
    tool.description,
    JSON.stringify(tool.parameters),
  ]);
  return [...ofMessages, ...ofTools, ...(request.parameters?.stop ?? [])];
}
