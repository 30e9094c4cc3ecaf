import { describe, expect, it } from 'vitest';
import { DEFAULT_NETWORK, proxyRules, type NetworkSettings } from '../../../src/engine/networkRules';
import { ConnectionFault } from '../../../src/shared/connectionFault';

function wayTo(
  url: string,
  settings: Partial<NetworkSettings>,
  env: Readonly<Record<string, string>> = {},
): string | undefined {
  const way = proxyRules({ ...DEFAULT_NETWORK, ...settings }, env)(new URL(url));
  return way === null ? 'direct' : way instanceof ConnectionFault ? way.code : way.origin;
}

const SERVER = 'https://api.example.com/v1/models';

describe('the proxy', () => {
  it.each([
    ['none is set', {}, {}, 'direct'],
    ['the setting', { proxy: 'http://p:1' }, {}, 'http://p:1'],
    [
      'the setting before the environment',
      { proxy: 'http://p:1' },
      { https_proxy: 'http://q:2' },
      'http://p:1',
    ],
    ['HTTPS_PROXY', {}, { HTTPS_PROXY: 'http://q:2' }, 'http://q:2'],
    ['lower case first', {}, { HTTPS_PROXY: 'http://q:2', https_proxy: 'http://r:3' }, 'http://r:3'],
    ['ALL_PROXY', {}, { ALL_PROXY: 'http://q:2' }, 'http://q:2'],
    ['all_proxy behind its own', {}, { all_proxy: 'http://q:2', https_proxy: 'http://r:3' }, 'http://r:3'],
    ['not the one for plain http', {}, { HTTP_PROXY: 'http://q:2' }, 'direct'],
    ['an address without a scheme', { proxy: 'proxy.corp:3128' }, {}, 'http://proxy.corp:3128'],
    ['an https proxy', { proxy: 'https://p' }, {}, 'https://p'],
    ['an empty setting', { proxy: ' ' }, { HTTPS_PROXY: '' }, 'direct'],
    ['switched off', { proxy: 'http://p:1', useProxy: false }, { ALL_PROXY: 'http://q:2' }, 'direct'],
    ['SOCKS', { proxy: 'socks5://p:1080' }, {}, 'PROXY_INVALID'],
    ['nonsense', {}, { HTTPS_PROXY: 'http://' }, 'PROXY_INVALID'],
  ])('%s', (_what, settings, env, way) => {
    expect(wayTo(SERVER, settings, env)).toBe(way);
  });

  it('of plain http is HTTP_PROXY', () => {
    const env = { HTTP_PROXY: 'http://q:2', HTTPS_PROXY: 'http://r:3' };
    expect(wayTo('http://gpubox:11434', {}, env)).toBe('http://q:2');
  });

  it.each([
    ['http://user:p%40ss@p:1', 'user:p@ss'],
    ['http://user@p:1', 'user:'],
    ['http://u:100%@p:1', 'u:100%'],
  ])('%s sends user and password', (proxy, text) => {
    const way = proxyRules({ ...DEFAULT_NETWORK, proxy }, {})(new URL(SERVER));
    expect(way).toMatchObject({
      host: 'p:1',
      authorization: `Basic ${Buffer.from(text).toString('base64')}`,
    });
  });

  it('sends http.proxyAuthorization as it is', () => {
    const settings = { ...DEFAULT_NETWORK, proxy: 'http://a:b@p:1', proxyAuthorization: 'Negotiate abc' };
    expect(proxyRules(settings, {})(new URL(SERVER))).toMatchObject({ authorization: 'Negotiate abc' });
  });
});

describe('no proxy', () => {
  const LOOPBACK = [
    'http://localhost:11434',
    'http://ollama.localhost',
    'http://127.0.0.1:11434',
    'http://127.8.9.10',
    'https://[::1]:8080',
    'http://2130706433:80',
  ];
  it.each(LOOPBACK)('is used for %s, whatever is set', (url) => {
    expect(wayTo(url, { proxy: 'http://p:1' }, { ALL_PROXY: 'http://q:2' })).toBe('direct');
  });

  it.each([
    ['*', 'http://gpubox', true],
    ['gpubox', 'http://gpubox:8000', true],
    ['GPUBOX', 'http://gpubox', true],
    ['gpubox', 'http://gpubox.', true],
    ['gpubox.', 'http://gpubox', true],
    ['gpubox', 'http://gpubox2', false],
    ['example.com', 'https://api.example.com', true],
    ['example.com', 'https://badexample.com', false],
    ['.example.com', 'https://api.example.com', true],
    ['.example.com', 'https://example.com', true],
    ['*.example.com', 'https://api.example.com', true],
    ['*.example.com', 'https://example.com', false],
    ['gpubox:8000', 'http://gpubox:8000', true],
    ['gpubox:8000', 'http://gpubox:8001', false],
    ['example.com:443', 'https://example.com', true],
    ['example.com:80', 'http://example.com', true],
    ['*:8000', 'http://anything:8000', true],
    ['*:8000', 'http://anything:80', false],
    ['192.168.1.5', 'http://192.168.1.5:11434', true],
    ['192.168.1.5:11434', 'http://192.168.1.5:11434', true],
    ['192.168.1.5:1', 'http://192.168.1.5:11434', false],
    ['192.168.1.5', 'http://192.168.1.50', false],
    ['192.168.0.0/16', 'http://192.168.77.5', true],
    ['192.168.0.0/16', 'http://192.169.0.1', false],
    ['10.0.0.0/8', 'http://10.example.com', false],
    ['192.168.0.0/99', 'http://192.168.0.1', false],
    ['fd00::5', 'http://[fd00::5]:8000', true],
    ['fd00:0:0::5', 'http://[fd00::5]', true],
    ['[fd00::5]:8000', 'http://[fd00::5]:8000', true],
    ['[fd00::5]:8000', 'http://[fd00::5]:8001', false],
    ['[fd00::5]', 'http://[fd00::5]', true],
    ['fd00::/8', 'http://[fdab::1]', true],
    ['fd00::/8', 'http://[fe80::1]', false],
    ['a, b\tgpubox', 'http://gpubox', true],
    ['', 'http://gpubox', false],
    [':::', 'http://gpubox', false],
    ['.', 'http://gpubox', false],
  ])('%j and %s: %s', (entry, url, direct) => {
    const way = direct ? 'direct' : 'http://p:1';
    expect(wayTo(url, { proxy: 'http://p:1', noProxy: [entry] }), 'http.noProxy').toBe(way);
    expect(wayTo(url, { proxy: 'http://p:1' }, { NO_PROXY: entry }), 'NO_PROXY').toBe(way);
  });
});
