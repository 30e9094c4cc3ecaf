import * as l10n from '@vscode/l10n';
import * as z from 'zod';
import { issueText } from './issueText';
import { LOCAL_HOST } from './modelRef';
import { retryChoiceSchema, type RetryChoice } from './retryPolicy';
import {
  capabilityRuleSchema,
  escalationSchema,
  type CapabilityRule,
  type EscalationSetting,
} from './routeSettings';
import { shorten } from './shorten';
import { THINKING_CHOICES, type ThinkingChoice } from './thinking';

/** Ids of backends, hosts' names in rows, and providers. */
export const idPattern = /^[a-z][a-z0-9_]{0,63}$/;

/**
 * Kinds of backends. Adding one is one file in `src/backends`, one row in `backendKinds.ts` there, and its wire format
 * in `src/dispatch/capabilityTable.ts`.
 */
export const BACKEND_KINDS = [
  'ollama',
  'llama_server',
  'lm_studio',
  'vllm',
  'openai_compatible',
  'openai',
  'anthropic',
  'gemini',
  'vscode',
] as const;

/** Kinds that have one address of their own, or none at all: theirs may be left out. */
export const KINDS_WITHOUT_URL: readonly (typeof BACKEND_KINDS)[number][] = [
  'openai',
  'anthropic',
  'gemini',
  'vscode',
];

const MAX_SHOWN_NAME_CHARACTERS = 64;

/** Names under which keys lie in the editor's SecretStorage. */
export const secretNamePattern = /^[A-Za-z0-9_.-]{1,64}$/;

/** What an HTTP header may be made of: a token, and text in which nothing is a line break or beyond Latin-1. */
const headers = z.record(
  z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, { error: () => l10n.t('is no name of an HTTP header') }),
  z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, {
    error: () => l10n.t('holds a character that an HTTP header cannot carry'),
  }),
);

const hostName = z.string().min(1).max(64);

const backendSetting = z
  .strictObject({
    id: z.string().regex(idPattern),
    kind: z.enum(BACKEND_KINDS),
    url: z.url({ protocol: /^https?$/ }).optional(),
    host: hostName.optional(),
    headers: headers.optional(),
    secretName: z
      .string()
      .regex(secretNamePattern, {
        error: () => l10n.t('must be 1 to 64 letters, digits, dots, hyphens or underscores'),
      })
      .optional(),
    enabled: z.boolean().optional(),
  })
  .superRefine(({ kind, url }, context) => {
    if (url !== undefined || KINDS_WITHOUT_URL.includes(kind)) return;
    context.addIssue({
      code: 'custom',
      path: ['url'],
      message: l10n.t(
        'is missing: a backend of kind {0} has no address of its own, so write where it listens',
        kind,
      ),
    });
  });
export type BackendSetting = z.infer<typeof backendSetting>;

const hardwareSetting = z.strictObject({
  platform: z.enum(['macos', 'nvidia', 'amd', 'intel', 'cpu']),
  vramGb: z.number().min(0).max(100_000),
  ramGb: z.number().min(0).max(100_000),
  bandwidthGbps: z.number().positive().max(100_000),
  gpuName: z.string().max(200).optional(),
  cpuName: z.string().max(200).optional(),
});
type HardwareSetting = z.infer<typeof hardwareSetting>;

export const TASKS = ['general', 'coding', 'reasoning', 'agentic', 'vision', 'small'] as const;
export type Task = (typeof TASKS)[number];

export const AUTONOMIES = ['ask', 'within-budget'] as const;
export type Autonomy = (typeof AUTONOMIES)[number];

/** What the user set, parsed. Every field has a value that works. */
export interface Settings {
  readonly backends: readonly BackendSetting[];
  readonly hardwareOverride: HardwareSetting | null;
  /** Other machines by their name, as `host` of a backend or the host of its address says it. */
  readonly hosts: Readonly<Record<string, HardwareSetting>>;
  readonly probeLocalMinutes: number;
  readonly probeHostedHours: number;
  readonly recordsRetentionDays: number;
  readonly recordsMaxMb: number;
  /** Whether Hugging Face is asked for new models. */
  readonly catalogOnline: boolean;
  readonly refreshIntervalHours: number;
  /** Points by which a model must be better than an installed one to be proposed in its place. */
  readonly refreshProposalThreshold: number;
  /** GiB that the pool's models may take on each machine; null: min(100, half of the disk as if the pool were empty). */
  readonly poolDiskBudgetGb: number | null;
  /** Organisations on Hugging Face that proposals may come from, and that are asked besides the built-in ones. */
  readonly poolAllowedOrgs: readonly string[];
  /** Families of models that proposals may come from; empty: all. */
  readonly poolAllowedFamilies: readonly string[];
  /** Whether proposals wait for a person, or are carried out within the budget. */
  readonly poolAutonomy: Autonomy;
  readonly task: Task;
  /** Where a call goes once more after it has failed for good; null: nowhere. */
  readonly escalation: EscalationSetting | null;
  readonly capabilities: readonly CapabilityRule[];
  readonly thinking: ThinkingChoice;
  readonly retry: RetryChoice;
  /** Whether VS Code's chat is offered the models of plain Ollama; null: unless Ollama's own extension offers them. */
  readonly chatIncludePlainOllama: boolean | null;
  /** Whether VS Code's chat is offered one entry a task that takes the best model there is. */
  readonly chatAutoEntries: boolean;
  /** Whether a model is loaded as soon as it is picked. */
  readonly warmOnPick: boolean;
  /** Whether other files that name models get hovers and hints as Modelfiles do. */
  readonly modelfileOtherFiles: boolean;
}

