import * as l10n from '@vscode/l10n';
import * as z from 'zod';

export const spokenLanguageSchema = z.object({
  /** BCP 47; `en` where the texts are not translated. */
  language: z.string().regex(/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i),
  /** English texts with their translations; what is missing stays English. */
  texts: z.record(z.string(), z.string()),
});
export type SpokenLanguage = Readonly<z.infer<typeof spokenLanguageSchema>>;

export const ENGLISH: SpokenLanguage = { language: 'en', texts: {} };

let spoken = ENGLISH.language;

/**
 * Makes texts and numbers in a language from now on. Each process that shows something (the extension host, the Modelfile
 * server, the report's page) says it once, before its first text.
 */
export function speak({ language, texts }: SpokenLanguage): void {
  l10n.config({ contents: texts });
  spoken = language;
}

/** BCP 47, for numbers. */
export function spokenLanguage(): string {
  return spoken;
}
