import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { invalidUrl, readinessOf } from '../../../src/backends/readiness';
import type { HttpFailure } from '../../../src/shared/http';
import { httpClient, serve } from './loopback';
import { containing } from './textMatchers';

const WORDS = { label: 'Ollama', start: 'ollama serve' };

function failure(part: Partial<HttpFailure>): HttpFailure {
  return { code: 'network', message: 'x', url: 'http://u:secret@gpubox:11434/api/version', ...part };
}

describe('readinessOf', () => {
  const cases: readonly (readonly [string, Partial<HttpFailure>, string])[] = [
    ['refused', { systemCode: 'ECONNREFUSED' }, 'unreachable'],
    ['unknown name', { systemCode: 'ENOTFOUND' }, 'unreachable'],
    ['no route', { systemCode: 'EHOSTUNREACH' }, 'unreachable'],
    ['no system code', {}, 'unreachable'],
    ['not HTTP', { systemCode: 'HPE_INVALID_CONSTANT' }, 'bad_response'],
    ['silence', { code: 'timeout' }, 'unreachable'],
    ['401', { code: 'bad_status', status: 401 }, 'unauthorized'],
    ['403', { code: 'bad_status', status: 403 }, 'unauthorized'],
    ['404', { code: 'bad_status', status: 404 }, 'bad_status'],
    ['429', { code: 'bad_status', status: 429 }, 'bad_status'],
    ['500', { code: 'bad_status', status: 500 }, 'bad_status'],
    ['a page', { code: 'not_json', bodyExcerpt: '<html>' }, 'bad_response'],
    ['other JSON', { code: 'bad_shape' }, 'bad_response'],
    ['too much', { code: 'too_large' }, 'bad_response'],
  ];

  it.each(cases)('%s: %j is %s', (_name, part, readiness) => {
    expect(readinessOf(failure(part), WORDS).readiness).toBe(readiness);
  });

  it('has its own sentence for each, with the address and without its secrets', () => {
    const said = cases.map(([, part]) => readinessOf(failure(part), WORDS));
    expect(new Set(said.map(({ message, nextStep }) => message + nextStep)).size).toBe(cases.length);
    for (const { message, nextStep } of said) {
      expect(message).toContain('http://gpubox:11434');
      expect(message + nextStep).not.toContain('secret');
      expect(message).toMatch(/\.$/);
      expect(nextStep).toMatch(/\.$/);
    }
  });

  it('tells nobody to restart a service that is not theirs', () => {
    for (const [, part] of cases) {
      const said = readinessOf(failure(part), { label: 'OpenAI' });
      expect(said.message + said.nextStep).not.toMatch(/restart|undefined|`/);
    }
  });

  it('passes on what is known of a fault on the way', () => {
    const fault = {
      message: 'the proxy is gone',
      systemCode: 'PROXY_UNREACHABLE',
      nextStep: 'See http.proxy.',
    };
    expect(readinessOf(failure(fault), WORDS)).toEqual({
      readiness: 'unreachable',
      message: 'The proxy is gone.',
      nextStep: 'See http.proxy.',
    });
    const key = {
      message: 'the key cannot be read',
      systemCode: 'KEY_UNREADABLE',
      nextStep: 'Set it again.',
    };
    expect(readinessOf(failure(key), WORDS).readiness).toBe('unauthorized');
  });

  it('knows a port that speaks something else than HTTP', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.write('SSH-2.0-OpenSSH_9.6\r\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const result = await httpClient().json(`http://127.0.0.1:${port}/api/version`, z.unknown());
    if (result.ok) throw new Error('not expected to work');
    expect(readinessOf(result.failure, WORDS)).toMatchObject({ readiness: 'bad_response' });
  });

  it('knows a server that never answers', async () => {
    const { url } = await serve(() => undefined);
    const result = await httpClient().json(`${url}/api/version`, z.unknown(), { headersTimeoutMs: 100 });
    if (result.ok) throw new Error('not expected to work');
    expect(readinessOf(result.failure, WORDS).message).toContain('did not answer in time');
  });
});

describe('invalidUrl', () => {
  it('accepts http and https', () => {
    expect(invalidUrl('http://127.0.0.1:11434')).toBeNull();
    expect(invalidUrl('https://models.example/ollama')).toBeNull();
  });

  it.each(['', 'localhost:11434', 'ws://a', 'http://'])('refuses %j with a next step', (url) => {
    expect(invalidUrl(url)).toMatchObject({
      readiness: 'invalid_url',
      nextStep: containing('http://'),
    });
  });
});
