import { join } from 'node:path';
import type { StateFiles } from './stateFiles';

const GENERATION = /^state\.([1-9]\d{0,14})\.sqlite$/;
const TEMPORARY = /^state\.[\w-]+\.tmp$/;
const SET_ASIDE = /^state\.corrupt-.+\.sqlite$/;

/** A half-written temporary file of a process that was killed is removed when it is this old, or this far ahead. */
const STRAY_MS = 60_000;

/** The name of a generation's file; `generation` is 1 or more. */
export function generationName(generation: number): string {
  return `state.${generation}.sqlite`;
}

export function temporaryName(id: string): string {
  return `state.${id}.tmp`;
}

/** The generations among the names of a folder, newest first. */
export function generationsIn(names: readonly string[]): readonly number[] {
  return names
    .flatMap((name) => GENERATION.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a);
}

/** The files that were set aside as corrupt, oldest first. */
export function setAsideIn(names: readonly string[]): readonly string[] {
  return names.filter((name) => SET_ASIDE.test(name)).sort();
}

/** Whether a change of that name can mean a newer state. Null where the system does not say which name changed. */
export function concernsState(name: string | null): boolean {
  return name === null || GENERATION.test(name);
}

/**
 * Removes the generations before the two newest ones, oldest first and none after one that could not be removed. So
 * where a generation still exists, the one after it was never swept: publishing rests on that.
 */
export async function sweepGenerations(files: StateFiles, folder: string, newest: number): Promise<void> {
  const old = generationsIn(await files.names(folder)).filter((generation) => generation < newest - 1);
  for (const generation of old.reverse()) await files.remove(join(folder, generationName(generation)));
}

/** Removes the temporary files that killed processes left behind. */
export async function sweepTemporaries(files: StateFiles, folder: string, nowMs: number): Promise<void> {
  for (const name of await files.names(folder)) {
    if (!TEMPORARY.test(name)) continue;
    const file = join(folder, name);
    const facts = await files.facts(file);
    if (facts && Math.abs(nowMs - facts.modifiedMs) > STRAY_MS) await files.remove(file);
  }
}
