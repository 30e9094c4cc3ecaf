import * as l10n from '@vscode/l10n';
import { factsOf } from './facts';
import type { ParsedModelfile } from './parse';
import { LENS_COMMANDS } from './protocol';
import type { MachineFacts } from './protocol';
import type { SourceRange } from './textEdit';

export interface ModelfileLens {
  readonly range: SourceRange;
  readonly title: string;
  readonly command: (typeof LENS_COMMANDS)[keyof typeof LENS_COMMANDS];
}

/** What can be done with a file, above its first FROM: create its model, run it, see what creating would replace. */
export function codeLenses(
  parsed: ParsedModelfile,
  createdName: string,
  facts: MachineFacts | undefined,
): readonly ModelfileLens[] {
  const from = parsed.commands.find(({ name }) => name === 'model');
  if (!from) return [];
  const range = from.keywordRange;
  const isThere = facts !== undefined && factsOf(createdName, facts)?.installed === true;
  return [
    { range, title: l10n.t('Create {0}', createdName), command: LENS_COMMANDS.create },
    { range, title: l10n.t('Run'), command: LENS_COMMANDS.run },
    ...(isThere
      ? [{ range, title: l10n.t('Show what it would replace'), command: LENS_COMMANDS.showReplaced }]
      : []),
  ];
}
