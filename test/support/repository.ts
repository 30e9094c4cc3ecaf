import path from 'node:path';

/**
 * The repository's folder. Tests run from it; inside an extension host, whose current folder is another one, the
 * runner names it.
 */
export const repositoryRoot = path.resolve(process.env['MODEL_POOL_ROOT'] ?? process.cwd());
