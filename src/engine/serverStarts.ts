import * as l10n from '@vscode/l10n';
import { BACKEND_KIND_TABLE } from '../backends/backendKinds';
import { renderCommand } from '../backends/installCommands';
import type { Shell } from '../backends/shellQuote';
import type { BackendState } from '../registry/row';
import { LOCAL_HOST } from '../shared/modelRef';

/** The kinds of servers that one command starts, with the program that it needs and where people get it. */
const START_PROGRAMS = {
  ollama: { program: 'ollama', page: 'https://ollama.com/download' },
  llama_server: { program: 'llama-server', page: 'https://github.com/ggml-org/llama.cpp#quick-start' },
  lm_studio: { program: 'lms', page: 'https://lmstudio.ai/docs/cli' },
  vllm: { program: 'vllm', page: 'https://docs.vllm.ai/en/latest/getting_started/installation/' },
} as const;

type StartableKind = keyof typeof START_PROGRAMS;

const STARTABLE_KINDS = Object.keys(START_PROGRAMS) as readonly StartableKind[];

/** Most models of one server that are offered to start it with. */
const MAX_MODELS = 5;
/** `owner/name` on Hugging Face; anything else may be a name that the server was told to go by. */
const REPOSITORY = /^[A-Za-z0-9_][\w.-]*\/[A-Za-z0-9_][\w.-]*$/;

/** One way to start one server on this machine. */
export interface ServerStart {
  readonly kind: StartableKind;
  readonly label: string;
  /** Id of the backend that then answers; undefined where none of that kind is set up yet. */
  readonly backend?: string;
  /** What must be installed, and the page that says how. */
  readonly program: string;
  readonly page: string;
  /** One line for the user's shell; absent where there is none: `note` says why. */
  readonly command?: string;
  /** What the command needs in its environment besides. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the command does, or why there is none. */
  readonly note: string;
}

export interface ServerStartSources {
  readonly backends: readonly BackendState[];
  /** Ids of the models that a backend served when it last answered. */
  readonly servedBy: (backendId: string) => readonly string[];
  /** Whether a path is a file of this machine. */
  readonly isFile: (path: string) => boolean;
  readonly shell: Shell;
}

type Plan =
  | {
      readonly words: readonly string[];
      readonly names?: readonly string[];
      readonly env?: Readonly<Record<string, string>>;
      readonly note: string;
    }
  | { readonly note: string };

interface Address {
  readonly host: string;
  readonly port: string;
  /** Whether the server listens there by itself. */
  readonly usual: boolean;
}

/** Whether a backend is one that a command can start: on this machine, of a kind that we know, and not there. */
export function isStartable({ kind, host, readiness, url }: BackendState): boolean {
  return isStartableKind(kind) && host === LOCAL_HOST && readiness === 'unreachable' && isPlainHttp(url);
}

/**
 * What can be started on this machine: every backend of the settings that does not answer, then each kind of which none
 * is set up, at its usual address. With `only` that backend alone.
 */
export function serverStarts(sources: ServerStartSources, only?: string): readonly ServerStart[] {
  const { backends } = sources;
  const away = backends.filter((state) => isStartable(state) && (only === undefined || state.id === only));
  const missing = STARTABLE_KINDS.filter(
    (kind) =>
      only === undefined && !backends.some((state) => state.kind === kind && state.host === LOCAL_HOST),
  );
  return [
    ...away.flatMap(({ id, kind, url }) => (isStartableKind(kind) ? startsOf(sources, kind, url, id) : [])),
    ...missing.flatMap((kind) => startsOf(sources, kind, usualUrl(kind))),
  ];
}

