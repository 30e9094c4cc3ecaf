import { rmdir, stat } from 'node:fs/promises';
import type { LockOptions } from 'proper-lockfile';

/** What the lock between windows needs of the file system, so that tests can stand in. */
export interface LockFiles {
  lock(file: string, options: LockOptions): Promise<() => Promise<void>>;
  /** What changes with each heartbeat and each holder; undefined where there is no lock. */
  look(file: string): Promise<string | undefined>;
  remove(file: string): Promise<void>;
}

/** proper-lockfile, whose lock is a folder, loaded when it is first needed. */
export const properLockFiles: LockFiles = {
  async lock(file, options) {
    const { default: lockfile } = await import('proper-lockfile');
    return lockfile.lock(file, options);
  },
  async look(file) {
    const { ino, mtimeNs } = await stat(file, { bigint: true });
    return `${ino}:${mtimeNs}`;
  },
  remove: (file) => rmdir(file),
};
