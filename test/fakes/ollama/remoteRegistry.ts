import type { FaultSwitches } from './faults';
import { strikes } from './faults';
import type { ModelName } from './names';
import { fullName, nameKey, parseModelName } from './names';
import type { ModelPackage } from './package';

export type ManifestAnswer =
  | { readonly status: 'found'; readonly package: ModelPackage }
  | { readonly status: 'failed'; readonly error: string }
  | { readonly status: 'silent' };

/** Address that a name without one of its own stands for (TEST-NET, RFC 5737: nothing ever answers there). */
const REMOTE_ADDRESS = '192.0.2.10';

/** The registries that the fake server can reach, seen from Ollama's side: a manifest or the words of a failure. */
export class RemoteRegistry {
  readonly #packages = new Map<string, ModelPackage>();
  readonly #hosts = new Map<string, 'http' | 'https'>([['registry.ollama.ai', 'https']]);

  constructor(
    packages: Readonly<Record<string, ModelPackage>>,
    private readonly faults: FaultSwitches,
  ) {
    for (const [name, model] of Object.entries(packages)) this.offer(name, model);
  }

  /** Offers a model, or another version of one. A registry on loopback speaks plain HTTP. */
  offer(nameText: string, model: ModelPackage): void {
    const name = parseModelName(nameText);
    if (name === null) throw new Error(`not a model name: ${nameText}`);
    this.#packages.set(nameKey(name), model);
    this.#hosts.set(name.host, isLoopback(name.host) ? 'http' : 'https');
  }

  /** What a request for the model's manifest gives; error texts lack the prefix `pull model manifest: `. */
  manifest(name: ModelName, insecure: boolean): ManifestAnswer {
    const unreachable = this.#unreachable('Get', name, insecure);
    if (unreachable !== null) return { status: 'failed', error: unreachable };
    return strikes(this.faults, 'manifestHang') ? { status: 'silent' } : this.#answer(name);
  }

  /** Takes a pushed model and offers it from then on; else why it cannot be reached. */
  accept(name: ModelName, insecure: boolean, model: ModelPackage): string | null {
    const unreachable = this.#unreachable('Put', name, insecure);
    if (unreachable === null) this.offer(fullName(name), model);
    return unreachable;
  }

  #unreachable(verb: 'Get' | 'Put', name: ModelName, insecure: boolean): string | null {
    const { faults } = this;
    const scheme = insecure && isLoopback(name.host) ? 'http' : 'https';
    const url = `${scheme}://${name.host}/v2/${name.namespace}/${name.model}/manifests/${name.tag}`;
    const failed = (error: string): string => `${verb} "${url}": ${error}`;
    if (faults.networkError !== null) return failed(faults.networkError);
    const serves = this.#hosts.get(name.host);
    if (strikes(faults, 'dnsDown') || (serves === undefined && !isLoopback(name.host))) {
      return failed(`dial tcp: lookup ${hostOnly(name.host)} on 127.0.0.53:53: no such host`);
    }
    if (strikes(faults, 'registryDown') || serves === undefined) {
      return failed(`dial tcp ${addressOf(name.host, scheme)}: connect: connection refused`);
    }
    if (serves === 'http' && scheme === 'https') {
      return failed('http: server gave HTTP response to HTTPS client');
    }
    return null;
  }

  #answer(name: ModelName): ManifestAnswer {
    const { faults } = this;
    const failed = (error: string): ManifestAnswer => ({ status: 'failed', error });
    if (strikes(faults, 'status429')) {
      return failed('429: {"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}');
    }
    if (strikes(faults, 'status500')) return failed('500: internal oops');
    const model = this.#packages.get(nameKey(name));
    if (model === undefined || strikes(faults, 'missing')) return failed('file does not exist');
    const trouble = model.trouble?.manifest;
    if (trouble === undefined) return { status: 'found', package: model };
    if (trouble === 'hang') return { status: 'silent' };
    return failed('text' in trouble ? trouble.text : `${trouble.status}: ${trouble.body}`);
  }
}

function hostOnly(host: string): string {
  return host.replace(/:\d+$/, '');
}

function isLoopback(host: string): boolean {
  return ['localhost', '127.0.0.1'].includes(hostOnly(host));
}

function addressOf(host: string, scheme: 'http' | 'https'): string {
  const port = /:(\d+)$/.exec(host)?.[1] ?? (scheme === 'http' ? '80' : '443');
  return `${isLoopback(host) ? '127.0.0.1' : REMOTE_ADDRESS}:${port}`;
}
