import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { HardwareProfile, HardwareWarningCode } from '../../src/hardware/profile';
import { chatNames } from '../../src/ui/chatModels';
import { hasUnseenHardware } from '../../src/ui/machineText';
import { plainText } from '../../src/ui/modelText';
import { shortModelName } from '../../src/shared/shortModelName';
import { settingProblemText } from '../../src/ui/settingProblems';
import { parseSettings } from '../../src/shared/settings';

describe("a served model's name", () => {
  const short: readonly (readonly [string, string, string])[] = [
    ['qwen3:14b', 'qwen', 'qwen3:14b'],
    ['hf.co/bartowski/google_gemma-3-4b-it-GGUF:Q4_K_M', 'google', 'gemma-3-4b-it'],
    ['hf.co/unsloth/Qwen3-8B-GGUF:UD-Q4_K_XL', 'qwen', 'Qwen3-8B'],
    ['huggingface.co/unsloth/Qwen3-8B-GGUF', 'qwen', 'Qwen3-8B'],
    ['hf.co/owner/google_like-name:Q8_0', 'local', 'google_like-name'],
    ['library/model:tag', 'local', 'library/model:tag'],
    ['/models/some-file.gguf', 'local', '/models/some-file.gguf'],
    ['', 'local', ''],
  ];
  for (const [name, provider, expected] of short) {
    it(`"${name}" of ${provider} is "${expected}" on a row`, () => {
      assert.equal(shortModelName(name, provider), expected);
    });
  }
});

describe("models in the chat's list", () => {
  const of = (displayName: string): { displayName: string; provider: string } => ({
    displayName,
    provider: 'google',
  });
  const small = of('hf.co/bartowski/google_gemma-3-4b-it-GGUF:Q4_K_M');
  const large = of('hf.co/bartowski/google_gemma-3-4b-it-GGUF:Q8_0');
  const other = of('gemma3:4b');

  it('have their short names', () => {
    assert.deepEqual([small, other].map(chatNames([small, other])), ['gemma-3-4b-it', 'gemma3:4b']);
  });

  it('have their whole names where two builds would be named alike', () => {
    assert.deepEqual(
      [small, large, other].map(chatNames([small, large, other])),
      [small, large, other].map(({ displayName }) => displayName),
    );
  });

  it('have their short names where two servers have the same build', () => {
    assert.deepEqual([small, small].map(chatNames([small, { ...small }])), [
      'gemma-3-4b-it',
      'gemma-3-4b-it',
    ]);
  });
});

describe('the sentences', () => {
  it('on rows and in lists show no Markdown', () => {
    assert.equal(plainText('Start Ollama with `ollama serve`.'), 'Start Ollama with "ollama serve".');
  });

  it('about a setting stand on one line, name its key, and end', () => {
    const { problems } = parseSettings({ backends: [{ id: 'a', kind: 'other', url: 'x' }], task: 'cooking' });
    assert.equal(problems.length, 2);
    for (const problem of problems) {
      const text = settingProblemText(problem);
      assert.match(text, /^The setting modelPool\.(backends\[0\]|route\.task) is not used: [^\n✖→]+\.$/);
    }
  });
});

describe('the machine', () => {
  const profileWith = (code: HardwareWarningCode): HardwareProfile => ({
    ...{ platform: 'cpu', host: 'local', accelerators: [], groups: [], source: 'cpu' },
    ...{
      memory: { totalGib: 16, bandwidthGBps: 24, basis: 'assumed' },
      cpu: { name: 'CPU', logicalCores: 2 },
    },
    ...{ vramGb: 0, ramGb: 16, bandwidthGbps: 24, cpuName: 'CPU', detectedAt: '2026-11-21T00:00:00Z' },
    warnings: [{ code, message: 'x' }],
  });

  it('is marked where a GPU may be there that was not seen', () => {
    assert.equal(hasUnseenHardware(profileWith('nvidia_probe_failed')), true);
    assert.equal(hasUnseenHardware(profileWith('gpu_not_visible')), true);
  });

  it('is not marked where only a rate is assumed', () => {
    assert.equal(hasUnseenHardware(profileWith('cpu_unmapped_family')), false);
  });
});
