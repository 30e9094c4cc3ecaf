import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import { bytesToGib } from '../../shared/units';
import { arrayOf } from '../arrayOf';
import type { FoundGpu } from '../describeGpu';
import { describeGpus } from '../describeGpu';
import type { Probe, ProbeContext, ProbeFinding, SeenGpu } from '../probe';
import { failureText, NOTHING_FOUND, runTool, warning } from '../probe';
import type { HardwareWarning } from '../profile';
import { jsonAmongText, wholeNumber } from '../toolJson';

/**
 * AMD and Intel GPUs on Windows: the adapters that Win32_VideoController lists, with the memory that drivers write to the
 * registry, since AdapterRAM ends at 4 GiB. NVIDIA's are left to `nvidia-smi`. Without PowerShell the registry alone does;
 * it may name a card that was taken out.
 */
export const windowsProbe: Probe = {
  id: 'windows',
  platforms: ['win32'],
  failure: 'gpu_not_visible',
  run: probeWindows,
};

const VIDEO_COMMAND = [
  'Get-CimInstance Win32_VideoController',
  'Select-Object Name,AdapterRAM,PNPDeviceID,ConfigManagerErrorCode',
  'ConvertTo-Json',
].join(' | ');

/** Windows keeps its display adapters under this class. */
const DISPLAY_CLASS_KEY =
  'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Class\\{4d36e968-e325-11ce-bfc1-08002be10318}';

const controller = z.object({
  Name: z.string(),
  AdapterRAM: z.union([z.number(), z.string()]).nullish().catch(undefined),
  PNPDeviceID: z.string().nullish().catch(undefined),
  ConfigManagerErrorCode: z.number().nullish().catch(undefined),
});
type Controller = z.infer<typeof controller>;

/** AdapterRAM is a number of 32 bits; drivers of larger cards write this or a little more. */
const LARGEST_ADAPTER_RAM = 4_293_918_720;

async function probeWindows(context: ProbeContext): Promise<ProbeFinding> {
  const query = (value: string) =>
    runTool(context, 'reg', ['query', DISPLAY_CLASS_KEY, '/s', '/v', value], context.deadline);
  const [video, descriptions, sizes] = await Promise.all([
    runTool(
      context,
      'powershell',
      ['-NoProfile', '-NonInteractive', '-Command', VIDEO_COMMAND],
      context.deadline,
    ),
    query('DriverDesc'),
    query('HardwareInformation.qwMemorySize'),
  ]);
  const registered = registryAdapters(descriptions.stdout, sizes.stdout);
  const listed = arrayOf(jsonAmongText(video.stdout), controller);
  const adapters: readonly Controller[] =
    listed.length > 0 ? listed : registered.map(({ name }) => ({ Name: name }));
  if (adapters.length === 0) {
    return { ...NOTHING_FOUND, otherwise: [nothingListed(failureText('powershell', video))] };
  }
  const gpus: FoundGpu[] = [];
  const seen: SeenGpu[] = [];
  const left = [...registered];
  for (const adapter of adapters) {
    const vendor = vendorOf(adapter);
    const at = left.findIndex(({ name }) => name === adapter.Name);
    const [entry] = at < 0 ? [] : left.splice(at, 1);
    if (vendor === null) continue;
    if (vendor === 'nvidia' || hasNoDriver(adapter)) seen.push({ vendor, seen: seenAs(adapter) });
    else gpus.push(gpuOf(vendor, adapter, entry?.bytes));
  }
  return { ...(await describeGpus(context, gpus)), seen };
}

function gpuOf(vendor: 'amd' | 'intel', adapter: Controller, registryBytes: number | undefined): FoundGpu {
  const adapterBytes = wholeNumber(adapter.AdapterRAM) ?? 0;
  const bytes = registryBytes ?? (adapterBytes < LARGEST_ADAPTER_RAM ? adapterBytes : 0);
  return {
    vendor,
    names: [adapter.Name],
    pciDevice: /\bDEV_([0-9A-F]{4})/i.exec(adapter.PNPDeviceID ?? '')?.[1]?.toLowerCase(),
    ...(bytes > 0 ? { ownGib: bytesToGib(bytes) } : {}),
    ...(adapterBytes >= LARGEST_ADAPTER_RAM ? { atLeastGib: 4 } : {}),
  };
}

interface RegistryAdapter {
  readonly name: string;
  readonly bytes?: number;
}

/** Pairs what `reg query` printed of the names with the sizes under the same key. */
function registryAdapters(descriptions: string, sizes: string): readonly RegistryAdapter[] {
  const bytes = new Map(
    registryValues(sizes).map(({ key, value }) => [
      key,
      /^0x[0-9a-f]{1,13}$/i.test(value) ? Number(value) : undefined,
    ]),
  );
  return registryValues(descriptions).map(({ key, value }) => {
    const size = bytes.get(key);
    return { name: value, ...(size === undefined || size === 0 ? {} : { bytes: size }) };
  });
}

function registryValues(stdout: string): readonly { readonly key: string; readonly value: string }[] {
  let key = '';
  return stdout.split(/\r?\n/).flatMap((line) => {
    if (line.startsWith('HKEY_')) key = line.trim().toLowerCase();
    const value = /^\s+\S+\s+REG_(?:SZ|QWORD)\s+(.+?)\s*$/.exec(line)?.[1];
    return value === undefined ? [] : [{ key, value }];
  });
}

const PCI_VENDORS: Readonly<Record<string, SeenGpu['vendor']>> = {
  '10DE': 'nvidia',
  '1002': 'amd',
  '8086': 'intel',
};

/** Adapters of remote sessions, virtual machines and second screens have no maker that matters, whatever their name. */
function vendorOf({ Name, PNPDeviceID }: Controller): SeenGpu['vendor'] | null {
  if (PNPDeviceID)
    return PCI_VENDORS[/\bVEN_([0-9A-F]{4})/i.exec(PNPDeviceID)?.[1]?.toUpperCase() ?? ''] ?? null;
  if (/nvidia|geforce|quadro/i.test(Name)) return 'nvidia';
  if (/radeon|\bamd\b|instinct/i.test(Name)) return 'amd';
  return /\bintel\b/i.test(Name) ? 'intel' : null;
}

/** Windows draws with a driver of its own, or reports a problem with the maker's. */
function hasNoDriver({ Name, ConfigManagerErrorCode }: Controller): boolean {
  return /^microsoft\b/i.test(Name) || (ConfigManagerErrorCode ?? 0) !== 0;
}

function seenAs({ Name, PNPDeviceID, ConfigManagerErrorCode }: Controller): string {
  return [
    Name,
    PNPDeviceID?.split('\\')[1],
    ConfigManagerErrorCode ? `problem ${ConfigManagerErrorCode}` : '',
  ]
    .filter((part) => part)
    .join(', ');
}

function nothingListed(cause: string): HardwareWarning {
  return warning(
    'gpu_not_visible',
    l10n.t(
      'Windows did not tell which graphics adapters this machine has, so models are ranked for the processor. Detect the hardware again, or describe the GPU in modelPool.hardware.override.',
    ),
    cause,
  );
}
