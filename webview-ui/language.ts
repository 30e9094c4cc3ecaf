import { ENGLISH, speak, spokenLanguageSchema } from '../src/shared/spokenLanguage';

/** Its id in the page, see src/ui/reportHtml.ts. */
const ELEMENT_ID = 'page-language';

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
  speak(spokenLanguageSchema.catch(ENGLISH).parse(parsed(json)));
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
