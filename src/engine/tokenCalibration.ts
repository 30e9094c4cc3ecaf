import * as z from 'zod';

/** Characters a token where nothing was learnt yet: about right for English and code. */
const USUAL_CHARACTERS_PER_TOKEN = 4;
/** What lies outside is no ratio of a tokenizer: a cached prompt that was not counted, or a template longer than the text. */
const MIN_CHARACTERS_PER_TOKEN = 1;
const MAX_CHARACTERS_PER_TOKEN = 8;
/** Below this the chat template's own tokens weigh too much. */
const MIN_CHARACTERS = 400;
/** How much of what was learnt before still counts after each call. */
const MEMORY = 0.8;
const MAX_MODELS = 200;

const learntSchema = z.record(
  z.string(),
  z.object({ characters: z.number().positive(), tokens: z.number().positive() }),
);
type Learnt = z.infer<typeof learntSchema>;

/** Characters a token of each model, learnt from what servers count: no tokenizer is shipped, and none is asked. */
export class TokenCalibration {
  readonly #learnt: Map<string, Learnt[string]>;

  /** `stored`: what `toJSON` gave before; anything else counts as nothing. */
  constructor(stored?: unknown) {
    this.#learnt = new Map(Object.entries(learntSchema.safeParse(stored).data ?? {}));
  }

  /** About how many tokens a text has for a model. */
  tokensOf(model: string, characters: number): number {
    const learnt = this.#learnt.get(model);
    const ratio = learnt ? learnt.characters / learnt.tokens : USUAL_CHARACTERS_PER_TOKEN;
    return Math.ceil(characters / ratio);
  }

  /** Learns from a prompt whose tokens a server has counted; returns whether it did. Long prompts count for more. */
  note(model: string, characters: number, tokens: number | null): boolean {
    if (tokens === null || tokens <= 0 || characters < MIN_CHARACTERS) return false;
    const ratio = characters / tokens;
    if (ratio < MIN_CHARACTERS_PER_TOKEN || ratio > MAX_CHARACTERS_PER_TOKEN) return false;
    const before = this.#learnt.get(model) ?? { characters: 0, tokens: 0 };
    // The newest last, so that the oldest are those that are given up.
    this.#learnt.delete(model);
    this.#learnt.set(model, {
      characters: before.characters * MEMORY + characters,
      tokens: before.tokens * MEMORY + tokens,
    });
    for (const key of this.#learnt.keys()) {
      if (this.#learnt.size <= MAX_MODELS) break;
      this.#learnt.delete(key);
    }
    return true;
  }

  toJSON(): Learnt {
    return Object.fromEntries(this.#learnt);
  }
}
