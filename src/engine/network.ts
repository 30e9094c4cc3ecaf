import type { LookupFunction } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { buildConnector, Dispatcher } from 'undici';
import { ConnectionFault } from '../shared/connectionFault';
import { agentWay, type Way } from './networkAgent';
import { lazySecureContext, trustedCertificates } from './networkCertificates';
import { proxyWay } from './networkProxy';
import { proxyRules, type NetworkSettings, type ProxyRules } from './networkRules';

const CONNECT_TIMEOUT_MS = 5_000;

export interface NetworkOptions {
  readonly settings: NetworkSettings;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Certificates that are trusted, as PEM; undefined: Node's own. Asked once, at the first https connection. */
  readonly certificates?: () => readonly string[] | undefined;
  /** How names become addresses. Default the system's. */
  readonly lookup?: LookupFunction;
}

/**
 * The one way of every request to the network: straight or through the proxy of settings and environment, with the
 * certificates that this machine trusts. Building it touches neither network nor certificates.
 */
export class Network {
  readonly #options: NetworkOptions;
  readonly #secureContext;
  #settings: NetworkSettings;
  #current: Ways;
  /** Ways of earlier settings, whose last requests still run. */
  readonly #ending = new Set<Ways>();

  constructor(options: NetworkOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#secureContext = lazySecureContext(options.certificates ?? trustedCertificates);
    this.#current = this.#open();
  }

  /** What `HttpClient` sends its requests with; stays the same whatever the settings become. */
  readonly dispatcher: Dispatcher = new CurrentDispatcher(() => this.#current);

  /** New requests go by these settings; what runs goes on as it began. */
  configure(settings: NetworkSettings): void {
    if (isDeepStrictEqual(settings, this.#settings)) return;
    this.#settings = settings;
    const before = this.#current;
    this.#current = this.#open();
    this.#ending.add(before);
    const ended = (): void => void this.#ending.delete(before);
    // It rejects where it is cut off before it has ended.
    before.close().then(ended, ended);
  }

  /** Cuts every connection off. */
  async dispose(): Promise<void> {
    await Promise.all([this.#current, ...this.#ending].map((ways) => ways.destroy()));
  }

  #open(): Ways {
    const { env } = this.#options;
    const settings = this.#settings;
    return new Ways(
      proxyRules(settings, env),
      this.#connector(true),
      // Whoever does not check certificates does so because of a proxy that shows its own.
      this.#connector(settings.strictTls),
    );
  }

  #connector(strict: boolean): buildConnector.connector {
    const { lookup } = this.#options;
    const shared = { timeout: CONNECT_TIMEOUT_MS, ...(lookup ? { lookup } : {}) };
    const plain = buildConnector(shared);
    let secure: buildConnector.connector | undefined;
    return (options, callback) => {
      if (options.protocol !== 'https:') return plain(options, callback);
      secure ??= buildConnector({
        ...shared,
        // One call, one connection: ending a call closes its socket, and a proxy sees what it carries.
        allowH2: false,
        secureContext: this.#secureContext(),
        rejectUnauthorized: strict,
      });
      secure(options, callback);
    };
  }
}

class CurrentDispatcher extends Dispatcher {
  constructor(private readonly current: () => Way) {
    super();
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    return this.current().dispatch(options, handler);
  }
}

/** The ways of one state of the settings; each is made when it is first needed. */
class Ways implements Way {
  readonly #direct: Way;
  readonly #proxies = new Map<string, Way>();

  constructor(
    private readonly rules: ProxyRules,
    direct: buildConnector.connector,
    private readonly behindProxy: buildConnector.connector,
  ) {
    this.#direct = agentWay(direct);
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const proxy = this.rules(new URL(options.origin ?? ''));
    if (proxy === null) return this.#direct.dispatch(options, handler);
    if (proxy instanceof ConnectionFault) throw proxy;
    const key = JSON.stringify(proxy);
    let way = this.#proxies.get(key);
    if (!way) this.#proxies.set(key, (way = proxyWay(proxy, this.behindProxy)));
    return way.dispatch(options, handler);
  }

  async close(): Promise<void> {
    await Promise.all([this.#direct, ...this.#proxies.values()].map((way) => way.close()));
  }

  async destroy(): Promise<void> {
    await Promise.all([this.#direct, ...this.#proxies.values()].map((way) => way.destroy()));
  }
}
