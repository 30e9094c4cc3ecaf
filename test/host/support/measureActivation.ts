import * as vscode from 'vscode';
import { writeEvent } from './events';
import { EXTENSION_ID } from './extensionUnderTest';

interface Mark {
  readonly name: string;
  readonly startTime: number;
}

/**
 * Tells the runner how long loading and activating the extension took in this extension host. The figures are VS
 * Code's own marks, those that its Running Extensions editor shows, so that they count whoever activated first.
 */
export async function run(): Promise<void> {
  writeEvent({ event: 'start', pid: process.pid });
  const extension = vscode.extensions.getExtension(EXTENSION_ID);
  if (!extension) throw new Error(`${EXTENSION_ID} is not installed in this window.`);
  await extension.activate();
  const marks = readMarks();
  const between = (from: string, to: string): number => timeOf(marks, to) - timeOf(marks, from);
  writeEvent({
    event: 'activation',
    loadMs: between('willLoadExtensionCode', 'didLoadExtensionCode'),
    activateMs: between('willActivateExtension', 'didActivateExtension'),
  });
  writeEvent({ event: 'end', tests: 1, failures: 0 });
}

function timeOf(marks: readonly Mark[], step: string): number {
  const name = `code/extHost/${step}/${EXTENSION_ID}`;
  const mark = marks.find((candidate) => candidate.name === name);
  if (!mark)
    throw new Error(`VS Code left no mark ${name}; it has ${marks.map(({ name: n }) => n).join(', ')}`);
  return mark.startTime;
}

function readMarks(): readonly Mark[] {
  const store: unknown = Reflect.get(globalThis, 'MonacoPerformanceMarks');
  if (typeof store !== 'object' || store === null)
    throw new Error('VS Code keeps no performance marks here.');
  if (!('getMarks' in store)) throw new Error('VS Code keeps its performance marks in another way now.');
  return (store as { readonly getMarks: () => readonly Mark[] }).getMarks();
}
