import { rm } from 'node:fs/promises';
import type { StateFiles } from '../../src/storage/state/stateFiles';
import { nodeStateFiles } from '../../src/storage/state/stateFiles';

/** The operations of a publish, in their order, with which a test's file layer can fail or come to its end. */
export const STEPS = ['create', 'write', 'sync', 'link', 'remove', 'syncFolder', 'sweep'] as const;
export type Step = (typeof STEPS)[number];

/** Real files whose operations can be made to fail, as a full disk does, or to end for ever, as a power cut does. */
export class FaultyFiles implements StateFiles {
  /** Operations in the order in which they were done; `sweep` is the removal of an old generation. */
  readonly done: Step[] = [];
  /** After this step nothing is done any more. */
  cutAfter: Step | undefined;
  /** Whether what was written and not synced is lost in the cut. */
  losesUnsynced = true;
  readonly #failing = new Map<Step, string>();
  readonly #unsynced = new Set<string>();
  #cut = false;

  /** From now on the step fails with this code; without one it works again. */
  fail(step: Step, code?: string): void {
    if (code === undefined) this.#failing.delete(step);
    else this.#failing.set(step, code);
  }

  makeFolder = (folder: string): Promise<void> => this.#unlessCut(() => nodeStateFiles.makeFolder(folder));
  names = (folder: string): Promise<readonly string[]> => this.#unlessCut(() => nodeStateFiles.names(folder));
  facts: StateFiles['facts'] = (file) => this.#unlessCut(() => nodeStateFiles.facts(file));
  read: StateFiles['read'] = (file) => this.#unlessCut(() => nodeStateFiles.read(file));
  rename: StateFiles['rename'] = (from, to) => this.#unlessCut(() => nodeStateFiles.rename(from, to));
  watch: StateFiles['watch'] = (folder, onChange, onEnd) => nodeStateFiles.watch(folder, onChange, onEnd);

  link: StateFiles['link'] = (from, to) => this.#step('link', () => nodeStateFiles.link(from, to));

  remove: StateFiles['remove'] = (file) =>
    this.#step(file.endsWith('.tmp') ? 'remove' : 'sweep', () => nodeStateFiles.remove(file));

  syncFolder: StateFiles['syncFolder'] = (folder) =>
    this.#step('syncFolder', () => nodeStateFiles.syncFolder(folder));

  create: StateFiles['create'] = async (file) => {
    this.#throwWhereItFails('create');
    const created = await nodeStateFiles.create(file);
    await this.#step('create', () => Promise.resolve()).catch(async (thrown: unknown) => {
      await created.close();
      throw thrown;
    });
    this.#unsynced.add(file);
    return {
      ...created,
      write: (bytes) => this.#step('write', () => created.write(bytes)),
      sync: () =>
        this.#step('sync', async () => {
          await created.sync();
          this.#unsynced.delete(file);
        }),
    };
  };

  async #step<T>(step: Step, operation: () => Promise<T>): Promise<T> {
    this.#throwWhereItFails(step);
    const result = await this.#unlessCut(operation);
    this.done.push(step);
    if (step === this.cutAfter) await this.#powerCut();
    return result;
  }

  #throwWhereItFails(step: Step): void {
    const code = this.#failing.get(step);
    if (code !== undefined) throw Object.assign(new Error(`${code} in a test`), { code });
  }

  async #powerCut(): Promise<void> {
    this.#cut = true;
    if (this.losesUnsynced) for (const file of this.#unsynced) await rm(file, { force: true });
    throw new Error('the power was cut');
  }

  #unlessCut<T>(operation: () => Promise<T>): Promise<T> {
    return this.#cut ? Promise.reject(new Error('there is no power')) : operation();
  }
}
