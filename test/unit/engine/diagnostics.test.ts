import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { diagnosticsText, storageSizes, type DiagnosticsFacts } from '../../../src/engine/diagnostics';
import { DEFAULT_SETTINGS } from '../../../src/shared/settings';

const KEY = 'sk-~proj-AbCdEfGhIjKlMnOpQrSt'.replace('~', '');

const FACTS: DiagnosticsFacts = {
  at: '2026-11-21T08:00:00.000Z',
  extensionVersion: '0.1.0',
  editorVersion: '1.127.0',
  nodeVersion: '24.1.0',
  system: 'linux 6.8.0 x64',
  remoteName: 'wsl',
  homeFolder: '/home/mine',
  windowId: 'w12-abcdef01',
  leads: true,
  storage: {
    status: { state: 'open', generation: 42 },
    ...{ stateBytes: 2_097_152, transcriptBytes: 1_024, transcriptFiles: 3 },
  },
  leases: [
    { windowId: 'w13-aa', models: ['sha256:1'] },
    { windowId: 'w14-bb', models: 'unknown' },
  ],
  backends: [
    {
      ...{
        id: 'ollama',
        kind: 'ollama',
        url: 'http://me:hunter22@gpubox:11434/private?key=abc',
        host: 'gpubox',
      },
      ...{
        readiness: 'unauthorized',
        probing: false,
        version: '0.9.1',
        lastProbeAt: '2026-11-21T07:59:00.000Z',
      },
      message: `gpubox refuses the key ${KEY}.`,
    },
  ],
  rows: [
    {
      ...{ backend: 'ollama', provider: 'qwen', source: 'probe', refreshedMono: 1, bootId: 'b' },
      refreshedAt: Date.parse('2026-11-21T07:58:00Z') * 1_000,
      models: [{ modelId: 'qwen3:8b', displayName: 'qwen3:8b', capabilities: {} }],
    },
  ],
  settings: {
    ...DEFAULT_SETTINGS,
    probeLocalMinutes: 5,
    backends: [
      {
        ...{ id: 'ollama', kind: 'ollama', url: 'http://me:hunter22@gpubox:11434/private' },
        headers: { Authorization: 'Bearer swordfish-1' },
      },
    ],
  },
  settingProblems: [],
};

describe('diagnosticsText', () => {
  it('tells versions, storage, windows, backends, rows, machine and changed settings', () => {
    expect(diagnosticsText(FACTS)).toBe(`## Model Pool diagnostics, 2026-11-21T08:00:00.000Z

### Versions

- Model Pool 0.1.0
- VS Code 1.127.0, Node 24.1.0
- linux 6.8.0 x64
- remote: wsl

### Storage

- state: open, generation 42
- state files: 2.0 MiB; records: 1.0 KiB in 3 files
- window w12-abcdef01 does the background work of all windows

### Models in use in other windows

- window w13-aa: sha256:1
- window w14-bb: cannot be read

### Backends

- ollama (ollama) at http://gpubox:11434: unauthorized, version 0.9.1, last probe 2026-11-21T07:59:00.000Z, last good one never, gpubox refuses the key [REDACTED:api_key].

### Registry rows

- ollama/qwen: 1 models, from probe, 2026-11-21T07:58:00.000Z

### Machine

- not detected yet

### Settings that differ from the defaults

- modelPool.backends: ollama (ollama) at http://gpubox:11434, 1 headers
- modelPool.probe.localMinutes: 5
`);
  });

  it('shows no key, no value of a header and no home folder, wherever they stand', () => {
    const text = diagnosticsText({
      ...FACTS,
      storage: {
        ...FACTS.storage,
        status: { state: 'degraded', message: 'The folder /home/mine/.config/Code cannot be written.' },
        transcriptProblem: String.raw`C:\Users\Somebody\AppData and "C:\\Users\\Somebody\\x" are full`,
      },
      settingProblems: ['modelPool.hardware.override at /Users/somebody/settings.json'],
      logLines: [`sent ${KEY} from /home/mine/work`, 'before\n```\nafter', '{"prompt":"a private question"}'],
    });
    for (const secret of ['hunter22', 'swordfish', 'AbCdEf', '/home', 'mine', 'omebody', 'private']) {
      expect(text).not.toContain(secret);
    }
    expect(text).toContain('degraded: The folder ~/.config/Code cannot be written.');
    expect(text).toContain('sent [REDACTED:api_key] from ~/work');
    expect(text.match(/```/g)).toHaveLength(2);
  });

  it('hides the home folder of a user who has another one', () => {
    const problem = 'see /srv/ada/.vscode-server/data';
    expect(diagnosticsText({ ...FACTS, homeFolder: '/srv/ada', settingProblems: [problem] })).toContain(
      '- see ~/.vscode-server/data',
    );
    // One that is the root of all would hide every slash.
    expect(diagnosticsText({ ...FACTS, homeFolder: '/', settingProblems: [problem] })).toContain(
      `- ${problem}`,
    );
  });

  it('is bounded, whatever there is to tell', () => {
    const [backend] = FACTS.backends;
    const [row] = FACTS.rows;
    const text = diagnosticsText({
      ...FACTS,
      backends: Array.from({ length: 500 }, () => ({ ...backend, message: 'x '.repeat(5_000) })) as never,
      rows: Array.from({ length: 5_000 }, () => row) as never,
      logLines: Array.from({ length: 10_000 }, (_, n) => `line ${n} ${'x '.repeat(5_000)}`),
    });
    expect(text.length).toBeLessThanOrEqual(60_000);
    expect(text).toContain('- and 450 more');
    expect(text).toContain('- and 4950 more');
  });
});

describe('storageSizes', () => {
  it('counts the state and the records, and nothing where there is nothing', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'sizes-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    expect(await storageSizes(path.join(folder, 'missing'))).toEqual({
      ...{ stateBytes: 0, transcriptBytes: 0, transcriptFiles: 0 },
    });
    await mkdir(path.join(folder, 'transcript'));
    await writeFile(path.join(folder, 'state.1.sqlite'), 'abc');
    await writeFile(path.join(folder, 'state.2.sqlite'), 'abcd');
    await writeFile(path.join(folder, 'leader.lock'), 'abcd');
    await writeFile(path.join(folder, 'transcript', '20261121-w.jsonl'), 'abcde');
    expect(await storageSizes(folder)).toEqual({ stateBytes: 7, transcriptBytes: 5, transcriptFiles: 1 });
  });
});
