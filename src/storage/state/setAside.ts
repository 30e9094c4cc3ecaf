import { join } from 'node:path';
import { setAsideIn } from './generations';
import type { FileFacts, StateFiles } from './stateFiles';

/** Damaged files that are kept for whoever wants to look at them. */
const MAX_KEPT = 3;

/**
 * Moves a damaged generation out of the way, as `state.corrupt-<time>.sqlite` that overwrites no earlier one, and returns
 * that name; undefined where another window was first. `facts` are those of the file that was found damaged: a file that
 * has come into its place since is put back.
 */
export async function setAside(
  files: StateFiles,
  folder: string,
  name: string,
  facts: FileFacts,
  time: string,
): Promise<string | undefined> {
  const file = join(folder, name);
  if ((await files.facts(file))?.key !== facts.key) return undefined;
  const kept = setAsideIn(await files.names(folder));
  const target = freeName(kept, time);
  const aside = join(folder, target);
  try {
    await files.rename(file, aside);
  } catch (thrown) {
    if ((await files.facts(file))?.key !== facts.key) return undefined;
    throw thrown;
  }
  if ((await files.facts(aside))?.key !== facts.key) {
    await files.link(aside, file).then(
      () => files.remove(aside),
      () => undefined,
    );
    return undefined;
  }
  for (const old of kept.slice(0, Math.max(0, kept.length + 1 - MAX_KEPT)))
    await files.remove(join(folder, old)).catch(() => undefined);
  return target;
}

function freeName(taken: readonly string[], time: string): string {
  const stamp = time.replaceAll(/[-:.]/g, '');
  for (let copy = 1; ; copy++) {
    const name = `state.corrupt-${stamp}${copy === 1 ? '' : `-${copy}`}.sqlite`;
    if (!taken.includes(name)) return name;
  }
}
