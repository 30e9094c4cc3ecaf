import { LOCAL_HOST } from '../../shared/modelRef';
import {
  AUTONOMIES,
  BACKEND_KINDS,
  DEFAULT_SETTINGS,
  KINDS_WITHOUT_URL,
  SETTING_KEYS,
  secretNamePattern,
  TASKS,
  type Settings,
} from '../../shared/settings';
import { DEFAULT_RETRY_POLICY } from '../../shared/retryPolicy';
import { WIRE_FORMATS } from '../../shared/routeSettings';
import { THINKING_CHOICES, THINKING_LEVELS } from '../../shared/thinking';

/** One setting as package.json shows it; a JSON schema with VS Code's scope. */
interface SettingSpec {
  readonly scope: 'machine' | 'application' | 'window';
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

const hardwareSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['platform', 'vramGb', 'ramGb', 'bandwidthGbps'],
  properties: {
    platform: { enum: ['macos', 'nvidia', 'amd', 'intel', 'cpu'], description: 'What runs the models.' },
    vramGb: { type: 'number', minimum: 0, description: 'GiB that models may use on the GPU; 0 without one.' },
    ramGb: { type: 'number', minimum: 0, description: 'GiB of system memory.' },
    bandwidthGbps: {
      type: 'number',
      exclusiveMinimum: 0,
      description: 'GB/s of the memory that holds the weights.',
    },
    gpuName: { type: 'string' },
    cpuName: { type: 'string' },
  },
};

const thinkingSchema = {
  description: 'How the model is to think; left out, as for the primary route.',
  oneOf: [
    {
      type: 'object',
      additionalProperties: false,
      required: ['mode'],
      properties: { mode: { enum: ['off', 'adaptive'] } },
    },
    {
      type: 'object',
      additionalProperties: false,
      required: ['mode'],
      properties: { mode: { const: 'enabled' }, budgetTokens: { type: 'integer', minimum: 1 } },
    },
    {
      type: 'object',
      additionalProperties: false,
      required: ['mode', 'level'],
      properties: { mode: { const: 'effort' }, level: { enum: THINKING_LEVELS } },
    },
  ],
};

const retryMs = (description: string, value: number): Readonly<Record<string, unknown>> => ({
  type: 'number',
  minimum: 0,
  maximum: 86_400_000,
  default: value,
  description,
});

const retrySchema = {
  oneOf: [
    { type: 'boolean' },
    {
      type: 'object',
      additionalProperties: false,
      properties: {
        maxAttempts: {
          type: 'integer',
          minimum: 1,
          maximum: 20,
          default: DEFAULT_RETRY_POLICY.maxAttempts,
          description: 'Attempts of one call, the first one included.',
        },
        maxActiveElapsedMs: retryMs(
          'Milliseconds for all further attempts, counted from the end of the first one.',
          DEFAULT_RETRY_POLICY.maxActiveElapsedMs,
        ),
        maxActiveDelayMs: retryMs(
          'Longest wait before one attempt, in milliseconds.',
          DEFAULT_RETRY_POLICY.maxActiveDelayMs,
        ),
        maxDeferredDelayMs: {
          type: ['number', 'null'],
          minimum: 0,
          default: DEFAULT_RETRY_POLICY.maxDeferredDelayMs,
          description: 'Longest wait that is reported as one to try again after; null for any.',
        },
        respectRetryAfter: {
          type: 'boolean',
          default: DEFAULT_RETRY_POLICY.respectRetryAfter,
          description: 'Whether the wait that the provider names counts.',
        },
        minDelayMs: retryMs('First wait of our own, in milliseconds.', DEFAULT_RETRY_POLICY.minDelayMs),
        maxDelayMs: retryMs('Longest wait of our own, in milliseconds.', DEFAULT_RETRY_POLICY.maxDelayMs),
        retryOn: {
          type: 'object',
          additionalProperties: false,
          description: 'What is tried again.',
          properties: Object.fromEntries(
            Object.keys(DEFAULT_RETRY_POLICY.retryOn).map((key) => [key, { type: 'boolean', default: true }]),
          ),
        },
        longRetry: {
          enum: ['error', 'defer'],
          default: DEFAULT_RETRY_POLICY.longRetry,
          description: 'What becomes of a wait that is too long.',
        },
      },
    },
  ],
};

