import { describe, expect, it } from 'vitest';
import { analyseTemplate } from '../../../src/modelfile/templateAnalysis';
import { applyTextEdits } from '../../../src/modelfile/textEdit';

/** Each finding as `code: what it is about`. */
function findings(template: string): readonly string[] {
  return analyseTemplate(template).diagnostics.map(
    ({ code, range }) => `${code}: ${template.slice(range.start, range.end)}`,
  );
}

/** What the first fix of the first finding makes of a template. */
function mended(template: string): string {
  const [fix] = analyseTemplate(template).diagnostics[0]?.fixes ?? [];
  return fix === undefined ? template : applyTextEdits(template, fix.edits);
}

/** As Ollama's own templates are written: tools, tool calls, thinking, fill-in. */
const SOUND = `{{- if .Suffix }}<PRE>{{ .Prompt }}<SUF>{{ .Suffix }}<MID>{{ else if .Messages }}
{{- $last := len (slice .Messages 1) }}{{ $system := "" }}
{{- if or .System .Tools }}<|system|>{{ .System }}
{{- range .Tools }}{{ .Function.Name }}: {{ .Function.Description }}
{{- range $name, $property := .Function.Parameters.Properties }}{{ $name }}: {{ toTypeScriptType $property }}{{ end }}
{{- json .Function }}{{ end }}{{ end }}
{{- range $i, $m := .Messages }}{{ if eq .Role "tool" }}{{ .ToolName }}{{ continue }}{{ end }}
{{- with .ToolCalls }}{{ range . }}{{ .Function.Name }} {{ .Function.Arguments.city }}{{ end }}{{ end }}
{{- if and $.IsThinkSet (not $.Think) }}{{ $system = "/no_think" }}{{ end }}
{{- if eq $i $last }}{{ $m.Content }}{{ $system }}{{ .Thinking }}{{ end }}{{ end }}
{{- end }}{{ .Response }}`;

