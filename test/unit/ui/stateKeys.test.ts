import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RegisteredModel } from '../../../src/registry/row';
import { CONTEXT_KEYS } from '../../../src/ui/manifest/views';
import { EVENT_KEYS, stateKeys, type StateKey, type StateKeySources } from '../../../src/ui/stateKeys';
import { repositoryRoot } from '../../support/repository';

type Entry = ReturnType<StateKeySources['installs']['entryOf']>;

/** How things are: nothing but what is given. `ollama` is a server that installs, whatever else is there. */
interface State {
  readonly backends?: readonly string[];
  readonly hosts?: readonly string[];
  readonly chatModels?: number;
  /** Models of `ollama`, each with its entry in the pool; undefined: outside of it. */
  readonly models?: readonly Entry[];
  readonly proposals?: readonly ('open' | 'installing' | 'rejected')[];
  readonly allowed?: readonly string[];
  readonly comparedAt?: string;
}

const IN_POOL = { origin: 'pool', pinned: false } as const;

function keysIn(state: State): Readonly<Record<StateKey, boolean>> {
  const { models = [] } = state;
  const served = models.map((_entry, index) => modelOf('ollama', index));
  return stateKeys({
    registry: { backends: () => (state.backends ?? []).map((id) => ({ id })) },
    hosts: { known: () => ['local', ...(state.hosts ?? [])] },
    served: {
      chat: () => Array.from({ length: state.chatModels ?? 0 }),
      all: () => [...served, modelOf('llama', 0)],
    },
    installs: {
      canInstallOn: (backend) => backend === 'ollama',
      entryOf: (model) => models[served.indexOf(model)],
    },
    pool: {
      proposals: { all: (state.proposals ?? []).map((status) => ({ status })) },
      manager: { snapshot: () => ({ lastRefreshAt: state.comparedAt ?? null }) },
    },
    settings: { poolAllowedOrgs: state.allowed ?? [] },
  });
}

function modelOf(backend: string, index: number): RegisteredModel {
  const name = `model-${index}`;
  return {
    ...{ backend, provider: 'maker', modelId: name, displayName: name, source: 'probe', capabilities: {} },
    ...{ fresh: true, refreshedAt: 0 },
  };
}

/** For each key a state in which it holds, and the one next to it in which it does not. */
const TURNS: Readonly<
  Record<Exclude<StateKey, 'ready'>, readonly (readonly [set: State, cleared: State])[]>
> = {
  hasBackends: [[{ backends: ['llama'] }, {}]],
  hasHosts: [[{ hosts: ['gpubox'] }, {}]],
  hasChatModels: [[{ chatModels: 1 }, {}]],
  hasInstallable: [[{ backends: ['llama', 'ollama'] }, { backends: ['llama'] }]],
  hasPinnable: [
    [{ models: [IN_POOL] }, { models: [{ ...IN_POOL, pinned: true }] }],
    [{ models: [undefined, IN_POOL] }, { models: [undefined] }],
    [{ models: [IN_POOL] }, { models: [{ ...IN_POOL, origin: 'user' }] }],
    // One that goes already is kept by nothing.
    [{ models: [IN_POOL] }, { models: [{ ...IN_POOL, pendingEviction: true }] }],
  ],
  hasPinned: [
    [{ models: [{ ...IN_POOL, pinned: true }] }, { models: [IN_POOL] }],
    [{ models: [{ ...IN_POOL, pinned: true }] }, { models: [] }],
  ],
  hasOutside: [[{ models: [IN_POOL, undefined] }, { models: [IN_POOL] }]],
  hasProposals: [[{ proposals: ['rejected', 'open'] }, { proposals: ['rejected', 'installing'] }]],
  hasAllowed: [[{ allowed: ['Qwen'] }, {}]],
  hasCompared: [[{ comparedAt: '2026-11-22T00:00:00.000Z' }, {}]],
};

describe('the keys that when clauses read', () => {
  it.each(Object.entries(TURNS))('%s is set and cleared with what it stands for', (key, turns) => {
    for (const [set, cleared] of turns) {
      expect(keysIn(set)).toHaveProperty(key, true);
      expect(keysIn(cleared)).toHaveProperty(key, false);
    }
  });

  it('are not set where nothing is there but the extension', () => {
    const { ready, ...others } = keysIn({});
    expect(ready).toBe(true);
    expect(Object.values(others)).not.toContain(true);
  });

  it('are all of the manifest, each with what sets it', () => {
    const states = Object.keys(keysIn({}));
    expect([...states, ...EVENT_KEYS].sort()).toEqual(Object.keys(CONTEXT_KEYS).sort());
    const sources = ['contextKeys', 'lookForServers']
      .map((file) => readFileSync(path.join(repositoryRoot, 'src', 'ui', `${file}.ts`), 'utf8'))
      .join('');
    for (const key of EVENT_KEYS)
      expect(sources, key).toMatch(
        new RegExp(`set\\('${key}', true\\)|'setContext', CONTEXT_KEYS\\.${key},`),
      );
  });
});
