import { BlockList, isIP } from 'node:net';
import * as l10n from '@vscode/l10n';
import { isLoopback } from '../pool/diskSpace';
import { ConnectionFault } from '../shared/connectionFault';

/** What the user's editor says about the network. */
export interface NetworkSettings {
  /** VS Code's `http.proxy`. */
  readonly proxy?: string;
  /** VS Code's `http.noProxy`. */
  readonly noProxy: readonly string[];
  /** VS Code's `http.proxyAuthorization`: the whole value of the header. */
  readonly proxyAuthorization?: string;
  /** VS Code's `http.proxyStrictSSL`: whether certificates are checked behind a proxy. */
  readonly strictTls: boolean;
  /** False where VS Code's `http.proxySupport` is `off`: then no proxy is used at all. */
  readonly useProxy: boolean;
}

/** The network where nothing was set. */
export const DEFAULT_NETWORK: NetworkSettings = { noProxy: [], strictTls: true, useProxy: true };

/** A proxy that a request goes through. */
export interface ProxyAddress {
  readonly protocol: 'http:' | 'https:';
  readonly origin: string;
  /** Name and port, as it may be shown. */
  readonly host: string;
  /** Value of the `Proxy-Authorization` header. Never shown. */
  readonly authorization?: string;
  /** Where it was set, for example `the setting http.proxy`. */
  readonly from: string;
}

/** Which way a request goes: null = to its server without any proxy. */
export type ProxyRules = (url: URL) => ProxyAddress | ConnectionFault | null;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The rules of settings and environment. `http.proxy` wins over `HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY`, each also
 * in lower case, which wins over upper case, as in curl. What `http.noProxy` or `NO_PROXY` names, and every loopback
 * address, is reached without a proxy. A proxy that is named wrongly is a fault, for going round it could leak.
 */
export function proxyRules(settings: NetworkSettings, env: Environment): ProxyRules {
  if (!settings.useProxy) return () => null;
  const named = (name: string): readonly [string, string] | undefined => {
    const value = (env[name.toLowerCase()] ?? env[name])?.trim() ?? '';
    return value === '' ? undefined : [value, l10n.t('the environment variable {0}', name)];
  };
  const proxyOf = (found: readonly [string, string] | undefined): ProxyAddress | ConnectionFault | null => {
    if (found === undefined) return null;
    const [value, from] = found;
    return proxyAddress(value, from, settings.proxyAuthorization);
  };
  const setting = settings.proxy?.trim() ?? '';
  const set = setting === '' ? undefined : ([setting, l10n.t('the setting http.proxy')] as const);
  const secure = proxyOf(set ?? named('HTTPS_PROXY') ?? named('ALL_PROXY'));
  const plain = proxyOf(set ?? named('HTTP_PROXY') ?? named('ALL_PROXY'));
  const direct = directRules([...settings.noProxy, env['no_proxy'] ?? env['NO_PROXY'] ?? '']);
  return (url) => {
    if (isLoopback(url.href) || direct.some((rule) => rule(url))) return null;
    return url.protocol === 'https:' ? secure : plain;
  };
}

function proxyAddress(
  value: string,
  from: string,
  authorization: string | undefined,
): ProxyAddress | ConnectionFault {
  // `proxy.example:3128` is how most people write it.
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    return new ConnectionFault(
      'PROXY_INVALID',
      l10n.t('{0} names no HTTP proxy', from),
      l10n.t('Write it as http://host:port; other kinds of proxies, such as SOCKS, are not supported.'),
    );
  }
  const own = authorization?.trim() ?? '';
  const sent = own === '' ? basicAuthorization(url) : own;
  return {
    protocol: url.protocol,
    origin: url.origin,
    host: url.host,
    from,
    ...(sent === undefined ? {} : { authorization: sent }),
  };
}

function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  return `Basic ${Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64')}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A lone percent sign: it was written as it is meant.
    return part;
  }
}

type DirectRule = (url: URL) => boolean;

/**
 * What is reached without a proxy: entries divided by commas or blanks. `*` is everything; `name` and `.name` are the
 * name and all below it, `*.name` only what is below it; IPv4 and IPv6 addresses, also with a prefix length; each may
 * end in `:port` (IPv6 then in brackets). An entry that is none of these matches nothing.
 */
function directRules(lists: readonly string[]): readonly DirectRule[] {
  return lists.flatMap((list) => list.split(/[\s,]+/)).flatMap((entry) => directRule(entry) ?? []);
}

function directRule(entry: string): DirectRule | null {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(entry);
  const parts = entry.split(':');
  // More colons than one: an IPv6 address, which has no port without brackets.
  const [written, port] = bracketed ? bracketed.slice(1) : parts.length > 2 ? [entry] : parts;
  const name = written?.toLowerCase().replace(/\.$/, '') ?? '';
  if (name === '') return null;
  const named = name === '*' ? () => true : (addressRule(name) ?? nameRule(name));
  return (url) => (port === undefined || portOf(url) === port) && named(hostOf(url));
}

type HostRule = (host: string) => boolean;

function nameRule(name: string): HostRule {
  const below = `.${name.replace(/^\*?\./, '')}`;
  const only = name.startsWith('*');
  return (host) => host.endsWith(below) || (!only && `.${host}` === below);
}

/** The rule of an address or of a range of them; null for what is neither. */
function addressRule(name: string): HostRule | null {
  const [address = '', prefix] = name.split('/');
  const version = isIP(address);
  if (version === 0) return null;
  const family = version === 6 ? 'ipv6' : 'ipv4';
  const longest = version === 6 ? 128 : 32;
  const length = prefix === undefined ? longest : Number(prefix);
  if (!Number.isInteger(length) || length < 0 || length > longest) return null;
  const list = new BlockList();
  list.addSubnet(address, length, family);
  return (host) => {
    const asked = isIP(host);
    return asked !== 0 && list.check(host, asked === 6 ? 'ipv6' : 'ipv4');
  };
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

function portOf(url: URL): string {
  if (url.port !== '') return url.port;
  return url.protocol === 'https:' ? '443' : '80';
}
