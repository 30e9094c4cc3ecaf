import { BACKEND_KIND_TABLE } from '../backends/backendKinds';
import { AdvisoryInstallAdapter, type AdvisoryBackend } from '../backends/advisoryInstall';
import type { Backend, BackendConfig, BackendKind, EditorModels } from '../backends/contract';
import type { InstallAdapter } from '../backends/installAdapter';
import { OllamaInstallAdapter } from '../backends/ollamaInstall';
import type { Shell } from '../backends/shellQuote';
import type { Clock } from '../shared/clock';
import type { HttpClient } from '../shared/http';
import type { Logger } from '../shared/logger';
import { LOCAL_HOST, type HostId } from '../shared/modelRef';
import type { Settings } from '../shared/settings';
import { backendConfigs } from './backendConfigs';
import { backendHeaders, type SecretReader } from './backendHeaders';

export interface BackendsOptions {
  readonly http: HttpClient;
  readonly secrets: SecretReader;
  /** Of the user's terminal, for commands that are shown. Default: one that is not known. */
  readonly shell?: Shell;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly editorModels?: EditorModels;
  /** What must have happened before the first answer of any backend is of use. */
  readonly ready: () => Promise<void>;
}

/** Tools that install their own models. */
const ADVISED: Readonly<Partial<Record<BackendKind, AdvisoryBackend>>> = {
  lm_studio: 'lmstudio',
  vllm: 'vllm',
  llama_server: 'llamacpp',
};

/** The backends of the settings: their configuration, and whoever talks to them. */
export class Backends {
  #configs: readonly BackendConfig[] = [];

  constructor(private readonly options: BackendsOptions) {}

  /** Takes the backends of the settings, and returns those to probe. */
  configure(settings: Settings): readonly Backend[] {
    this.#configs = backendConfigs(settings);
    return this.#configs.map((config) => this.#create(config));
  }

  config(id: string): BackendConfig | undefined {
    return this.#configs.find((config) => config.id === id);
  }

  hostOf(id: string): HostId {
    return this.config(id)?.host ?? LOCAL_HOST;
  }

  /** The client of one backend: it adds the headers and the key that the settings name at each request. */
  httpOf(id: string): HttpClient {
    return this.options.http.withHeaders(async () => {
      const config = this.config(id);
      return config ? backendHeaders(config, BACKEND_KIND_TABLE[config.kind], this.options.secrets) : {};
    });
  }

  /** Whether models can be installed on and removed from a backend. */
  canInstallOn(id: string): boolean {
    return this.config(id)?.kind === 'ollama';
  }

  /** The backends on which models can be installed, and the machine of each. */
  installers(): readonly { readonly backend: string; readonly host: HostId }[] {
    return this.#configs
      .filter(({ id }) => this.canInstallOn(id))
      .map(({ id: backend, host }) => ({ backend, host }));
  }

  /** Whether a backend is somebody's service, whose models run on no machine of ours. */
  isService(id: string): boolean {
    const config = this.config(id);
    return config !== undefined && (config.kind === 'vscode' || BACKEND_KIND_TABLE[config.kind].hosted);
  }

  /** Whoever installs on a backend, or says how that is done there; undefined where nobody can. */
  installerOf(id: string): InstallAdapter | undefined {
    const config = this.config(id);
    if (!config) return undefined;
    const { clock, logger, shell = 'other' } = this.options;
    if (config.kind !== 'ollama') {
      const backend = ADVISED[config.kind];
      if (!backend) return undefined;
      const probe = (signal: AbortSignal): ReturnType<Backend['probe']> => this.#create(config).probe(signal);
      return new AdvisoryInstallAdapter({ backend, shell, probe });
    }
    return new OllamaInstallAdapter({ baseUrl: config.url, http: this.httpOf(id), clock, logger });
  }

  #create(config: BackendConfig): Backend {
    const { logger, editorModels, ready } = this.options;
    const http = this.httpOf(config.id);
    const backend = BACKEND_KIND_TABLE[config.kind].create({
      ...{ config, http, logger },
      ...(editorModels ? { editorModels } : {}),
    });
    return {
      ...backend,
      probe: async (signal) => {
        await ready();
        return backend.probe(signal);
      },
    };
  }
}
