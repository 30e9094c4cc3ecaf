import { describe, expect, it } from 'vitest';
import { reportHtml } from '../../../src/ui/reportHtml';

const PAGE = {
  title: 'Model Pool Report',
  language: { language: 'de', texts: { Cancel: 'Abbrechen' } },
  nonce: 'bm9uY2U=',
  styleSource: 'https://webview.example',
  scriptUri: 'https://webview.example/report.js',
  styleUri: 'https://webview.example/report.css',
};

/** What an HTML parser takes for the text of the page's language: scripts end at the first end tag, whatever it is in. */
function languageIn(html: string): string | undefined {
  return /<script[^>]* id="page-language">([\s\S]*?)<\/script/i.exec(html)?.[1];
}

describe('the page of the report', () => {
  it('holds the language that it speaks before its script', () => {
    const html = reportHtml(PAGE);
    expect(html).toContain('<html lang="de">');
    expect(JSON.parse(languageIn(html) ?? '')).toEqual(PAGE.language);
    expect(html.indexOf('id="page-language"')).toBeLessThan(
      html.indexOf('src="https://webview.example/report.js"'),
    );
  });

  it.each(['</script><script>steal()</script>', '<!-- <script>', '</SCRIPT >', '"\\u003c/script>', '\u2028'])(
    'lets no text of a translation end its element or begin another: %s',
    (text) => {
      const language = { language: 'de', texts: { Cancel: text } };
      const html = reportHtml({ ...PAGE, language });
      expect(html.match(/<script/gi)).toHaveLength(2);
      expect(html.match(/<\/script/gi)).toHaveLength(2);
      expect(html).not.toContain('<!--');
      expect(JSON.parse(languageIn(html) ?? '')).toEqual(language);
    },
  );

  it('lets no title or language leave its place', () => {
    const html = reportHtml({
      ...PAGE,
      title: '</title><script>steal()</script>',
      language: { language: '"><script>steal()</script>', texts: {} },
    });
    expect(html.match(/<script/gi)).toHaveLength(2);
  });

  it('runs one script, known by its nonce, and loads nothing else but its styles', () => {
    const html = reportHtml(PAGE);
    expect(html).toContain(
      `content="default-src 'none'; script-src 'nonce-bm9uY2U='; style-src https://webview.example"`,
    );
    expect(html.match(/<script nonce="bm9uY2U=" src=/g)).toHaveLength(1);
  });
});
