import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadCaptures } from '../../fakes/ollama/replay/capture';
import { closedUrl } from './loopback';
import type { Answer } from './support/pullServer';
import {
  DONE,
  MANIFEST,
  broken,
  complete,
  finish,
  layer,
  lines,
  open,
  pull,
  pullServer,
  status,
} from './support/pullServer';

interface Row {
  /** Exchanges of the capture of `ollama serve` v0.32.15 (test/fixtures/ollama) that ended so. */
  readonly captures: string;
  /** Of the answer; 200 where the error stands in the stream. */
  readonly status: number;
  readonly error: string;
  readonly code: string;
  /** Attempts in all: 1 is final, 2 is once more, 5 is as long as that may help. */
  readonly attempts: 1 | 2 | 5;
  /** What the person reads, with `{error}` for the server's own words. */
  readonly text: string;
  /** Those words as they are shown, where that is not as they were said. */
  readonly shown?: string;
}

const MISSING = {
  error: 'pull model manifest: file does not exist',
  code: 'failed_target_missing',
  attempts: 1,
  text: 'The registry does not have this model or tag ({error}). Check its name and tag.',
} as const;
const UNREACHABLE = {
  code: 'installer_unavailable',
  attempts: 5,
  text: 'Ollama has no working connection to its registry ({error}). Check the network and the proxy of the machine that runs Ollama; what was downloaded stays and is used again.',
} as const;
const REFUSED =
  'pull model manifest: Get "http://localhost:5999/v2/library/x/manifests/latest": dial tcp 127.0.0.1:5999: connect: connection refused';
const MISMATCH = {
  error:
    'digest mismatch, file must be downloaded again: want sha256:27c01bd007889612a864c9f1d82b2cba98e35fc4ecb4103c48edcd6d8bd7a318, got sha256:ce2ac6a54484e6010ba4e6de6268f6e3a82643dcf793372c34b90f9a272f696d',
  shown:
    'digest mismatch, file must be downloaded again: want sha256:27c01bd00788…, got sha256:ce2ac6a54484…',
  code: 'install_failed',
  attempts: 2,
  text: 'What was downloaded is not what the registry promised ({error}). Ollama removed that part. Install again; where that does not help, look for a proxy that changes downloads.',
} as const;
const FULL = {
  error: 'write /opt/ollama/file: no space left on device',
  code: 'disk_full',
  attempts: 1,
  text: "The disk with Ollama's models is full. Free some space and install again: it resumes. The partial download keeps its space until Ollama is started again, at least one hour later.",
} as const;
const ODD = {
  code: 'install_failed',
  attempts: 1,
  text: 'Ollama could not install this model ({error}). Its log says more. Try again later, or choose another model.',
} as const;
const BAD_REQUEST = {
  code: 'install_failed',
  attempts: 1,
  text: 'Ollama refused the request ({error}). Check the name of the model, then install again.',
} as const;

