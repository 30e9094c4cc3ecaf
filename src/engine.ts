import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Agent } from 'undici';
import { BACKEND_TABLE } from './backends/backendKinds';
import type { BackendConfig } from './backends/contract';
import type { EvictResult, InstallAdapter } from './backends/installAdapter';
import type { InstallCommand } from './backends/installCommands';
import { nullInstallAdapter } from './backends/nullInstall';
import { OllamaInstallAdapter } from './backends/ollamaInstall';
import { findBackends, recogniseBackend, type FoundBackend, type RecogniseResult } from './backends/recognise';
import { providerOf } from './catalog/maker';
import { loadFrozenSnapshot } from './catalog/snapshot';
import { Dispatcher } from './dispatch/dispatcher';
import { installCommandsFor } from './engine/installCommandsFor';
import { ollamaNameOf, normaliseOllamaName, planInstall, type InstallPlan } from './engine/installPlanner';
import { RankingService } from './engine/rankingService';
import { HardwareDetector } from './hardware/detector';
import { PullRuns } from './pool/pullRuns';
import { explainRank } from './ranking/explain';
import type { RankedModel } from './ranking/rankTypes';
import { Prober } from './registry/prober';
import { ModelRegistry } from './registry/registry';
import type { RegisteredModel } from './registry/row';
import { systemClock, type Clock } from './shared/clock';
import { Emitter } from './shared/events';
import { HttpClient } from './shared/http';
import type { Logger } from './shared/logger';
import { LOCAL_HOST, type ModelRef } from './shared/modelRef';
import type { Settings } from './shared/settings';
import { TranscriptFiles } from './storage/transcriptFiles';

export interface EngineOptions {
  /** Folder with the snapshot and the device table that ship with the extension. */
  readonly dataDir: string;
  /** Folder for what must outlive a window; made on first write. */
  readonly storageDir: string;
  readonly settings: Settings;
  /** The model that the user picked, read at each call. */
  readonly pick: () => ModelRef | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  readonly clock?: Clock;
}
