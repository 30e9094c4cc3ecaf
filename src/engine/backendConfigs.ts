import type { BackendConfig } from '../backends/contract';
import { isLoopback } from '../pool/diskSpace';
import { LOCAL_HOST } from '../shared/modelRef';
import type { Settings } from '../shared/settings';

/** The backends of the settings that are not switched off, with the machine that each runs on. */
export function backendConfigs(settings: Settings): BackendConfig[] {
  return settings.backends
    .filter((backend) => backend.enabled !== false)
    .map(({ id, kind, url, host, headers }) => ({
      id,
      kind,
      url: url.replace(/\/+$/, ''),
      host: host ?? hostOfUrl(url),
      headers: headers ?? {},
    }));
}

/** `local` for a loopback address, else the address's host name: models run where the server runs. */
function hostOfUrl(url: string): string {
  return isLoopback(url) ? LOCAL_HOST : new URL(url).hostname;
}
