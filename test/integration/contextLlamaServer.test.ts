import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServedModels } from '../../src/engine/servedModels';
import type { RegisteredModel } from '../../src/registry/row';
import type { ModelRef } from '../../src/shared/modelRef';
import { chatLimits } from '../../src/ui/chatLimits';
import { startLlamaServer, type LlamaServer } from '../support/llamaServer';
import { openTrialHouse, type TrialHouse } from '../support/trialHouse';
import { hear } from '../unit/dispatch/support/rig';

const NEVER = new AbortController().signal;
const TINY: ModelRef = { backend: 'served', provider: 'local', modelId: 'tiny' };
const SLOTS = 4;

/** `/props` as the server itself says it, without our schema. */
async function propsOf(server: LlamaServer): Promise<{ slots: number; nCtx: number }> {
  const props = (await (await fetch(`${server.url}/props`)).json()) as {
    readonly total_slots: number;
    readonly default_generation_settings: { readonly n_ctx: number };
  };
  return { slots: props.total_slots, nCtx: props.default_generation_settings.n_ctx };
}

/** The generated model was made for 2,048 tokens. */
describe.each([
  // Each slot has its part of the context.
  ['a cache for each slot', ['--ctx-size', '2048', '--no-kv-unified'], 2_048 / SLOTS],
  // Any slot may take all of it.
  ['one cache for all slots', ['--ctx-size', '2048', '--kv-unified'], 2_048],
  // It gives less than it was started with.
  ['more than its model was made for', ['--ctx-size', '8192', '--kv-unified'], 2_048],
] as const)('the context of a real llama-server with %s', (_what, args, perCall) => {
  let server: LlamaServer;
  let house: TrialHouse;
  beforeAll(async () => {
    server = await startLlamaServer({
      args: ['--parallel', String(SLOTS), ...args],
    });
    house = await openTrialHouse({
      configs: [{ id: 'served', kind: 'llama_server', url: server.url, host: 'local', headers: {} }],
    });
  }, 60_000);
  afterAll(async () => {
    // First what would outlive a failed test.
    await server.stop();
    await house.close();
  });

  function find(): RegisteredModel {
    const model = house.registry.find(TINY.backend, TINY.provider, TINY.modelId);
    if (!model) throw new Error('not listed');
    return model;
  }

  it('is what its /props says that one call can have, in the row and in the limits of the chat', async () => {
    expect(await propsOf(server)).toEqual({ slots: SLOTS, nCtx: perCall });
    const served = new ServedModels({
      ...{ registry: house.registry, canonicalId: () => undefined, hostOf: () => 'local', ranked: () => [] },
      ...{ kindOf: () => 'llama_server', isService: () => false, triedToolCalling: () => undefined },
      contextFor: (model) => house.trials.contextFor(model),
    });
    expect(find().running?.contextTokens).toBe(perCall);
    expect(find().capabilities.allocatedContext).toBe(perCall);
    expect(served.contextOf(find())).toBe(perCall);
    const { maxInputTokens, maxOutputTokens } = chatLimits(served.contextOf(find()));
    expect(maxInputTokens + maxOutputTokens).toBe(perCall);
  });

  it('is neither asked for nor chosen anew: the server fixed it when it was started', async () => {
    expect(house.trials.contextFor(find(), 100_000)).toBeNull();
    expect(await house.trials.contextFacts(find())).toBeNull();
    const warmed = await house.trials.warm(TINY, { signal: NEVER, minContext: 100_000 });
    expect(warmed).toMatchObject({ ok: true, loaded: false, contextAsked: null, contextTokens: perCall });
    await hear(
      house.dispatcher.dispatch({
        ...{ model: TINY, sessionId: 'ask', messages: [{ role: 'user', content: 'hi' }] },
        parameters: { maxTokens: 4 },
      }),
    );
    expect(house.records.at(-1)).toMatchObject({ contextRequested: null, contextAllocated: perCall });
  });

  it('is what really bounds a call', async () => {
    const answer = await fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ model: 'tiny', max_tokens: 1 },
        messages: [{ role: 'user', content: 'word '.repeat(perCall) }],
      }),
    });
    expect(answer.status).toBe(400);
    const said = (await answer.json()) as { readonly error: { readonly n_ctx?: number } };
    expect(said.error.n_ctx).toBe(perCall);
  });
});
