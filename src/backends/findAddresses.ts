import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { BlockList, isIPv4 } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** On which machine an address is, seen from the extension host. */
export type Place = 'this_machine' | 'windows_side' | 'container_host' | 'elsewhere';

/** An address at which a model server may listen. */
export interface CandidateAddress {
  readonly url: string;
  readonly place: Place;
  /** Name of that machine for the setting `host`; absent where the address says enough. */
  readonly host?: string;
}

/** What is asked of the machine; injected, so that every kind of machine can be tested on one. */
export interface AddressSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** The text of a file, null where it is not there or may not be read. */
  readonly readText: (file: string) => Promise<string | null>;
  /** The IPv4 address of a name, null where there is none. */
  readonly addressOf: (name: string) => Promise<string | null>;
}

/** Names that container tools give to the machine they run on: Docker Desktop's, Podman's. */
const CONTAINER_HOST_NAMES = ['host.docker.internal', 'host.containers.internal'];

/** Names of other machines are asked no longer than this: without a network, a resolver may take a minute to say no. */
const LOOKUP_MS = 1_000;

/** Where the DNS proxy of WSL's own network answers; nothing else listens there. */
const WSL_DNS_TUNNEL = '10.255.255.254';

/** The real machine. */
export function thisMachine(env: AddressSources['env']): AddressSources {
  return {
    env,
    platform: process.platform,
    readText: (file) => readFile(file, 'utf8').catch(() => null),
    addressOf: (name) =>
      Promise.race([
        lookup(name, { family: 4 }).then(
          ({ address }) => address,
          () => null,
        ),
        delay(LOOKUP_MS, null, { ref: false }),
      ]),
  };
}

/**
 * Where model servers usually listen, the likeliest first: `named` by the person (`OLLAMA_HOST`), `usual` on this
 * machine, and the same ports on the Windows side where this is WSL, or on the machine around the container where this
 * is one. No address is given twice, and none outside private networks but the one that was named.
 */
export async function findAddresses(
  sources: AddressSources,
  named: string | null,
  usual: readonly string[],
): Promise<readonly CandidateAddress[]> {
  const here = usual.map((url): CandidateAddress => ({ url, place: 'this_machine' }));
  const ports = [...new Set(usual.map((url) => new URL(url).port))];
  const around = (await hostsAround(sources)).flatMap(({ name, place, host }) =>
    ports.map((port): CandidateAddress => ({ url: `http://${name}:${port}`, place, host })),
  );
  const all = [...(named === null ? [] : [namedAddress(named, [...here, ...around])]), ...here, ...around];
  return all.filter(({ url }, index) => all.findIndex((other) => other.url === url) === index);
}

function namedAddress(url: string, others: readonly CandidateAddress[]): CandidateAddress {
  const { hostname } = new URL(url);
  const known = others.find((other) => new URL(other.url).hostname === hostname);
  if (known) return { ...known, url };
  const loopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
  return { url, place: loopback ? 'this_machine' : 'elsewhere' };
}

interface HostAround {
  readonly name: string;
  readonly place: Place;
  readonly host: string;
}

async function hostsAround(sources: AddressSources): Promise<readonly HostAround[]> {
  if (sources.platform !== 'linux') return [];
  const gateway = defaultGateway((await sources.readText('/proc/net/route')) ?? '');
  // A container under WSL has its kernel too, and is a container first.
  if (await isContainer(sources)) return containerHosts(sources, gateway);
  return (await hasNetworkOfWsl(sources)) ? windowsHosts(sources, gateway) : [];
}

async function containerHosts(
  { addressOf }: AddressSources,
  gateway: string | null,
): Promise<readonly HostAround[]> {
  const addresses = await Promise.all(CONTAINER_HOST_NAMES.map((name) => addressOf(name)));
  const names = [...CONTAINER_HOST_NAMES, gateway ?? ''];
  const all = [...addresses, gateway];
  return names
    .filter((_name, index) => isPrivate(all[index]) && all.indexOf(all[index] ?? null) === index)
    .map((name) => ({ name, place: 'container_host', host: 'container_host' }));
}

async function windowsHosts(
  { readText }: AddressSources,
  gateway: string | null,
): Promise<readonly HostAround[]> {
  const resolvConf = (await readText('/etc/resolv.conf')) ?? '';
  const nameserver = /^\s*nameserver\s+(\S+)/m.exec(resolvConf)?.[1];
  const addresses = new Set([gateway ?? '', nameserver === WSL_DNS_TUNNEL ? '' : (nameserver ?? '')]);
  return [...addresses]
    .filter((address) => isPrivate(address))
    .map((name) => ({ name, place: 'windows_side', host: 'windows' }));
}

/**
 * Whether this is WSL with a network of its own, behind Windows. WSL 1 has that of Windows, and so has WSL 2 while it
 * mirrors it, seen by its interface `loopback0`: the gateway is then a router that is none of ours.
 */
async function hasNetworkOfWsl({ readText }: AddressSources): Promise<boolean> {
  if (!/wsl2/i.test((await readText('/proc/sys/kernel/osrelease')) ?? '')) return false;
  return !/^\s*loopback0:/m.test((await readText('/proc/net/dev')) ?? '');
}

/** After what Docker, Podman, Kubernetes and systemd-nspawn leave in the containers that they make. */
async function isContainer({ env, readText }: AddressSources): Promise<boolean> {
  if ((env['container'] ?? '') !== '' || (env['KUBERNETES_SERVICE_HOST'] ?? '') !== '') return true;
  const marks = await Promise.all(['/.dockerenv', '/run/.containerenv'].map(async (file) => readText(file)));
  if (marks.some((mark) => mark !== null)) return true;
  return /docker|kubepods|containerd|libpod|lxc/.test((await readText('/proc/1/cgroup')) ?? '');
}

/**
 * The IPv4 gateway of the default route in the text of `/proc/net/route`, the one of least metric; null where there is
 * none. Addresses stand there in hexadecimal digits, last byte first.
 */
function defaultGateway(route: string): string | null {
  const gateways = route
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, destination, gateway, flags]) => {
      const isUpGateway = (Number.parseInt(flags ?? '0', 16) & 0b11) === 0b11;
      return destination === '00000000' && isUpGateway && /^[0-9A-F]{8}$/i.test(gateway ?? '');
    })
    .sort((a, b) => Number(a[6] ?? 0) - Number(b[6] ?? 0));
  const bytes = gateways[0]?.[2]?.match(/../g);
  return bytes
    ? bytes
        .reverse()
        .map((byte) => Number.parseInt(byte, 16))
        .join('.')
    : null;
}

/** Networks that nobody routes, after RFC 1918: what answers there is not somebody else's on the internet. */
const PRIVATE = new BlockList();
PRIVATE.addSubnet('10.0.0.0', 8, 'ipv4');
PRIVATE.addSubnet('172.16.0.0', 12, 'ipv4');
PRIVATE.addSubnet('192.168.0.0', 16, 'ipv4');

function isPrivate(address: string | null | undefined): boolean {
  return isIPv4(address ?? '') && PRIVATE.check(address ?? '', 'ipv4');
}
