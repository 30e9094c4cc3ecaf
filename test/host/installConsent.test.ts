import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { InstallPlan } from '../../src/engine/installs';
import type { InstallPreview } from '../../src/pool/poolInstalls';
import type { PoolEntry } from '../../src/pool/poolState';
import { consentText, refusalDetail, type ConsentFacts } from '../../src/ui/installConsent';
import { poolEntry } from '../support/poolEntries';

type PossiblePlan = Extract<InstallPlan, { readonly kind: 'possible' }>;

const GIB = 2 ** 30;
const NOW_MS = Date.parse('2026-11-21T12:00:00.000Z');
const FACTS: ConsentFacts = {
  settings: { poolAllowedOrgs: [], poolAutonomy: 'ask' },
  begunBytes: 0,
  nowMs: NOW_MS,
};

function planWith(change: Partial<InstallPreview> = {}): PossiblePlan {
  return {
    kind: 'possible',
    backendUrl: 'http://127.0.0.1:11434',
    licence: 'apache-2.0',
    gatedPage: null,
    estimatedGib: 8.2,
    request: {
      ...{ backend: 'ollama', ollamaName: 'qwen3:14b', hfRepoId: 'Qwen/Qwen3-14B', label: 'Qwen3 14B' },
      ...{ quant: 'Q4_K_M', initialScore: 60, consent: 'user' },
    },
    preview: {
      ...{ sizeBytes: 8 * GIB, budgetBytes: 100 * GIB, usedBytes: 31.2 * GIB, afterBytes: 39.2 * GIB },
      ...{ freeBytes: 210 * GIB, evictFirst: false, refusal: null },
      plan: { evict: [], freedGb: 0, remainingNeededGb: 0, kept: [] },
      ...change,
    },
  };
}

const old = poolEntry('qwen2.5:7b', {
  ...{ sizeOnDiskGb: 4.4, currentScore: 41, lastUsedAt: '2026-11-09T12:00:00.000Z' },
});
const unused = poolEntry('phi4:14b', { sizeOnDiskGb: 8.5, currentScore: 44 });

function making(room: Partial<InstallPreview['plan']>): Pick<InstallPreview, 'plan' | 'afterBytes'> {
  const plan = { evict: [old, unused], freedGb: 12.9, remainingNeededGb: 0, kept: [], ...room };
  return { plan, afterBytes: 26.3 * GIB };
}

