import * as l10n from '@vscode/l10n';
import type * as z from 'zod';

/**
 * What is wrong with a value that a person wrote, to follow its name: `must be a number`. For zod's `error`, whose own
 * words are English and speak of types; a schema's own `error` comes before it.
 */
export function issueText(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? l10n.t('is missing') : typeText(issue.expected);
    case 'invalid_value':
      return l10n.t('must be one of: {0}', issue.values.map(String).join(', '));
    case 'too_small':
      return leastText(issue.origin, Number(issue.minimum), issue.inclusive !== false);
    case 'too_big':
      return mostText(issue.origin, Number(issue.maximum), issue.inclusive !== false);
    case 'unrecognized_keys':
      return l10n.t('has keys that are not known: {0}', issue.keys.join(', '));
    case 'invalid_format':
      return issue.format === 'url' ? l10n.t('must be an address') : l10n.t('is not written as it has to be');
    default:
      return l10n.t('is not an allowed value');
  }
}

function typeText(expected: string): string {
  switch (expected) {
    case 'string':
      return l10n.t('must be a text');
    case 'number':
      return l10n.t('must be a number');
    case 'int':
      return l10n.t('must be a whole number');
    case 'boolean':
      return l10n.t('must be true or false');
    case 'array':
      return l10n.t('must be a list');
    case 'object':
    case 'record':
      return l10n.t('must be an object');
    default:
      return l10n.t('is not an allowed value');
  }
}

function leastText(origin: string, least: number, inclusive: boolean): string {
  const isCounted = origin === 'string' || origin === 'array';
  if (isCounted && least === 1) return l10n.t('must not be empty');
  if (origin === 'string') return l10n.t('must have at least {0} characters', least);
  if (origin === 'array') return l10n.t('must have at least {0} entries', least);
  return inclusive ? l10n.t('must be {0} or more', least) : l10n.t('must be more than {0}', least);
}

function mostText(origin: string, most: number, inclusive: boolean): string {
  if (origin === 'string') return l10n.t('must have at most {0} characters', most);
  if (origin === 'array') return l10n.t('must have at most {0} entries', most);
  return inclusive ? l10n.t('must be {0} or less', most) : l10n.t('must be less than {0}', most);
}
