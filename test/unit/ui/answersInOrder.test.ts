import { describe, expect, it } from 'vitest';
import { AnswersInOrder } from '../../../src/ui/answersInOrder';

describe('answers to a page', () => {
  it('are told, each as it comes, while they come in the order of the questions', () => {
    const order = new AnswersInOrder<string>();
    const [first, second] = [order.ask('pool'), order.ask('pool')];
    expect([first(), second()]).toEqual([true, true]);
  });

  it('are dropped when that to a later question is out', () => {
    const order = new AnswersInOrder<string>();
    const [first, second] = [order.ask('pool'), order.ask('pool')];
    expect([second(), first()]).toEqual([true, false]);
  });

  it('about other things do not wait for each other', () => {
    const order = new AnswersInOrder<string>();
    const [pool, machine] = [order.ask('pool'), order.ask('machine')];
    expect([machine(), pool()]).toEqual([true, true]);
  });

  it('to a page that is gone are told to nobody, and the next page gets its own', () => {
    const order = new AnswersInOrder<string>();
    const old = order.ask('dispatches');
    order.reset();
    const fresh = order.ask('dispatches');
    expect([old(), fresh()]).toEqual([false, true]);
  });
});
