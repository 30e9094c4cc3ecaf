import { describe, expect, it } from 'vitest';
import { BACKEND_KIND_TABLE } from '../../../src/backends/backendKinds';
import { backendHeaders, noSecrets, type SecretReader } from '../../../src/engine/backendHeaders';
import { ConnectionFault } from '../../../src/shared/connectionFault';

const { ollama, anthropic, gemini, openai, vscode } = BACKEND_KIND_TABLE;
const KEY = 'sk-canary-0123456789';

function secrets(stored: Readonly<Record<string, string>>): SecretReader {
  return { get: (name) => Promise.resolve(stored[name]) };
}

const broken: SecretReader = { get: () => Promise.reject(new Error(`keychain of ${KEY} is locked`)) };

function config(
  change: { readonly headers?: Readonly<Record<string, string>>; readonly secretName?: string } = {},
) {
  return { id: 'backend', headers: {}, ...change };
}

describe('the key of a backend', () => {
  it.each([
    ['bearer', openai, { authorization: `Bearer ${KEY}` }],
    ['bearer, of a server of one’s own', ollama, { authorization: `Bearer ${KEY}` }],
    ['x-api-key', anthropic, { 'x-api-key': KEY }],
    ['x-goog-api-key', gemini, { 'x-goog-api-key': KEY }],
    ['none', vscode, {}],
  ])('goes into the header of its kind: %s', async (_what, row, expected) => {
    const headers = await backendHeaders(config(), row, secrets({ backend: KEY }));
    expect(headers).toMatchObject(expected);
    if (row.auth === 'none') expect(headers).toEqual({});
  });

  it('lies under the name in its settings, else under its id', async () => {
    const stored = secrets({ backend: 'by id', work: 'by name' });
    expect(await backendHeaders(config({ secretName: 'work' }), openai, stored)).toEqual({
      authorization: 'Bearer by name',
    });
    expect(await backendHeaders(config({ secretName: 'other' }), openai, stored)).toEqual({});
  });

  it('is left out where none is stored', async () => {
    expect(await backendHeaders(config(), openai, noSecrets)).toEqual({});
    expect(await backendHeaders(config(), openai, secrets({ backend: '' }))).toEqual({});
  });

  it.each(['Authorization', 'authorization', 'AUTHORIZATION'])(
    'gives way to a header %s of the settings, and is not even read',
    async (name) => {
      const headers = { [name]: 'Token mine', 'x-team': 'blue' };
      expect(await backendHeaders(config({ headers }), openai, broken)).toEqual(headers);
    },
  );
});

describe('the headers that a kind needs', () => {
  it('are always there, and give way to the settings', async () => {
    expect(await backendHeaders(config(), anthropic, noSecrets)).toEqual(anthropic.fixedHeaders);
    const headers = { 'Anthropic-Version': '2030-01-01' };
    expect(await backendHeaders(config({ headers }), anthropic, secrets({ backend: KEY }))).toEqual({
      'x-api-key': KEY,
      'Anthropic-Version': '2030-01-01',
    });
  });
});

describe('a secret storage that fails', () => {
  it.each([
    ['a provider’s own service', config(), openai],
    ['a backend whose key was given a name', config({ secretName: 'work' }), ollama],
  ])('stops the requests to %s, with what to do and without the key', async (_what, subject, row) => {
    const fault = await backendHeaders(subject, row, broken).catch((thrown: unknown) => thrown);
    if (!(fault instanceof ConnectionFault)) throw new Error('it should be a fault');
    expect(fault.code).toBe('KEY_UNREADABLE');
    expect(fault.message).toBe("the key of backend cannot be read: VS Code's secret storage fails (Error)");
    expect(fault.nextStep).toContain('Set API Key');
    expect(JSON.stringify([fault, fault.message, fault.cause])).not.toContain(KEY);
  });

  it('does not stop the requests to a server of one’s own', async () => {
    expect(await backendHeaders(config({ headers: { a: 'b' } }), ollama, broken)).toEqual({ a: 'b' });
  });
});
