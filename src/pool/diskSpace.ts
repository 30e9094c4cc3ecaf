import { statfs } from 'node:fs/promises';
import path from 'node:path';
import type { BackendConfig } from '../backends/contract';
import { LOCAL_HOST } from '../shared/modelRef';

/** What is asked of the machine; injected, so that every platform can be tested on one. */
export interface ModelsFolderQuery {
  readonly backend: Pick<BackendConfig, 'url' | 'host'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly homeFolder: string;
  /** Whether a folder is there; tells Ollama as a Linux service from Ollama started by hand. */
  readonly exists: (folder: string) => Promise<boolean>;
}

/** Home of the user that Ollama's install script makes for its Linux service. */
const LINUX_SERVICE_HOME = '/usr/share/ollama';

/**
 * Where that Ollama keeps its models, or null when it is not on this machine: `OLLAMA_MODELS` of our own environment,
 * else the platform's default after Ollama's FAQ. A guess where the server was started with another environment.
 */
export async function ollamaModelsFolder(query: ModelsFolderQuery): Promise<string | null> {
  if (query.backend.host !== LOCAL_HOST || !isLoopback(query.backend.url)) return null;
  const named = query.env['OLLAMA_MODELS'];
  if (named !== undefined && named.trim() !== '') return named.trim();
  const paths = query.platform === 'win32' ? path.win32 : path.posix;
  if (query.platform === 'linux' && (await query.exists(LINUX_SERVICE_HOME))) {
    return paths.join(LINUX_SERVICE_HOME, '.ollama', 'models');
  }
  return paths.join(query.homeFolder, '.ollama', 'models');
}

/**
 * Bytes that a user may still write on the volume of a folder, or null where the system does not say. A folder that
 * is not there yet, or that we may not look into, is judged by the nearest one above it.
 */
export async function freeBytes(folder: string): Promise<number | null> {
  for (let current = path.resolve(folder); ; current = path.dirname(current)) {
    try {
      const volume = await statfs(current);
      return volume.bavail * volume.bsize;
    } catch {
      if (current === path.dirname(current)) return null;
    }
  }
}

/** Whether an address means the machine of the extension host. */
export function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return /^(?:localhost|.*\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}
