import { describe, expect, it } from 'vitest';
import { pullFailureOf, pullFailureOfStatus } from '../../../src/backends/pullErrors';

/** Texts recorded from `ollama serve` v0.32.15 on 2026-11-21, with what each must mean. */
const RECORDED = [
  ['pull model manifest: file does not exist', 'failed_target_missing', 'no'],
  ['file does not exist', 'failed_target_missing', 'no'],
  [
    'pull model manifest: Get "http://localhost:5999/v2/library/x/manifests/latest": dial tcp 127.0.0.1:5999: connect: connection refused',
    'installer_unavailable',
    'yes',
  ],
  [
    'pull model manifest: Get "https://nohost.invalid/v2/library/x/manifests/latest": dial tcp: lookup nohost.invalid on 127.0.0.53:53: no such host',
    'installer_unavailable',
    'yes',
  ],
  [
    'pull model manifest: Get "https://registry.ollama.ai/v2/library/llama3.2/manifests/latest": proxyconnect tcp: dial tcp 127.0.0.1:9: connect: connection refused',
    'installer_unavailable',
    'yes',
  ],
  ['pull model manifest: 500: internal oops', 'installer_unavailable', 'yes'],
  [
    'pull model manifest: 429: {"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}',
    'installer_unavailable',
    'yes',
  ],
  ['max retries exceeded: EOF', 'installer_unavailable', 'yes'],
  ["pull model manifest: invalid character '<' looking for beginning of value", 'install_failed', 'no'],
  ['pull model manifest: 403: {"errors":[{"code":"DENIED","message":"denied"}]}', 'install_failed', 'no'],
  [
    'pull model manifest: 412: {"errors":[{"code":"NEWER","message":"requires a newer version of Ollama"}]}',
    'install_failed',
    'no',
  ],
  [
    'digest mismatch, file must be downloaded again: want sha256:27c0, got sha256:ce2a',
    'install_failed',
    'once',
  ],
  ['http: no Location header in response', 'install_failed', 'no'],
  [
    'pull model manifest: realm host "127.0.0.1:5000" does not match original host "localhost:5000"',
    'install_failed',
    'no',
  ],
  [
    'pull model manifest: Get "https://localhost:5000/v2/library/small/manifests/latest": http: server gave HTTP response to HTTPS client',
    'install_failed',
    'no',
  ],
  ['write /opt/ollama/file: no space left on device', 'disk_full', 'no'],
  ['open /opt/ollama/file: read-only file system', 'install_failed', 'no'],
] as const;

/** Texts of the same family that were not recorded: Go's own, Windows' own, other registries'. */
const RELATED = [
  [
    'pull model manifest: 400: {"error":"The specified tag is not a valid quantization scheme."}',
    'install_failed',
    'no',
  ],
  ['pull model manifest: 401: {"error":"Invalid username or password."}', 'install_failed', 'no'],
  ['pull model manifest: 404: {"errors":[{"code":"MANIFEST_UNKNOWN"}]}', 'failed_target_missing', 'no'],
  ['pull model manifest: 409: conflict', 'install_failed', 'no'],
  ['pull model manifest: 503: busy', 'installer_unavailable', 'yes'],
  ['Get "https://x/": net/http: TLS handshake timeout', 'installer_unavailable', 'yes'],
  ['read tcp 10.0.0.2:1->10.0.0.3:443: read: connection reset by peer', 'installer_unavailable', 'yes'],
  ['context deadline exceeded', 'installer_unavailable', 'yes'],
  ['unexpected EOF', 'installer_unavailable', 'yes'],
  ['dial tcp 1.2.3.4:443: i/o timeout', 'installer_unavailable', 'yes'],
  ['dial tcp 1.2.3.4:443: connect: network is unreachable', 'installer_unavailable', 'yes'],
  ['write C:\\models\\x: There is not enough space on the disk.', 'disk_full', 'no'],
  ['open /usr/share/ollama/x: permission denied', 'install_failed', 'no'],
  ['something that nobody has seen', 'install_failed', 'no'],
] as const;

describe('pullFailureOf', () => {
  it.each([...RECORDED, ...RELATED])('%s is %s, retry %s', (text, code, retry) => {
    const failure = pullFailureOf(text);
    expect(failure).toMatchObject({ code, retry });
    expect(failure.message).toContain(text);
    expect(failure.message).toMatch(/\.$/);
  });

  it('explains a full disk: what keeps the space and what to do', () => {
    const { message } = pullFailureOf('write /x-partial: no space left on device');
    expect(message).toContain('at least one hour later');
    expect(message).toContain('Free some space');
  });

  it('tells who needs a newer Ollama to update it', () => {
    expect(pullFailureOf('pull model manifest: 412: {}').message).toContain('Update Ollama');
  });
});

describe('pullFailureOfStatus', () => {
  const origin = 'http://127.0.0.1:11434';

  it.each([
    [400, 'invalid model name', 'install_failed', 'no'],
    [401, '', 'install_failed', 'no'],
    [403, '', 'install_failed', 'no'],
    [404, "model 'x' not found", 'failed_target_missing', 'no'],
    [409, 'conflict', 'install_failed', 'no'],
    [429, '', 'installer_unavailable', 'yes'],
    [500, '', 'installer_unavailable', 'yes'],
    [
      503,
      'server busy, please try again.  maximum pending requests exceeded',
      'installer_unavailable',
      'yes',
    ],
    // Without streaming the server answers 500 for everything; then its text decides.
    [500, 'pull model manifest: file does not exist', 'failed_target_missing', 'no'],
    [500, 'write /x: no space left on device', 'disk_full', 'no'],
  ] as const)('status %i with "%s" is %s, retry %s', (status, text, code, retry) => {
    expect(pullFailureOfStatus(status, text, origin)).toMatchObject({ code, retry });
  });

  it('says the server text', () => {
    expect(pullFailureOfStatus(400, 'invalid model name', origin).message).toContain('invalid model name');
  });

  it.each(['404 page not found', ''])(
    'a 404 that is not about a model (%j) does not count as a missing one',
    (text) => {
      const failure = pullFailureOfStatus(404, text, origin);
      expect(failure.code).toBe('install_failed');
      expect(failure.message).toContain('does not look like Ollama');
    },
  );
});
