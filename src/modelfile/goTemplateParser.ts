import { lexTemplate } from './goTemplateLexer';
import type { LexedTemplate } from './goTemplateLexer';
import { unquoteString } from './goTemplateQuote';
import { parsePipeline } from './goTemplatePipeline';
import type { PipelineSurroundings } from './goTemplatePipeline';
import { tokenText } from './goTemplateToken';
import type { TemplateToken } from './goTemplateToken';
import { TemplateTokens } from './goTemplateTokens';
import type { TemplateAction, TemplateActionKind, TemplateFailure, TemplateName } from './goTemplateNode';
import type { TemplatePipeline } from './goTemplateNode';
import { DefinedTemplates, TemplateTree } from './goTemplateTrees';
import type { SourceRange } from './textEdit';
import type { TemplateVariables } from './templateVariables';

/** A block and what divides and ends it. */
interface TemplateBlock {
  readonly opening: TemplateAction;
  readonly middles: readonly TemplateAction[];
  /** Undefined where the template ends inside. */
  readonly closing: TemplateAction | undefined;
}

export interface ParsedTemplate {
  /** In the order of the text. Behind a failure they are what could still be made out. */
  readonly actions: readonly TemplateAction[];
  readonly comments: LexedTemplate['comments'];
  readonly blocks: readonly TemplateBlock[];
  /** Why Go refuses the template. */
  readonly failure: TemplateFailure | undefined;
  /** It was too deeply nested to be checked. */
  readonly isTooDeep: boolean;
}

/**
 * Parses a template as Go 1.26's text/template does and never throws. Go stops at the first failure; this goes on
 * behind it, so that completion knows where it is, and reports only that one.
 */
export function parseTemplate(template: string): ParsedTemplate {
  return new TemplateParser(template).parse();
}

interface OpenBlock {
  readonly opening: TemplateAction;
  readonly middles: TemplateAction[];
  /** The tree around it. */
  readonly tree: TemplateTree;
  /** How many variables there were before it. */
  readonly variableCount: number;
  /** The last token that was looked at when it began. */
  readonly lookedAt: number;
  isInElse: boolean;
}

/** What was read of an action; not whole after a failure. */
interface ReadAction {
  readonly kind: TemplateActionKind;
  readonly isWhole: boolean;
  readonly pipeline?: TemplatePipeline | undefined;
  readonly name?: TemplateName | undefined;
}

class TemplateParser implements PipelineSurroundings {
  readonly tokens: TemplateTokens;
  private readonly lexed: LexedTemplate;
  private readonly actions: TemplateAction[] = [];
  private readonly blocks: TemplateBlock[] = [];
  private readonly open: OpenBlock[] = [];
  private readonly defined = new DefinedTemplates();
  private tree = new TemplateTree('');
  private failure: TemplateFailure | undefined;
  private isTooDeep = false;

  constructor(private readonly template: string) {
    this.lexed = lexTemplate(template);
    this.tokens = new TemplateTokens(this.lexed.tokens);
  }

  get variables(): TemplateVariables {
    return this.tree.variables;
  }

  parse(): ParsedTemplate {
    for (;;) {
      const token = this.tokens.next();
      if (token.kind === 'eof') break;
      if (token.kind === 'leftDelimiter') this.parseAction(token);
      else if (token.kind === 'text') this.tree.seesText(token.value);
      else this.unexpected(token, 'input');
    }
    this.finish();
    const { actions, blocks, failure, isTooDeep } = this;
    return { actions, comments: this.lexed.comments, blocks, failure, isTooDeep };
  }

  fail(range: SourceRange, message: string, code: TemplateFailure['code'] = 'template-syntax'): undefined {
    this.failAt(range, this.tokens.lookedAt(), message, code);
  }

