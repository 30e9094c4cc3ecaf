import type { Completion } from './completion';
import { modelCardLines, modelLine, modelRow } from './modelCard';
import type { DescribedModel, MachineFacts } from './protocol';
import type { SourceRange } from './textEdit';

/** Models that are offered at once; what is typed narrows them down. */
export const MOST_OFFERED = 200;

/**
 * Models for FROM: the installed ones, then those that fit this machine by their place in its ranking, then those of
 * Hugging Face repositories, at most 200 that have in them what is typed.
 */
export function fromCompletions(
  range: SourceRange,
  typed: string,
  facts: MachineFacts | undefined,
): readonly Completion[] {
  if (!facts) return [];
  const wanted = typed.toLowerCase();
  const offered = facts.models.filter(
    (model) => (model.installed || model.rank !== undefined) && isSubsequence(wanted, model.name),
  );
  // What is there already stands in a file whose model is only looked at: all others are offered then.
  const models = offered.length === 0 || isWhole(wanted, offered) ? facts.models.filter(isOffer) : offered;
  return [...models]
    .sort((a, b) => groupOf(a) - groupOf(b) || (a.rank ?? Infinity) - (b.rank ?? Infinity) || 0)
    .slice(0, MOST_OFFERED)
    .map((model) => ({
      ...{ kind: 'model', label: model.name, range, newText: model.name },
      row: modelRow(model, facts),
      detail: modelLine(model, facts),
      documentation: modelCardLines(model, facts, facts.defaultContextTokens),
    }));
}

function isOffer(model: DescribedModel): boolean {
  return model.installed || model.rank !== undefined;
}

function isWhole(wanted: string, offered: readonly DescribedModel[]): boolean {
  return offered.length === 1 && offered[0]?.name.toLowerCase() === wanted;
}

/** 0: installed, 1: of Ollama's library, 2: of a Hugging Face repository. */
function groupOf({ installed, name }: DescribedModel): number {
  if (installed) return 0;
  return name.startsWith('hf.co/') ? 2 : 1;
}

/** Whether a name has all typed characters in their order, as VS Code's own filter wants it. */
function isSubsequence(wanted: string, name: string): boolean {
  let found = 0;
  for (const character of name.toLowerCase()) {
    if (character === wanted.charAt(found)) found += 1;
  }
  return found >= wanted.length;
}
