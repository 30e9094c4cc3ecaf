import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { HardwareProfile } from '../hardware/profile';
import type { BackendState, RegistryRow } from '../registry/row';
import { originOf } from '../shared/http';
import { redactText } from '../shared/redact';
import { DEFAULT_SETTINGS, SETTING_KEYS, type Settings } from '../shared/settings';
import { shorten } from '../shared/shorten';
import { formatBytes, formatGib } from '../shared/units';
import type { Lease } from '../storage/leaseStore';
import type { StateStatus } from '../storage/stateDatabase';

/** What a bug report tells of one window. Nothing in it needs to be redacted before. */
export interface DiagnosticsFacts {
  /** ISO 8601. */
  readonly at: string;
  readonly extensionVersion: string;
  readonly editorVersion: string;
  readonly nodeVersion: string;
  /** Platform, release and architecture of the extension host's machine. */
  readonly system: string;
  /** The kind of remote, for example `wsl`; absent on this machine. */
  readonly remoteName?: string | undefined;
  /** Shown as `~` wherever it stands. */
  readonly homeFolder: string;
  readonly windowId: string;
  readonly leads: boolean;
  readonly storage: StorageFacts;
  readonly leases: readonly Lease[];
  readonly backends: readonly BackendState[];
  readonly rows: readonly RegistryRow[];
  /** Absent until it was detected. */
  readonly hardware?: HardwareProfile | undefined;
  readonly settings: Settings;
  /** What of the settings is not used, and why. */
  readonly settingProblems: readonly string[];
  /** Oldest first. */
  readonly logLines?: readonly string[];
}

interface StorageFacts extends StorageSizes {
  readonly status: StateStatus;
  /** Why records cannot be written, while that is so. */
  readonly transcriptProblem?: string | undefined;
}

export interface StorageSizes {
  /** All generations of the state that are kept. */
  readonly stateBytes: number;
  readonly transcriptBytes: number;
  readonly transcriptFiles: number;
}

/** Whoever reads a bug report reads English, numbers too. */
const LANGUAGE = 'en';
/** Below the 65,536 characters of an issue on GitHub. */
const MAX_CHARACTERS = 60_000;
const MAX_LINE_CHARACTERS = 400;
const MAX_LINES_OF_EACH = 50;
const MAX_LOG_LINES = 100;
const MICROSECONDS_PER_MILLISECOND = 1_000;

/**
 * A text in Markdown for a bug report: versions, storage, windows, backends, rows, machine and changed settings. No
 * prompt, path of the user or value of a header is in it: addresses are cut to their origin, every line goes through
 * redaction, and the home folder is written as `~`. At most 60,000 characters.
 */
export function diagnosticsText(facts: DiagnosticsFacts): string {
  const anonymous = (line: string): string => homeless(redactText(oneLine(line)), facts.homeFolder);
  const section = (title: string, lines: readonly string[]): string => {
    const left = lines.length - MAX_LINES_OF_EACH;
    const shown = [...lines.slice(0, MAX_LINES_OF_EACH), ...(left > 0 ? [`and ${left} more`] : [])];
    const items = shown.length === 0 ? ['none'] : shown;
    return `### ${title}\n\n${items.map((line) => `- ${shorten(anonymous(line), MAX_LINE_CHARACTERS)}`).join('\n')}\n`;
  };
  const log = (facts.logLines ?? [])
    .slice(-MAX_LOG_LINES)
    .map((line) => shorten(anonymous(line), MAX_LINE_CHARACTERS).replaceAll('```', "'''"));
  const text = [
    `## Model Pool diagnostics, ${facts.at}\n`,
    section('Versions', versionLines(facts)),
    section('Storage', storageLines(facts)),
    section('Models in use in other windows', facts.leases.map(leaseLine)),
    section('Backends', facts.backends.map(backendLine)),
    section('Registry rows', facts.rows.map(rowLine)),
    section('Machine', hardwareLines(facts.hardware)),
    section('Settings that differ from the defaults', settingLines(facts)),
    ...(log.length === 0 ? [] : [`### Log\n\n\`\`\`text\n${log.join('\n')}\n\`\`\`\n`]),
  ].join('\n');
  return shorten(text, MAX_CHARACTERS);
}

/** What the stored files take on disk; what cannot be read counts as nothing. Rejects never. */
export async function storageSizes(storageFolder: string): Promise<StorageSizes> {
  const transcript = path.join(storageFolder, 'transcript');
  const [state, records] = await Promise.all([
    fileSizes(storageFolder, /^state\..*\.sqlite$/),
    fileSizes(transcript, /\.jsonl$/),
  ]);
  return { stateBytes: sum(state), transcriptBytes: sum(records), transcriptFiles: records.length };
}

