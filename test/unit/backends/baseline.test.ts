import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { BACKEND_KIND_TABLE } from '../../../src/backends/backendKinds';
import { ModelIdentity } from '../../../src/engine/modelIdentity';
import { validateRow } from '../../../src/registry/validateRow';
import { BACKEND_KINDS } from '../../../src/shared/settings';
import { httpClient, serveJson } from './loopback';
import { CONTRACT_KINDS } from './support/contractKinds';

const root = path.join(import.meta.dirname, '../../..');

const baselineFile = z.strictObject({
  observedAt: z.iso.date(),
  sources: z.array(z.url({ protocol: /^https$/ })).min(1),
  kinds: z.partialRecord(
    z.enum(BACKEND_KINDS),
    z.array(
      z.strictObject({
        provider: z.string(),
        models: z
          .array(
            z.strictObject({
              modelId: z.string(),
              displayName: z.string(),
              capabilities: z.strictObject({
                tools: z.boolean().optional(),
                vision: z.boolean().optional(),
                thinking: z.boolean().optional(),
                contextLength: z.int().positive().optional(),
              }),
            }),
          )
          .min(1),
      }),
    ),
  ),
});

const text = readFileSync(path.join(root, 'data/baseline.json'), 'utf8');
const { kinds, sources, observedAt } = baselineFile.parse(JSON.parse(text));
const rows = BACKEND_KINDS.flatMap((kind) => (kinds[kind] ?? []).map((row) => ({ kind, ...row })));

describe('the bundled rows for a cold start', () => {
  it('are of every hosted kind and of no other', () => {
    const hosted = BACKEND_KINDS.filter((kind) => BACKEND_KIND_TABLE[kind].hosted);
    expect(Object.keys(kinds).sort()).toEqual([...hosted].sort());
  });

  it('can all be stored, and hold each model once', () => {
    for (const { kind, provider, models } of rows) {
      const result = validateRow({
        ...{ backend: kind, provider, source: 'baseline', models },
        ...{ refreshedAt: Date.parse(observedAt) * 1_000, refreshedMono: 0, bootId: 'baseline' },
      });
      expect(result).toMatchObject({ ok: true, dropped: [] });
    }
  });

  it('stand under the provider under which a probe writes the same models', () => {
    const identity = new ModelIdentity(() => Promise.reject(new Error('not needed')));
    for (const { kind, provider, models } of rows) {
      for (const model of models) {
        const { modelId, displayName } = model;
        expect(identity.providerOf({ modelId, displayName, capabilities: {} }, kind)).toBe(provider);
      }
    }
  });

  it('are models that a probe would list as ones that chat', async () => {
    for (const { kind, models } of rows) {
      const contract = CONTRACT_KINDS.find((each) => each.kind === kind);
      if (contract === undefined) throw new Error(`no contract for ${kind}`);
      const { url } = await serveJson(contract.answers(models.map(({ modelId }) => contract.entry(modelId))));
      const config = { id: kind, kind, url, host: 'local', headers: {} };
      const backend = BACKEND_KIND_TABLE[kind].create({ config, http: httpClient() });
      const result = await backend.probe(new AbortController().signal);
      if (result.readiness !== 'ok') throw new Error(result.message);
      expect(result.models.filter(({ capabilities }) => capabilities.embedding !== true)).toHaveLength(
        models.length,
      );
    }
  });

  it('have their sources in the provenance', () => {
    const provenance = readFileSync(path.join(root, 'data/PROVENANCE.md'), 'utf8');
    for (const source of sources) {
      const page = source.replace(/^https:\/\/(?:github\.com\/)?/, '');
      expect(provenance, source).toContain(page);
    }
  });
});
