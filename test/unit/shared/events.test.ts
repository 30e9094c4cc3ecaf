import { expect, it } from 'vitest';
import { Emitter } from '../../../src/shared/events';

it('every listener hears every value, until it is removed', () => {
  const emitter = new Emitter<number>();
  const heard: string[] = [];
  const removeA = emitter.on((value) => heard.push(`a${value}`));
  emitter.on((value) => heard.push(`b${value}`));
  emitter.fire(1);
  removeA();
  removeA();
  emitter.fire(2);
  expect(heard).toEqual(['a1', 'b1', 'b2']);
});

it('a listener that throws is reported, and stops neither the others nor the caller', () => {
  const reported: unknown[] = [];
  const emitter = new Emitter<void>((thrown) => reported.push(thrown));
  const heard: string[] = [];
  const fault = new Error('bug of a view');
  emitter.on(() => {
    throw fault;
  });
  emitter.on(() => heard.push('other'));
  emitter.fire();
  expect(heard).toEqual(['other']);
  expect(reported).toEqual([fault]);
});

it('a listener that comes or goes while a value is told changes only the next telling', () => {
  const emitter = new Emitter<void>();
  const heard: string[] = [];
  emitter.on(() => {
    removeB();
    emitter.on(() => heard.push('new'));
  });
  const removeB = emitter.on(() => heard.push('b'));
  emitter.fire();
  expect(heard).toEqual(['b']);
});
