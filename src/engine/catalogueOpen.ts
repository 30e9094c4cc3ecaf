import type { Dispatcher } from 'undici';
import type { SnapshotLoadResult } from '../catalog/candidate';
import { CatalogFile } from '../catalog/catalogFile';
import { RequestBudget } from '../catalog/discoveryBudget';
import { repoReader } from '../catalog/discoveryDescribe';
import { organisationsToAsk } from '../catalog/discoveryOrganisations';
import { HubCache } from '../catalog/hubCache';
import { CachedHub } from '../catalog/hubCached';
import { HubClient } from '../catalog/hubClient';
import type { Clock } from '../shared/clock';
import { HttpClient } from '../shared/http';
import type { Logger } from '../shared/logger';
import { replaceFile } from '../storage/replaceFile';
import type { SecretReader } from './backendHeaders';
import { Catalogue } from './catalogue';

const HUGGING_FACE = 'https://huggingface.co';
/** The name in the editor's SecretStorage under which the access token lies. */
export const HUGGING_FACE_SECRET = 'huggingface';

export interface OpenCatalogueOptions {
  readonly loadSnapshot: () => Promise<SnapshotLoadResult>;
  /** The folder that all windows share. */
  readonly storageDir: string;
  readonly windowId: string;
  /** The way to the network, by the user's proxy and certificates. */
  readonly dispatcher: Dispatcher;
  readonly secrets: SecretReader;
  /** `HF_TOKEN` and `HF_ENDPOINT` are read, as Hugging Face's own tools do. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether this machine runs MLX files: Apple silicon alone. */
  readonly runsMlx: boolean;
  /** The settings as they are at each refresh. */
  readonly settings: () => { readonly catalogOnline: boolean; readonly poolAllowedOrgs: readonly string[] };
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The catalogue of a window with everything below it; reads and asks nothing before it is first used. */
export function openCatalogue(options: OpenCatalogueOptions): {
  readonly catalogue: Catalogue;
  /** Ends a refresh that runs, and writes what waits. */
  dispose(): Promise<void>;
} {
  const { storageDir: folder, windowId, loadSnapshot, settings, runsMlx, clock, logger } = options;
  const budget = new RequestBudget();
  const http = new HttpClient(budget.limit(options.dispatcher));
  const token = (): Promise<string | undefined> => tokenOf(options);
  const cache = new HubCache({ folder, writerId: windowId, clock, logger });
  const client = new HubClient({ baseUrl: endpointOf(options.env), token, http, clock, logger });
  const hub = new CachedHub(client, cache);
  const catalogue = new Catalogue({
    ...{ loadSnapshot, hub, budget, clock, logger },
    file: new CatalogFile({
      ...{ folder, logger },
      replaceFile: (file, text) => replaceFile(file, text, windowId),
    }),
    describe: (candidates) => repoReader({ hub, http, token, candidates }),
    online: () => settings().catalogOnline,
    organisations: () => organisationsToAsk(settings().poolAllowedOrgs, { runsMlx }),
  });
  const dispose = async (): Promise<void> => {
    await catalogue.dispose();
    await cache.flush();
  };
  return { catalogue, dispose };
}

/** The token that the user stored, else that of the environment. Secrets that cannot be read are none. */
async function tokenOf({ secrets, env }: OpenCatalogueOptions): Promise<string | undefined> {
  const stored = await secrets.get(HUGGING_FACE_SECRET).catch(() => undefined);
  return stored === undefined || stored === '' ? env['HF_TOKEN'] : stored;
}

function endpointOf(env: OpenCatalogueOptions['env']): string {
  const endpoint = env['HF_ENDPOINT'] ?? '';
  return /^https?:\/\//.test(endpoint) && URL.canParse(endpoint) ? endpoint : HUGGING_FACE;
}
