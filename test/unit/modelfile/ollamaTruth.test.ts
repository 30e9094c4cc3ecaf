import { describe, expect, it } from 'vitest';
import { analyseModelfile } from '../../../src/modelfile/analysis';
import { PARSERS, RENDERERS } from '../../../src/modelfile/builtins';
import { isParameterName } from '../../../src/modelfile/commandTable';
import { readParameters } from '../../../src/modelfile/parameterValues';
import { parseModelfile } from '../../../src/modelfile/parse';
import type { ParsedModelfile } from '../../../src/modelfile/parse';
import { isRequirableVersion, REQUIRES_ERROR } from '../../../src/modelfile/requires';
import { readCases } from './corpus';

/** What cannot agree, by the case's id, with the reason: nothing. */
const DISAGREEMENTS: ReadonlyMap<string, string> = new Map();

describe.each(['cases', 'fuzz'] as const)('every case of %s.jsonl', (name) => {
  const cases = readCases(name).filter(({ id }) => !DISAGREEMENTS.has(id));

  it('is there', () => {
    expect(cases).toHaveLength(name === 'cases' ? 336 : 1_487);
  });

  it.each(cases.map((truth) => [truth.id, truth] as const))('%s agrees with Ollama', (_id, truth) => {
    const parsed = parseModelfile(truth.text);
    const [failure] = parsed.failures;
    const { ok, commands, error, errorLine } = truth;
    expect({
      ok: failure === undefined,
      commands: failure === undefined ? parsed.commands.map(({ name, args }) => ({ name, args })) : undefined,
      error: failure?.ollamaMessage,
      errorLine: failure?.ollamaLine ?? undefined,
    }).toEqual({ ok, commands, error, errorLine });
    if (ok) expect(verdictOf(parsed)).toEqual(expectedVerdict(truth));
  });
});

type Truth = ReturnType<typeof readCases>[number];

/** Ollama's verdict beyond the syntax; what a case does not ask stays undefined, as in the corpus. */
function verdictOf(parsed: ParsedModelfile) {
  const { values, error, warnings, encodeError } = readParameters(parsed.commands);
  const asked = parsed.commands.some((command) => isParameterName(command.name));
  const valuesHold = asked && error === null && encodeError === null;
  const argsOf = (name: string) => parsed.commands.filter((c) => c.name === name).map(({ args }) => args);
  const versions = argsOf('requires');
  const versionsHold = versions.every(isRequirableVersion);
  // An empty one is none: Ollama keeps the base model's.
  const nonEmpty = (name: string) =>
    argsOf(name)
      .slice(-1)
      .find((args) => args !== '');
  const renderer = nonEmpty('renderer');
  const parser = nonEmpty('parser');
  const template = nonEmpty('template');
  const refusal = analyseModelfile(parsed)
    .map(({ ollamaMessage }) => ollamaMessage)
    .find((message) => message?.startsWith('template error: '));
  return {
    params: valuesHold && values.size > 0 ? Object.fromEntries(values) : undefined,
    paramsOk: asked ? error === null : undefined,
    paramsError: error ?? undefined,
    warnings: asked ? warnings : undefined,
    encodeError: encodeError ?? undefined,
    requiresOk: versions.length > 0 ? versionsHold : undefined,
    requiresError: versionsHold ? undefined : REQUIRES_ERROR,
    templateOk: template === undefined ? undefined : refusal === undefined,
    templateError: refusal?.replace('template error: ', ''),
    rendererKnown: renderer === undefined ? undefined : RENDERERS.has(renderer),
    parserKnown: parser === undefined ? undefined : PARSERS.has(parser),
  };
}

function expectedVerdict({ params, paramsOk, paramsError, warnings, encodeError, ...truth }: Truth) {
  const { requiresOk, requiresError, templateOk, templateError, rendererKnown, parserKnown } = truth;
  return {
    ...{ params, paramsOk, paramsError, warnings, encodeError },
    ...{ requiresOk, requiresError, templateOk, templateError, rendererKnown, parserKnown },
  };
}
