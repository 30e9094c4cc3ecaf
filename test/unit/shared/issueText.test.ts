import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { issueText } from '../../../src/shared/issueText';
import { parseSettings } from '../../../src/shared/settings';

describe('what is wrong with a value', () => {
  it.each([
    [z.string(), 5, 'must be a text'],
    [z.number(), '5', 'must be a number'],
    [z.number().int(), 0.5, 'must be a whole number'],
    [z.boolean(), 'yes', 'must be true or false'],
    [z.array(z.string()), {}, 'must be a list'],
    [z.object({}), [], 'must be an object'],
    [z.record(z.string(), z.string()), 'a', 'must be an object'],
    [z.object({ url: z.string() }), {}, 'is missing'],
    [z.enum(['off', 'on']), 'maybe', 'must be one of: off, on'],
    [z.number().min(1), 0.5, 'must be 1 or more'],
    [z.number().gt(0), 0, 'must be more than 0'],
    [z.number().max(24), 25, 'must be 24 or less'],
    [z.number().lt(9), 9, 'must be less than 9'],
    [z.string().min(1), '', 'must not be empty'],
    [z.string().min(3), 'ab', 'must have at least 3 characters'],
    [z.string().max(2), 'abc', 'must have at most 2 characters'],
    [z.array(z.number()).min(2), [1], 'must have at least 2 entries'],
    [z.array(z.number()).max(2), [1, 2, 3], 'must have at most 2 entries'],
    [z.strictObject({}), { a: 1, b: 2 }, 'has keys that are not known: a, b'],
    [z.url(), 'nowhere', 'must be an address'],
    [z.string().regex(/^a$/), 'b', 'is not written as it has to be'],
    [z.union([z.boolean(), z.number()]), 'b', 'is not an allowed value'],
    [z.undefined(), 1, 'is not an allowed value'],
  ])('%# is said without a word of zod', (schema, value, text) => {
    const result = schema.safeParse(value, { error: issueText });
    expect(result.error?.issues.map(({ message }) => message)).toEqual([text]);
  });

  it('leaves a schema its own words', () => {
    const own = z.string().regex(/^a$/, { error: () => 'is no a' });
    expect(own.safeParse('b', { error: issueText }).error?.issues[0]?.message).toBe('is no a');
  });

  it('is what problems of settings are told in', () => {
    const { problems } = parseSettings({
      recordsRetentionDays: 'thirty',
      thinking: 'sometimes',
      backends: [{ id: 'a', kind: 'ollama', url: 5 }],
      hosts: { box: { vramGb: 'much' } },
    });
    const said = problems.map(({ message }) => message).join('\n');
    expect(said).toContain('must be a number');
    expect(said).not.toMatch(/Invalid|expected|received|Too (?:big|small)|Unrecognized/);
  });
});
