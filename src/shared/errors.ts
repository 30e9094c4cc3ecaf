/**
 * The base of every room's error class. `code` is stable and comes from a closed union of the room; `message` tells a
 * person what happened, why and what to do next. `toJSON` keeps the code and drops the cause, which may hold private
 * text.
 */
export abstract class ModelPoolError<Code extends string = string> extends Error {
  constructor(
    readonly code: Code,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }

  toJSON(): { readonly name: string; readonly code: Code; readonly message: string } {
    return { name: this.name, code: this.code, message: this.message };
  }
}

/** The text of anything that was thrown; for log lines and warnings, after redaction. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message || thrown.name;
  return typeof thrown === 'string' ? thrown : 'unknown error';
}
