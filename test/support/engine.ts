import path from 'node:path';
import { createEngine, type Engine, type EngineOptions } from '../../src/engine';
import { noSecrets } from '../../src/engine/backendHeaders';
import { DEFAULT_NETWORK } from '../../src/engine/networkRules';
import { silentLogger } from '../../src/shared/logger';
import { DEFAULT_SETTINGS, type BackendSetting } from '../../src/shared/settings';
import { bundledProgram, SQL_WASM } from './programs';
import { repositoryRoot } from './repository';

/** An engine as the extension builds it, without an editor; nobody has picked a model. */
export async function testEngine(
  storageDir: string,
  backends: readonly BackendSetting[],
  options: Partial<EngineOptions> = {},
): Promise<Engine> {
  return createEngine({
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
    logger: silentLogger,
    ...options,
  });
}
