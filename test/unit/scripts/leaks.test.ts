import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keepEditorFiles, keepEvidence, keepPrivate } from '../../../scripts/test/evidence.mjs';
import { findLeaks, scanForLeaks } from '../../../scripts/test/leaks.mjs';
import { PRIVATE_TEXTS } from '../../../scripts/test/privateTexts.mjs';
import { describeModel } from '../../fakes/ollama/package';
import { answerOf } from '../../fakes/ollama/script';
import type { StoredModel } from '../../fakes/ollama/store';
import { SCRIPTED_ANSWER } from '../../support/scriptedModel';

const DIARY = { kind: 'content', text: 'Dear diary, on Tuesday "Bo" lent me 9 €' } as const;
const KEY = { kind: 'secret', text: 'sk-planted-0123456789' } as const;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'leaks-'));
  vi.stubEnv('MODEL_POOL_EVIDENCE', folder);
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const leaksOf = (text: string): readonly string[] => {
  writeFileSync(path.join(folder, 'log.txt'), `first line\n${text}\n`);
  return scanForLeaks(folder, [DIARY, KEY]).leaks;
};

describe('the scan for leaks', () => {
  it.each([
    ['the whole text', `a log line with ${DIARY.text} in it`],
    ['its begin', `what is cut: ${DIARY.text.slice(0, 12)}…`],
    ['its end', `…${DIARY.text.slice(-12)}`],
    ['a piece of its middle', DIARY.text.slice(9, 21)],
    ['it in JSON', JSON.stringify({ error: { message: DIARY.text.slice(15, 30) } })],
    ['it in JSON inside JSON', JSON.stringify(JSON.stringify({ content: DIARY.text.slice(15, 30) }))],
    ['it in an address', `GET /?q=${encodeURIComponent(DIARY.text)}`],
    ['it in Base64', Buffer.from(`${DIARY.text} and more`).toString('base64')],
    ['half of a secret', `refused ${KEY.text.slice(0, 8)}`],
    ['the end of a secret', KEY.text.slice(-8)],
  ])('finds %s', (_what, planted) => {
    const leaks = leaksOf(planted);
    expect(leaks).toHaveLength(1);
    expect(leaks[0]).toMatch(/^log\.txt:2 has of the (?:content "Dear diary|secret "sk-planted)/);
  });

  it('finds a text between the bytes of a database', () => {
    const bytes = Buffer.concat([Buffer.from([0, 0xff, 0xc3]), Buffer.from(DIARY.text), Buffer.from([0x80])]);
    writeFileSync(path.join(folder, 'state.db'), bytes);
    expect(scanForLeaks(folder, [DIARY]).leaks).toHaveLength(1);
  });

  it.each([
    ['a record without private texts', JSON.stringify({ outcome: { kind: 'served', contentLen: 40 } })],
    ['a few words that everybody uses', 'Dear diary!'],
    ['a piece of a secret that is too short to tell', 'sk-plan'],
    ['nothing', ''],
  ])('finds no leak in %s', (_what, text) => {
    expect(leaksOf(text)).toEqual([]);
  });

  it('takes no run of spaces for a leak', () => {
    writeFileSync(path.join(folder, 'log.txt'), `{${' '.repeat(40)}}`);
    expect(scanForLeaks(folder, [{ kind: 'content', text: `a${' '.repeat(40)}b` }]).leaks).toEqual([]);
  });
});

