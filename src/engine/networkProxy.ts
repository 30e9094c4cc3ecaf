import { isIP, Socket } from 'node:net';
import * as l10n from '@vscode/l10n';
import type { Dispatcher } from 'undici';
import { Pool, type buildConnector } from 'undici';
import { ConnectionFault, proxyWantsName, tlsFaultOf } from '../shared/connectionFault';
import { agentWay, type Way } from './networkAgent';
import type { ProxyAddress } from './networkRules';

/** How long a proxy may take to open a tunnel: it looks the server up and connects to it in that time. */
const TUNNEL_TIMEOUT_MS = 10_000;

/**
 * The way through a proxy: https in a tunnel (`CONNECT`), plain http by asking the proxy for the whole address, since
 * many proxies tunnel to no port but 443. Made of undici's parts instead of its `ProxyAgent`, which waits five minutes
 * for a proxy that hangs and cannot tell the failure of a proxy from that of a server.
 */
export function proxyWay(proxy: ProxyAddress, connect: buildConnector.connector): Way {
  const toProxy = new Pool(proxy.origin, {
    connect: (options, callback) =>
      connect(options, (error, socket) => {
        if (error) callback(unreachable(proxy, error), null);
        else callback(null, socket);
      }),
    headersTimeout: TUNNEL_TIMEOUT_MS,
  });
  const tunnelled = agentWay((options, callback) => {
    openTunnel(proxy, toProxy, options.hostname, options.port || '443').then(
      (httpSocket) => connect({ ...options, httpSocket }, callback),
      (thrown: unknown) => callback(thrown instanceof Error ? thrown : new Error('no tunnel'), null),
    );
  });
  return {
    dispatch(options, handler) {
      const origin = new URL(options.origin ?? '');
      if (origin.protocol === 'https:') return tunnelled.dispatch(options, handler);
      return toProxy.dispatch(forwarded(proxy, origin, options), handler);
    },
    async close() {
      await tunnelled.close();
      await toProxy.close();
    },
    async destroy() {
      await Promise.all([tunnelled.destroy(), toProxy.destroy()]);
    },
  };
}

async function openTunnel(proxy: ProxyAddress, pool: Pool, hostname: string, port: string): Promise<Socket> {
  const target = `${isIP(hostname) === 6 ? `[${hostname}]` : hostname}:${port}`;
  let opened: Dispatcher.ConnectData;
  try {
    opened = await pool.connect({
      path: target,
      headers: { host: target, ...authorizationOf(proxy) },
      ...servernameOf(proxy),
    });
  } catch (thrown) {
    if (thrown instanceof ConnectionFault) throw thrown;
    throw unreachable(proxy, thrown);
  }
  const { statusCode, socket } = opened;
  if (statusCode === 200 && socket instanceof Socket) return socket;
  socket.on('error', () => undefined).destroy();
  if (statusCode === 407) throw proxyWantsName();
  throw new ConnectionFault(
    'PROXY_REFUSED',
    l10n.t('the proxy {0} opens no connection to {1} (status {2})', proxy.host, target, statusCode),
    l10n.t(
      'Check whether that server runs and whether the proxy allows it; what needs no proxy belongs into the setting http.noProxy.',
    ),
  );
}

/** A request as a proxy wants it: with the whole address, and for whom it is. */
function forwarded(
  proxy: ProxyAddress,
  origin: URL,
  options: Dispatcher.DispatchOptions,
): Dispatcher.DispatchOptions & { readonly servername?: string } {
  return {
    ...options,
    origin: proxy.origin,
    path: `${origin.origin}${options.path}`,
    headers: { ...recordOf(options.headers), host: origin.host, ...authorizationOf(proxy) },
    ...servernameOf(proxy),
  };
}

function recordOf(
  headers: Dispatcher.DispatchOptions['headers'],
): Record<string, number | string | string[] | undefined> {
  if (headers === null || headers === undefined) return {};
  if (Array.isArray(headers) || Symbol.iterator in headers)
    throw new TypeError('headers must be a plain object');
  return { ...headers };
}

function authorizationOf({ authorization }: ProxyAddress): Readonly<Record<string, string>> {
  return authorization === undefined ? {} : { 'proxy-authorization': authorization };
}

/** The name that a proxy's own certificate is for: else undici takes that of the server. */
function servernameOf({ protocol, origin }: ProxyAddress): { readonly servername?: string } {
  const { hostname } = new URL(origin);
  return protocol === 'https:' && isIP(hostname.replace(/^\[|\]$/g, '')) === 0
    ? { servername: hostname }
    : {};
}

function unreachable(proxy: ProxyAddress, cause: unknown): ConnectionFault {
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
  const tls = tlsFaultOf(code, l10n.t('the proxy {0}', proxy.host));
  const silent =
    code === ''
      ? l10n.t('the proxy {0} does not answer', proxy.host)
      : l10n.t('the proxy {0} does not answer ({1})', proxy.host, code);
  const message = tls?.message ?? silent;
  const next = l10n.t(
    'Check {0} and the network; what needs no proxy belongs into the setting http.noProxy.',
    proxy.from,
  );
  return new ConnectionFault('PROXY_UNREACHABLE', message, tls?.nextStep ?? next, { cause });
}