  unexpected(token: TemplateToken, context: string): undefined {
    if (this.isDecided()) return undefined;
    if (token.kind !== 'error') return this.fail(token, `unexpected ${tokenText(token)} in ${context}`);
    const { actionStart } = this.tree;
    const isElsewhere = actionStart !== undefined && this.lineAt(actionStart) !== this.lineAt(token.start);
    const where = isElsewhere ? ` started at :${String(this.lineAt(actionStart))}` : '';
    const isAction = token.value.endsWith(' action');
    const message = `${token.value}${isElsewhere && !isAction ? ' in action' : ''}${where}`;
    // An action that is not closed is noticed at the end of the text: the reader has to look at its beginning.
    return this.fail(
      isAction && actionStart !== undefined ? { start: actionStart, end: actionStart + 2 } : token,
      message,
    );
  }

  giveUp(): undefined {
    this.isTooDeep = true;
  }

  textOf(range: SourceRange): string {
    return this.template.slice(range.start, range.end);
  }

  private parseAction(delimiter: TemplateToken): void {
    const keyword = this.tokens.nextNonSpace();
    const isDefinition = keyword.kind === 'define' && this.open.length === 0;
    if (!isDefinition) this.tree.actionStart = delimiter.start;
    const variableCount = this.variables.count();
    const { kind, isWhole, pipeline, name } = this.readAction(keyword, isDefinition);
    const end = isWhole ? this.tokens.at(this.tokens.mark() - 1).end : this.tokens.skipAction();
    const action = { kind, start: delimiter.start, end, pipeline, name };
    this.actions.push(action);
    this.place(action, variableCount);
  }

  private readAction(keyword: TemplateToken, isDefinition: boolean): ReadAction {
    switch (keyword.kind) {
      case 'if':
      case 'with':
      case 'range':
        return this.readPipeline(keyword.kind, keyword.kind);
      case 'else':
        return this.readElse(keyword);
      case 'end':
        return { kind: 'end', isWhole: this.expectEnd('end') };
      case 'break':
      case 'continue':
        return this.readBreak(keyword, keyword.kind);
      case 'block':
      case 'template':
        return this.readNamed(keyword.kind);
      case 'define':
        if (isDefinition) return this.readDefinition();
        this.tokens.backUp();
        return this.readPipeline('define', 'command');
      default:
        this.tokens.backUp();
        return this.readPipeline('output', 'command');
    }
  }

  private readPipeline(kind: TemplateActionKind, context: string): ReadAction {
    const pipeline = parsePipeline(this, context, 'rightDelimiter');
    return { kind, isWhole: pipeline !== undefined, pipeline };
  }

  private readElse(keyword: TemplateToken): ReadAction {
    const following = this.tokens.peekNonSpace();
    if (following.kind !== 'if' && following.kind !== 'with') {
      const isWhole = this.expectEnd('else');
      this.checkElse(keyword, undefined);
      return { kind: 'else', isWhole };
    }
    this.checkElse(keyword, following);
    this.tree.actionStart = undefined;
    this.tokens.nextNonSpace();
    return this.readPipeline(`else ${following.kind}`, following.kind);
  }

  /** An else belongs into a block of its kind, once. */
  private checkElse(keyword: TemplateToken, chained: TemplateToken | undefined): void {
    const block = this.open.at(-1);
    if (block === undefined) this.fail(keyword, 'unexpected {{else}}', 'template-unbalanced');
    else if (block.opening.kind === 'define')
      this.fail(keyword, 'unexpected {{else}} in define clause', 'template-unbalanced');
    else if (block.opening.kind === 'block')
      this.failAt(keyword, block.lookedAt, 'unexpected {{else}} in block clause', 'template-unbalanced');
    else if (block.isInElse) this.fail(keyword, 'expected end; found {{else}}', 'template-unbalanced');
    else if (chained !== undefined && chained.kind !== block.opening.kind) this.unexpected(chained, 'input');
  }

  private readBreak(keyword: TemplateToken, kind: 'break' | 'continue'): ReadAction {
    const isWhole = this.expectEnd(`{{${kind}}}`);
    if (this.tree.rangeDepth === 0) this.fail(keyword, `{{${kind}}} outside {{range}}`);
    return { kind, isWhole };
  }