function startsOf(
  { servedBy, isFile, shell }: ServerStartSources,
  kind: StartableKind,
  url: string,
  backend?: string,
): readonly ServerStart[] {
  const address = addressOf(kind, url);
  const models = backend === undefined ? [] : servedBy(backend);
  return PLANS[kind](address, models, isFile).map((plan): ServerStart => {
    const base = {
      ...{ kind, label: BACKEND_KIND_TABLE[kind].label, ...START_PROGRAMS[kind] },
      ...(backend === undefined ? {} : { backend }),
    };
    if (!('words' in plan)) return { ...base, note: plan.note };
    const command = renderCommand(plan.words, [address.host, ...(plan.names ?? [])], shell);
    if (typeof command !== 'string')
      return { ...base, note: l10n.t('No command for this one: {0}.', command.refusal) };
    return { ...base, command, note: plan.note, ...(plan.env ? { env: plan.env } : {}) };
  });
}

/** Every command binds the address of the backend, which is never more than the user has set. */
const PLANS: Record<
  StartableKind,
  (address: Address, models: readonly string[], isFile: (path: string) => boolean) => readonly Plan[]
> = {
  // `ollama serve` has no option for its address, it reads OLLAMA_HOST (docs.ollama.com, FAQ).
  ollama: ({ host, port, usual }) => [
    {
      words: ['ollama', 'serve'],
      ...(usual ? {} : { env: { OLLAMA_HOST: `${host.includes(':') ? `[${host}]` : host}:${port}` } }),
      note: usual
        ? l10n.t('Serves the models that Ollama has installed.')
        : l10n.t(
            'Serves the models that Ollama has installed, with OLLAMA_HOST set to {0}, port {1}.',
            host,
            port,
          ),
    },
  ],
  llama_server: (address, models, isFile) => [
    ...models
      .filter((id) => /\.gguf$/i.test(id) && isFile(id))
      .slice(0, MAX_MODELS)
      .map((file): Plan => ({
        words: ['llama-server', '-m', file, ...listening(address)],
        names: [file],
        note: l10n.t('Serves the file that it served last.'),
      })),
    // Without a model it routes to all that `-hf` has downloaded (llama.cpp, tools/server/README.md, "router mode").
    {
      words: ['llama-server', ...listening(address)],
      note: l10n.t(
        'Serves every model that llama.cpp has downloaded before; needs a build of December 2025 or later.',
      ),
    },
  ],
  lm_studio: ({ port, usual }) => [
    {
      words: ['lms', 'server', 'start', ...(usual ? [] : ['--port', port])],
      note: l10n.t('Serves the models of LM Studio.'),
    },
  ],
  vllm: ({ host, port, usual }, models) => {
    // Without a host vLLM listens on every network of the machine (docs.vllm.ai, "vllm serve").
    const where = ['--host', host, ...(usual ? [] : ['--port', port])];
    const served = models.filter((id) => REPOSITORY.test(id)).slice(0, MAX_MODELS);
    if (served.length === 0)
      return [
        {
          note: l10n.t(
            'vLLM serves one model, and which one is not known here. Show Install Command has its command for each model.',
          ),
        },
      ];
    return served.map((id) => ({
      words: ['vllm', 'serve', id, ...where],
      names: [id],
      note: l10n.t('Serves the model that it served last.'),
    }));
  },
};

/** Always said: where llama-server listens by itself differs between its own builds and Debian's. */
function listening({ host, port }: Address): readonly string[] {
  return ['--host', host, '--port', port];
}

function addressOf(kind: StartableKind, url: string): Address {
  const { hostname, port } = new URL(url);
  const name = hostname.replace(/^\[|\]$/g, '');
  const host = name === 'localhost' ? '127.0.0.1' : name;
  const usual = new URL(usualUrl(kind));
  return { host, port: port || '80', usual: host === usual.hostname && port === usual.port };
}

function usualUrl(kind: StartableKind): string {
  const [url] = BACKEND_KIND_TABLE[kind].defaultUrls;
  if (url === undefined) throw new TypeError(`${kind} has no usual address`);
  return url;
}

function isStartableKind(kind: string): kind is StartableKind {
  return STARTABLE_KINDS.some((known) => known === kind);
}

/** A server behind TLS was set up by other means than one command. */
function isPlainHttp(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === 'http:';
}
