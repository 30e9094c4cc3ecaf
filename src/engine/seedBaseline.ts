import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ModelRegistry } from '../registry/registry';
import { messageOf } from '../shared/errors';
import { parseJson } from '../shared/json';
import type { Logger } from '../shared/logger';

/** What hosted providers offered when this version was made stands until they are asked. Never rejects. */
export async function seedBaseline(
  registry: Pick<ModelRegistry, 'seed'>,
  dataDir: string,
  logger: Logger,
): Promise<void> {
  try {
    await registry.seed(parseJson(await readFile(path.join(dataDir, 'baseline.json'), 'utf8')));
  } catch (thrown) {
    logger.log('warn', 'baseline.unreadable', { error: messageOf(thrown) });
  }
}
