import * as z from 'zod';
import { spokenLanguageSchema } from '../shared/spokenLanguage';

/** What the client hands the language server when it starts it. */
export const serverOptions = z.object({
  /** What the editor speaks; absent: English. */
  language: spokenLanguageSchema.optional(),
});
export type ServerOptions = z.infer<typeof serverOptions>;
