import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DispatcherOptions } from '../../../src/dispatch/dispatcher';
import { explainRoute } from '../../../src/dispatch/explanation';
import { modelRefKey } from '../../../src/shared/modelRef';
import { FakeClock } from '../../fakes/fakeClock';
import { plainSources } from '../../support/routeSources';
import type { Loopback } from './support/loopback';
import { NO_FAILURES } from './support/routeRig';
import type { Rig } from './support/rig';
import { chatRequest, hear, REF, startRig } from './support/rig';
import * as scene from './support/scenes';

/** Behind the first one by its name, which decides where nothing else does. */
const BETTER = { backend: 'spare', provider: 'openai', modelId: 'better' };

const LONG = { timeout: 10_000 };

let server: Loopback;
let rig: Rig;
/** Settles the ranking that the last call has asked for; null where none did. */
let ranked: (() => void) | null;
let isRanked: boolean;
let clock: FakeClock;

/** Two models of which the better one is known for it only once they are ranked. */
const choice = {
  pick: () => undefined,
  candidates: () =>
    [...rig.registry.listAllByBackend().values()].flat().map((model) => ({
      ...{ model, host: 'local' },
      score: isRanked ? (modelRefKey(model) === modelRefKey(BETTER) ? 80 : 60) : null,
    })),
  missingRanking: () =>
    isRanked
      ? undefined
      : () =>
          new Promise<void>((resolve) => {
            ranked = () => {
              isRanked = true;
              resolve();
            };
          }),
} satisfies Partial<DispatcherOptions>;

beforeEach(async () => {
  server = await scene.startScenes(scene.says('hello'));
  clock = new FakeClock();
  ranked = null;
  isRanked = false;
  rig = await startRig({
    ...{ url: server.url, kind: 'ollama' },
    others: [{ ref: BETTER, url: server.url, kind: 'ollama' }],
    change: { ...choice, clock },
  });
});
afterEach(async () => {
  await rig.close();
  await server.close();
});

describe('a call of the best model before its task is ranked', () => {
  it('waits for the ranking and goes by it, which its record tells with the wait in its time', async () => {
    const heard = hear(rig.dispatcher.dispatch(chatRequest()));
    await expect.poll(() => ranked, LONG).not.toBeNull();
    await clock.advance(90);
    ranked?.();
    expect((await heard).text).toBe('hello');
    expect(rig.records()).toMatchObject([
      {
        ...{ model: 'better', provenance: { model: 'catalog_default' } },
        ...{ startedAt: '2026-11-21T00:00:00.000Z', durationMs: 90 },
      },
    ]);
  });

  it('goes without it where that takes two seconds', async () => {
    const heard = hear(rig.dispatcher.dispatch(chatRequest()));
    await expect.poll(() => clock.nextDueMs, LONG).toBe(2_000);
    await clock.advance(2_000);
    expect((await heard).text).toBe('hello');
    expect(rig.records()).toMatchObject([{ model: REF.modelId, outcome: { kind: 'served' } }]);
  });

  it('is over at once when it is cancelled meanwhile, and says that no model was chosen', async () => {
    const controller = new AbortController();
    const heard = hear(rig.dispatcher.dispatch(chatRequest({ signal: controller.signal })));
    await expect.poll(() => ranked, LONG).not.toBeNull();
    controller.abort();
    expect((await heard).finish).toMatchObject({ finishReason: 'cancelled' });
    expect(rig.records()).toMatchObject([
      { model: '', provenance: { model: 'unknown' }, outcome: { kind: 'cancelled' }, attempts: [] },
    ]);
    expect(clock.pending).toBe(0);
    expect(server.exchanges).toHaveLength(0);
  });

  it('waits for nothing where the model is named, nor once models are ranked', async () => {
    expect((await hear(rig.dispatcher.dispatch(chatRequest({ model: REF })))).text).toBe('hello');
    expect(ranked).toBeNull();
    isRanked = true;
    expect((await hear(rig.dispatcher.dispatch(chatRequest()))).text).toBe('hello');
    expect(ranked).toBeNull();
    expect(rig.records()).toMatchObject([{ model: REF.modelId }, { model: 'better' }]);
  });

  it('is explained with the word that another model may be taken', () => {
    const sources = plainSources({ registry: rig.registry, backend: () => undefined, ...choice });
    const warnings = () => explainRoute(chatRequest(), sources, NO_FAILURES).warnings;
    expect(warnings()).toEqual([
      'The models are not ranked for this task yet. A call ranks them first, and may take another one.',
    ]);
    expect(ranked).toBeNull();
    isRanked = true;
    expect(warnings()).toEqual([]);
  });
});