/** A setting that was refused: its key and why, for a person. The default stands in its place. */
export interface SettingProblem {
  readonly key: string;
  readonly message: string;
}

const schemas = {
  hardwareOverride: hardwareSetting.nullable(),
  probeLocalMinutes: z
    .number()
    .min(1)
    .max(24 * 60),
  probeHostedHours: z
    .number()
    .min(1)
    .max(30 * 24),
  recordsRetentionDays: z.number().int().min(1).max(3_650),
  recordsMaxMb: z.number().min(1).max(100_000),
  catalogOnline: z.boolean(),
  refreshIntervalHours: z
    .number()
    .min(1)
    .max(30 * 24),
  refreshProposalThreshold: z.number().min(1).max(100),
  poolDiskBudgetGb: z.number().min(0).max(1_000_000).nullable(),
  poolAllowedOrgs: z
    .array(z.string().regex(/^[\w.-]{1,96}$/, { error: () => l10n.t('is no name of an organisation') }))
    .max(200),
  poolAllowedFamilies: z.array(z.string().trim().min(1).max(64)).max(200),
  poolAutonomy: z.enum(AUTONOMIES),
  task: z.enum(TASKS),
  escalation: escalationSchema.nullable(),
  capabilities: z.array(capabilityRuleSchema).max(200),
  thinking: z.enum(THINKING_CHOICES),
  retry: retryChoiceSchema,
  chatIncludePlainOllama: z.boolean().nullable(),
  chatAutoEntries: z.boolean(),
  warmOnPick: z.boolean(),
  modelfileOtherFiles: z.boolean(),
};

/** The key of `modelPool.*` behind each field. */
export const SETTING_KEYS = {
  backends: 'backends',
  hardwareOverride: 'hardware.override',
  hosts: 'hosts',
  probeLocalMinutes: 'probe.localMinutes',
  probeHostedHours: 'probe.hostedHours',
  recordsRetentionDays: 'records.retentionDays',
  recordsMaxMb: 'records.maxMb',
  catalogOnline: 'catalog.online',
  refreshIntervalHours: 'refresh.intervalHours',
  refreshProposalThreshold: 'refresh.proposalThreshold',
  poolDiskBudgetGb: 'pool.diskBudgetGb',
  poolAllowedOrgs: 'pool.allowedOrgs',
  poolAllowedFamilies: 'pool.allowedFamilies',
  poolAutonomy: 'pool.autonomy',
  task: 'route.task',
  escalation: 'route.escalation',
  capabilities: 'route.capabilities',
  thinking: 'thinking',
  retry: 'retry',
  chatIncludePlainOllama: 'chat.includePlainOllama',
  chatAutoEntries: 'chat.autoEntries',
  warmOnPick: 'warmOnPick',
  modelfileOtherFiles: 'modelfile.otherFiles',
} as const satisfies Record<keyof Settings, string>;

export const DEFAULT_SETTINGS: Settings = {
  backends: [],
  hardwareOverride: null,
  hosts: {},
  probeLocalMinutes: 15,
  probeHostedHours: 24,
  recordsRetentionDays: 30,
  recordsMaxMb: 200,
  catalogOnline: true,
  refreshIntervalHours: 24,
  refreshProposalThreshold: 5,
  poolDiskBudgetGb: null,
  poolAllowedOrgs: [],
  poolAllowedFamilies: [],
  poolAutonomy: 'ask',
  task: 'general',
  escalation: null,
  capabilities: [],
  thinking: 'off',
  retry: true,
  chatIncludePlainOllama: null,
  chatAutoEntries: true,
  warmOnPick: false,
  modelfileOtherFiles: false,
};

/**
 * Parses raw settings field by field: a bad value is named in `problems` and its default is used; a bad entry of
 * `backends` or `hosts` drops that entry alone, as does an id that was used before.
 */
