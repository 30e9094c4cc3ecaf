import type { EditorModels } from '../backends/contract';
import type { Shell } from '../backends/shellQuote';
import type { ModelChoice } from '../dispatch/chat';
import type { EditorChat } from '../dispatch/editorChat';
import type { Clock } from '../shared/clock';
import type { Logger } from '../shared/logger';
import type { Settings } from '../shared/settings';
import type { SecretReader } from './backendHeaders';
import type { NetworkSettings } from './networkRules';
import type { ShippedPrograms } from './stores';

/** What an engine is made with. */
export interface EngineOptions {
  /** Folder with the snapshot, the device table and the baseline that ship with the extension. */
  readonly dataDir: string;
  /** Folder for what must outlive a window; made on first write. */
  readonly storageDir: string;
  readonly programs: ShippedPrograms;
  readonly settings: Settings;
  readonly network: NetworkSettings;
  readonly secrets: SecretReader;
  /** The editor's own chat models; absent where there is no editor. */
  readonly editorModels?: EditorModels;
  /** How to talk to them; absent where there is no editor. */
  readonly editorChat?: EditorChat;
  /** What the user picked, read at each call: a model, or the best one for a task. */
  readonly pick: () => ModelChoice | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of the user's terminal, for commands that are shown. Default: one that is not known. */
  readonly shell?: Shell;
  readonly logger: Logger;
  readonly clock?: Clock;
}