const ROWS: readonly Row[] = [
  { captures: 'pull-missing-model, pull-missing-tag', status: 200, ...MISSING },
  { captures: 'pull-missing-nostream', status: 500, ...MISSING },
  {
    ...{ captures: 'pull-missingblob', status: 200, error: 'file does not exist' },
    ...{ code: 'failed_target_missing', attempts: 1 },
    text: 'The registry lists this model, but one of its files is missing ({error}). Choose another tag or quantisation.',
  },
  { captures: 'pull-registry-down', status: 200, error: REFUSED, ...UNREACHABLE },
  { captures: 'pull-registry-down-nostream', status: 500, error: REFUSED, ...UNREACHABLE },
  {
    ...{ captures: 'cloud-pull-disabled', status: 200, ...UNREACHABLE },
    error:
      'pull model manifest: Get "https://nohost.invalid/v2/library/x/manifests/1b-cloud": dial tcp: lookup nohost.invalid on 127.0.0.53:53: no such host',
  },
  {
    ...{ captures: 'pull-dns-fail', status: 200, ...UNREACHABLE },
    error:
      'pull model manifest: Get "https://nohost.invalid/v2/library/x/manifests/latest": dial tcp: lookup nohost.invalid on 127.0.0.53:53: no such host',
  },
  {
    ...{ captures: 'pull-default-registry-unreachable', status: 200, ...UNREACHABLE },
    error:
      'pull model manifest: Get "https://registry.ollama.ai/v2/library/llama3.2/manifests/latest": proxyconnect tcp: dial tcp 127.0.0.1:9: connect: connection refused',
  },
  {
    ...{ captures: 'pull-short-body-to-the-end', status: 200, ...UNREACHABLE },
    error: 'max retries exceeded: EOF',
  },
  {
    ...{ captures: 'pull-err500', status: 200, error: 'pull model manifest: 500: internal oops' },
    ...{ code: 'installer_unavailable', attempts: 5 },
    text: 'The registry has a fault of its own ({error}). Try again later.',
  },
  {
    ...{ captures: 'pull-err429', status: 200, code: 'installer_unavailable', attempts: 5 },
    error: 'pull model manifest: 429: {"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}',
    text: 'The registry asks for patience ({error}). Try again in some minutes.',
  },
  {
    ...{ captures: 'pull-badjson', status: 200, code: 'install_failed', attempts: 1 },
    error: "pull model manifest: invalid character '<' looking for beginning of value",
    text: 'Something other than a model registry answered Ollama, perhaps a proxy or a login page ({error}). Check the network of the machine that runs Ollama, then install again.',
  },
  {
    ...{ captures: 'pull-forbid', status: 200, code: 'install_failed', attempts: 1 },
    error: 'pull model manifest: 403: {"errors":[{"code":"DENIED","message":"denied"}]}',
    text: 'The registry refused this model ({error}). Check its name and tag, and whether it asks for an account or an accepted licence there.',
  },
  {
    ...{ captures: 'pull-requires412', status: 200, code: 'install_failed', attempts: 1 },
    error:
      'pull model manifest: 412: {"errors":[{"code":"NEWER","message":"requires a newer version of Ollama"}]}',
    text: 'This model needs a newer Ollama ({error}). Update Ollama, then install again.',
  },
  { captures: 'pull-bad', status: 200, ...MISMATCH },
  { captures: 'pull-bad-nostream', status: 500, ...MISMATCH },
  { captures: 'pull-noloc', status: 200, error: 'http: no Location header in response', ...ODD },
  {
    ...{ captures: 'pull-auth-401', status: 200, ...ODD },
    error: 'pull model manifest: realm host "127.0.0.1:5000" does not match original host "localhost:5000"',
  },
  {
    captures: 'pull-no-insecure, pull-http-scheme-no-insecure',
    ...{ status: 200, code: 'install_failed', attempts: 1 },
    error:
      'pull model manifest: Get "https://localhost:5000/v2/library/small/manifests/latest": http: server gave HTTP response to HTTPS client',
    text: 'The registry speaks HTTP where Ollama wants HTTPS ({error}). Use its HTTPS address, or pull with "ollama pull --insecure" in a terminal.',
  },
  { captures: 'enospc-pull-mid, enospc-pull-again', status: 200, ...FULL },
  { captures: 'enospc-pull-nostream', status: 500, ...FULL },
  {
    ...{ captures: 'readonly-pull', status: 200, code: 'install_failed', attempts: 1 },
    error: 'open /opt/ollama/file: read-only file system',
    text: 'Ollama cannot write to its models folder ({error}). Check who may write there, then install again.',
  },
  { captures: 'pull-no-model, pull-bad-name', status: 400, error: 'invalid model name', ...BAD_REQUEST },
  { captures: 'pull-empty-body', status: 400, error: 'missing request body', ...BAD_REQUEST },
  { captures: 'pull-malformed', status: 400, error: 'unexpected EOF', ...BAD_REQUEST },
  {
    ...{ captures: 'pull-wrong-type', status: 400, ...BAD_REQUEST },
    error: 'json: cannot unmarshal number into Go struct field PullRequest.model of type string',
  },
  {
    captures: 'pull-get, wrong-method-get-pull',
    status: 405,
    error: '405 method not allowed',
    ...BAD_REQUEST,
  },
];

/** As Go writes it: `<` is escaped. */
function answerOf(row: Row): Answer {
  const error = JSON.stringify({ error: row.error }).replaceAll('<', '\\u003c');
  if (row.status === 200) return complete(lines(MANIFEST, layer(10), error));
  return status(row.status, row.status === 405 ? row.error : error);
}

/** The last error in what the server answered, or the whole answer where that is no JSON; null for none. */
function errorIn(answer: string): string | null {
  const last = answer.trimEnd().split('\n').at(-1) ?? '';
  if (!last.startsWith('{')) return last === '' ? null : last;
  return z.object({ error: z.string().optional() }).parse(JSON.parse(last)).error ?? null;
}

