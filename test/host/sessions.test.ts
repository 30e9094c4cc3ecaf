import assert from 'node:assert/strict';
import { before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import * as z from 'zod';
import type { ModelPoolSession } from '../../src/engine/sessionApi';
import { EXTENSION_ID } from './support/extensionUnderTest';

const CONSUMER_ID = 'modelpool-test.consumer';

const consumerSchema = z.object({
  openSession: z.custom<(name: string) => Promise<ModelPoolSession>>((value) => typeof value === 'function'),
});

const NO_MODEL = { backend: 'nowhere', provider: 'nobody', modelId: 'none' };
const QUESTION = { model: NO_MODEL, messages: [{ role: 'user', content: 'Hello?' }] } as const;

describe('a session of another extension', () => {
  let session: ModelPoolSession;
  let open: (name: string) => Promise<ModelPoolSession>;

  before(async () => {
    const consumer = vscode.extensions.getExtension(CONSUMER_ID);
    assert.ok(consumer, 'the second extension is not loaded');
    open = consumerSchema.parse(await consumer.activate()).openSession;
    session = await open('consumer');
  });

  it('comes from what the extension exports', () => {
    assert.equal(vscode.extensions.getExtension<{ apiVersion: number }>(EXTENSION_ID)?.exports.apiVersion, 1);
    assert.equal(session.name, 'consumer');
    assert.ok(Object.isFrozen(session));
  });

  it('resolves and calls models, and says in the stream why it could not', async () => {
    const resolved = session.resolveModel({ model: NO_MODEL });
    assert.ok(!resolved.ok);
    assert.equal(resolved.code, 'no_route');
    const events = [];
    for await (const event of session.dispatch(QUESTION)) events.push(event);
    assert.equal(events.length, 1);
    const [finish] = events;
    assert.equal(finish?.type === 'finish' ? finish.failure?.code : undefined, 'no_route');
  });

  it('refuses a copy, a proxy, an heir and a look-alike', () => {
    const lookAlike = Object.assign({}, session, { name: 'consumer' });
    const heir = Object.create(session) as ModelPoolSession;
    for (const forged of [{ ...session }, new Proxy(session, {}), heir, lookAlike]) {
      assert.throws(() => forged.resolveModel(), { name: 'SessionError', code: 'not_a_session' });
      assert.throws(() => forged.dispatch(QUESTION), { code: 'not_a_session' });
      // A report never throws; it is dropped.
      forged.reportModels([]);
      forged.dispose();
    }
    assert.equal(session.resolveModel({ model: NO_MODEL }).ok, false);
  });

  it('takes any report without throwing', () => {
    const circular: { self?: unknown } = {};
    circular.self = circular;
    for (const garbage of [null, 7, 'text', [null], [{ backend: 1 }], [{ models: 'none' }], [circular]]) {
      session.reportModels(garbage as never);
    }
  });

  it('refuses a request of another shape, and a name that is none', async () => {
    assert.throws(() => session.dispatch({ messages: 'Hello?' } as never), { code: 'bad_request' });
    assert.throws(() => session.resolveModel({ model: 'qwen3' } as never), { code: 'bad_request' });
    await assert.rejects(open(''), { code: 'bad_request' });
    await assert.rejects(open('x'.repeat(65)), { code: 'bad_request' });
  });

  it('does nothing after its end, and leaves other sessions alone', async () => {
    const other = await open('other');
    session.dispose();
    session.dispose();
    assert.throws(() => session.resolveModel(), { code: 'session_ended' });
    assert.throws(() => session.dispatch(QUESTION), { code: 'session_ended' });
    session.reportModels([]);
    assert.equal(other.resolveModel({ model: NO_MODEL }).ok, false);
    other.dispose();
  });
});
