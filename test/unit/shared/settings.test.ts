import { describe, expect, it } from 'vitest';
import { BACKEND_KINDS, DEFAULT_SETTINGS, idPattern, parseSettings } from '../../../src/shared/settings';

const OLLAMA = { id: 'ollama', kind: 'ollama', url: 'http://127.0.0.1:11434' } as const;

/** The keys of the settings that were refused. */
function refused(raw: Parameters<typeof parseSettings>[0]): readonly string[] {
  return parseSettings(raw).problems.map(({ key }) => key);
}

describe('parseSettings', () => {
  it('gives the defaults for nothing, and they work', () => {
    expect(parseSettings({})).toEqual({ settings: DEFAULT_SETTINGS, problems: [] });
    expect(parseSettings(DEFAULT_SETTINGS)).toEqual({ settings: DEFAULT_SETTINGS, problems: [] });
  });

  it('takes what is valid as it is', () => {
    const raw = {
      backends: [{ ...OLLAMA, host: 'gpubox', headers: { 'X-Key': 'Bearer a1' }, enabled: false }],
      hardwareOverride: { platform: 'cpu', vramGb: 0, ramGb: 16, bandwidthGbps: 40, cpuName: 'x' },
      hosts: { 'gpubox.lan': { platform: 'nvidia', vramGb: 24, ramGb: 64, bandwidthGbps: 1008 } },
      probeLocalMinutes: 5,
      probeHostedHours: 48,
      recordsRetentionDays: 7,
      recordsMaxMb: 50,
      catalogOnline: false,
      refreshIntervalHours: 12,
      refreshProposalThreshold: 8,
      poolDiskBudgetGb: 40,
      poolAllowedOrgs: ['my-org'],
      poolAllowedFamilies: ['qwen3'],
      poolAutonomy: 'within-budget',
      task: 'coding',
      escalation: {
        ...{ backend: 'openai', provider: 'openai', model: 'gpt-5.6', contextTokens: 8_192 },
        thinking: { mode: 'effort', level: 'high' },
        retry: false,
      },
      capabilities: [
        { model: 'claude-*', backend: 'gateway', wireFormat: 'anthropic_native' },
        { model: '*', provider: 'qwen', family: 'qwen3', tools: true, thinking: false },
      ],
      thinking: 'adaptive',
      retry: { maxAttempts: 2, maxDeferredDelayMs: null, retryOn: { rateLimit: false }, longRetry: 'defer' },
      chatIncludePlainOllama: true,
      chatAutoEntries: false,
      warmOnPick: true,
      modelfileOtherFiles: true,
    };
    expect(parseSettings(raw)).toEqual({ settings: raw, problems: [] });
    expect(Object.keys(raw).sort()).toEqual(Object.keys(DEFAULT_SETTINGS).sort());
  });

  it.each<[keyof typeof DEFAULT_SETTINGS, unknown, string]>([
    ['escalation', {}, 'nothing named'],
    ['escalation', { thinking: { mode: 'off' } }, 'no model and no backend'],
    ['escalation', { model: 'a', thinking: { mode: 'enabled', budgetTokens: 0 } }, 'no thinking'],
    ['escalation', { model: 'a', thinking: { mode: 'off', level: 'high' } }, 'a level of nothing'],
    ['escalation', { model: 'a', retry: { maxAttempts: 0 } }, 'a policy that is none'],
    ['capabilities', [{ wireFormat: 'ollama' }], 'a rule for no model'],
    ['capabilities', [{ model: '*', wireFormat: 'morse' }], 'an unknown wire format'],
    ['thinking', 'loud', 'an unknown word'],
    ['retry', 3, 'a number'],
    ['retry', { maxAttempts: 1.5 }, 'half an attempt'],
    ['retry', { minDelayMs: 9_000 }, 'a least wait above the longest'],
    ['retry', { retryOn: { weather: true } }, 'an unknown cause'],
    ['warmOnPick', 'yes', 'a word'],
    ['poolDiskBudgetGb', -1, 'less than nothing'],
    ['poolDiskBudgetGb', '40', 'a text'],
    ['poolAllowedFamilies', [''], 'a family without a name'],
    ['poolAutonomy', 'always', 'an unknown word'],
    ['refreshProposalThreshold', 0, 'no threshold'],
  ])('refuses %s %j: %s', (field, value) => {
    const { settings, problems } = parseSettings({ [field]: value });
    expect(settings).toEqual(DEFAULT_SETTINGS);
    expect(problems).toHaveLength(1);
  });

  it('names a bad value by its key, and the default stands in its place', () => {
    const { settings, problems } = parseSettings({
      probeLocalMinutes: 0,
      task: 'cooking',
      hardwareOverride: { platform: 'cpu', vramGb: 0, ramGb: 16, bandwidthGbps: 0 },
    });
    expect(settings).toEqual(DEFAULT_SETTINGS);
    expect(problems.map(({ key }) => key)).toEqual([
      'modelPool.hardware.override',
      'modelPool.probe.localMinutes',
      'modelPool.route.task',
    ]);
    for (const { message } of problems) expect(message).toMatch(/\S{3}/);
  });

  it.each([
    ['an id with a hyphen', { ...OLLAMA, id: 'lm-studio' }],
    ['an id that begins with a digit', { ...OLLAMA, id: '4090' }],
    ['an id of 65 characters', { ...OLLAMA, id: 'a'.repeat(65) }],
    ['an unknown kind', { ...OLLAMA, kind: 'llamafile' }],
    ['no address', { id: 'a', kind: 'ollama' }],
    ['an address of another protocol', { ...OLLAMA, url: 'file:///etc/passwd' }],
    ['an address that is none', { ...OLLAMA, url: '127.0.0.1:11434' }],
    ['a field that does not exist', { ...OLLAMA, port: 1 }],
    ['a header whose name is none', { ...OLLAMA, headers: { 'X Key': 'a' } }],
    ['a header with a line break', { ...OLLAMA, headers: { 'X-Key': 'a\r\nHost: b' } }],
    ['a header with a typographic sign', { ...OLLAMA, headers: { Authorization: 'Bearer …' } }],
    ['a name of a secret with a space', { ...OLLAMA, secretName: 'my key' }],
    ['a name of a secret of 65 characters', { ...OLLAMA, secretName: 'a'.repeat(65) }],
    ['an empty name of a secret', { ...OLLAMA, secretName: '' }],
    ['a text', 'http://127.0.0.1:11434'],
    ['null', null],
  ])('drops a backend with %s alone', (_what, bad) => {
    const { settings, problems } = parseSettings({ backends: [bad, OLLAMA] });
    expect(settings.backends).toEqual([OLLAMA]);
    expect(problems.map(({ key }) => key)).toEqual(['modelPool.backends[0]']);
  });

  it.each(BACKEND_KINDS)(
    'asks for the address of a backend of kind %s unless it has one of its own',
    (kind) => {
      const { settings, problems } = parseSettings({
        backends: [{ id: 'a', kind, secretName: 'My.key_1-b' }],
      });
      if (['openai', 'anthropic', 'gemini', 'vscode'].includes(kind)) {
        expect(settings.backends).toEqual([{ id: 'a', kind, secretName: 'My.key_1-b' }]);
        return;
      }
      expect(settings.backends).toEqual([]);
      expect(problems).toEqual([
        {
          key: 'modelPool.backends[0]',
          message: expect.stringMatching(new RegExp(`${kind} has no address of its own`)) as unknown,
        },
      ]);
    },
  );

  it('says no value of a header in what it says of it', () => {
    const [problem] = parseSettings({ backends: [{ ...OLLAMA, headers: { 'X-Key': 'hunter…' } }] }).problems;
    expect(problem?.message).toContain('header');
    expect(problem?.message).not.toContain('hunter');
  });

  it('keeps the first of two backends with one id', () => {
    const second = { ...OLLAMA, url: 'http://127.0.0.1:2' };
    expect(parseSettings({ backends: [OLLAMA, second] }).settings.backends).toEqual([OLLAMA]);
    expect(refused({ backends: [OLLAMA, second] })).toEqual(['modelPool.backends[1]']);
  });

  it('refuses backends that are no list', () => {
    expect(refused({ backends: { a: OLLAMA } })).toEqual(['modelPool.backends']);
    expect(refused({ backends: null })).toEqual(['modelPool.backends']);
  });
});

