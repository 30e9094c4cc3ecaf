import { errors } from 'undici';
import { describe, expect, it } from 'vitest';
import { brokenAnswer } from '../../../src/dispatch/attempt';
import { quotesRequest } from '../../../src/dispatch/echo';
import { classifyError, safeServerText, serverErrorOf } from '../../../src/dispatch/errorClass';
import { describeFailure } from '../../../src/dispatch/failureText';
import type { Route } from '../../../src/dispatch/route';
import { chatRequest } from './support/rig';

it('shows in a stream only the words that cannot quote the answer', () => {
  expect(safeServerText(serverErrorOf('{"error":"model \'a\' not found"}'))).toBe("model 'a' not found");
  expect(safeServerText(serverErrorOf('{"error":"Failed to parse: <the answer>"}'))).toBeUndefined();
  expect(safeServerText(undefined)).toBeUndefined();
});

describe('a connection that breaks', () => {
  const route = { url: 'http://127.0.0.1:1' } as Route;

  it.each([
    ['a silent body', new errors.BodyTimeoutError(), true, 'timeout'],
    ['silent headers', new errors.HeadersTimeoutError(), false, 'timeout'],
    ['a closed socket after the first piece', new errors.SocketError('other side closed'), true, 'truncated'],
    ['a closed socket before it', new errors.SocketError('other side closed'), false, 'network'],
  ])('by %s', (_what, thrown, sawEvent, code) => {
    expect(brokenAnswer(thrown, route, sawEvent)).toEqual({ code });
  });
});

describe('the words of a server', () => {
  const request = chatRequest({
    messages: [
      { role: 'user', content: 'Please summarise the quarterly report of the fourth department' },
      { role: 'user', content: 'why?' },
      {
        role: 'assistant',
        content: '',
        toolCalls: [{ id: '1', name: 'f', arguments: { patient: 'Ada Lovelace, 1815' } }],
      },
    ],
    tools: [
      {
        name: 'f',
        description: 'Reads a secret drawer of mine',
        parameters: { properties: { drawer_number: {} } },
      },
    ],
    parameters: { stop: ['STOP-HERE'] },
  });

  it.each([
    'cannot parse "summarise the quarterly report of"',
    'bad input: why?',
    'tools = {"properties":{"drawer_number":{}}}',
    'arguments {"patient":"Ada Lovelace, 1815"} are no object',
    'the tool "Reads a secret drawer of mine" is odd',
    'stop STOP-HERE is too long',
  ])('are left out when they quote the request: %s', (message) => {
    expect(quotesRequest(message, request)).toBe(true);
  });

  it.each([
    "model 'nope' not found",
    'server busy, please try again.  maximum pending requests exceeded',
    '',
  ])('are kept when they do not: %s', (message) => {
    expect(quotesRequest(message, request)).toBe(false);
  });
});

describe('the sentences of a failure', () => {
  const subject = { backend: 'ollama', host: 'http://127.0.0.1:11434', model: 'qwen3:8b' };

  it('name what happened, what the server says, and what to do', () => {
    expect(describeFailure({ code: 'overloaded', status: 503, serverText: 'server busy' }, subject)).toEqual({
      code: 'overloaded',
      status: 503,
      message:
        'ollama has too much to do (status 503). It says: server busy. ' +
        'Wait until other calls have ended, then try again.',
    });
  });

  it('hold no secret and stay below 500 characters', () => {
    const serverText = `bad key sk-${'a'.repeat(40)} ${'x'.repeat(1_000)}`;
    const { message } = describeFailure(
      { code: 'auth', status: 401, serverText },
      { ...subject, model: 'm'.repeat(256) },
    );
    expect(message).toContain('[REDACTED:api_key]');
    expect(message).not.toContain('sk-a');
    expect(message.length).toBeLessThanOrEqual(500);
    expect(message).toContain('Set its key');
  });
});

it('a limit of money that is reached is none of requests: waiting does not help', () => {
  const error = {
    type: 'rate_limit_error',
    message: 'You have reached your limit.',
    details: { error_code: 'enforced_spend_limit_reached' },
  };
  expect(classifyError(429, serverErrorOf(JSON.stringify({ type: 'error', error })))).toBe('usage_limit');
  const other = { ...error, details: { error_code: 'something_else' } };
  expect(classifyError(429, serverErrorOf(JSON.stringify({ type: 'error', error: other })))).toBe(
    'rate_limited',
  );
});
