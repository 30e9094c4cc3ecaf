import type { SpokenLanguage } from '../shared/spokenLanguage';

interface ReportHtml {
  readonly title: string;
  readonly language: SpokenLanguage;
  /** Base64; what the page's security policy knows its scripts and styles by. */
  readonly nonce: string;
  /** Where further styles may come from, as the webview says it. */
  readonly styleSource: string;
  readonly scriptUri: string;
  /** All styles of the page. */
  readonly styles: string;
  /** The names of its tabs, which are seen until the page draws them itself. */
  readonly tabs: readonly string[];
}

/**
 * The report's page before its script runs: its styles, the language that it speaks and its tabs. VS Code shows a page
 * when that has loaded, and a script or a style sheet that is a part of it would keep it from that: the styles stand in
 * it, and the script, which is fetched meanwhile, comes after.
 */
export function reportHtml(page: ReportHtml): string {
  const { title, language, nonce, styleSource, scriptUri, styles, tabs } = page;
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${styleSource} 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="${escaped(language.language)}">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${escaped(title)}</title>
  <link rel="preload" as="script" nonce="${nonce}" href="${escaped(scriptUri)}">
  <style nonce="${nonce}">${styles.replaceAll('</', '<\\/')}</style>
</head>
<body>
  <div class="skeleton" aria-hidden="true">${tabs.map((tab) => `<span>${escaped(tab)}</span>`).join('')}</div>
  <script nonce="${nonce}" type="application/json" id="page-language">${scriptJson(language)}</script>
  <script nonce="${nonce}">
    addEventListener('load', () => {
      const script = document.createElement('script');
      script.nonce = ${scriptJson(nonce)};
      script.src = ${scriptJson(scriptUri)};
      document.body.append(script);
    });
  </script>
</body>
</html>`;
}

/** JSON that ends no element and begins no comment, whatever it holds. */
function scriptJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
