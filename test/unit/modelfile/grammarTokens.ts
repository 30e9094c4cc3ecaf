import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { OnigScanner, OnigString, loadWASM } from 'vscode-oniguruma';
import { INITIAL, Registry, parseRawGrammar } from 'vscode-textmate';
import type { IGrammar } from 'vscode-textmate';
import type { SourceRange } from '../../../src/modelfile/textEdit';

/** A stretch of text and the scopes that the grammar gives it, outermost first. */
export interface ScopedRange extends SourceRange {
  readonly scopes: readonly string[];
}

/** The grammar as VS Code loads it. */
export async function loadGrammar(): Promise<IGrammar> {
  const require = createRequire(import.meta.url);
  await loadWASM(readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm')));
  const file = new URL('../../../syntaxes/modelfile.tmLanguage.json', import.meta.url);
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (sources) => new OnigScanner(sources),
      createOnigString: (text) => new OnigString(text),
    }),
    loadGrammar: () => Promise.resolve(parseRawGrammar(readFileSync(file, 'utf8'), file.pathname)),
  });
  const grammar = await registry.loadGrammar('source.modelfile');
  if (grammar === null) throw new Error('the grammar was not loaded');
  return grammar;
}

/** The tokens of a text, line by line as an editor asks for them; offsets are those of the whole text. */
export function tokensOf(grammar: IGrammar, text: string): readonly ScopedRange[] {
  const tokens: ScopedRange[] = [];
  let stack = INITIAL;
  let lineStart = 0;
  for (const line of text.split(/(?<=\n)|(?<=\r)(?!\n)/)) {
    const content = line.replace(/[\r\n]+$/, '');
    const result = grammar.tokenizeLine(content, stack);
    stack = result.ruleStack;
    for (const { startIndex, endIndex, scopes } of result.tokens) {
      const start = lineStart + startIndex;
      const end = lineStart + Math.min(endIndex, content.length);
      if (end > start) tokens.push({ start, end, scopes });
    }
    lineStart += line.length;
  }
  return tokens;
}

/** The joined stretches whose scopes include one that begins so. */
export function rangesOf(tokens: readonly ScopedRange[], scope: string): readonly SourceRange[] {
  const ranges: { start: number; end: number }[] = [];
  for (const { start, end, scopes } of tokens) {
    if (!scopes.some((name) => name.startsWith(scope))) continue;
    const last = ranges.at(-1);
    if (last?.end === start) last.end = end;
    else ranges.push({ start, end });
  }
  return ranges;
}
