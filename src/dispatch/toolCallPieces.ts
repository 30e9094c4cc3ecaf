import * as z from 'zod';
import { parseJson } from '../shared/json';
import type { ChatToolCall } from './chat';

/** One piece of a tool call as OpenAI-like servers stream it; the first piece has the name, the others go on. */
export interface ToolCallPiece {
  readonly index?: number | null | undefined;
  readonly id?: string | null | undefined;
  readonly function?:
    | { readonly name?: string | null | undefined; readonly arguments?: string | null | undefined }
    | null
    | undefined;
}

const jsonObject = z.record(z.string(), z.unknown());

interface Growing {
  readonly index: number;
  id: string;
  name: string;
  text: string;
}

/** Puts tool calls together from their pieces. */
export class ToolCallPieces {
  #calls: Growing[] = [];

  add(pieces: readonly ToolCallPiece[]): void {
    for (const piece of pieces) {
      const call = this.#callOf(piece);
      const name = piece.function?.name ?? '';
      if (piece.id) call.id = piece.id;
      // Some servers repeat the name in every piece.
      if (name !== call.name) call.name += name;
      call.text += piece.function?.arguments ?? '';
    }
  }

  /**
   * The whole calls in the order of their index, and none of them a second time; null when one is not a named call with
   * a JSON object.
   */
  take(): readonly ChatToolCall[] | null {
    const growing = [...this.#calls].sort((a, b) => a.index - b.index);
    this.#calls = [];
    const calls: ChatToolCall[] = [];
    for (const [position, { id, name, text }] of growing.entries()) {
      const parsed = argumentsOf(text);
      if (name === '' || !parsed) return null;
      calls.push({ id: id === '' ? `call_${position}` : id, name, arguments: parsed });
    }
    return calls;
  }

  #callOf(piece: ToolCallPiece): Growing {
    const begins = Boolean(piece.id) || Boolean(piece.function?.name);
    const index = piece.index ?? undefined;
    const current = this.#calls.findLast((call) => index === undefined || call.index === index);
    // A server without indexes begins a call with its id or name; some give several calls one index, but ids of their own.
    const isOther =
      index === undefined ? begins : Boolean(piece.id) && current?.id !== '' && current?.id !== piece.id;
    if (current && !isOther) return current;
    const call = { index: index ?? this.#calls.length, id: '', name: '', text: '' };
    this.#calls.push(call);
    return call;
  }
}

/** The arguments of a call written as JSON text; no text means no arguments; undefined when it is not an object. */
function argumentsOf(text: string): Readonly<Record<string, unknown>> | undefined {
  if (text.trim() === '') return {};
  return jsonObject.safeParse(parseJson(text)).data;
}
