import { describe, expect, it } from 'vitest';
import { contributes } from '../../../src/ui/manifest/contributes';
import { HAS_MACHINE } from '../../../src/ui/manifest/grammarOnly';

/** What a web window without a remote gets. Settings have no clause: they are listed there, and change nothing. */
const EVERYWHERE = ['configuration', 'grammars', 'languages', 'semanticTokenScopes'];
/** A container is shown with its views, a welcome text in its view. */
const IN_VIEWS = ['viewsContainers', 'viewsWelcome'];

describe('where there is no machine', () => {
  const { views, commands, menus, languageModelChatProviders, languageModelTools, walkthroughs, ...others } =
    contributes;

  it('nothing is shown but the language of Modelfiles', () => {
    expect(Object.keys(others).sort()).toEqual([...EVERYWHERE, ...IN_VIEWS].sort());
    const shown = [...Object.values(views).flat(), ...languageModelChatProviders, ...walkthroughs];
    for (const part of [...shown, ...languageModelTools])
      expect(part.when, JSON.stringify(part)).toBe(HAS_MACHINE);
    for (const command of commands) expect(command.enablement, command.command).toBe(HAS_MACHINE);
  });

  it('no menu offers anything outside our views', () => {
    for (const [menu, entries] of Object.entries(menus)) {
      // The palette leaves out what is not enabled; other menus grey it.
      if (menu === 'commandPalette') continue;
      for (const { command, when } of entries) {
        expect(when.includes(HAS_MACHINE) || /\bview (?:==|=~) \S*modelPool\b/.test(when), command).toBe(
          true,
        );
      }
    }
  });
});
