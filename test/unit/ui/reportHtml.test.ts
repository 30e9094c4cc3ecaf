import { describe, expect, it } from 'vitest';
import { reportHtml } from '../../../src/ui/reportHtml';

const PAGE = {
  title: 'Model Pool Report',
  language: { language: 'de', texts: { Cancel: 'Abbrechen' } },
  nonce: 'bm9uY2U=',
  styleSource: 'https://webview.example',
  scriptUri: 'https://webview.example/report.js',
  styles: '.skeleton { display: flex; }',
  tabs: ['Rangliste', 'Aufrufe'],
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
    expect(html.indexOf('id="page-language"')).toBeLessThan(html.indexOf('createElement'));
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

  it('lets no title, language, tab or style leave its place', () => {
    const steal = '<script>steal()</script>';
    const html = reportHtml({
      ...PAGE,
      title: `</title>${steal}`,
      language: { language: `">${steal}`, texts: {} },
      tabs: [`</span>${steal}`],
      styles: `/* </style>${steal} */`,
    });
    expect(html.match(/<\/style/gi)).toHaveLength(1);
    const [before = '', after = ''] = html.split(/<style[^>]*>[\s\S]*<\/style>/);
    expect((before + after).match(/<script/gi)).toHaveLength(2);
  });

  it('runs one script, known by its nonce as its styles are, and loads nothing else', () => {
    const html = reportHtml(PAGE);
    expect(html).toContain(
      `content="default-src 'none'; script-src 'nonce-bm9uY2U='; style-src https://webview.example 'nonce-bm9uY2U='"`,
    );
    for (const [tag] of html.matchAll(/<(?:script|style)\b[^>]*>/g))
      expect(tag).toContain('nonce="bm9uY2U="');
    expect(html).not.toContain('rel="stylesheet"');
  });

  it('shows its tabs by itself, and gets its script when it has loaded: none is a part of it', () => {
    const html = reportHtml(PAGE);
    expect(html).toContain('<span>Rangliste</span><span>Aufrufe</span>');
    expect(html).not.toMatch(/<script[^>]* src=/);
    expect(html).toMatch(
      /<link rel="preload" as="script"[^>]* href="https:\/\/webview\.example\/report\.js">/,
    );
  });
});
