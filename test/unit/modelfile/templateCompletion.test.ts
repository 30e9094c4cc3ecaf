import { describe, expect, it } from 'vitest';
import { variablesAt } from '../../../src/modelfile/templateCompletion';
import type { TemplateCandidates } from '../../../src/modelfile/templateCompletion';
import { parseTemplate } from '../../../src/modelfile/goTemplateParser';
import { templateFolds } from '../../../src/modelfile/templateFolds';

/** What is valid at the `^` of a template, which is not part of it. */
function at(marked: string): TemplateCandidates | undefined {
  const template = marked.replace('^', '');
  return variablesAt(template, parseTemplate(template), marked.indexOf('^'));
}

function names(marked: string): readonly string[] {
  return (at(marked)?.candidates ?? []).map(({ name }) => name);
}

describe('variablesAt', () => {
  it('is undefined in text, in comments and behind an action', () => {
    expect(at('a^b')).toBeUndefined();
    expect(at('{{/* ^ */}}')).toBeUndefined();
    expect(at('{{ .Prompt }}^')).toBeUndefined();
    expect(at('{^{ .Prompt }}')).toBeUndefined();
  });

  it('gives the variables after a dot at the top, and replaces the name that stands there', () => {
    expect(names('{{ .^ }}')).toEqual([
      ...['System', 'Prompt', 'Response', 'Messages', 'Tools', 'Suffix', 'Think', 'ThinkLevel', 'IsThinkSet'],
    ]);
    expect(at('{{ .Sys^ }}')?.range).toEqual({ start: 4, end: 7 });
  });

  it('gives the fields of what the dot is, in templates that are not finished', () => {
    expect(names('{{ range .Messages }}{{ .^')).toEqual([
      ...['Role', 'Content', 'Thinking', 'Images', 'ToolCalls', 'ToolName', 'ToolCallID'],
    ]);
    expect(names('{{ range .Messages }}{{ range .ToolCalls }}{{ .Function.^')).toEqual([
      'Index',
      'Name',
      'Arguments',
    ]);
    expect(names('{{ range .Messages }}{{ end }}{{ .^')).toContain('System');
    expect(names('{{ range .Messages }}{{ else }}{{ .^')).toContain('System');
    expect(names('{{ with index .Tools 0 }}{{ .^ }}{{ end }}')).toEqual(['Type', 'Items', 'Function']);
  });

  it('gives the fields of variables, and all variables in scope', () => {
    expect(names('{{ range $i, $m := .Messages }}{{ $m.^ }}{{ end }}')).toContain('ToolCalls');
    expect(names('{{ range .Messages }}{{ $.^ }}{{ end }}')).toContain('System');
    expect(names('{{ $a := 1 }}{{ if true }}{{ $b := 2 }}{{ end }}{{ $^ }}')).toEqual(
      expect.arrayContaining(['$a', '$']),
    );
    expect(names('{{ $a := 1 }}{{ if true }}{{ $b := 2 }}{{ end }}{{ $^ }}')).not.toContain('$b');
    expect(at('{{ $a := 1 }}{{ $^a }}')?.range).toEqual({ start: 16, end: 17 });
  });

  it('gives keywords only where an action begins, functions everywhere', () => {
    expect(names('{{- ^ }}')).toEqual(expect.arrayContaining(['range', 'else if', 'json', '.Messages']));
    expect(names('{{ if ^ }}')).toContain('eq');
    expect(names('{{ if ^ }}')).not.toContain('range');
  });

  it('gives nothing for fields of what it does not know', () => {
    expect(names('{{ (index .Messages 0).^ }}')).toEqual([]);
    expect(names('{{ define "x" }}{{ .^ }}{{ end }}')).toEqual([]);
    expect(names('{{ .System.^ }}')).toEqual([]);
  });
});

describe('templateFolds', () => {
  it('gives each branch of a block and each comment, but no block that is not closed', () => {
    const template = '{{/* c */}}{{ if .A }}1{{ else if .B }}2{{ else }}3{{ end }}{{ range .C }}4';
    const folded = templateFolds(parseTemplate(template)).map(({ start, end }) => template.slice(start, end));
    expect(folded).toEqual(['{{/* c */}}', '1', '2', '3']);
  });
});
