import { join } from 'node:path';
import type { SqlJsStatic } from 'sql.js';
import type { Clock } from '../../shared/clock';
import { isoNow } from '../../shared/clock';
import type { Logger } from '../../shared/logger';
import { generationName, generationsIn } from './generations';
import type { Migration } from './schema';
import { setAside } from './setAside';
import type { FileFacts, StateFiles } from './stateFiles';
import { checkImage, emptyImage } from './stateImage';
import type { StateImage } from './stateImage';
import { StillWatch } from './stillWatch';

/**
 * A newest file that is too short is taken as still being written, for as long as it changes within this time, or is
 * this young by the wall clock. Writing one takes milliseconds, a few hundred on a slow network drive.
 */
const UNFINISHED_MS = 2_000;
/** Looks at the folder until it held still meanwhile; each is a matter of microseconds. */
const MAX_LOOKS = 50;

/** A generation in memory, with what tells its file from another one of the same name. */
export interface Held {
  /** 0: nothing was ever stored. */
  readonly generation: number;
  readonly key: string;
  readonly image: StateImage;
}

interface Damage {
  readonly file: string;
  readonly keptAs: string;
  readonly detail: string;
}

export interface Newest {
  /** The newest good generation; the very one that was held before where that still is it. */
  readonly held: Held;
  /** The file of `held` is not there, or was damaged: it is whole in memory and must be published again. */
  readonly lost: boolean;
  /** A newer generation is just being written. */
  readonly pending: boolean;
  readonly damages: readonly Damage[];
}

interface StateFolderOptions {
  readonly folder: string;
  readonly files: StateFiles;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly migrations: readonly Migration[];
}

/** Finds the newest good generation of a folder that other windows change at the same time. */
export class StateFolder {
  /** Whether an unfinished file still grows. */
  readonly #unfinished: StillWatch;

  constructor(private readonly options: StateFolderOptions) {
    this.#unfinished = new StillWatch(options.clock);
  }

  /**
   * Returns the newest good generation, and sets aside the damaged ones that are newer. Reads nothing when that is `held`.
   * Rejects when the folder cannot be read, or a migration fails.
   */
  async newest(engine: SqlJsStatic, held: Held | undefined): Promise<Newest> {
    const damages: Damage[] = [];
    for (let look = 0; look < MAX_LOOKS; look++) {
      const found = await this.#look(engine, held, damages);
      if (found) return found;
    }
    throw new Error('the folder of the state changes without end');
  }

  /** Undefined when the folder changed meanwhile. */
  async #look(engine: SqlJsStatic, held: Held | undefined, damages: Damage[]): Promise<Newest | undefined> {
    const { folder, files } = this.options;
    const generations = generationsIn(await files.names(folder));
    let pending = false;
    for (const generation of generations) {
      if (held && generation < held.generation) {
        // Ours was damaged, set aside or lost. Where only much older ones are left, others have begun anew: theirs counts.
        const isBeingWritten = pending && generations[0] !== undefined && generations[0] >= held.generation;
        if (damages.length > 0 || isBeingWritten || generation === held.generation - 1)
          return { held, lost: true, pending, damages };
      }
      const name = generationName(generation);
      const facts = await files.facts(join(folder, name));
      if (!facts) return undefined;
      if (held?.generation === generation && held.key === facts.key)
        return { held, lost: false, pending, damages };
      const bytes = await files.read(join(folder, name));
      if (!bytes) return undefined;
      const check = checkImage(engine, bytes, this.options.migrations);
      if (check.ok) {
        // Read while it was replaced: what was checked is not what the facts are of.
        if ((await files.facts(join(folder, name)))?.key !== facts.key) {
          check.image.free();
          return undefined;
        }
        return { held: { generation, key: facts.key, image: check.image }, lost: false, pending, damages };
      }
      if (check.problem === 'incomplete' && generation === generations[0] && this.#isYoung(facts)) {
        pending = true;
        continue;
      }
      const damage = await this.#setAside(name, facts, `${check.problem}: ${check.detail}`);
      if (!damage) return undefined;
      damages.push(damage);
    }
    if (held && held.generation > 0) return { held, lost: true, pending, damages };
    const empty = held ?? { generation: 0, key: '', image: emptyImage(engine, this.options.migrations) };
    return { held: empty, lost: false, pending, damages };
  }

  #isYoung(facts: FileFacts): boolean {
    const ageMs = this.options.clock.now() - facts.modifiedMs;
    // The wall clock may have stepped; that the file has not changed for so long while we looked is sure.
    return ageMs < UNFINISHED_MS && this.#unfinished.stillForMs(facts.key) < UNFINISHED_MS;
  }

  async #setAside(name: string, facts: FileFacts, detail: string): Promise<Damage | undefined> {
    const { folder, files, clock, logger } = this.options;
    const keptAs = await setAside(files, folder, name, facts, isoNow(clock));
    if (keptAs === undefined) return undefined;
    logger.log('error', 'state.corrupt', { file: name, keptAs, detail });
    return { file: name, keptAs, detail };
  }
}
