import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import type { FakeFile } from '../fakes/huggingFace/repos';
import { repositoryRoot } from './repository';

const run = promisify(execFile);
/** Holds the header of every preset; the rest is zeros, which the fake makes up. */
const HEADER_BYTES = 6 * 1024 * 1024;

/** A file of real shape for the fake Hugging Face: a header as llama.cpp writes it, and no values. */
export async function shapedGguf(folder: string, preset: string, name: string): Promise<FakeFile> {
  const file = path.join(folder, `${preset}.gguf`);
  await run(process.execPath, ['test/support/makeGguf.mjs', preset, file, '--fill', 'zero', '--name', name], {
    cwd: repositoryRoot,
  });
  const handle = await open(file);
  try {
    const { size: sizeBytes } = await handle.stat();
    const content = Buffer.alloc(Math.min(HEADER_BYTES, sizeBytes));
    await handle.read(content, 0, content.length, 0);
    return { content, sizeBytes };
  } finally {
    await handle.close();
  }
}
