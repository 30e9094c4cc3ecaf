import { randomBytes } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import * as l10n from '@vscode/l10n';
import { exportRecords, type ExportedRecords, type RecordExport } from '../dispatch/export/exportRecords';
import { messageOf } from '../shared/errors';
import { systemCodeOf } from '../storage/fileLayer';

export type { ExportFormat } from '../dispatch/export/exportRecords';

export interface FileExport extends Omit<RecordExport, 'write'> {
  /** Where the records go; a file that is there is replaced once all of them are written. */
  readonly file: string;
}

export type FileExported =
  | ({ readonly ok: true } & ExportedRecords)
  /** The message is for people: what happened, and what to do. The file is as it was. */
  | { readonly ok: false; readonly message: string };

/**
 * Writes records into a file beside the wanted one, which takes its place when it is whole: what failed or was
 * cancelled leaves nothing behind, and a reader never finds half of it. Rejects only when `signal` aborts.
 */
export async function exportToFile({ file, ...task }: FileExport): Promise<FileExported> {
  const beside = `${file}.${randomBytes(4).toString('hex')}.part`;
  try {
    const exported = await writeAll(beside, task);
    task.signal?.throwIfAborted();
    if (exported.written === 0) return { ok: false, message: l10n.t('There are no records to export.') };
    await rename(beside, file);
    return { ok: true, ...exported };
  } catch (thrown) {
    task.signal?.throwIfAborted();
    return { ok: false, message: l10n.t('No records were exported: {0}', reasonOf(thrown)) };
  } finally {
    await rm(beside, { force: true }).catch(() => undefined);
  }
}

async function writeAll(file: string, task: Omit<RecordExport, 'write'>): Promise<ExportedRecords> {
  let handle: FileHandle | undefined;
  try {
    // Its name is new: what is there already is somebody's else.
    handle = await open(file, 'wx');
    const target = handle;
    const exported = await exportRecords({ ...task, write: (piece) => target.appendFile(piece) });
    await handle.sync();
    return exported;
  } finally {
    await handle?.close();
  }
}

const REASONS: Readonly<Record<string, () => string>> = {
  EACCES: () => l10n.t('the folder may not be written by this user. Choose another one.'),
  EPERM: () => l10n.t('the file or its folder may not be written by this user. Choose another one.'),
  EROFS: () => l10n.t('the file system is read-only. Choose another folder.'),
  ENOSPC: () => l10n.t('the disk is full. Free some space or choose another disk.'),
  EDQUOT: () => l10n.t('the disk quota is used up. Free some space or choose another disk.'),
  ENOENT: () => l10n.t('the folder does not exist any more. Choose another one.'),
  EISDIR: () => l10n.t('a folder has that name. Choose another name.'),
  EBUSY: () => l10n.t('another program has the file open. Close it there, or choose another name.'),
};

function reasonOf(thrown: unknown): string {
  const code = systemCodeOf(thrown);
  return (code === undefined ? undefined : REASONS[code]?.()) ?? messageOf(thrown);
}
