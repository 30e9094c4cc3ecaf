import { describe, expect, it } from 'vitest';
import { findAddresses, thisMachine, type CandidateAddress } from '../../../src/backends/findAddresses';

const USUAL = [11434, 1234, 8000, 8080, 9931].map((port) => `http://127.0.0.1:${port}`);

/** As the kernel writes it; the gateway's bytes are reversed. */
const ROUTE_HEAD =
  'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT                     \n';
const route = (...lines: readonly string[]): string =>
  ROUTE_HEAD + lines.map((line) => `${line}\t0\t0\t0\n`).join('');
const VIA_172_29_96_1 = 'eth0\t00000000\t01601DAC\t0003\t0\t0\t0\t00000000';
const VIA_172_17_0_1 = 'eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000';
const VIA_192_168_1_1 = 'eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000';
const VIA_8_8_8_8 = 'eth0\t00000000\t08080808\t0003\t0\t0\t0\t00000000';
const LAN = 'eth0\t00601DAC\t00000000\t0001\t0\t0\t0\t00F0FFFF';

const WSL2 = '5.15.153.1-microsoft-standard-WSL2\n';
const DEV = 'Inter-|   Receive\n face |bytes\n    lo: 1 2\n  eth0: 1 2\n';

interface Machine {
  readonly files?: Readonly<Record<string, string>>;
  readonly names?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly platform?: NodeJS.Platform;
}

function find(
  { files = {}, names = {}, env = {}, platform = 'linux' }: Machine,
  named: string | null = null,
): Promise<readonly CandidateAddress[]> {
  const sources = {
    env,
    platform,
    readText: (file: string) => Promise.resolve(files[file] ?? null),
    addressOf: (name: string) => Promise.resolve(names[name] ?? null),
  };
  return findAddresses(sources, named, USUAL);
}

/** The machines besides this one that are asked, by name. */
async function around(machine: Machine): Promise<readonly string[]> {
  const found = await find(machine);
  expect(found.slice(0, USUAL.length).map(({ url }) => url)).toEqual(USUAL);
  return [...new Set(found.slice(USUAL.length).map(({ url, place }) => `${new URL(url).hostname} ${place}`))];
}

describe('this machine', () => {
  it('is asked at every usual port, and nobody else where nobody is around', async () => {
    expect(await find({ files: { '/proc/net/route': route(VIA_192_168_1_1) } })).toEqual(
      USUAL.map((url) => ({ url, place: 'this_machine' })),
    );
  });

  it.each([
    ['http://127.0.0.1:11434', 5, 'this_machine'],
    ['http://127.0.0.1:7777', 6, 'this_machine'],
    ['http://localhost:7777', 6, 'this_machine'],
    ['http://[::1]:7777', 6, 'this_machine'],
    ['http://gpubox:11434', 6, 'elsewhere'],
  ])('is not asked twice where OLLAMA_HOST means %s, which comes first', async (named, count, place) => {
    const found = await find({}, named);
    expect(found[0]).toEqual({ url: named, place });
    expect(found).toHaveLength(count);
  });
});