describe('What the server says when a pull fails', () => {
  it('is all in the table', () => {
    const captured = loadCaptures().filter(({ path, end }) => path === '/api/pull' && end === 'complete');
    const failed = captured.flatMap(({ name, status: code, body, chunks = [] }) => {
      const error = errorIn(body ?? chunks.map(([, text]) => text).join(''));
      return error === null ? [] : [{ name, status: code, error }];
    });
    const missing = failed.filter(
      (each) =>
        !ROWS.some(
          (row) =>
            row.captures.split(', ').includes(each.name) &&
            row.status === each.status &&
            row.error === each.error,
        ),
    );
    expect(missing).toEqual([]);
    expect(failed).toHaveLength(ROWS.flatMap(({ captures }) => captures.split(', ')).length);
  });

  it.each(ROWS)('$captures ($status): $code after $attempts', async (row) => {
    const server = await pullServer(answerOf(row));
    const attempt = pull(server.url);
    const message = row.text.replace('{error}', () => row.shown ?? row.error);
    await expect(finish(attempt)).resolves.toEqual({ status: 'error', code: row.code, message });
    expect(attempt.events.at(-1)).toEqual({ type: 'error', code: row.code, message });
    expect(server.pulls()).toBe(row.attempts);
  });
});

const RESUMES = 'What it has kept of the download is used again.';

/** How a pull can end without a word of the server's, with what the person reads after the last attempt. */
const WORDLESS: readonly (readonly [name: string, answer: Answer, text: string])[] = [
  [
    'the socket closes (pull-mid2-server-killed, pull-mid2-server-sigkill)',
    broken(lines(MANIFEST, layer(300))),
    `The connection to {origin} broke during the download. Check that Ollama still runs there. ${RESUMES}`,
  ],
  [
    'the socket closes within a line',
    broken(`${lines(MANIFEST, layer(300))}{"status":"pulling aaaa`),
    `The connection to {origin} broke during the download. Check that Ollama still runs there. ${RESUMES}`,
  ],
  [
    'the stream ends within a line',
    complete(`${lines(MANIFEST, layer(300))}{"status":"succ`),
    `{origin} ended the download before it was done. Check that Ollama still runs there. ${RESUMES}`,
  ],
];

describe('How a pull ends without a word', () => {
  it.each(WORDLESS)('%s', async (_name, answer, text) => {
    const server = await pullServer(answer);
    const message = text.replace('{origin}', server.url);
    await expect(finish(pull(server.url))).resolves.toEqual({
      status: 'error',
      code: 'installer_unavailable',
      message,
    });
    expect(server.pulls()).toBe(5);
  });

  it('refused connection: says what to start', async () => {
    const url = await closedUrl();
    const failed = await finish(pull(url));
    expect(failed).toMatchObject({ code: 'installer_unavailable' });
    expect('message' in failed && failed.message).toMatch(/^Nothing listens on .*Start Ollama/);
  });

  it.each([
    [
      ...['before the first byte (pull-hang-manifest)', lines(MANIFEST), 120_000],
      '{origin} sent nothing for 2 min. Check that Ollama runs there and reaches its registry.',
    ],
    [
      ...['between two bytes (pull-stall, pull-stall-40s)', lines(MANIFEST, layer(300)), 60_000],
      'The download stalled: no byte came for 1 min. Check the network of the machine that runs Ollama.',
    ],
    [
      'while verifying',
      lines(MANIFEST, layer(1_000), { status: 'verifying sha256 digest' }),
      30 * 60_000,
      'Ollama has not finished verifying after 30 min. Check its disk and its log.',
    ],
  ] as const)('silence %s', async (_name, text, milliseconds, said) => {
    const server = await pullServer(open(text));
    const attempt = pull(server.url, { maxAttemptsWithoutBytes: 1 });
    await expect.poll(() => attempt.events.length, { timeout: 5_000 }).toBeGreaterThanOrEqual(1);
    await expect.poll(() => attempt.clock.nextDueMs, { timeout: 5_000 }).toBe(milliseconds);
    await attempt.clock.advance(milliseconds - 1);
    expect(attempt.settled()).toBe(false);
    await attempt.clock.advance(1);
    await expect(attempt.result).resolves.toEqual({
      ...{ status: 'error', code: 'installer_unavailable' },
      message: `${said.replace('{origin}', server.url)} ${RESUMES}`,
    });
  });

  it('lines that make no sense in the middle cost nothing', async () => {
    const text = lines(MANIFEST, layer(300), '{"status":"pul', '}{', layer(600)) + DONE;
    const server = await pullServer(complete(text));
    await expect(finish(pull(server.url))).resolves.toMatchObject({ status: 'success' });
    expect(server.pulls()).toBe(1);
  });
});
