import * as z from 'zod';

/** What the client hands the language server when it starts it. */
export const serverOptions = z.object({
  /** English text to that of the editor's language; absent: English. */
  l10n: z.record(z.string(), z.string()).optional(),
});
export type ServerOptions = z.infer<typeof serverOptions>;
