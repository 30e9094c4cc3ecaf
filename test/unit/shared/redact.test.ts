import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactText, redactValue } from '../../../src/shared/redact';

const HEX = '5e0f7a91c2d84b63a7d9e1f0b8c64d2a';
const PEM_BODY = 'MIIEpAIBAAKCAQEA7bq3N0xFcVqmKk1b2l5Jv9Qh\nVt8c0aW4u7yZ1x3Fe6Kk9Lm2Nn==';

/**
 * Text, the part of it that must go, and the kind that must be told. None of them is or was a real credential; the `~`
 * are taken out, and stand there so that nobody's scanner takes this file for a leak.
 */
const MARKED_SECRETS: readonly (readonly [text: string, secret: string, kind: string])[] = [
  ['key AK~IAIOSFODNN7EXAMPLE used', 'AK~IAIOSFODNN7EXAMPLE', 'aws_key_id'],
  ['AS~IAY34FZKBOKMUTVV7A', 'AS~IAY34FZKBOKMUTVV7A', 'aws_key_id'],
  ['aws_secret_access_key = wJa~lrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'wJa~lrXUtnFEMI', 'aws_secret'],
  ['"SecretAccessKey":"wJa~lrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"', 'wJa~lrXUtnFEMI', 'aws_secret'],
  ['clone with gh~p_16C7e42F292c6912E7710c838347Ae178B4a', 'gh~p_16C7', 'github'],
  ['gh~s_16C7e42F292c6912E7710c838347Ae178B4a', 'gh~s_16C7', 'github'],
  ['github_pa~t_11ABCDEFG0abcdefghijklmn_opqrstuvwxyz0123', 'github_pa~t_11', 'github'],
  ['xox~b-123456789012-abcdefGHIJKL', 'xox~b-1234', 'slack'],
  ['https://hooks.sla~ck.com/services/T0000000/B000000/XXXXXXXXXXXX', 'T0000000', 'slack_webhook'],
  ['sk_liv~e_4eC39HqLyjWDarjtT1zdp7dc', '4eC39HqL', 'stripe'],
  ['rk_tes~t_4eC39HqLyjWDarjtT1zdp7dc', '4eC39HqL', 'stripe'],
  ['Incorrect API key provided: sk-abcd1234efgh5678ijkl', 'abcd1234', 'api_key'],
  [`sk-${HEX}`, HEX, 'api_key'],
  ['sk-pr~oj-abcdefghijklmnopqrst', 'abcdefghijk', 'api_key'],
  ['sk-a~nt-api03-AbCdEfGhIjKlMnOp-QrStUvWx', 'AbCdEfGh', 'api_key'],
  ['sk-s~vcacct-AbCdEfGhIjKlMnOpQr', 'AbCdEfGh', 'api_key'],
  [`sk-~or-v1-${HEX}`, HEX, 'api_key'],
  ['HF_TOKEN=hf~_AbCdEfGhIjKlMnOpQrStUvWxYz012345', 'AbCdEfGh', 'hugging_face'],
  ['AI~zaSyA1234567890abcdefghijklmnopqrstuv', 'SyA1234567890', 'google'],
  ['eyJ~hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w', 'eyJ~hbGci', 'jwt'],
  ['Authorization: Bearer abc.def-123456', 'abc.def-123456', 'authorization'],
  ['authorization: Token 9944b09199c62bcf9418', '9944b091', 'authorization'],
  ['{"authorization":"Basic dXNlcjpwYXNz"}', 'dXNlcjpwYXNz', 'authorization'],
  [String.raw`{"body":"{\"authorization\":\"Bearer abc123def456\"}"}`, 'abc123def456', 'authorization'],
  ['Proxy-Authorization=0123456789abcdef', '0123456789abcdef', 'authorization'],
  ['sent bearer 0a1b2c3d4e5f along', '0a1b2c3d4e5f', 'authorization'],
  ['postgres://admin:hunter22@db.example/x', 'admin:hunter22', 'userinfo'],
  ['redis://:p@ss@cache:6379', 'p@ss', 'userinfo'],
  ['https://x-access-token-1234@git.example/repo', 'x-access-token-1234', 'userinfo'],
  ['GET /v1?key=short&x=1', 'short', 'query'],
  ['https://a.example/b?alt=sse&access_token=q1w2e3', 'q1w2e3', 'query'],
  ['https://s3.example/o?X-Amz-Signature=aeeed9bbccd4', 'aeeed9', 'query'],
  ['api_key=abcdef123456', 'abcdef123456', 'key'],
  ['{"apiKey": "abcdef123456"}', 'abcdef123456', 'key'],
  ['api key: abc-123-def', 'abc-123-def', 'key'],
  ['password=correcthorse', 'correcthorse', 'key'],
  ["client_secret: 'GOCSPX-abcdef'", 'GOCSPX', 'key'],
  ['DB_PASSWORD=hunter22', 'hunter22', 'key'],
  ['token=9f8e7d6c5b4a3210', '9f8e7d6c', 'token'],
  ['access_token: "ya29.a0AfH6SMBx"', 'ya29.a0', 'token'],
  ['AK~IAIOSFODNN7EXAMPLE,wJa~lrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'lrXUtnFEMI', 'aws_secret'],
  ['id_AK~IAIOSFODNN7EXAMPLEand more', 'IOSFODNN7', 'aws_key_id'],
  [String.raw`{"log":"pushed with:\ngh~o_16C7e42F292c6912E7710c838347Ae178B4a"}`, '16C7e42F', 'github'],
  ['https://x.example/?u=%3Dgh~u_16C7e42F292c6912E7710c838347Ae178B4a', '16C7e42F', 'github'],
  ['xox~e.xox~p-1-Mi0yLTEyMzQ1Njc4OTAx', 'Mi0yLTEy', 'slack'],
  ['xap~p-1-A0123456789-9876543210-abcdef', 'A0123456', 'slack'],
  ['https://hooks.sla~ck.com/workflows/T0000000/A000000/1234/abcd', 'T0000000', 'slack_webhook'],
  ['sk_tes~t_4eC39HqLyjWDarjtT1zdp7dc', '4eC39HqL', 'stripe'],
  [`line one\\nsk-${HEX}`, HEX, 'api_key'],
  ['gs~k_AbCdEfGhIjKlMnOpQrStUvWx0123', 'AbCdEfGh', 'api_key'],
  ['nva~pi-AbCdEfGhIjKlMnOpQrStUvWx0123', 'AbCdEfGh', 'api_key'],
  ['ya~29.a0AfH6SMBxAbCdEfGhIjKlMnOp', 'a0AfH6SM', 'google'],
  ['eyJ~hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0', 'IUzI1NiJ9', 'jwt'],
  ['HTTP_AUTHORIZATION=Bearer%20abc123def456', 'abc123def456', 'authorization'],
  ["rawHeaders: [ 'Authorization', 'Basic dXNlcjpwYXNz' ]", 'dXNlcjpwYXNz', 'authorization'],
  ['Authorization: Digest username="me", response="6629fae49393"', '6629fae4', 'authorization'],
  [
    'Authorization: AWS4-HMAC-SHA256 Credential=x/20261121/eu, SignedHeaders=host, Signature=fe5f80f77d5f',
    'fe5f80f7',
    'authorization',
  ],
  ['Cookie: session=d41d8cd98f; theme=dark', 'd41d8cd98f', 'cookie'],
  ['{"set-cookie":"id=a3fWa; Path=/; HttpOnly"}', 'a3fWa', 'cookie'],
  [String.raw`"url":"http:\/\/me:hunter22@gpubox:11434"`, 'hunter22', 'userinfo'],
  ['proxy http://me%3Ahunter22@proxy:3128 failed', 'hunter22', 'userinfo'],
  [String.raw`"next":"/v1?page=2\u0026key=AbC123"`, 'AbC123', 'query'],
  ['https://a.example/cb#access_token=q1w2e3&state=1', 'q1w2e3', 'query'],
  ['?x=1&amp;token=q1w2e3', 'q1w2e3', 'query'],
  ['api-key: abcdef123456', 'abcdef123456', 'key'],
  ["'x-api-key', 'abcdef123456'", 'abcdef123456', 'key'],
  ['password="correct horse battery"', 'horse battery', 'key'],
  ['dbPassword: hunter22', 'hunter22', 'key'],
  ['AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsu', 'Eby8vdM02', 'key'],
  ['vllm serve --api-key token-abc123 --port 8000', 'token-abc123', 'key'],
  [`password=${'0123456789'.repeat(900)}end`, '89end', 'key'],
  [`-----BEGIN ~OPENSSH PRIVATE KEY-----\n${PEM_BODY}\n-----END OPENSSH PRIVATE KEY-----`, 'MIIEpAIB', 'pem'],
  [`-----BEGIN ~EC PRIVATE KEY-----\n${PEM_BODY}\n-----BEGIN EC PARAMETERS-----`, 'MIIEpAIB', 'pem'],
  [`-----BEGIN ~RSA PRIVATE KEY-----\n${PEM_BODY}\n-----END RSA PRIVATE KEY-----`, 'MIIEpAIB', 'pem'],
  [
    `-----BEGIN ~RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n${PEM_BODY}\n-----END RSA PRIVATE KEY-----`,
    'MIIEpAIB',
    'pem',
  ],
  [`"-----BEGIN ~PRIVATE KEY-----\\n${PEM_BODY.replace('\n', '\\n')}`, 'MIIEpAIB', 'pem'],
];

const SECRETS = MARKED_SECRETS.map(([text, secret, kind]) => {
  return [text.replaceAll('~', ''), secret.replaceAll('~', ''), kind] as const;
});

/** Texts that look a little like secrets and must stay as they are. */
const LOOKALIKES: readonly string[] = [
  'token count: 12',
  'tokens: 4096, max_tokens=8192',
  'token: 4096',
  'prompt token=12 cached token=0',
  'eos_token=<|im_end|>',
  'token: expected-a-comma',
  'a task-oriented risk-management-framework-for-teams',
  'see sk-learn-tutorial-for-beginners',
  '<div class="sk-container sk-toggleable">',
  'sk-internationalization-guidelines',
  'sk-SK and en-US',
  'hf_hub_download from hf_transformersintegration',
  'basic functionality and Basic Authentication',
  'bearer authentication is required',
  'WWW-Authenticate: Basic realm="x"',
  'authorization: required',
  'Authorization: failed.',
  'API key: missing',
  'secret: see docs',
  'the password is wrong',
  'https://huggingface.co/Qwen/Qwen3-8B-GGUF/resolve/main/Qwen3-8B-Q4_K_M.gguf',
  'ssh://git@github.com/org/repo',
  'https://medium.com/@someone/a-post',
  'mail someone@example.com about https://example.com',
  'http://127.0.0.1:11434/api/tags?name=qwen3:8b',
  'https://a.example/search?q=key&page=2',
  'monkey=bananas turkey=dinner',
  'sha256:9f438cb9cd581fc025612d27f7c1a6669ff83a8bb0ed86c94fcf4c5440555697',
  'AKIA is the prefix of a key id',
  'ghp_short and github_pat_',
  'xoxb-short',
  'eyJ alone is no token',
  'expected -----BEGIN, found {',
  'unexpected token } in JSON at position 12',
  'token count=5, tokens=5, token_count: 128000',
  'commit 926c01b1f4e0d6a3a5c2b7e8f9d0c1b2a3948576 by someone',
  '0b2f9a3e-1c4d-4e5f-8a6b-7c8d9e0f1a2b',
  'disk-5e0f7a91c2d84b63 and task-5e0f7a91c2d84b63',
  'qwen3:8b-q4_K_M, gpt-oss:20b, sk-qwen-7b, hf.co/unsloth/Qwen3-8B-GGUF:Q4_K_M',
  '/home/user/.cache/huggingface/hub/models--Qwen--Qwen3-8B/snapshots/b968826d9c46dd6066d109eabc6255188de91218',
  String.raw`C:\Users\someone\AppData\Local\Programs\Ollama\ollama.exe serve`,
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'integrity sha512-9NeJ0Ymq3XBq1T0wPpKxZBbZ5Ym4+yYCqFHfHv6yq0d3S8bYqvRr0b1mZ2c3d4e5f6g7h8i9',
  'risk_live_update and task_test_environment',
  'cookies: 3, cookie: expired',
  'git clone git@github.com:org/repo.git',
  'ws://127.0.0.1:8188/ws?clientId=7',
  'http://[::1]:11434/v1/models',
  'https://a.example/list?sort_key=name&keyword=x#key',
  'the secretary keeps secrets: none',
  'password: none',
  '--key-file /etc/ssl/private/server.key --tls-key ./server.key',
  '2026-11-21T08:00:00.000Z info registry.probe.ended {"backend":"ollama","readiness":"ok"}',
  'basic_auth disabled; bearer of news',
  '{"role":"user","name":"someone","finish_reason":"stop"}',
  '{"usage":{"input":12,"text":null,"prompt":3}}',
  'The prompt: was too long, the input: is missing',
];

describe('redactText', () => {
  it.each(SECRETS)('replaces the secret of %j', (text, secret, kind) => {
    const redacted = redactText(text);
    expect(redacted).not.toContain(secret);
    expect(redacted).toContain(`[REDACTED:${kind}]`);
    expect(redactText(redacted)).toBe(redacted);
  });

  it.each(LOOKALIKES)('leaves %j as it is', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('replaces the secret part only', () => {
    expect(
      redactText('GET http://me:hunter22@gpubox:1/a?key=k1&x=2 with Authorization: Bearer a1b2c3d4e5'),
    ).toBe(
      'GET http://[REDACTED:userinfo]@gpubox:1/a?key=[REDACTED:query]&x=2 with Authorization: Bearer [REDACTED:authorization]',
    );
    expect(redactText('one sk-proj-abcdefghijklmnop, two hf_AbCdEfGhIjKlMnOpQr.')).toBe(
      'one [REDACTED:api_key], two [REDACTED:hugging_face].',
    );
  });

  it('tells of two kinds at one place only one', () => {
    expect(redactText(`Authorization: Bearer sk-${HEX}`)).toBe('Authorization: Bearer [REDACTED:api_key]');
    expect(redactText(`password=sk-${HEX}`)).toBe('password=[REDACTED:api_key]');
  });

  it('finds secrets wherever they stand', () => {
    const bare = SECRETS.filter(([text, secret]) => !text.includes('://') && secret.length >= 8);
    const around = fc.stringMatching(/^[ a-z,.\n(){}]{0,60}$/);
    fc.assert(
      fc.property(around, fc.constantFrom(...bare), around, (before, [text, secret], behind) => {
        const planted = `${before} ${text} ${behind}`;
        const redacted = redactText(planted);
        expect(redacted).not.toContain(secret);
        expect(redacted.startsWith(before)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('merges what overlaps into one, without a rest of either', () => {
    expect(redactText(`password=a/sk-${HEX}/z&next=1`)).toBe('password=[REDACTED:api_key]&next=1');
    expect(redactText(`{"content":"mine is sk-${HEX}"}`)).toBe('{"content":"[CONTENT]"}');
    expect(redactText(`http://me:sk-${HEX}@gpubox`)).toBe('http://[REDACTED:api_key]@gpubox');
  });

  it('takes no text that looks like its own mark for redacted', () => {
    expect(redactText('password=[REDACTED:hunter22')).not.toContain('hunter22');
    expect(redactText('password=[REDACTED:key]')).toBe('password=[REDACTED:key]');
  });

  it.each([
    ['{"input":"my private text","type":"x"}', '{"input":"[CONTENT]","type":"x"}'],
    ['{"input":"say \\"private\\" twice","n":1}', '{"input":"[CONTENT]","n":1}'],
    ['{"messages":[{"role":"user","content":"private ]}"}],"n":1}', '{"messages":[CONTENT],"n":1}'],
    ['{"prompt" : {"parts":["private"]} }', '{"prompt" : [CONTENT] }'],
    [
      '{"error":"{\\"text\\":\\"private\\",\\"n\\":1}"}',
      '{"error":"{\\"text\\":\\"[CONTENT]\\",\\"n\\":1}"}',
    ],
    [
      '{"error":"{\\"input\\":[{\\"a\\":\\"say \\\\\\"private\\\\\\"\\"}],\\"n\\":1}"}',
      '{"error":"{\\"input\\":[CONTENT],\\"n\\":1}"}',
    ],
    [
      "[{'loc': ('body',), 'input': {'prompt': 'private'}, 'n': 1}]",
      "[{'loc': ('body',), 'input': [CONTENT], 'n': 1}]",
    ],
    ["{'input': \"it's private\", 'n': 1}", "{'input': \"[CONTENT]\", 'n': 1}"],
    [
      "{\"message\":\"[{'input': 'it\\\\'s private, so', 'n': 1}]\"}",
      "{\"message\":\"[{'input': '[CONTENT]', 'n': 1}]\"}",
    ],
    [
      String.raw`{"error":"{\"input\":\"say \\\"private\\\" so\",\"n\":1}"}`,
      String.raw`{"error":"{\"input\":\"[CONTENT]\",\"n\":1}"}`,
    ],
    ['{"content":"cut off here: private', '{"content":"[CONTENT]'],
    ['{"content":[{"text":"cut off here: private', '{"content":[CONTENT]'],
    ['{"content":"private\\\\","n":1}', '{"content":"[CONTENT]","n":1}'],
    ['{"input":12,"text":null,"content":""}', '{"input":12,"text":null,"content":""}'],
  ])('replaces what people wrote in %s', (text, expected) => {
    expect(redactText(text)).toBe(expected);
    expect(redactText(expected)).toBe(expected);
  });

  it('cuts what is longer than a mebibyte', () => {
    const redacted = redactText('x '.repeat(2 ** 20));
    expect(redacted.length).toBeLessThanOrEqual(2 ** 20);
    expect(redacted.length).toBeGreaterThan(2 ** 20 - 10);
    expect(redacted.endsWith('…')).toBe(true);
  });

  it('shows no half of a secret where it cuts', () => {
    const secret = 'github_pa~t_11ABCDEFG0abcdefghijklmn_opqrstuvwxyz0123'.replace('~', '');
    for (let kept = 1; kept < secret.length; kept += 3) {
      const redacted = redactText(`${'x '.repeat((2 ** 20 - kept) / 2)}${secret}`);
      expect(redacted).not.toContain('github');
    }
  });
});

describe('redactValue', () => {
  it('drops headers with credentials, replaces credentials and content by the names of their fields, and redacts the rest', () => {
    expect(
      redactValue({
        headers: {
          Authorization: 'x',
          'X-Api-Key': 'x',
          'api-key': 'x',
          'x-goog-api-key': 'x',
          'Set-Cookie': 'x',
          cookie: 'x',
          'content-type': 'application/json',
        },
        apiKey: 'x',
        access_token: 'x',
        accessToken: 'x',
        client_secret: 'x',
        tokens: 12,
        maxTokens: 8,
        prompt: 'a private question',
        messages: [{ role: 'user', content: 'a private question' }],
        url: 'http://me:hunter22@gpubox',
      }),
    ).toEqual({
      headers: { 'content-type': 'application/json' },
      apiKey: '[REDACTED:field]',
      access_token: '[REDACTED:field]',
      accessToken: '[REDACTED:field]',
      client_secret: '[REDACTED:field]',
      tokens: 12,
      maxTokens: 8,
      prompt: '[CONTENT]',
      messages: '[CONTENT]',
      url: 'http://[REDACTED:userinfo]@gpubox',
    });
  });

  it('knows headers also as lists and as pairs', () => {
    expect(redactValue(['Host', 'gpubox', 'Authorization', 'swordfish', 'X-Api-Key', 'swordfish'])).toEqual([
      'Host',
      'gpubox',
      'Authorization',
      '[REDACTED:field]',
      'X-Api-Key',
      '[REDACTED:field]',
    ]);
    expect(redactValue([['cookie', 'swordfish']])).toEqual([['cookie', '[REDACTED:field]']]);
    expect(redactValue([{ name: 'Authorization', value: 'swordfish' }])).toEqual([
      { name: 'Authorization', value: '[REDACTED:field]' },
    ]);
  });

  it('redacts nested error bodies, names of fields among them', () => {
    expect(
      redactValue({
        error: {
          message: `no such key: sk-${HEX}`,
          param: { input: ['private'], content: { a: 'private' } },
        },
        [`sk-${HEX}`]: 1,
        usage: { input: 12, prompt: 3, text: null },
      }),
    ).toEqual({
      error: {
        message: 'no such key: [REDACTED:api_key]',
        param: { input: '[CONTENT]', content: '[CONTENT]' },
      },
      '[REDACTED:api_key]': 1,
      usage: { input: 12, prompt: 3, text: null },
    });
  });

  it('shows no bytes, and addresses and dates as text', () => {
    expect(
      redactValue({
        body: Buffer.from('private'),
        at: new Date('2026-11-21T00:00:00Z'),
        never: new Date(Number.NaN),
        url: new URL('http://me:hunter22@gpubox/'),
      }),
    ).toEqual({
      body: '[BYTES]',
      at: '2026-11-21T00:00:00.000Z',
      never: null,
      url: 'http://[REDACTED:userinfo]@gpubox/',
    });
  });

  it('makes no prototype of a field', () => {
    const redacted = redactValue(JSON.parse('{"__proto__":{"polluted":true}}'));
    expect(Object.getPrototypeOf(redacted)).toBe(Object.prototype);
  });

  it('stops where a value is too large in all', () => {
    const wide = Array.from({ length: 20 }, () => Array.from({ length: 20 }, () => 'x '.repeat(8_000)));
    const redacted = JSON.stringify(redactValue(wide));
    expect(redacted).toContain('[CUT]');
    const deep = Object.fromEntries(
      Array.from({ length: 100 }, (_, n) => [
        `a${n}`,
        Object.fromEntries(Array.from({ length: 100 }, (_, m) => [`b${m}`, {}])),
      ]),
    );
    expect(JSON.stringify(redactValue({ deep, more: deep }))).toContain('[CUT]');
  });

  it('keeps of an error its name and its redacted message', () => {
    const error = new TypeError('failed with sk-proj-abcdefghijklmnop', { cause: new Error('private') });
    expect(redactValue({ error })).toEqual({
      error: { name: 'TypeError', message: 'failed with [REDACTED:api_key]' },
    });
  });

  it('bounds depth, lists, fields and texts, and no secret is cut in half by that', () => {
    expect(redactValue({ a: { b: { c: { d: { e: 1 } } } } })).toEqual({ a: { b: { c: { d: '[DEPTH]' } } } });
    expect(redactValue(Array.from({ length: 50 }, (_, n) => n))).toHaveLength(20);
    const fields = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`f${n}`, n]));
    expect(Object.keys(redactValue(fields) as object)).toHaveLength(100);
    const long = redactValue(`${'x '.repeat(1_993)}sk-proj-abcdefghijklmnop ${'y'.repeat(5_000)}`);
    expect(String(long).length).toBeLessThanOrEqual(4_000);
    expect(long).not.toContain('sk-proj');
  });

  it('says so when a value cannot be read, and never throws', () => {
    const hostile = {
      get field(): never {
        throw new Error('private');
      },
    };
    expect(redactValue(hostile)).toBe('[REDACTION FAILED]');
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    expect(redactValue(circular)).toEqual({ self: { self: { self: { self: '[DEPTH]' } } } });
    expect(redactValue([1n, undefined, null, () => 1, Symbol('x')])).toEqual([
      '1',
      undefined,
      null,
      undefined,
      undefined,
    ]);
  });
});
