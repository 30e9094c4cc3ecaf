import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { dispatchRecordSchema, type DispatchRecord } from '../../../src/shared/dispatchRecord';

/** The dispatch records on disk, in the order of their files and lines. Throws on a line that is not a record. */
export function readRecords(globalStorageFolder: string): readonly DispatchRecord[] {
  const folder = path.join(globalStorageFolder, 'transcript');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((file) => readFileSync(path.join(folder, file), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => dispatchRecordSchema.parse(JSON.parse(line)));
}