describe('the dialog before an install', () => {
  it('says what is downloaded, the budget and the disk before and after, the licence and where', () => {
    const { message, detail } = consentText(planWith(), FACTS);
    assert.equal(message, 'Install qwen3:14b?');
    assert.deepEqual(detail.split('\n').slice(0, 7), [
      'Download: 8.0 GiB',
      'Pool: 31.2 GiB of 100 GiB now, then 39.2 GiB',
      'Free on its disk: 210 GiB now, then 202 GiB',
      'Licence: apache-2.0',
      'Through ollama at http://127.0.0.1:11434.',
      '',
      'Nothing is removed.',
    ]);
  });

  it('says where the conditions of a gated model are accepted before anything is downloaded', () => {
    const page = 'https://huggingface.co/google/gemma-3-4b-it-qat-q4_0-gguf';
    const { detail } = consentText({ ...planWith(), gatedPage: page }, FACTS);
    assert.equal(
      detail.split('\n')[4],
      `Gated: Hugging Face gives it only to accounts that have accepted its conditions at ${page} and know the key of your Ollama (https://huggingface.co/settings/keys).`,
    );
  });

  it('names what goes with its size, score and last use, and why these; a failed download costs nothing', () => {
    const { detail } = consentText(planWith(making({})), FACTS);
    assert.match(
      detail,
      new RegExp(
        [
          'Removed when it is installed, to stay within the disk budget \\(frees 12\\.9 GiB\\):',
          '• qwen2\\.5:7b: 4\\.4 GiB, score 41, last used 12 days ago',
          '• phi4:14b: 8\\.5 GiB, score 44, no use known',
          'If the download fails, they stay\\.',
          'Lowest score first, then longest unused, and only as many as are needed\\.',
        ].join('\n'),
      ),
    );
    assert.match(detail, /Pool: 31\.2 GiB of 100 GiB now, then 26\.3 GiB/);
    assert.match(detail, /Free on its disk: 210 GiB now, then 215 GiB/);
    assert.doesNotMatch(detail, /Nothing is removed/);
  });

  it('warns where models go before the download, which costs them if it fails', () => {
    const { detail } = consentText(planWith({ ...making({}), evictFirst: true, freeBytes: 9 * GIB }), FACTS);
    assert.match(detail, /Removed BEFORE the download.*too little room for both \(9\.0 GiB free\)/);
    assert.match(detail, /If the download then fails, they are gone all the same/);
    assert.doesNotMatch(detail, /they stay/);
  });

  it('names at most three that stay, those with a reason first, and counts the others', () => {
    const stays = (name: string): PoolEntry => poolEntry(name);
    const { detail } = consentText(
      planWith(
        making({
          kept: [
            { entry: stays('a'), reason: 'not-needed' },
            { entry: stays('b'), reason: 'not-needed' },
            { entry: stays('c'), reason: 'pinned' },
            { entry: stays('d'), reason: 'last-tool-capable' },
            { entry: stays('e'), reason: 'not-needed' },
          ],
        }),
      ),
      FACTS,
    );
    assert.match(
      detail,
      /Kept: c \(pinned\), d \(the last one that calls tools\), a \(need not go\) and 2 more\./,
    );
  });

  it('says what is not known: the size, the licence, the disk of another machine', () => {
    const unknown = planWith({ sizeBytes: null, afterBytes: 31.2 * GIB, freeBytes: null });
    const { detail } = consentText({ ...unknown, licence: null }, FACTS);
    assert.match(
      detail,
      /Download: about 8\.2 GiB by its parameters; the exact size is known once it begins/,
    );
    assert.match(detail, /Pool: 31\.2 GiB of 100 GiB now$/m);
    assert.match(detail, /Free on its disk: cannot be seen from here/);
    assert.match(detail, /Licence: not known here/);
    assert.doesNotMatch(detail, /then/);
  });

  it('warns of a download that is likely to fill the disk, where only its parameters say how big it is', () => {
    const { detail } = consentText(planWith({ sizeBytes: null, freeBytes: 8 * GIB }), FACTS);
    assert.match(detail, /Download: about 8\.2 GiB by its parameters, MORE THAN IS FREE ON ITS DISK/);
  });

  it('says what an earlier attempt has left', () => {
    const { detail } = consentText(planWith(), { ...FACTS, begunBytes: 3 * GIB });
    assert.match(detail, /Download: 8\.0 GiB, of which 3\.0 GiB are here already/);
  });

  it('offers to allow the organisation, and says what that means for what happens by itself', () => {
    const asking = consentText(planWith(), FACTS);
    assert.equal(asking.organisation, 'Qwen');
    assert.match(
      asking.detail,
      /Always Allow Qwen: .*proposes better models of Qwen; each waits for your word/,
    );
    const settings = { poolAllowedOrgs: ['qwen'], poolAutonomy: 'within-budget' } as const;
    const deciding = consentText(planWith(), { ...FACTS, settings });
    assert.equal(deciding.organisation, 'Qwen', 'upper and lower case count');
    assert.match(deciding.detail, /installs better models of Qwen by itself, within the budget/);
  });

  it('does not offer it where it is allowed already, or nobody knows whose model it is', () => {
    const allowed = { ...FACTS.settings, poolAllowedOrgs: ['Qwen'] };
    assert.equal(consentText(planWith(), { ...FACTS, settings: allowed }).organisation, null);
    const plan = planWith();
    const nameless = { ...plan, request: { ...plan.request, hfRepoId: null } };
    const { organisation, detail } = consentText(nameless, FACTS);
    assert.equal(organisation, null);
    assert.doesNotMatch(detail, /Always Allow/);
  });

  it('gives way to the reason of a refusal, the figures and what stays in the way', () => {
    const refusal = { code: 'budget_exceeded', message: 'It would exceed the budget.' } as const;
    const kept = [{ entry: old, reason: 'pinned' }] as const;
    const plan = { evict: [unused], freedGb: 8.5, remainingNeededGb: 3, kept };
    const detail = refusalDetail(planWith({ refusal, plan, budgetBytes: 36 * GIB }));
    assert.deepEqual(detail.split('\n'), [
      'It would exceed the budget.',
      'Pool: 31.2 GiB of 36.0 GiB now',
      'Free on its disk: 210 GiB now',
      'Not enough even without: phi4:14b.',
      'Kept: qwen2.5:7b (pinned).',
    ]);
  });
});