describe('WSL', () => {
  const files = { '/proc/sys/kernel/osrelease': WSL2, '/proc/net/dev': DEV };

  it('has Windows behind its gateway', async () => {
    const machine = { files: { ...files, '/proc/net/route': route(LAN, VIA_172_29_96_1) } };
    expect(await around(machine)).toEqual(['172.29.96.1 windows_side']);
    expect((await find(machine)).slice(USUAL.length)).toEqual(
      [11434, 1234, 8000, 8080, 9931].map((port) => ({
        url: `http://172.29.96.1:${port}`,
        place: 'windows_side',
        host: 'windows',
      })),
    );
  });

  it('calls the Windows side by its name where OLLAMA_HOST means it', async () => {
    const machine = { files: { ...files, '/proc/net/route': route(VIA_172_29_96_1) } };
    expect((await find(machine, 'http://172.29.96.1:7777'))[0]).toEqual({
      url: 'http://172.29.96.1:7777',
      place: 'windows_side',
      host: 'windows',
    });
  });

  it.each([
    ['the same address', 'nameserver 172.29.96.1\n', ['172.29.96.1 windows_side']],
    [
      'another private one',
      '# made by WSL\nnameserver 192.168.77.1\nnameserver 8.8.8.8\n',
      ['172.29.96.1 windows_side', '192.168.77.1 windows_side'],
    ],
    ['the DNS tunnel of WSL', 'nameserver 10.255.255.254\n', ['172.29.96.1 windows_side']],
    ['one on the internet', 'nameserver 1.1.1.1\n', ['172.29.96.1 windows_side']],
    ['one of IPv6', 'nameserver fe80::1\n', ['172.29.96.1 windows_side']],
  ])('has a nameserver: %s', async (_what, text, expected) => {
    const machine = {
      files: { ...files, '/proc/net/route': route(VIA_172_29_96_1), '/etc/resolv.conf': text },
    };
    expect(await around(machine)).toEqual(expected);
  });

  it.each([
    ['mirrors the network of Windows', { '/proc/net/dev': `${DEV}loopback0: 1 2\n` }],
    ['is WSL 1', { '/proc/sys/kernel/osrelease': '4.4.0-22621-Microsoft\n' }],
    ['is another system', { '/proc/sys/kernel/osrelease': '6.8.0-45-generic\n' }],
    ['has a gateway on the internet', { '/proc/net/route': route(VIA_8_8_8_8) }],
    ['has no route', { '/proc/net/route': '' }],
    ['has a table of nonsense', { '/proc/net/route': 'a\nb c d\neth0\t00000000\tXYZ\t0003\n' }],
    ['has a gateway that is down', { '/proc/net/route': route(VIA_172_29_96_1.replace('0003', '0002')) }],
  ])('asks nobody around where it %s', async (_what, change) => {
    const machine = { files: { ...files, '/proc/net/route': route(VIA_192_168_1_1), ...change } };
    expect(await around(machine)).toEqual([]);
  });

  it('takes the default route of least metric', async () => {
    const table = route(VIA_192_168_1_1, VIA_172_29_96_1);
    expect(await around({ files: { ...files, '/proc/net/route': table } })).toEqual([
      '172.29.96.1 windows_side',
    ]);
  });
});

describe('a container', () => {
  const gateway = { '/proc/net/route': route(VIA_172_17_0_1) };

  it.each([
    ['Docker', { '/.dockerenv': '' }, {}],
    ['Podman', { '/run/.containerenv': 'engine="podman"\n' }, {}],
    ['its control groups', { '/proc/1/cgroup': '0::/system.slice/docker-abc.scope\n' }, {}],
    ['systemd-nspawn', {}, { container: 'systemd-nspawn' }],
    ['Kubernetes', {}, { KUBERNETES_SERVICE_HOST: '10.0.0.1' }],
  ])('known by %s asks the machine around it, by its gateway', async (_what, marks, env) => {
    expect(await around({ files: { ...gateway, ...marks }, env })).toEqual(['172.17.0.1 container_host']);
  });

  it.each([
    [
      'by its own name, and the gateway',
      { 'host.docker.internal': '192.168.65.254' },
      ['host.docker.internal container_host', '172.17.0.1 container_host'],
    ],
    [
      'once where both are one',
      { 'host.docker.internal': '172.17.0.1', 'host.containers.internal': '172.17.0.1' },
      ['host.docker.internal container_host'],
    ],
    [
      'by Podman’s name',
      { 'host.containers.internal': '10.0.2.2' },
      ['host.containers.internal container_host', '172.17.0.1 container_host'],
    ],
    ['never on the internet', { 'host.docker.internal': '203.0.113.5' }, ['172.17.0.1 container_host']],
  ])('asks the machine around it %s', async (_what, names, expected) => {
    expect(await around({ files: { ...gateway, '/.dockerenv': '' }, names })).toEqual(expected);
  });

  it('under WSL is a container', async () => {
    const files = { ...gateway, '/.dockerenv': '', '/proc/sys/kernel/osrelease': WSL2 };
    expect(await around({ files })).toEqual(['172.17.0.1 container_host']);
  });

  it('on another system than Linux is not looked for', async () => {
    expect(await around({ files: { ...gateway, '/.dockerenv': '' }, platform: 'darwin' })).toEqual([]);
  });
});

it('reads the real machine without failing', async () => {
  const sources = thisMachine({});
  expect(await sources.readText('/no/such/file')).toBeNull();
  expect(await sources.readText('/proc/net/route')).not.toBe('');
  expect(await sources.addressOf('localhost')).toBe('127.0.0.1');
  const found = await findAddresses({ ...sources, addressOf: () => Promise.resolve(null) }, null, USUAL);
  expect(found.slice(0, USUAL.length).map(({ url }) => url)).toEqual(USUAL);
});