export function parseSettings(raw: Readonly<Partial<Record<keyof Settings, unknown>>>): {
  readonly settings: Settings;
  readonly problems: readonly SettingProblem[];
} {
  const problems: SettingProblem[] = [];
  const field = <K extends Exclude<keyof Settings, 'backends' | 'hosts'>>(
    name: K,
    schema: z.ZodType<Settings[K]>,
  ): Settings[K] => {
    const value = raw[name];
    if (value === undefined) return DEFAULT_SETTINGS[name];
    const parsed = schema.safeParse(value, { error: issueText });
    if (parsed.success) return parsed.data;
    problems.push({ key: `modelPool.${SETTING_KEYS[name]}`, message: z.prettifyError(parsed.error) });
    return DEFAULT_SETTINGS[name];
  };
  return {
    settings: {
      backends: parseBackends(raw.backends, problems),
      hardwareOverride: field('hardwareOverride', schemas.hardwareOverride),
      hosts: parseHosts(raw.hosts, problems),
      probeLocalMinutes: field('probeLocalMinutes', schemas.probeLocalMinutes),
      probeHostedHours: field('probeHostedHours', schemas.probeHostedHours),
      recordsRetentionDays: field('recordsRetentionDays', schemas.recordsRetentionDays),
      recordsMaxMb: field('recordsMaxMb', schemas.recordsMaxMb),
      catalogOnline: field('catalogOnline', schemas.catalogOnline),
      refreshIntervalHours: field('refreshIntervalHours', schemas.refreshIntervalHours),
      refreshProposalThreshold: field('refreshProposalThreshold', schemas.refreshProposalThreshold),
      poolDiskBudgetGb: field('poolDiskBudgetGb', schemas.poolDiskBudgetGb),
      poolAllowedOrgs: field('poolAllowedOrgs', schemas.poolAllowedOrgs),
      poolAllowedFamilies: field('poolAllowedFamilies', schemas.poolAllowedFamilies),
      poolAutonomy: field('poolAutonomy', schemas.poolAutonomy),
      task: field('task', schemas.task),
      escalation: field('escalation', schemas.escalation),
      capabilities: field('capabilities', schemas.capabilities),
      thinking: field('thinking', schemas.thinking),
      retry: field('retry', schemas.retry),
      chatIncludePlainOllama: field('chatIncludePlainOllama', schemas.chatIncludePlainOllama),
      chatAutoEntries: field('chatAutoEntries', schemas.chatAutoEntries),
      warmOnPick: field('warmOnPick', schemas.warmOnPick),
      modelfileOtherFiles: field('modelfileOtherFiles', schemas.modelfileOtherFiles),
    },
    problems,
  };
}

function parseBackends(raw: unknown, problems: SettingProblem[]): readonly BackendSetting[] {
  const key = `modelPool.${SETTING_KEYS.backends}`;
  if (raw === undefined) return DEFAULT_SETTINGS.backends;
  if (!Array.isArray(raw)) {
    problems.push({ key, message: l10n.t('it must be a list of backends') });
    return DEFAULT_SETTINGS.backends;
  }
  const backends: BackendSetting[] = [];
  for (const [index, entry] of raw.entries()) {
    const parsed = backendSetting.safeParse(entry, { error: issueText });
    const entryKey = `${key}[${index}]`;
    if (!parsed.success) problems.push({ key: entryKey, message: z.prettifyError(parsed.error) });
    else if (backends.some((other) => other.id === parsed.data.id)) {
      problems.push({ key: entryKey, message: l10n.t('the id "{0}" is used twice', parsed.data.id) });
    } else backends.push(parsed.data);
  }
  return backends;
}

function parseHosts(raw: unknown, problems: SettingProblem[]): Settings['hosts'] {
  const key = `modelPool.${SETTING_KEYS.hosts}`;
  if (raw === undefined) return DEFAULT_SETTINGS.hosts;
  const entries = z.record(z.string(), z.unknown()).safeParse(raw);
  if (!entries.success) {
    problems.push({
      key,
      message: l10n.t('it must be an object with the name of a machine before each description'),
    });
    return DEFAULT_SETTINGS.hosts;
  }
  return Object.fromEntries(
    Object.entries(entries.data).flatMap(([name, description]) => {
      const entryKey = `${key}.${shorten(name, MAX_SHOWN_NAME_CHARACTERS)}`;
      if (!hostName.safeParse(name).success) {
        problems.push({ key: entryKey, message: l10n.t('the name of a machine has 1 to 64 characters') });
        return [];
      }
      if (name === LOCAL_HOST) {
        const message = l10n.t(
          '"{0}" is this machine: describe it in modelPool.{1}',
          LOCAL_HOST,
          SETTING_KEYS.hardwareOverride,
        );
        problems.push({ key: entryKey, message });
        return [];
      }
      const parsed = hardwareSetting.safeParse(description, { error: issueText });
      if (parsed.success) return [[name, parsed.data] as const];
      problems.push({ key: entryKey, message: z.prettifyError(parsed.error) });
      return [];
    }),
  );
}
