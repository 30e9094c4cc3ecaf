import { beforeEach, expect, it } from 'vitest';
import type { Admission, HealthVerdict } from '../../../src/dispatch/breaker';
import { CircuitBreaker } from '../../../src/dispatch/breaker';
import { FakeClock } from '../../fakes/fakeClock';

const REF = { backend: 'ollama', provider: 'qwen', modelId: 'qwen3:8b' };

let clock: FakeClock;
let breaker: CircuitBreaker;

beforeEach(() => {
  clock = new FakeClock();
  breaker = new CircuitBreaker(clock);
});

function enter(ref = REF): Extract<Admission, { readonly ok: true }> {
  const admission = breaker.enter(ref);
  if (!admission.ok) throw new Error('refused');
  return admission;
}

function calls(...verdicts: readonly HealthVerdict[]): void {
  for (const verdict of verdicts) enter().leave(verdict);
}

it('opens for a minute after three failed calls in a row', async () => {
  calls('failure', 'failure');
  expect(breaker.stateOf(REF)).toBe('closed');
  calls('failure');
  expect(breaker.stateOf(REF)).toBe('open');
  expect(breaker.enter(REF)).toEqual({ ok: false, retryInMs: 60_000 });
  await clock.advance(59_999);
  expect(breaker.enter(REF)).toEqual({ ok: false, retryInMs: 1 });
  await clock.advance(1);
  expect(breaker.stateOf(REF)).toBe('half_open');
  expect(breaker.enter(REF).ok).toBe(true);
});

it('counts from the start again after a call that went well, and not for one that tells nothing', () => {
  calls('failure', 'failure', 'success', 'failure', 'failure');
  expect(breaker.stateOf(REF)).toBe('closed');
  calls('neutral', 'failure');
  expect(breaker.stateOf(REF)).toBe('open');
});

it('never opens because of calls that tell nothing', () => {
  calls(...Array.from({ length: 10 }, () => 'neutral' as const));
  expect(breaker.stateOf(REF)).toBe('closed');
});

it('lets one call at a time find out whether it works again', async () => {
  calls('failure', 'failure', 'failure');
  await clock.advance(60_000);
  const probe = enter();
  expect(breaker.enter(REF)).toEqual({ ok: false, retryInMs: null });
  probe.leave('neutral');
  const second = enter();
  expect(breaker.enter(REF).ok).toBe(false);
  second.leave('success');
  expect(breaker.stateOf(REF)).toBe('closed');
  calls('failure', 'failure');
  expect(breaker.stateOf(REF)).toBe('closed');
});

it('opens for another minute when the call that finds out fails', async () => {
  calls('failure', 'failure', 'failure');
  await clock.advance(75_000);
  enter().leave('failure');
  expect(breaker.enter(REF)).toEqual({ ok: false, retryInMs: 60_000 });
});

it('is not left alone for longer because of calls that began before it opened', async () => {
  const late = [enter(), enter()];
  calls('failure', 'failure', 'failure');
  await clock.advance(30_000);
  late[0]?.leave('failure');
  expect(breaker.enter(REF)).toEqual({ ok: false, retryInMs: 30_000 });
  late[1]?.leave('success');
  expect(breaker.stateOf(REF)).toBe('closed');
});

it('counts the end of a call once', () => {
  const call = enter();
  for (let times = 0; times < 3; times++) call.leave('failure');
  expect(breaker.stateOf(REF)).toBe('closed');
});

it('tells models of one backend apart, and the same model of two', () => {
  calls('failure', 'failure', 'failure');
  const others = [
    { ...REF, modelId: 'qwen3:14b' },
    { ...REF, backend: 'ollama_gpubox' },
    { ...REF, provider: 'unsloth' },
  ];
  expect(others.map((ref) => breaker.stateOf(ref))).toEqual(['closed', 'closed', 'closed']);
});

it('forgets the failures of a backend that has come back, and of no other', () => {
  const other = { ...REF, backend: 'ollama_gpubox' };
  calls('failure', 'failure', 'failure');
  for (let times = 0; times < 3; times++) enter(other).leave('failure');
  breaker.reset('ollama');
  expect([breaker.stateOf(REF), breaker.stateOf(other)]).toEqual(['closed', 'open']);
  calls('failure', 'failure');
  expect(breaker.stateOf(REF)).toBe('closed');
});