  private readNamed(kind: 'block' | 'template'): ReadAction {
    const context = `${kind} clause`;
    const name = this.readName(context);
    if (name === undefined) return { kind, isWhole: false };
    if (kind === 'template') {
      if (this.tokens.nextNonSpace().kind === 'rightDelimiter') return { kind, isWhole: true, name };
      this.tokens.backUp();
    }
    return { ...this.readPipeline(kind, context), name };
  }

  private readDefinition(): ReadAction {
    const name = this.readName('define clause');
    return { kind: 'define', isWhole: name !== undefined && this.expectEnd('define clause'), name };
  }

  private readName(context: string): TemplateName | undefined {
    const token = this.tokens.nextNonSpace();
    if (token.kind !== 'string' && token.kind !== 'rawString') return this.unexpected(token, context);
    const name = unquoteString(token.value);
    if (name === undefined) return this.fail(token, 'invalid syntax');
    return { name, start: token.start, end: token.end };
  }

  /** Whether the action ends here, as it must. */
  private expectEnd(context: string): boolean {
    const token = this.tokens.nextNonSpace();
    if (token.kind === 'rightDelimiter') return true;
    this.tokens.backUp();
    this.unexpected(token, context);
    return false;
  }

  /** Opens, divides or closes a block. */
  private place(action: TemplateAction, variableCount: number): void {
    switch (action.kind) {
      case 'if':
      case 'with':
      case 'range':
      case 'block':
      case 'define':
        this.openBlock(action, variableCount);
        return;
      case 'else':
        this.divideBlock(action);
        break;
      case 'else if':
      case 'else with':
        this.open.at(-1)?.middles.push(action);
        break;
      case 'end':
        this.closeBlock(action);
        break;
      case 'output':
      case 'template':
      case 'break':
      case 'continue':
        this.tree.isEmpty = false;
    }
    this.tree.actionStart = undefined;
  }

  private openBlock(opening: TemplateAction, variableCount: number): void {
    const { tree } = this;
    const lookedAt = this.tokens.lookedAt();
    this.open.push({ opening, middles: [], tree, variableCount, lookedAt, isInElse: false });
    if (opening.kind !== 'define') tree.isEmpty = false;
    if (opening.kind === 'range') tree.rangeDepth++;
    if (opening.kind === 'define' || opening.kind === 'block')
      this.tree = new TemplateTree(opening.name?.name ?? '');
  }

  private divideBlock(action: TemplateAction): void {
    const block = this.open.at(-1);
    if (block === undefined) return;
    block.middles.push(action);
    if (block.opening.kind === 'range' && !block.isInElse) block.tree.rangeDepth--;
    block.isInElse = true;
  }

  private closeBlock(closing: TemplateAction): void {
    const block = this.open.pop();
    if (block === undefined) {
      this.fail(closing, 'unexpected {{end}}', 'template-unbalanced');
      return;
    }
    const { opening, middles, tree } = block;
    this.blocks.push({ opening, middles, closing });
    if (tree === this.tree) tree.variables.forgetAfter(block.variableCount);
    else this.define(opening.name ?? opening);
    if (opening.kind === 'range' && !block.isInElse) tree.rangeDepth--;
    this.tree = tree;
  }

  private define(name: SourceRange): void {
    const error = this.defined.add(this.tree);
    if (error !== undefined) this.fail(name, error);
  }

  private finish(): void {
    const innermost = this.open.at(-1)?.opening;
    if (innermost === undefined) this.define({ start: 0, end: 0 });
    else this.fail(innermost, 'unexpected EOF', 'template-unbalanced');
    for (const { opening, middles } of this.open.reverse())
      this.blocks.push({ opening, middles, closing: undefined });
  }

  /** Whether Go has stopped before here. */
  private isDecided(): boolean {
    return this.failure !== undefined || this.isTooDeep;
  }

  private failAt(
    range: SourceRange,
    lookedAt: number,
    message: string,
    code: TemplateFailure['code'],
  ): undefined {
    if (this.isDecided()) return undefined;
    const { start, end } = range;
    this.failure = { code, start, end, line: this.lineAt(this.tokens.at(lookedAt).start), message };
  }

  /** From 1. */
  private lineAt(offset: number): number {
    return this.template.slice(0, offset).split('\n').length;
  }
}