describe('what tests keep', () => {
  it('is scanned for what they note as private, however long that is', () => {
    const long = `${DIARY.text} ${'word '.repeat(100_000)} and ${KEY.text}`;
    keepPrivate('content', long);
    keepEvidence('engine', 'a good line');
    expect(scanForLeaks(folder, [])).toMatchObject({ files: 1, bytes: 12, texts: 2, leaks: [] });
    keepEvidence('engine', `a line with ${DIARY.text.slice(5, 20)}`);
    keepEvidence('rig', `another with ${KEY.text.slice(-12)}`);
    const { files, leaks } = scanForLeaks(folder, []);
    expect(files).toBe(2);
    expect(leaks.map((leak) => leak.slice(0, leak.indexOf(' has')))).toEqual([
      `engine-${process.pid}.txt:2`,
      `rig-${process.pid}.txt:1`,
    ]);
  });

  it('has of an editor our logs and all that we store, and nothing that is VS Code’s own', () => {
    const data = mkdtempSync(path.join(tmpdir(), 'leaks-'));
    try {
      const storage = 'User/globalStorage/modelpool.model-pool';
      for (const file of [
        'logs/1/exthost1/modelpool.model-pool/Model Pool.log',
        'logs/1/exthost1/remoteexthost.log',
        `${storage}/transcripts/a.jsonl`,
        `${storage}/state.sqlite`,
        'logs/1/chat.log',
        'User/workspaceStorage/1/chatSessions/1.json',
      ]) {
        mkdirSync(path.dirname(path.join(data, file)), { recursive: true });
        writeFileSync(path.join(data, file), DIARY.text);
      }
      keepEditorFiles(data);
      expect(scanForLeaks(folder, [DIARY]).leaks).toHaveLength(4);
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
  });

  it('is nothing outside of `npm test`', () => {
    vi.stubEnv('MODEL_POOL_EVIDENCE', undefined);
    keepEvidence('engine', 'a line');
    keepPrivate('content', DIARY.text);
    keepEditorFiles(folder);
    expect(scanForLeaks(folder, [])).toMatchObject({ files: 0, texts: 0 });
  });
});

describe('the step', () => {
  beforeEach(() => {
    for (const step of ['unit', 'e2e']) mkdirSync(path.join(folder, step));
  });

  it('passes when every step left something, and nothing leaks', () => {
    for (const step of ['unit', 'e2e']) writeFileSync(path.join(folder, step, 'log.txt'), 'a good line\n');
    expect(findLeaks(folder, { isPart: false })).toEqual({ passed: 1, failed: 0, failures: [] });
  });

  it('fails when a whole step left nothing, but not when only a part of it ran', () => {
    writeFileSync(path.join(folder, 'unit', 'log.txt'), 'a good line\n');
    vi.stubEnv('MODEL_POOL_EVIDENCE', path.join(folder, 'e2e'));
    keepPrivate('content', 'what was asked is no evidence');
    expect(findLeaks(folder, { isPart: false })).toEqual({
      ...{ passed: 0, failed: 1 },
      failures: ['e2e left nothing to scan'],
    });
    expect(findLeaks(folder, { isPart: true })).toMatchObject({ passed: 1, failed: 0 });
  });

  it('fails on a leak, and says where it is', () => {
    writeFileSync(path.join(folder, 'unit', 'log.txt'), `a good line\n${SCRIPTED_ANSWER}\n`);
    const { failed, failures } = findLeaks(folder, { isPart: true });
    expect(failed).toBe(1);
    expect(failures?.[0]).toContain(`${path.join('unit', 'log.txt')}:2 has of the content "Hello from one`);
  });
});

it('knows what the scripted models say', () => {
  const known: readonly string[] = PRIVATE_TEXTS.map(({ text }) => text);
  expect(known).toContain(SCRIPTED_ANSWER);
  for (const question of ['hi', 'loop']) {
    const said = saidTo(question);
    const parts = known.filter((text) => said.includes(text));
    // What it thinks, and what it answers.
    expect(parts, said).toHaveLength(2);
  }
});

/** The begin of what the fake Ollama thinks and answers. */
function saidTo(lastText: string): string {
  const model: StoredModel = {
    name: { host: '', namespace: '', model: 'm', tag: 'latest' },
    package: describeModel({ family: 'qwen3', capabilities: ['completion', 'thinking'] }),
    digest: '',
    modifiedAtMs: 0,
  };
  let said = '';
  for (const piece of answerOf(model, { isQuestion: true, lastText, think: true, tools: [] })) {
    if ('text' in piece) said += piece.text;
    if (said.length > 1_000) break;
  }
  return said;
}
