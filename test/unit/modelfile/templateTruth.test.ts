import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { analyseTemplate } from '../../../src/modelfile/templateAnalysis';

const OllamaCase = z.object({
  id: z.string(),
  commands: z.array(z.object({ name: z.string(), args: z.string() })).optional(),
  templateOk: z.boolean().optional(),
  templateError: z.string().optional(),
  templateVars: z.array(z.string()).optional(),
});

const GoCase = z.object({
  id: z.string(),
  template: z.string(),
  error: z.string().optional(),
  vars: z.array(z.string()).optional(),
});

function readLines<T>(file: string, schema: z.ZodType<T>): readonly T[] {
  const url = new URL(`../../fixtures/modelfile/${file}`, import.meta.url);
  const lines = readFileSync(url, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => schema.parse(JSON.parse(line)));
}

/** Ids of cases on which we cannot agree, each with the reason. There are none. */
const DISAGREEMENTS: ReadonlyMap<string, string> = new Map();

describe('a template', () => {
  it.each([
    ['template.jsonl', 506],
    ['cases.jsonl', 38],
    ['fuzz.jsonl', 192],
  ])('of %s has the verdict, the error text and line, and the names that Ollama gives it', (file, count) => {
    const cases = readLines(file, OllamaCase).filter(({ templateOk }) => templateOk !== undefined);
    expect(cases.length).toBe(count);
    const ours = cases.map(({ id, commands }) => {
      const template = commands?.findLast(({ name }) => name === 'template')?.args ?? '';
      const { ollamaMessage, identifiers, diagnostics } = analyseTemplate(template);
      const isRefused = diagnostics.some(({ severity }) => severity === 'error');
      return { id, ok: !isRefused, error: ollamaMessage, names: identifiers };
    });
    const theirs = cases.map(({ id, templateOk, templateError, templateVars = [] }) => ({
      ...{ id, ok: templateOk, error: templateError, names: templateVars },
    }));
    expect(agreeable(ours)).toEqual(agreeable(theirs));
  });

  it('has the verdict that Go gives the shortest template of each kind of answer', () => {
    const cases = readLines('templateGo.jsonl', GoCase);
    expect(cases.length).toBe(685);
    for (const { id, template, error, vars } of cases) {
      const { ollamaMessage, identifiers } = analyseTemplate(template);
      expect([id, ollamaMessage]).toEqual([id, error]);
      const isAppended =
        template !== '' && vars?.includes('messages') === false && !vars.includes('response');
      const names = [...(vars ?? []), ...(isAppended ? ['response'] : [])];
      expect([id, identifiers]).toEqual([id, names.sort()]);
    }
  });
});

function agreeable<T extends { readonly id: string }>(cases: readonly T[]): readonly T[] {
  return cases.filter(({ id }) => !DISAGREEMENTS.has(id));
}
