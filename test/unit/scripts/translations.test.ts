import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sourceTexts } from '../../../scripts/l10n/sourceTexts.mjs';
import { germanFiles, writeTranslation } from '../../../scripts/l10n/translationFiles.mjs';
import { translationFaults } from '../../../scripts/l10n/translationFaults.mjs';

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'l10n-'));
  for (const folder of ['src/ui', 'webview-ui', 'l10n'])
    mkdirSync(path.join(root, folder), { recursive: true });
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const write = (file: string, text: string): void => writeFileSync(path.join(root, file), text);
const faultsOf = (english: string, german: string): readonly string[] =>
  translationFaults(new Map([['key', english]]), { key: german });

describe('the check of a translation', () => {
  it.each([
    ['a sentence', 'Nothing is removed.', 'Es wird nichts entfernt.'],
    ['placeholders in another order', '{0} on {1}', 'auf {1}: {0}'],
    ['named placeholders', '{count} of {total}', '{count} von {total}'],
    ['a link', 'See [the record](command:a.b).', 'Siehe [den Eintrag](command:a.b).'],
    ['code', 'Run `ollama serve`.', 'Führen Sie `ollama serve` aus.'],
    ['nothing but placeholders and units', '{0} ({1}) · {2} tok/s', '{0} ({1}) · {2} tok/s'],
  ])('passes %s', (_what, english, german) => {
    expect(faultsOf(english, german)).toEqual([]);
  });

  it.each([
    ['a missing placeholder', '{0} on {1}', 'auf {1}', 'has {1} where it needs {0} {1}'],
    ['a placeholder too many', 'Done', 'Fertig: {0}', 'has {0} where it needs nothing'],
    ['a placeholder that is there twice', '{0} models', '{0} von {0}', 'has {0} {0} where it needs {0}'],
    ['another command behind a link', '[a](command:x)', '[b](command:y)', 'where it needs ](command:x)'],
    ['code that was translated', 'Run `serve`', 'Führen Sie `dienen` aus', 'where it needs `serve`'],
    ['the English text itself', 'Nothing is removed.', 'Nothing is removed.', 'is not translated'],
    ['an empty text', 'Nothing', '', 'no translation of "key"'],
    ['blanks', 'Nothing', '  ', 'no translation of "key"'],
  ])('names %s', (_what, english, german, fault) => {
    const faults = faultsOf(english, german);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
  });

  it('lets a word stay that is the same in both, when the list says so', () => {
    const english = new Map([['a', 'Budget']]);
    expect(translationFaults(english, { a: 'Budget' }, { mayBeSame: new Set(['Budget']) })).toEqual([]);
    expect(translationFaults(english, { a: 'Budget' }, { mayBeSame: new Set() })).toHaveLength(1);
  });

  it('wants a command named as the palette shows it', () => {
    const english = new Map([['a', 'Use "Model Pool: Set API Key".']]);
    const commands = new Map([['Set API Key', 'API-Schlüssel festlegen']]);
    const faultsWith = (a: string): readonly string[] => translationFaults(english, { a }, { commands });
    expect(faultsWith('Nehmen Sie „Model Pool: API-Schlüssel festlegen“.')).toEqual([]);
    expect(faultsWith('Nehmen Sie „Model Pool: Set API Key“.')).toHaveLength(1);
  });

  it('names a text without a translation, and a translation that nothing uses', () => {
    const faults = translationFaults(new Map([['Here', 'Here']]), { There: 'Dort' });
    expect(faults).toEqual(['nothing uses "There"', 'no translation of "Here"']);
  });
});

describe('the texts of the source', () => {
  it('are those of the extension, of the rooms below it and of the page, by code unit', async () => {
    write(
      'src/ui/a.ts',
      "import * as vscode from 'vscode';\nexport const a = vscode.l10n.t('of the {0}', 'ui');\n",
    );
    write('src/b.ts', "import * as l10n from '@vscode/l10n';\nexport const b = () => l10n.t('Below');\n");
    write(
      'webview-ui/c.ts',
      "import * as l10n from '@vscode/l10n';\nexport const c = () => l10n.t('On the page');\n",
    );
    write('src/d.ts', "export const d = 'not for people';\n");
    expect([...(await sourceTexts(root))]).toEqual([
      ['Below', 'Below'],
      ['On the page', 'On the page'],
      ['of the {0}', 'of the {0}'],
    ]);
  });

  it('bring the German in line: what is gone goes, what is new waits outside, what is there stays', async () => {
    write(
      'src/a.ts',
      "import * as l10n from '@vscode/l10n';\nexport const a = () => [l10n.t('New'), l10n.t('Kept')];\n",
    );
    write('l10n/bundle.l10n.de.json', JSON.stringify({ Gone: 'Fort', Kept: 'Geblieben' }));
    write('package.nls.json', JSON.stringify({ 'command.b': 'B', 'command.c': 'C', 'command.a': 'A' }));
    write('package.nls.de.json', JSON.stringify({ 'command.a': 'Ah', 'command.b': 'Beh', 'command.c': '' }));
    for (const file of await germanFiles(root)) expect(writeTranslation(root, file)).toBe(true);
    const text = (name: string): string => readFileSync(path.join(root, name), 'utf8');
    expect(text('l10n/bundle.l10n.de.json')).toBe('{\n  "Kept": "Geblieben"\n}\n');
    expect(text('package.nls.de.json')).toBe('{\n  "command.b": "Beh",\n  "command.a": "Ah"\n}\n');
    for (const file of await germanFiles(root)) expect(writeTranslation(root, file)).toBe(false);
  });
});
