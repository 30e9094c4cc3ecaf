import { expect, it, onTestFinished } from 'vitest';
import { createOllamaBackend } from '../../src/backends/ollama';
import { Network } from '../../src/engine/network';
import { DEFAULT_NETWORK } from '../../src/engine/networkRules';
import { HttpClient } from '../../src/shared/http';
import { describeModel } from '../fakes/ollama/package';
import { startFakeOllama } from '../fakes/ollama/server';
import { startProxy } from '../support/proxy';
import { closedUrl } from '../unit/backends/loopback';
import { openHouse } from '../unit/dispatch/support/house';
import { hear } from '../unit/dispatch/support/rig';

/** A name that only the proxy knows, of a kind that Ollama answers to. */
const NAME = 'models.internal';

it('a call goes through the proxy, with its stream and its record, and says what is wrong with the proxy', async () => {
  const fake = await startFakeOllama({ installed: { 'qwen3:8b': describeModel({ family: 'qwen3' }) } });
  onTestFinished(() => fake.stop());
  const proxy = await startProxy({ names: { [NAME]: Number(new URL(fake.url).port) } });
  const network = new Network({ settings: { ...DEFAULT_NETWORK, proxy: proxy.url }, env: {} });
  onTestFinished(() => network.dispose());
  const house = await openHouse({
    config: { id: 'ollama', kind: 'ollama', url: `http://${NAME}:11434`, host: 'gpubox', headers: {} },
    createBackend: createOllamaBackend,
    pick: { backend: 'ollama', provider: 'local', modelId: 'qwen3:8b' },
    http: new HttpClient(network.dispatcher),
  });
  onTestFinished(() => house.close());
  const { text, finish } = await hear(house.ask('hi'));
  expect([finish.finishReason, text.length > 0]).toEqual(['stop', true]);
  expect(proxy.forwarded.at(-1)?.url).toBe(`http://${NAME}:11434/api/chat`);
  expect(await house.records()).toMatchObject([{ outcome: { kind: 'served' } }]);

  const closed = await closedUrl();
  network.configure({ ...DEFAULT_NETWORK, proxy: closed });
  const failed = await hear(house.ask('hi'));
  expect(failed.finish.failure).toMatchObject({ code: 'network' });
  expect(failed.finish.failure?.message).toBe(
    `ollama cannot be reached: the proxy ${new URL(closed).host} does not answer (ECONNREFUSED). ` +
      'Check the setting http.proxy and the network; what needs no proxy belongs into the setting http.noProxy.',
  );
});
