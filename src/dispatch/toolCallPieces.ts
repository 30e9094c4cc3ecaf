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
  id: string;
  name: string;
  text: string;
}

/** Puts tool calls together from their pieces. */
export class ToolCallPieces {
  readonly #calls = new Map<number, Growing>();

  add(pieces: readonly ToolCallPiece[]): void {
    for (const piece of pieces) {
      const index = piece.index ?? this.#calls.size;
      const call = this.#calls.get(index) ?? { id: '', name: '', text: '' };
      this.#calls.set(index, call);
      if (piece.id) call.id = piece.id;
      call.name += piece.function?.name ?? '';
      call.text += piece.function?.arguments ?? '';
    }
  }

  /** The whole calls, in order, and none of them a second time; null when one is not a named call with a JSON object. */
  take(): readonly ChatToolCall[] | null {
    const entries = [...this.#calls].sort(([a], [b]) => a - b);
    this.#calls.clear();
    const calls: ChatToolCall[] = [];
    for (const [index, { id, name, text }] of entries) {
      const parsed = argumentsOf(text);
      if (name === '' || !parsed) return null;
      calls.push({ id: id === '' ? `call_${index}` : id, name, arguments: parsed });
    }
    return calls;
  }
}

/** The arguments of a call written as JSON text; no text means no arguments; undefined when it is not an object. */
function argumentsOf(text: string): Readonly<Record<string, unknown>> | undefined {
  if (text.trim() === '') return {};
  return jsonObject.safeParse(parseJson(text)).data;
}
