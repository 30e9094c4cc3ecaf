import { join } from 'node:path';
import { systemCodeOf } from '../fileLayer';
import { generationName, temporaryName } from './generations';
import type { StateFiles } from './stateFiles';

/**
 * How file systems without hard links refuse one: FAT and exFAT on Linux, macOS and Windows, some network mounts,
 * containers. Where the folder cannot be written at all, the way without links fails just as well and says why.
 */
const NO_LINKS = new Set([
  ...['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EISDIR', 'EINVAL', 'EMLINK', 'EXDEV'],
  'UNKNOWN',
]);

/**
 * `taken`: another window has published this generation; ours is not stored. `published`: the file of the generation was
 * made, and `key` is that of the file; whether it is in time, and still there, the publisher does not know.
 */
export type Published = { readonly kind: 'published'; readonly key: string } | { readonly kind: 'taken' };

/**
 * Publishes generations by compare-and-swap: whichever window is the first to make the file of a generation has made it,
 * and nobody's file is ever overwritten.
 *
 * With links, the content is first put whole on the disk under another name, and then gets the name of its generation by
 * an exclusive link: nobody ever sees half a file. Without links the exclusive creation of that very file is the claim,
 * and the content is written in place; readers take a newest file that is too short for its page count as not there yet
 * (see `StateFolder`). A separate claim file would be worse: its holder may be stopped, be taken for dead, and then
 * write over what another window has published.
 */
export class Publisher {
  #links = true;

  constructor(
    private readonly files: StateFiles,
    private readonly folder: string,
    private readonly newId: () => string,
  ) {}

  /** Rejects when the disk is full or cannot be written; nothing is published then. */
  async publish(bytes: Uint8Array, generation: number): Promise<Published> {
    const file = join(this.folder, generationName(generation));
    await this.files.makeFolder(this.folder);
    const published =
      (this.#links ? await this.#byLink(bytes, file) : undefined) ?? (await this.#inPlace(bytes, file));
    if (published.kind === 'published') await this.files.syncFolder(this.folder);
    return published;
  }

  /** Undefined where the file system has no links. */
  async #byLink(bytes: Uint8Array, file: string): Promise<Published | undefined> {
    const temporary = join(this.folder, temporaryName(this.newId()));
    try {
      const key = await this.#write(bytes, temporary);
      try {
        await this.files.link(temporary, file);
      } catch (thrown) {
        const code = systemCodeOf(thrown) ?? '';
        // Of a network file system that repeated a link whose answer was lost, the file there may be our own; the reload
        // finds our commit in it.
        if (code === 'EEXIST') return { kind: 'taken' };
        // Another window took our temporary file for a stray, because we were stopped for long.
        if (code === 'ENOENT') return { kind: 'taken' };
        if (!NO_LINKS.has(code)) throw thrown;
        this.#links = false;
        return undefined;
      }
      return { kind: 'published', key };
    } finally {
      // The generation is safe whether its first name goes or stays; a stray one is swept later.
      await this.files.remove(temporary).catch(() => undefined);
    }
  }

  async #inPlace(bytes: Uint8Array, file: string): Promise<Published> {
    try {
      return { kind: 'published', key: await this.#write(bytes, file) };
    } catch (thrown) {
      if (systemCodeOf(thrown) === 'EEXIST') return { kind: 'taken' };
      throw thrown;
    }
  }

  /** Creates a file with this content, on the disk. What could not be finished is removed. */
  async #write(bytes: Uint8Array, file: string): Promise<string> {
    const created = await this.files.create(file);
    try {
      await created.write(bytes);
      await created.sync();
      return (await created.facts()).key;
    } catch (thrown) {
      const [ours, there] = await Promise.all([
        created.facts().catch(() => undefined),
        this.files.facts(file).catch(() => undefined),
      ]);
      if (ours && ours.key === there?.key) await this.files.remove(file).catch(() => undefined);
      throw thrown;
    } finally {
      await created.close();
    }
  }
}
