import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/modelfile/commandTable';
import { PARAMETERS } from '../../../src/modelfile/parameterTable';
import { readParameter } from '../../../src/modelfile/parameterValues';
import { parseModelfile } from '../../../src/modelfile/parse';
import { closestName } from '../../../src/modelfile/spelling';

describe('the table of parameters', () => {
  const byStatus = (status: string) =>
    [...PARAMETERS.values()].filter((parameter) => parameter.status === status);

  it('has every parameter of Ollama v0.32.15', () => {
    expect(byStatus('current').map(({ name }) => name)).toHaveLength(20);
    expect(byStatus('deprecated').map(({ name }) => name)).toHaveLength(9);
    expect(byStatus('removed').map(({ name }) => name)).toHaveLength(6);
  });

  it.each([...PARAMETERS.values()])('$name has a meaning, and a default where it is in use', (parameter) => {
    expect(parameter.meaning()).toMatch(/^[A-Z].*\.$/);
    expect(parameter.defaultText !== null).toBe(parameter.status === 'current');
    expect(parameter.range !== null).toBe(parameter.type === 'integer' || parameter.type === 'float');
  });

  it('has defaults that its own ranges allow', () => {
    for (const { name, defaultText, range } of byStatus('current')) {
      const reading = readParameter(name, typeof defaultText === 'string' ? defaultText : '');
      // num_ctx: Ollama's default depends on the machine; num_thread and the like are not set.
      if (reading.kind !== 'value' || typeof reading.value !== 'number' || range === null) continue;
      expect(reading.value, name).toBeGreaterThanOrEqual(range.minimum);
      expect(reading.value, name).toBeLessThanOrEqual(range.maximum);
    }
  });
});

describe('the table of commands', () => {
  it.each(Object.entries(COMMANDS))(
    '%s has a meaning and an example that is one',
    (keyword, { meaning, example }) => {
      expect(meaning()).toMatch(/\.$/);
      const { commands, failures } = parseModelfile(example);
      expect(commands.map((command) => command.keyword)).toEqual([keyword]);
      expect(failures.filter(({ code }) => code !== 'missing-from')).toEqual([]);
    },
  );
});

describe('the closest name', () => {
  const names = ['temperature', 'num_ctx', 'top_k', 'top_p'];

  it.each([
    ['Temperature', 'temperature'],
    ['temprature', 'temperature'],
    ['tempreature', 'temperature'],
    ['num_ctxx', 'num_ctx'],
    ['top_q', 'top_k'],
    ['numctx', 'num_ctx'],
  ])('of %s is %s', (word, name) => {
    expect(closestName(word, names)).toBe(name);
  });

  it.each(['', 'x', 'seed', 'temporary thing', 't'.repeat(1_000)])('of %j is none', (word) => {
    expect(closestName(word, names)).toBeNull();
  });
});
