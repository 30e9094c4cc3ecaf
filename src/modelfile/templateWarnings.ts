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
const UNSET_REASONS: Readonly<Record<string, string>> = {
  Prompt: 'Ollama does not set it for templates that use .Messages',
  Messages:
    'Ollama does not count it in parentheses with a field behind them; use it elsewhere too, as in {{ if .Messages }}',
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
          this.warnFailing({ start, end }, `${name} is assigned but never declared with :=.`);
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
        this.warnFailing(sight.range, 'only functions take arguments, and this is a value.');
        break;
      case 'nil as a command':
        this.warnFailing(sight.range, 'nil cannot stand alone.');
        break;
      case 'wrong number of arguments': {
        const { name, given, function: called } = sight;
        const takes = `${name} takes ${String(called.least)}${called.least === called.most ? '' : ' or more'}`;
        this.warnFailing(sight.range, `${takes} and gets ${String(given)} arguments: ${called.signature}.`);
      }
    }
  }

  private warnUnknown({ of, isOfDot, name: { name, start, end } }: SeenField): void {
    const range = { start, end };
    const known = [...fieldsOf(of).keys()];
    const fixes = spellingFixes(name, range, known);
    if (of === ROOT) {
      const variables = known.map((variable) => `.${variable}`).join(', ');
      const message = `Ollama sets no variable .${name}: it prints <no value> and counts as empty. It sets ${variables}.`;
      this.warn('template-unknown-variable', range, message, fixes);
      return;
    }
    const isVariable = isOfDot && TEMPLATE_VARIABLES.has(name) && this.scope.dollar === ROOT;
    const has =
      known.length === 0
        ? 'no fields'
        : `no field .${name}, but ${known.map((field) => `.${field}`).join(', ')}`;
    const advice = isVariable ? ` The variable is written $.${name} here.` : '';
    const message = `The template fails whenever it comes here: ${shapeName(of)} has ${has}.${advice}`;
    const outer = replaceFix(`Write $.${name}`, { start: start - 1, end }, `$.${name}`);
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
      UNSET_REASONS[this.isChat ? 'Prompt' : name] ?? 'Ollama sets it only for templates that use .Messages';
    this.warn('template-unset-variable', { start, end }, `.${name} prints <no value>: ${reason}.`, []);
  }

  private checkInvocation({ kind, name }: TemplateAction): void {
    if (kind !== 'template' || name === undefined || this.templates.has(name.name)) return;
    const range = { start: name.start, end: name.end };
    this.warnFailing(range, 'no template of this name is defined with {{ define }}.');
  }

  private warnFailing(range: SourceRange, reason: string): void {
    const { start, end } = range;
    this.warn(
      'template-fails-when-run',
      { start, end },
      `The template fails whenever it comes here: ${reason}`,
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
  return meant === null ? [] : [replaceFix(`Write .${meant}`, range, meant)];
}