describe('the findings in a template', () => {
  it('are none in one that uses tools, calls, thinking and fill-in as Ollama gives them', () => {
    expect(findings(SOUND)).toEqual([]);
  });

  it('name variables that Ollama does not set, at the top and in blocks that keep the dot', () => {
    expect(findings('{{ .Promt }}{{ if .Prompt }}{{ $.response }}{{ end }}')).toEqual([
      'template-unknown-variable: Promt',
      'template-unknown-variable: response',
    ]);
    expect(mended('{{ .Promt }}{{ .Prompt }}')).toBe('{{ .Prompt }}{{ .Prompt }}');
  });

  it('name variables that are used where the dot is something else', () => {
    const template = '{{ range .Messages }}{{ .System }}{{ .role }}{{ end }}{{ .System }}';
    expect(findings(template)).toEqual(['template-unknown-field: System', 'template-unknown-field: role']);
    expect(mended(template)).toContain('{{ $.System }}{{ .role }}');
  });

  it('do not offer $ for a field of a variable', () => {
    expect(mended('{{ range $m := .Messages }}{{ $m.Prompt }}{{ end }}')).not.toContain('$.Prompt');
  });

  it('follow the dot and the variables through with, range, else, index and parentheses', () => {
    expect(
      findings('{{ .Messages }}{{ with index .Messages 0 }}{{ .Nope }}{{ else }}{{ .System }}{{ end }}'),
    ).toEqual(['template-unknown-field: Nope']);
    expect(findings('{{ .Messages }}{{ (index .Messages 0).Nope }}')).toEqual([
      'template-unknown-field: Nope',
    ]);
    expect(findings('{{ range $i, $m := .Messages }}{{ $i.Role }}{{ $m.Function }}{{ end }}')).toEqual([
      'template-unknown-field: Role',
      'template-unknown-field: Function',
    ]);
    expect(findings('{{ .Messages }}{{ range .Nope }}{{ .Anything }}{{ end }}')).toEqual([
      'template-unknown-variable: Nope',
    ]);
  });

  it('warn of variables that this kind of template never gets, unless a condition looks at them', () => {
    expect(findings('{{ .Messages }}{{ .Prompt }}')).toEqual(['template-unset-variable: Prompt']);
    expect(findings('{{ if .Messages }}{{ else }}{{ .Prompt }}{{ end }}')).toEqual([]);
    expect(findings('{{ .Prompt }}{{ .Response }}{{ .Tools }}')).toEqual(['template-unset-variable: Tools']);
    expect(findings('{{ .Prompt }}{{ .Suffix }}{{ .Response }}')).toEqual([]);
  });

  it('warn where Ollama does not see that .Messages is used', () => {
    expect(findings('{{ .Prompt }}{{ .Response }}{{ (index .Messages 0).Content }}')).toEqual([
      'template-unset-variable: Messages',
    ]);
  });

  it('warn of what Ollama takes and cannot run', () => {
    const template =
      '{{ .Messages }}{{ nil }}{{ $x = 1 }}{{ .System .Think }}{{ len }}{{ not 1 2 }}{{ template "x" . }}';
    expect(findings(template)).toEqual([
      'template-fails-when-run: nil',
      'template-fails-when-run: $x',
      'template-fails-when-run: .System',
      'template-fails-when-run: len',
      'template-fails-when-run: not',
      'template-fails-when-run: "x"',
    ]);
    expect(
      findings('{{ .Messages }}{{ define "x" }}{{ .Any }}{{ end }}{{ template "x" . }}{{ .Think | not }}'),
    ).toEqual([]);
  });

  it('say what Ollama appends, and that a prompt would never be seen', () => {
    expect(findings('Hello\nthere')).toEqual([
      'template-without-prompt: Hello',
      'template-response-appended: Hello',
    ]);
    expect(findings('{{ .System }}{{ .Prompt }}')).toEqual(['template-response-appended: {{ .Prompt }}']);
    expect(findings('{{ json . }}{{ .Response }}')).toEqual([]);
    expect(findings('')).toEqual([]);
  });

  it('point at the block that is never closed, not at the end of the text', () => {
    const template = '{{ if .System }}{{ range .Messages }}x{{ end }}';
    expect(findings(template)[0]).toBe('template-unbalanced: {{ if .System }}');
    expect(mended(template)).toBe(`${template}{{ end }}`);
    expect(findings('{{ .Prompt }}{{ end }}')[0]).toBe('template-unbalanced: {{ end }}');
    expect(mended('{{ .Prompt }}{{ end }}')).toBe('{{ .Prompt }}');
    expect(findings('a\n{{ .Prompt \n\n')[0]).toBe('template-syntax: {{');
  });

  it('suggest the function or the variable that was meant', () => {
    expect(findings('{{ jso .Messages }}')[0]).toBe('template-unknown-function: jso');
    expect(mended('{{ jso .Messages }}')).toBe('{{ json .Messages }}');
    expect(mended('{{ range messages }}{{ end }}')).toBe('{{ range .Messages }}{{ end }}');
    expect(mended('{{ .Messages }}{{ define "x" }}y{{ end }}{{ template "x" }}')).toContain(
      '{{ template "x" . }}',
    );
  });

  it('go on behind what Ollama refuses', () => {
    expect(findings('{{ .Messages[0] }}{{ range .Messages }}{{ .Nope }}{{ end }}')).toEqual([
      'template-syntax: .Messages[',
      'template-unknown-field: Nope',
    ]);
  });

  it('leave open what is nested too deeply to be checked', () => {
    const deep = (depth: number): string => `{{ .Messages }}{{ ${'('.repeat(depth)}1${')'.repeat(depth)} }}`;
    expect(findings(deep(500))).toEqual([]);
    expect(analyseTemplate(deep(501))).toMatchObject({ ollamaMessage: undefined, identifiers: [] });
    expect(analyseTemplate(deep(501)).diagnostics).toMatchObject([
      { code: 'template-too-deep', severity: 'information' },
    ]);
  });
});