describe('the machines of the settings', () => {
  const good = { platform: 'nvidia', vramGb: 24, ramGb: 64, bandwidthGbps: 1008 } as const;

  it.each([
    ['a platform that does not exist', 'box', { ...good, platform: 'tpu' }],
    ['no bandwidth', 'box', { platform: 'cpu', vramGb: 0, ramGb: 16 }],
    ['a bandwidth of nothing', 'box', { ...good, bandwidthGbps: 0 }],
    ['a negative amount of memory', 'box', { ...good, vramGb: -1 }],
    ['a field that does not exist', 'box', { ...good, cores: 8 }],
    ['a text for a description', 'box', 'RTX 4090'],
    ['the name of this machine', 'local', good],
    ['no name', '', good],
    ['a name of 65 characters', 'x'.repeat(65), good],
  ])('drop one with %s alone, and name it', (_what, name, description) => {
    const { settings, problems } = parseSettings({ hosts: { [name]: description, gpubox: good } });
    expect(settings.hosts).toEqual({ gpubox: good });
    expect(problems).toHaveLength(1);
    expect(problems[0]?.key).toMatch(/^modelPool\.hosts\./);
    expect(problems[0]?.key.length).toBeLessThan(90);
    expect(problems[0]?.message).toMatch(/\S{3}/);
  });

  it('are refused where they are no object', () => {
    for (const hosts of [[good], 'gpubox', null, 7]) expect(refused({ hosts })).toEqual(['modelPool.hosts']);
  });

  it('may have any other name', () => {
    for (const name of ['constructor', 'toString', 'fe80::1', 'Box 2 (büro)']) {
      expect(parseSettings({ hosts: { [name]: good } })).toMatchObject({ problems: [] });
      expect(Object.keys(parseSettings({ hosts: { [name]: good } }).settings.hosts)).toEqual([name]);
    }
  });
});

it('the kinds of backends are ids themselves, for a backend is called after its kind', () => {
  for (const kind of BACKEND_KINDS) expect(kind).toMatch(idPattern);
});
