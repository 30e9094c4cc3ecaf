import { goQuote } from './goTemplateQuote';
import { TemplateVariables } from './templateVariables';

/** What Go keeps apart for each template of a text: the text itself, and each define and block in it. */
export class TemplateTree {
  readonly variables = new TemplateVariables();
  /** Ranges that are open around here: `break` needs one. */
  rangeDepth = 0;
  /** Where the action being read begins; forgotten once an action inside it has been read. */
  actionStart: number | undefined;
  /** Whether it holds nothing but blanks, so that another of its name may stand instead. */
  isEmpty = true;

  constructor(readonly name: string) {}

  seesText(text: string): void {
    if (text.trim() !== '') this.isEmpty = false;
  }
}

/** The templates of a text by name. */
export class DefinedTemplates {
  private readonly trees = new Map<string, TemplateTree>();

  /** Adds a template that has been read; what Go says where its name was taken. */
  add(tree: TemplateTree): string | undefined {
    const earlier = this.trees.get(tree.name);
    if (earlier === undefined || earlier.isEmpty) {
      this.trees.set(tree.name, tree);
      return undefined;
    }
    return tree.isEmpty ? undefined : `template: multiple definition of template ${goQuote(tree.name)}`;
  }
}
