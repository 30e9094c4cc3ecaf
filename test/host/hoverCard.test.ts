import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { hoverCard } from '../../src/ui/hoverCard';

describe('a hover', () => {
  it('has a bold title, paragraphs, warnings with their mark, and lists', () => {
    const { value, isTrusted, supportThemeIcons } = hoverCard('Title', [
      'One',
      undefined,
      '',
      { warning: 'Careful' },
      { list: ['a', 'b'] },
    ]);
    assert.equal(value, '**Title**\n\nOne\n\n$(warning) Careful\n\n- a\n- b');
    assert.notEqual(isTrusted, true);
    assert.equal(supportThemeIcons, true);
  });

  it('shows what a server sent as text: no link, no picture, no icon, no second paragraph', () => {
    const { value } = hoverCard('a_b*c', ['![x](http://127.0.0.1/x.png) <img> $(trash)\n\n# big `code`']);
    assert.equal(
      value,
      '**a\\_b\\*c**\n\n\\!\\[x\\]\\(http://127.0.0.1/x.png\\) \\<img\\> \\$\\(trash\\) \\# big \\`code\\`',
    );
  });
});
