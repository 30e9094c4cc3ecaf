import { mkdir, readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../shared/errors';
import { parseJson } from '../shared/json';
import type { Logger } from '../shared/logger';
import { decodeCatalogFile, encodeCatalogFile, NOTHING_KEPT, type KeptCatalogue } from './catalogFileFormat';
import { joinRecords } from './discoveryRecord';

/** Several times what 1,000 repositories take; a larger file is none of ours. */
const MAX_BYTES = 32 * 1024 * 1024;

export interface CatalogFileOptions {
  /** The extension's storage folder, which all windows share; made on first write. */
  readonly folder: string;
  /** Replaces a file as a whole, so that a reader finds the old text or the new one. */
  readonly replaceFile: (file: string, text: string) => Promise<void>;
  readonly logger: Logger;
}

/**
 * What live discovery found, kept in one file for the next start and for the other windows. A file that cannot be used
 * is moved aside with a warning and read as empty; a single bad entry is left out. Never rejects.
 */
export class CatalogFile {
  readonly #path: string;
  /** Of what was read or written last; undefined where there was no file. */
  #seen: string | undefined;

  constructor(private readonly options: CatalogFileOptions) {
    this.#path = path.join(options.folder, 'catalogue.json');
  }

  /** What the file says, whoever wrote it; nothing where there is none. */
  async read(): Promise<KeptCatalogue> {
    const { logger } = this.options;
    let text: string;
    try {
      const stamp = await this.#stamp();
      if (stamp === undefined) {
        this.#seen = undefined;
        return NOTHING_KEPT;
      }
      // Looked at before it is read: what is written in between is read again at the next look.
      this.#seen = stamp.text;
      if (stamp.bytes > MAX_BYTES) return await this.#putAside('it is larger than it can be');
      text = await readFile(this.#path, 'utf8');
    } catch (thrown) {
      logger.log('warn', 'catalogue.file.unreadable', { error: messageOf(thrown) });
      return NOTHING_KEPT;
    }
    const decoded = decodeCatalogFile(parseJson(text));
    if (!decoded) return this.#putAside('it is damaged or of another version');
    const { kept, droppedRepos } = decoded;
    if (droppedRepos > 0) logger.log('warn', 'catalogue.file.entries.dropped', { droppedRepos });
    return kept;
  }

  /** Whether another window wrote since this one read or wrote. */
  async hasChanged(): Promise<boolean> {
    try {
      return (await this.#stamp())?.text !== this.#seen;
    } catch {
      return false;
    }
  }

  /**
   * Writes `kept`, joined with what another window has written since, and returns that. Two windows that write at the
   * very same moment can lose what one of them found: it is public, and found again by the next refresh.
   */
  async write(kept: KeptCatalogue): Promise<KeptCatalogue> {
    const { folder, replaceFile, logger } = this.options;
    const joined = (await this.hasChanged()) ? joinKept(kept, await this.read()) : kept;
    try {
      await mkdir(folder, { recursive: true });
      await replaceFile(this.#path, encodeCatalogFile(joined));
      this.#seen = (await this.#stamp())?.text;
    } catch (thrown) {
      logger.log('warn', 'catalogue.file.unwritable', { error: messageOf(thrown) });
    }
    return joined;
  }

  async #stamp(): Promise<{ readonly text: string; readonly bytes: number } | undefined> {
    try {
      const { ino, mtimeNs, size } = await stat(this.#path, { bigint: true });
      return { text: `${ino}:${mtimeNs}:${size}`, bytes: Number(size) };
    } catch (thrown) {
      if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
      throw thrown;
    }
  }

  async #putAside(why: string): Promise<KeptCatalogue> {
    const { logger } = this.options;
    const aside = `${this.#path}.bad`;
    logger.log('warn', 'catalogue.file.bad', { why, movedTo: path.basename(aside) });
    try {
      await rename(this.#path, aside);
      this.#seen = undefined;
    } catch (thrown) {
      logger.log('warn', 'catalogue.file.unmovable', { error: messageOf(thrown) });
    }
    return NOTHING_KEPT;
  }
}

/** Two windows' catalogues as one: all that either found, and the younger word on how the last refresh went. */
function joinKept(ours: KeptCatalogue, theirs: KeptCatalogue): KeptCatalogue {
  const endedAt = (kept: KeptCatalogue): string => kept.lastRefresh?.endedAt ?? '';
  const { lastRefresh } = endedAt(ours) >= endedAt(theirs) ? ours : theirs;
  const liveAt = later(ours.liveAt, theirs.liveAt);
  const waitUntil = later(ours.waitUntil, theirs.waitUntil);
  return {
    discovery: joinRecords(ours.discovery, theirs.discovery),
    ...(lastRefresh && { lastRefresh }),
    ...(liveAt !== undefined && { liveAt }),
    ...(waitUntil !== undefined && { waitUntil }),
  };
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  return (a ?? '') >= (b ?? '') ? a : b;
}