/** Every setting, by the field of `Settings` that it fills; a field without one does not compile. */
export const SETTINGS: Readonly<Record<keyof Settings, SettingSpec>> = {
  backends: {
    scope: 'machine',
    description:
      'Model servers that Model Pool talks to. Use the command "Model Pool: Add Backend" to find one and add it here.',
    schema: {
      type: 'array',
      default: DEFAULT_SETTINGS.backends,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['id', 'kind'],
        if: { properties: { kind: { enum: KINDS_WITHOUT_URL } } },
        else: { required: ['url'] },
        properties: {
          id: {
            type: 'string',
            pattern: '^[a-z][a-z0-9_]{0,63}$',
            description: 'A short name, unique: lower-case letters, digits and _.',
          },
          kind: { enum: BACKEND_KINDS, description: 'What kind of server it is.' },
          url: {
            type: 'string',
            description:
              'Its address, for example http://127.0.0.1:11434. May be left out for openai, anthropic and gemini, which have one of their own; vscode needs none.',
          },
          host: {
            type: 'string',
            description:
              'Name of the machine that it runs on. Left out: this machine for a loopback address, else the host of the address.',
          },
          headers: {
            type: 'object',
            additionalProperties: { type: 'string' },
            description: 'Extra HTTP headers. Do not put keys here that others should not read.',
          },
          secretName: {
            type: 'string',
            pattern: secretNamePattern.source,
            description:
              'Name under which its key is kept outside the settings. Set the key with the command "Model Pool: Set API Key".',
          },
          enabled: { type: 'boolean', default: true },
        },
      },
    },
  },
  hardwareOverride: {
    scope: 'machine',
    description:
      'Hardware of this machine, where detection gets it wrong. Nothing is detected while it is set.',
    schema: { ...hardwareSchema, type: ['object', 'null'], default: DEFAULT_SETTINGS.hardwareOverride },
  },
  hosts: {
    scope: 'machine',
    description:
      'Hardware of other machines that backends run on, each under its name: the `host` of the backend, or the host of its address. Models for a machine that is not described are listed by score alone.',
    schema: {
      type: 'object',
      default: DEFAULT_SETTINGS.hosts,
      propertyNames: { minLength: 1, maxLength: 64, not: { const: LOCAL_HOST } },
      additionalProperties: hardwareSchema,
    },
  },
  probeLocalMinutes: {
    scope: 'machine',
    description: 'Minutes between two looks at what a local backend serves.',
    schema: { type: 'number', minimum: 1, maximum: 1440, default: DEFAULT_SETTINGS.probeLocalMinutes },
  },
  probeHostedHours: {
    scope: 'machine',
    description: 'Hours between two looks at what a hosted provider offers.',
    schema: { type: 'number', minimum: 1, maximum: 720, default: DEFAULT_SETTINGS.probeHostedHours },
  },
  recordsRetentionDays: {
    scope: 'machine',
    description: 'Days that records of calls are kept. Whole files are deleted, the oldest first.',
    schema: { type: 'integer', minimum: 1, maximum: 3650, default: DEFAULT_SETTINGS.recordsRetentionDays },
  },
  recordsMaxMb: {
    scope: 'machine',
    description: 'Megabytes that records of calls may take. Above that the oldest files are deleted.',
    schema: { type: 'number', minimum: 1, maximum: 100000, default: DEFAULT_SETTINGS.recordsMaxMb },
  },
  catalogOnline: {
    scope: 'machine',
    description:
      'Whether Model Pool asks huggingface.co for new models, at most 60 requests a refresh, and registries for the size of what you install. Off: neither is asked, and the models are those that are known already.',
    schema: { type: 'boolean', default: DEFAULT_SETTINGS.catalogOnline },
  },
  refreshIntervalHours: {
    scope: 'machine',
    description: 'Hours between two looks for new models.',
    schema: { type: 'number', minimum: 1, maximum: 720, default: DEFAULT_SETTINGS.refreshIntervalHours },
  },
  refreshProposalThreshold: {
    scope: 'machine',
    description: 'Points by which a model must be better than an installed one to be proposed in its place.',
    schema: { type: 'number', minimum: 1, maximum: 100, default: DEFAULT_SETTINGS.refreshProposalThreshold },
  },
  poolDiskBudgetGb: {
    scope: 'machine',
    description:
      'GiB that the models of the pool may take on each machine. Null: 100, or half of what the disk would have free without the pool where that is less. Models that you installed outside the pool do not count.',
    schema: { type: ['number', 'null'], minimum: 0, default: DEFAULT_SETTINGS.poolDiskBudgetGb },
  },
  poolAllowedOrgs: {
    scope: 'machine',
    description:
      'Organisations on Hugging Face (the part before the slash, upper and lower case as there) whose models may be proposed. Empty: nothing is proposed. Their new models are looked at besides those of the built-in ones.',
    schema: {
      type: 'array',
      items: { type: 'string', pattern: '^[\\w.-]{1,96}$' },
      default: DEFAULT_SETTINGS.poolAllowedOrgs,
    },
  },
  poolAllowedFamilies: {
    scope: 'machine',
    description: 'Families of models that may be proposed, for example qwen3. Empty: all families.',
    schema: {
      type: 'array',
      items: { type: 'string', minLength: 1, maxLength: 64 },
      default: DEFAULT_SETTINGS.poolAllowedFamilies,
    },
  },
  poolAutonomy: {
    scope: 'machine',
    description:
      'What happens with proposals. ask: nothing is downloaded or removed without your word. within-budget: proposals of the allowed organisations are carried out by themselves, within the disk budget.',
    schema: { enum: AUTONOMIES, default: DEFAULT_SETTINGS.poolAutonomy },
  },
  task: {
    scope: 'application',
    description: 'The task that models are recommended for.',
    schema: { type: 'string', enum: TASKS, default: DEFAULT_SETTINGS.task },
  },
  escalation: {
    scope: 'application',
    description:
      'Where a call goes once more after it has failed for good: empty, quota used up, provider error. What is not named here is taken over from the first route, and the record of the call says so. Never after text was shown.',
    schema: {
      type: ['object', 'null'],
      default: DEFAULT_SETTINGS.escalation,
      additionalProperties: false,
      anyOf: [{ required: ['backend'] }, { required: ['provider'] }, { required: ['model'] }],
      properties: {
        backend: { type: 'string', description: 'Id of a backend.' },
        provider: { type: 'string', description: 'Whose model it is, as the Pool view shows it.' },
        model: { type: 'string', description: 'Id of a model, as its backend calls it.' },
        thinking: thinkingSchema,
        contextTokens: { type: 'integer', minimum: 1, description: 'Context to ask for, in tokens.' },
        retry: retrySchema,
      },
    },
  },
  capabilities: {
    scope: 'application',
    description:
      'What you know better of some models: how they are called and what they can do. The first rule that matches a model counts, before the built-in ones.',
    schema: {
      type: 'array',
      default: DEFAULT_SETTINGS.capabilities,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['model'],
        properties: {
          model: { type: 'string', description: 'Id of the models; * is any text, ? any character.' },
          backend: { type: 'string', description: 'Id of a backend. Left out: any.' },
          provider: { type: 'string', description: 'Whose models they are. Left out: any.' },
          family: { type: 'string', description: 'Their family, as the server says it. Left out: any.' },
          wireFormat: { enum: WIRE_FORMATS, description: 'How they are called.' },
          tools: { type: 'boolean', description: 'Whether they can call tools.' },
          thinking: { type: 'boolean', description: 'Whether they can think before they answer.' },
        },
      },
    },
  },
  thinking: {
    scope: 'application',
    description:
      'Whether models think before they answer, where a call does not say so itself. "default" leaves it to each server.',
    schema: { type: 'string', enum: THINKING_CHOICES, default: DEFAULT_SETTINGS.thinking },
  },
  retry: {
    scope: 'application',
    description: 'How often and how long a failed call is tried again. false: not at all.',
    schema: { ...retrySchema, default: DEFAULT_SETTINGS.retry },
  },
  chatIncludePlainOllama: {
    scope: 'application',
    description:
      "Whether VS Code's chat is offered the models of a plain Ollama on this machine. null: unless Ollama's own extension is installed, which offers them already.",
    schema: { type: ['boolean', 'null'], default: DEFAULT_SETTINGS.chatIncludePlainOllama },
  },
  chatAutoEntries: {
    scope: 'application',
    description:
      "Whether VS Code's chat is offered an entry for each task that takes the best installed model there is.",
    schema: { type: 'boolean', default: DEFAULT_SETTINGS.chatAutoEntries },
  },
  warmOnPick: {
    scope: 'application',
    description: 'Whether a model is loaded as soon as it is picked.',
    schema: { type: 'boolean', default: DEFAULT_SETTINGS.warmOnPick },
  },
  modelfileOtherFiles: {
    scope: 'window',
    description:
      'Whether models that are named in chatLanguageModels.json, opencode.json, compose.yaml and .env get hovers and hints as those of Modelfiles do.',
    schema: { type: 'boolean', default: DEFAULT_SETTINGS.modelfileOtherFiles },
  },
};

export function settingKey(field: keyof Settings): string {
  return `modelPool.${SETTING_KEYS[field]}`;
}
