import path from 'node:path';
import { createEngine, type Engine } from '../../src/engine';
import type { EngineOptions } from '../../src/engine/engineOptions';
import { noSecrets } from '../../src/engine/backendHeaders';
import { DEFAULT_NETWORK } from '../../src/engine/networkRules';
import { DEFAULT_SETTINGS, type BackendSetting } from '../../src/shared/settings';
import { evidenceLogger, keepRecord } from './evidence';
import { bundledProgram, SQL_WASM } from './programs';
import { repositoryRoot } from './repository';

/**
 * An engine as the extension builds it, without an editor; nobody has picked a model. What it logs and records is
 * kept for the step `leaks`.
 */
export async function testEngine(
  storageDir: string,
  backends: readonly BackendSetting[],
  options: Partial<EngineOptions> = {},
): Promise<Engine> {
  const engine = await createEngine({
    dataDir: path.join(repositoryRoot, 'data'),
    storageDir,
    programs: {
      sqlWasm: SQL_WASM,
      transcriptWorker: await bundledProgram('src/storage/transcriptWorker.ts'),
      bandwidthWorker: await bundledProgram('src/hardware/bandwidthWorker.ts'),
    },
    // No test asks a host outside of this machine.
    settings: { ...DEFAULT_SETTINGS, backends, catalogOnline: false },
    network: DEFAULT_NETWORK,
    secrets: noSecrets,
    pick: () => undefined,
    env: {},
    ...options,
    logger: evidenceLogger('engine', options.logger),
  });
  engine.dispatcher.onDidRecord((record) => keepRecord('engine', record));
  return engine;
}
