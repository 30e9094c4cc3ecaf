import * as l10n from '@vscode/l10n';
import { pageLanguageSchema } from '../src/shared/reportMessages';

/** The language that the page speaks. Texts are made when they are drawn: this is not known while modules load. */

/** Its id in the page, see src/ui/reportHtml.ts. */
const ELEMENT_ID = 'page-language';

let language = 'en';

/** What of a document is needed here. */
interface LanguagePage {
  getElementById(id: string): { readonly textContent: string | null } | null;
}

/**
 * Speaks the language that stands in the page; English where none can be read there. To be called before anything is
 * drawn.
 */
export function speakLanguageOf(page: LanguagePage): void {
  speakLanguage(page.getElementById(ELEMENT_ID)?.textContent ?? '');
}

/** The same with the JSON text itself. */
export function speakLanguage(json: string): void {
  const given = pageLanguageSchema.safeParse(parsed(json));
  language = given.success ? given.data.language : 'en';
  l10n.config({ contents: given.success ? given.data.texts : {} });
}

/** BCP 47, for numbers. */
export function spokenLanguage(): string {
  return language;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
