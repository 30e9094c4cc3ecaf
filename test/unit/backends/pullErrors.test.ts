import { describe, expect, it } from 'vitest';
import { pullFailureOf, pullFailureOfStatus } from '../../../src/backends/pullErrors';

/** Texts that no capture has: Go's own, Windows' own, other registries'. The captured ones are in pullMessages. */
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
  ['open /usr/share/ollama/x: permission denied', 'install_failed', 'no'],
  [
    'Get "https://x/": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'install_failed',
    'no',
  ],
  ['something that nobody has seen', 'install_failed', 'no'],
] as const;

describe('pullFailureOf', () => {
  it.each([...RELATED])('%s is %s, retry %s', (text, code, retry) => {
    const failure = pullFailureOf(text);
    expect(failure).toMatchObject({ code, retry });
    expect(failure.message).toContain(text);
    expect(failure.message).toMatch(/\.$/);
  });

  it('says to every text what to do next', () => {
    for (const [text] of RELATED) {
      const [, next] = pullFailureOf(text).message.split(`(${text}). `);
      expect(next, text).toMatch(/^[A-Z][^.]{10,}/);
    }
  });
});

describe('a disk that is full', () => {
  const digest = 'sha256-2bada8a7450677000f678be90653b85d364de7db25eb5ea54136ada5f3933730';

  it.each([
    [
      `write /usr/share/ollama/.ollama/models/blobs/${digest}-partial: no space left on device`,
      ' (/usr/share/ollama/.ollama/models)',
    ],
    [
      `write C:\\Users\\Ann Lee\\.ollama\\models\\blobs\\${digest}-partial-0: There is not enough space on the disk.`,
      ' (C:\\Users\\Ann Lee\\.ollama\\models)',
    ],
    ['write C:\\models\\x: There is not enough space on the disk.', ''],
    ['disk quota exceeded', ''],
  ])('is named by its folder, and what to do stands there without a file name: %s', (text, folder) => {
    expect(pullFailureOf(text)).toEqual({
      ...{ code: 'disk_full', retry: 'no', said: text },
      message: `The disk with Ollama's models${folder} is full. Free some space and install again: it resumes. The partial download keeps its space until Ollama is started again, at least one hour later.`,
    });
  });

  it('and a file that cannot be written show no digest of 64 digits', () => {
    const { message, said } = pullFailureOf(`open /models/blobs/${digest}-partial: permission denied`);
    expect(message).toContain('(open /models/blobs/sha256-2bada8a74506…-partial: permission denied)');
    expect(said).toContain(digest);
  });
});

describe('a model that Hugging Face does not give to everybody', () => {
  const name = 'hf.co/google/gemma-3-4b-it-qat-q4_0-gguf:Q4_0';

  it.each([
    'pull model manifest: 401: {"error":"Invalid username or password."}',
    'pull model manifest: 403: {"error":"Access to model google/gemma-3-4b-it-qat-q4_0-gguf is restricted and you are not in the authorized list."}',
  ])('is gated, with the page where its conditions are accepted: %s', (text) => {
    const failure = pullFailureOf(text, name);
    expect(failure).toMatchObject({ code: 'gated', retry: 'no' });
    expect(failure.message).toContain(`(${text}). Accept them at `);
    expect(failure.message).toContain(' https://huggingface.co/google/gemma-3-4b-it-qat-q4_0-gguf, ');
    expect(failure.message).toContain(' https://huggingface.co/settings/keys, ');
  });

  it('is not guessed of another registry, nor from another failure', () => {
    expect(pullFailureOf('pull model manifest: 401: no', 'someone/private:7b').code).toBe('install_failed');
    expect(pullFailureOf('pull model manifest: 429: slow down', name).code).toBe('installer_unavailable');
    expect(pullFailureOf('pull model manifest: file does not exist', name).code).toBe(
      'failed_target_missing',
    );
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

  it('does not blame the network where Ollama has too much to do', () => {
    const text = 'server busy, please try again.  maximum pending requests exceeded';
    expect(pullFailureOfStatus(503, text, origin).message).toMatch(/^Ollama has too much to do/);
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
