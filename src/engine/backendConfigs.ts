import { BACKEND_KIND_TABLE } from '../backends/backendKinds';
import { baseUrl } from '../backends/baseUrl';
import type { BackendConfig } from '../backends/contract';
import { isLoopback } from '../pool/diskSpace';
import { LOCAL_HOST } from '../shared/modelRef';
import type { Settings } from '../shared/settings';

/**
 * The backends of the settings that are not switched off, with their base address (that of the kind where they name
 * none, empty for the editor's own models) and the machine that each runs on.
 */
export function backendConfigs(settings: Settings): BackendConfig[] {
  return settings.backends
    .filter((backend) => backend.enabled !== false)
    .map(({ id, kind, url: written, host, headers = {}, secretName }) => {
      const url = baseUrl(written ?? BACKEND_KIND_TABLE[kind].defaultUrls[0] ?? '');
      const config = { id, kind, url, host: host ?? hostOfUrl(url), headers };
      return secretName === undefined ? config : { ...config, secretName };
    });
}

/** `local` for a loopback address and for the editor's own, else the address's host name: models run where the server runs. */
function hostOfUrl(url: string): string {
  return url === '' || isLoopback(url) ? LOCAL_HOST : new URL(url).hostname;
}
