import { rename, rm, writeFile } from 'node:fs/promises';

/**
 * Replaces a small file as a whole: a reader finds the old text or the new one, never half of it. `writerId` keeps the
 * temporary files of several windows apart; one writer must not call it twice at the same time. It survives the end of
 * the process at any moment, not a power cut. Rejects with the file system's error; nothing is changed then.
 */
export async function replaceFile(file: string, text: string, writerId: string): Promise<void> {
  const temporary = `${file}.${writerId}.tmp`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, file);
  } catch (thrown) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw thrown;
  }
}
