import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { RegisteredModel } from '../../src/registry/row';
import type { Measurement } from '../../src/shared/modelRef';
import { ServedModelItem, type ServedModelFacts } from '../../src/ui/servedModelItem';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

const MODEL: RegisteredModel = {
  ...{ backend: 'ollama', provider: 'qwen', modelId: 'qwen3:8b', displayName: 'qwen3:8b', source: 'probe' },
  ...{ fresh: true, refreshedAt: 0 },
  capabilities: { quant: 'Q4_K_M', sizeBytes: 5 * 2 ** 30, contextLength: 131_072, digest: DIGEST },
};

const FACTS: ServedModelFacts = {
  ...{
    picked: false,
    busy: false,
    removable: true,
    own: true,
    callsTools: undefined,
    toolCalling: undefined,
  },
  ...{ measured: null, contextTokens: undefined, host: 'this machine', reachable: true, entry: undefined },
  ...{ stoppable: false, ranked: false, fits: true, rankLines: [] },
};

function shown(model: RegisteredModel, facts: Partial<ServedModelFacts>): { row: string; card: string } {
  const { description, tooltip } = new ServedModelItem(model, { ...FACTS, ...facts });
  assert.ok(tooltip instanceof vscode.MarkdownString);
  return { row: String(description), card: tooltip.value.replaceAll('\\', '') };
}

describe('what is seen of a served model', () => {
  it('says on its row that it does not call tools, and nothing where it does or nobody knows', () => {
    assert.equal(shown(MODEL, { callsTools: false }).row, 'Q4_K_M · 5.0 GiB · no tool calling');
    for (const callsTools of [true, undefined])
      assert.equal(shown(MODEL, { callsTools }).row, 'Q4_K_M · 5.0 GiB');
  });

  it('says on its row that it is loaded, and in its card how much of its context is allocated', () => {
    const { row, card } = shown({ ...MODEL, running: { contextTokens: 8_192 } }, {});
    assert.equal(row, 'Q4_K_M · 5.0 GiB · loaded');
    assert.match(card, /Context 8k of 128k/);
  });

  it('names in its card where it runs and its digest, as short as people compare it', () => {
    const { card } = shown(MODEL, {});
    assert.match(card, /Backend ollama on this machine, models of qwen/);
    assert.ok(card.includes('Digest sha256:0123456789ab'));
    assert.ok(!card.includes(DIGEST));
  });

  it('says in its card what was measured of it', () => {
    const measured: Measurement = {
      ...{ hostId: 'local', digest: DIGEST, quant: 'Q4_K_M', contextTokens: 8_192 },
      ...{ from: 'measure', decodeTokPerSec: 34, measuredAt: '2026-11-22T00:00:00.000Z' },
    };
    assert.match(shown(MODEL, { measured }).card, /Measured at 34 tok\/s with a context of 8k/);
  });
});