async function fileSizes(folder: string, pattern: RegExp): Promise<readonly number[]> {
  try {
    const names = (await readdir(folder)).filter((name) => pattern.test(name));
    return await Promise.all(
      names.map((name) =>
        stat(path.join(folder, name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
    );
  } catch {
    return [];
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function versionLines(facts: DiagnosticsFacts): readonly string[] {
  return [
    `Model Pool ${facts.extensionVersion}`,
    `VS Code ${facts.editorVersion}, Node ${facts.nodeVersion}`,
    facts.system,
    facts.remoteName === undefined ? 'no remote' : `remote: ${facts.remoteName}`,
  ];
}

function storageLines({ storage, leads, windowId }: DiagnosticsFacts): readonly string[] {
  const { status, stateBytes, transcriptBytes, transcriptFiles, transcriptProblem } = storage;
  return [
    `state: ${statusText(status)}`,
    `state files: ${formatBytes(stateBytes, LANGUAGE)}; records: ${formatBytes(transcriptBytes, LANGUAGE)} in ${transcriptFiles} files`,
    ...(transcriptProblem === undefined ? [] : [`records: ${transcriptProblem}`]),
    `window ${windowId} ${leads ? 'does' : 'does not do'} the background work of all windows`,
  ];
}

function statusText(status: StateStatus): string {
  switch (status.state) {
    case 'closed':
      return 'closed';
    case 'open':
      return `open, generation ${status.generation}${status.notice === undefined ? '' : `: ${status.notice}`}`;
    case 'read_only':
      return `read-only, generation ${status.generation}: ${status.message}`;
    case 'degraded':
      return `degraded: ${status.message}`;
  }
}

function leaseLine({ windowId, models }: Lease): string {
  return models === 'unknown'
    ? `window ${windowId}: cannot be read`
    : `window ${windowId}: ${models.join(', ')}`;
}

function backendLine(backend: BackendState): string {
  const { id, kind, url, readiness, version, lastProbeAt, lastOkAt, message } = backend;
  return [
    `${id} (${kind}) at ${url === '' ? 'no address' : originOf(url)}: ${readiness}`,
    version === undefined ? undefined : `version ${version}`,
    `last probe ${lastProbeAt ?? 'never'}`,
    lastOkAt === lastProbeAt ? undefined : `last good one ${lastOkAt ?? 'never'}`,
    message,
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

function rowLine({ backend, provider, source, refreshedAt, models }: RegistryRow): string {
  return `${backend}/${provider}: ${models.length} models, from ${source}, ${isoOf(refreshedAt)}`;
}

function isoOf(epochMicroseconds: number): string {
  const date = new Date(epochMicroseconds / MICROSECONDS_PER_MILLISECOND);
  return Number.isNaN(date.getTime()) ? 'at no time' : date.toISOString();
}

function hardwareLines(hardware: HardwareProfile | undefined): readonly string[] {
  if (!hardware) return ['not detected yet'];
  const { platform, source, cpuName, cpu, ramGb, vramGb, bandwidthGbps, accelerators, warnings } = hardware;
  return [
    `${platform}, from ${source}`,
    `${cpuName}, ${cpu.logicalCores} logical cores, ${formatGib(ramGb, LANGUAGE)} RAM`,
    `${formatGib(vramGb, LANGUAGE)} for models, ${Math.round(bandwidthGbps)} GB/s`,
    ...accelerators.map(
      ({ name, totalGib, basis }) => `${name}, ${formatGib(totalGib, LANGUAGE)}, bandwidth by ${basis}`,
    ),
    ...warnings.map(({ code, message }) => `${code}: ${message}`),
  ];
}

function settingLines({ settings, settingProblems }: DiagnosticsFacts): readonly string[] {
  const { backends, ...others } = settings;
  const named = Object.entries(SETTING_KEYS);
  return [
    ...backends.map(({ id, kind, url, headers, enabled }) =>
      [
        `modelPool.backends: ${id} (${kind}) at ${url === undefined ? 'its own address' : originOf(url)}`,
        `${Object.keys(headers ?? {}).length} headers`,
        ...(enabled === false ? ['not enabled'] : []),
      ].join(', '),
    ),
    ...Object.entries(others).flatMap(([field, value]) => {
      const [, fallback] = Object.entries(DEFAULT_SETTINGS).find(([name]) => name === field) ?? [];
      if (isDeepStrictEqual(value, fallback)) return [];
      const [, key] = named.find(([name]) => name === field) ?? [];
      return [`modelPool.${key ?? field}: ${JSON.stringify(value)}`];
    }),
    ...settingProblems,
  ];
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, ' ');
}

/** Home folders of any user and system, also with the backslashes of JSON; where one begins a path. */
const HOME_FOLDERS = /(?:[A-Za-z]:)?(?:[\\/]{1,2}(?:home|Users))[\\/]{1,2}[^\\/\s"'`:;,)]+/g;

function homeless(text: string, homeFolder: string): string {
  const own = homeFolder.replace(/[\\/]+$/, '');
  const spellings = own.length > 1 ? [own, own.replaceAll('\\', '\\\\'), own.replaceAll('\\', '/')] : [];
  return spellings
    .reduce((result, spelling) => result.replaceAll(spelling, '~'), text)
    .replaceAll(HOME_FOLDERS, '~');
}
