import * as l10n from '@vscode/l10n';
import { replaceFix } from './quickFix';
import type { QuickFix } from './diagnostic';
import type { TemplateAction, TemplateName } from './goTemplateNode';
import type { ParsedTemplate } from './goTemplateParser';
import { closestName } from './spelling';
import type { TemplateDiagnostic, TemplateDiagnosticCode } from './templateDiagnostic';
import { TemplateGuards } from './templateGuards';
import { TemplateScope } from './templateScope';
import { ROOT, TEMPLATE_VARIABLES, fieldsOf, shapeName } from './templateShape';
import type { SeenField, TemplateSight } from './templateTyping';
import type { SourceRange } from './textEdit';

/** The variables that Ollama sets when the template names `.Messages`, when it does not, and for a fill-in request. */
const ALWAYS_SET = ['Response', 'Think', 'ThinkLevel', 'IsThinkSet'];
const CHAT_VARIABLES: ReadonlySet<string> = new Set([...ALWAYS_SET, 'System', 'Messages', 'Tools']);
const PROMPT_VARIABLES: ReadonlySet<string> = new Set([...ALWAYS_SET, 'System', 'Prompt']);
const FILL_IN_VARIABLES: ReadonlySet<string> = new Set([...ALWAYS_SET, 'Prompt', 'Suffix']);

/** Why a template lacks a variable; of all others because it does not use `.Messages`. */
const UNSET_REASONS: Readonly<Record<string, () => string>> = {
  Prompt: () => l10n.t('Ollama does not set it for templates that use .Messages'),
  Messages: () =>
    l10n.t(
      'Ollama does not count it in parentheses with a field behind them; use it elsewhere too, as in {{ if .Messages }}',
    ),
};

/** What the warnings found out besides. */
export interface TemplateWarnings {
  readonly diagnostics: readonly TemplateDiagnostic[];
  /** All variables are used at once, as in `{{ json . }}`: nobody can say which ones are read. */
  readonly usesAllVariables: boolean;
}

/**
 * The findings in a template that Ollama takes, or in the readable part of one that it refuses: variables that it does
 * not set, which print `<no value>`, and what makes the template fail whenever it runs. `identifiers` are the names
 * that Ollama counts.
 */
export function templateWarnings(parsed: ParsedTemplate, identifiers: ReadonlySet<string>): TemplateWarnings {
  return new WarningWalk(parsed, identifiers).walk();
}

class WarningWalk {
  private readonly diagnostics: TemplateDiagnostic[] = [];
  private readonly scope = new TemplateScope();
  private readonly guards = new TemplateGuards();
  private readonly isChat: boolean;
  private readonly isFillIn: boolean;
  private readonly templates: ReadonlySet<string>;
  private usesAllVariables = false;

  constructor(
    private readonly parsed: ParsedTemplate,
    identifiers: ReadonlySet<string>,
  ) {
    this.isChat = identifiers.has('messages');
    this.isFillIn = identifiers.has('suffix');
    const defining = parsed.actions.filter(({ kind }) => kind === 'define' || kind === 'block');
    this.templates = new Set(['', ...defining.map(({ name }) => name?.name ?? '')]);
  }

  walk(): TemplateWarnings {
    for (const action of this.parsed.actions) {
      this.guards.pass(action);
      this.scope.pass(
        action,
        (sight) => {
          this.judge(sight);
        },
        ({ name, start, end }) => {
          this.warnFailing({ start, end }, l10n.t('{0} is assigned but never declared with :=.', name));
        },
      );
      this.checkInvocation(action);
    }
    const { diagnostics, usesAllVariables } = this;
    return { diagnostics, usesAllVariables };
  }

