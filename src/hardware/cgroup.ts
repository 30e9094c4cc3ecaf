type ReadText = (path: string) => Promise<string | null>;

/** A container's limits, as far as they are set. */
export interface CgroupLimits {
  readonly memoryLimitBytes?: number;
  /** What counts against the memory limit and cannot be dropped at once. */
  readonly memoryUsedBytes?: number;
  /** Processors' worth of time, may be fractional. */
  readonly cpuQuota?: number;
}

interface MemoryLimit {
  readonly limitBytes: number;
  readonly usedBytes?: number;
}

const ROOT = '/sys/fs/cgroup';
const MAX_DEPTH = 16;

/**
 * The tightest memory limit and CPU quota over this process's control groups, version 1 and 2. Limits of parents count:
 * they bind as well. Without control groups, or where none is limited ("max", -1), the fields are absent.
 */
export async function readCgroupLimits(readText: ReadText): Promise<CgroupLimits> {
  const groups = parseGroups((await readText('/proc/self/cgroup')) ?? '');
  const [memoryLimits, quotas] = await Promise.all([
    Promise.all(
      groups.flatMap((group) =>
        group.version === 2
          ? foldersOf(ROOT, group.path).map((folder) => memoryV2(readText, folder))
          : group.controllers.includes('memory')
            ? foldersOf(`${ROOT}/memory`, group.path).map((folder) => memoryV1(readText, folder))
            : [],
      ),
    ),
    Promise.all(
      groups.flatMap((group) =>
        group.version === 2
          ? foldersOf(ROOT, group.path).map((folder) => quotaV2(readText, folder))
          : group.controllers.includes('cpu')
            ? foldersOf(`${ROOT}/${group.controllers.join(',')}`, group.path).map((folder) =>
                quotaV1(readText, folder),
              )
            : [],
      ),
    ),
  ]);
  const memory = memoryLimits
    .filter((limit) => limit !== null)
    .sort((a, b) => a.limitBytes - b.limitBytes)
    .at(0);
  const quota = Math.min(...quotas.filter((value) => value !== null));
  return {
    ...(memory ? { memoryLimitBytes: memory.limitBytes } : {}),
    ...(memory?.usedBytes === undefined ? {} : { memoryUsedBytes: memory.usedBytes }),
    ...(Number.isFinite(quota) ? { cpuQuota: quota } : {}),
  };
}

interface Group {
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
  readonly path: string;
}

/** The lines of `/proc/self/cgroup`; without any, the root of version 2, where a container mounts its own group. */
function parseGroups(text: string): readonly Group[] {
  const groups = text.split('\n').flatMap((line): readonly Group[] => {
    const match = /^(\d+):([^:]*):(\/.*)$/.exec(line.trim());
    if (!match) return [];
    const [, , controllers = '', path = '/'] = match;
    return [{ version: controllers === '' ? 2 : 1, controllers: controllers.split(','), path }];
  });
  return groups.length > 0 ? groups : [{ version: 2, controllers: [], path: '/' }];
}

/** The group's folder and its parents' up to the mount; a path from outside of the mount gives the mount alone. */
function foldersOf(mount: string, path: string): readonly string[] {
  const parts = path.split('/').filter((part) => part !== '');
  if (parts.includes('..') || parts.length > MAX_DEPTH) return [mount];
  return [mount, ...parts.map((_, index) => `${mount}/${parts.slice(0, index + 1).join('/')}`)];
}

async function memoryV2(readText: ReadText, folder: string): Promise<MemoryLimit | null> {
  const limitBytes = count(await readText(`${folder}/memory.max`));
  if (limitBytes === null) return null;
  const used = count(await readText(`${folder}/memory.current`));
  const inactive = field(await readText(`${folder}/memory.stat`), 'inactive_file');
  return { limitBytes, ...(used === null ? {} : { usedBytes: Math.max(0, used - inactive) }) };
}

async function memoryV1(readText: ReadText, folder: string): Promise<MemoryLimit | null> {
  const limitBytes = count(await readText(`${folder}/memory.limit_in_bytes`));
  if (limitBytes === null) return null;
  const used = count(await readText(`${folder}/memory.usage_in_bytes`));
  const inactive = field(await readText(`${folder}/memory.stat`), 'total_inactive_file');
  return { limitBytes, ...(used === null ? {} : { usedBytes: Math.max(0, used - inactive) }) };
}

async function quotaV2(readText: ReadText, folder: string): Promise<number | null> {
  const [quota, period] = ((await readText(`${folder}/cpu.max`)) ?? '').trim().split(/\s+/);
  return ratio(count(quota ?? null), count(period ?? null));
}

async function quotaV1(readText: ReadText, folder: string): Promise<number | null> {
  const quota = count(await readText(`${folder}/cpu.cfs_quota_us`));
  return ratio(quota, count(await readText(`${folder}/cpu.cfs_period_us`)));
}

function ratio(quota: number | null, period: number | null): number | null {
  return quota === null || period === null ? null : quota / period;
}

/** A positive whole number, or null for "max", -1, nothing and anything else. */
function count(text: string | null): number | null {
  const trimmed = text?.trim() ?? '';
  if (!/^\d{1,20}$/.test(trimmed)) return null;
  const value = Number(trimmed);
  return value > 0 ? value : null;
}

function field(text: string | null, name: string): number {
  const match = new RegExp(`^${name} (\\d+)$`, 'm').exec(text ?? '');
  return match ? Number(match[1]) : 0;
}
