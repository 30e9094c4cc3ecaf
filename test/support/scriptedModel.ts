import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { repositoryRoot } from './repository';

/** What a scripted model answers to any message without "loop" or "think" in it: 14 tokens with the last one. */
export const SCRIPTED_ANSWER = 'Hello from one tiny model whose weights hold this answer, word by word.';

/**
 * The path of a generated GGUF model that llama.cpp really loads (see makeGguf.mjs for presets and arguments). Each
 * is made once and kept in the system's temporary folder under a name that changes with the generator.
 */
export function ggufModel(preset: string, args: readonly string[] = []): string {
  const support = path.join(repositoryRoot, 'test', 'support');
  const generator = path.join(support, 'makeGguf.mjs');
  const parts = readdirSync(path.join(support, 'gguf')).map((file) => path.join(support, 'gguf', file));
  const hash = createHash('sha256').update(args.join('\0'));
  for (const file of [generator, ...parts.sort()]) hash.update(readFileSync(file));

  const folder = path.join(tmpdir(), 'model-pool-models');
  const model = path.join(folder, `${preset}-${hash.digest('hex').slice(0, 12)}.gguf`);
  if (existsSync(model)) return model;
  mkdirSync(folder, { recursive: true });
  const unfinished = `${model}.${process.pid}.new`;
  execFileSync(nodeProgram(), [generator, preset, unfinished, ...args], { stdio: 'pipe' });
  renameSync(unfinished, model);
  return model;
}

/** Inside a desktop's extension host the running program is VS Code's own, which is no Node.js for scripts. */
function nodeProgram(): string {
  return 'electron' in process.versions ? 'node' : process.execPath;
}