  private judge(sight: TemplateSight): void {
    switch (sight.kind) {
      case 'field':
        if (!sight.isKnown) this.warnUnknown(sight);
        else if (sight.of === ROOT) this.checkIsSet(sight.name);
        break;
      case 'whole value':
        if (sight.shape === ROOT) this.usesAllVariables = true;
        break;
      case 'arguments of a value':
        this.warnFailing(sight.range, l10n.t('only functions take arguments, and this is a value.'));
        break;
      case 'nil as a command':
        this.warnFailing(sight.range, l10n.t('nil cannot stand alone.'));
        break;
      case 'wrong number of arguments': {
        const { name, given, function: called } = sight;
        const facts = [name, called.least, given, called.signature] as const;
        this.warnFailing(
          sight.range,
          called.least === called.most
            ? l10n.t('{0} takes {1} and gets {2} arguments: {3}.', ...facts)
            : l10n.t('{0} takes {1} or more and gets {2} arguments: {3}.', ...facts),
        );
      }
    }
  }

  private warnUnknown({ of, isOfDot, name: { name, start, end } }: SeenField): void {
    const range = { start, end };
    const known = [...fieldsOf(of).keys()];
    const fixes = spellingFixes(name, range, known);
    if (of === ROOT) {
      const variables = known.map((variable) => `.${variable}`).join(', ');
      const message = l10n.t(
        'Ollama sets no variable .{0}: it prints <no value> and counts as empty. It sets {1}.',
        name,
        variables,
      );
      this.warn('template-unknown-variable', range, message, fixes);
      return;
    }
    const isVariable = isOfDot && TEMPLATE_VARIABLES.has(name) && this.scope.dollar === ROOT;
    const has =
      known.length === 0
        ? l10n.t('The template fails whenever it comes here: {0} has no fields.', shapeName(of))
        : l10n.t(
            'The template fails whenever it comes here: {0} has no field .{1}, but {2}.',
            shapeName(of),
            name,
            known.map((field) => `.${field}`).join(', '),
          );
    const message = isVariable ? `${has} ${l10n.t('The variable is written $.{0} here.', name)}` : has;
    const outer = replaceFix(l10n.t('Write {0}', `$.${name}`), { start: start - 1, end }, `$.${name}`);
    this.warn('template-unknown-field', range, message, isVariable ? [outer, ...fixes] : fixes);
  }

  /** A variable of Ollama's may still be one that this kind of template never gets. */
  private checkIsSet({ name, start, end }: TemplateName): void {
    const isSet = (this.isChat ? CHAT_VARIABLES : PROMPT_VARIABLES).has(name);
    if (
      isSet ||
      (this.isFillIn && FILL_IN_VARIABLES.has(name)) ||
      this.guards.mention(name, 'Messages', 'Suffix')
    )
      return;
    const reason =
      UNSET_REASONS[this.isChat ? 'Prompt' : name]?.() ??
      l10n.t('Ollama sets it only for templates that use .Messages');
    this.warn(
      'template-unset-variable',
      { start, end },
      l10n.t('.{0} prints <no value>: {1}.', name, reason),
      [],
    );
  }

  private checkInvocation({ kind, name }: TemplateAction): void {
    if (kind !== 'template' || name === undefined || this.templates.has(name.name)) return;
    const range = { start: name.start, end: name.end };
    this.warnFailing(range, l10n.t('no template of this name is defined with {{ define }}.'));
  }

  private warnFailing(range: SourceRange, reason: string): void {
    const { start, end } = range;
    this.warn(
      'template-fails-when-run',
      { start, end },
      l10n.t('The template fails whenever it comes here: {0}', reason),
      [],
    );
  }

  private warn(
    code: TemplateDiagnosticCode,
    range: SourceRange,
    message: string,
    fixes: readonly QuickFix[],
  ): void {
    this.diagnostics.push({ code, severity: 'warning', range, message, fixes });
  }
}

function spellingFixes(name: string, range: SourceRange, known: readonly string[]): readonly QuickFix[] {
  const meant = closestName(name, known);
  return meant === null ? [] : [replaceFix(l10n.t('Write {0}', `.${meant}`), range, meant)];
}
