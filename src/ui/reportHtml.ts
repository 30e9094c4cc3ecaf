import type { PageLanguage } from '../shared/reportMessages';

interface ReportHtml {
  readonly title: string;
  readonly language: PageLanguage;
  /** Base64; what the page's security policy knows its one script by. */
  readonly nonce: string;
  /** Where styles may come from, as the webview says it. */
  readonly styleSource: string;
  readonly scriptUri: string;
  readonly styleUri: string;
}

/** The report's page: empty but for the language that it speaks, which is there before its script runs. */
export function reportHtml(page: ReportHtml): string {
  const { title, language, nonce, styleSource, scriptUri, styleUri } = page;
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${styleSource}`;
  return `<!DOCTYPE html>
<html lang="${escaped(language.language)}">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${escaped(title)}</title>
  <link rel="stylesheet" href="${styleUri}">
</head>
<body>
  <script nonce="${nonce}" type="application/json" id="page-language">${scriptJson(language)}</script>
  <script nonce="${nonce}" src="${scriptUri}"></script>
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
