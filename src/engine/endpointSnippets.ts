import * as l10n from '@vscode/l10n';
import { baseUrl } from '../backends/baseUrl';
import type { BackendKind } from '../backends/contract';
import { renderCommand } from '../backends/installCommands';
import type { Shell } from '../backends/shellQuote';

/** A served model, as another tool is told of it. Keys are never part of it. */
export interface Endpoint {
  readonly backend: string;
  readonly kind: BackendKind;
  /** Address of the backend, in whatever form the settings have it. */
  readonly url: string;
  readonly modelId: string;
  /** The context that a call gets; absent: not known. */
  readonly contextTokens?: number;
  /** Whether the backend wants a key. */
  readonly wantsKey: boolean;
}

type SnippetTool = 'plain' | 'cline' | 'opencode' | 'aider' | 'curl';

/** What one tool is given. */
export interface EndpointSnippet {
  readonly tool: SnippetTool;
  readonly label: string;
  readonly text: string;
  /** Where it goes, and what the person adds. */
  readonly note: string;
}

/** What one tool is told, before the shell has its say. */
type Draft = Pick<EndpointSnippet, 'text' | 'note'> | null;

interface Facts extends Omit<Endpoint, 'url'> {
  /** Without `/v1`. */
  readonly root: string;
  /** With it: what OpenAI's clients call the base URL. */
  readonly openai: string;
  readonly shell: Shell;
}

const LABELS = {
  plain: () => l10n.t('Base URL, Model Id, Context'),
  cline: () => 'Cline',
  opencode: () => 'opencode',
  aider: () => 'Aider',
  curl: () => 'curl',
} as const satisfies Record<SnippetTool, () => string>;

/** Stands where a person puts a key; ours are never copied. */
const KEY_PLACEHOLDER = 'YOUR_API_KEY';
/** OpenAI's clients refuse to start without any key, also where the server wants none. */
const NO_KEY = 'none';
/** Most tokens of an answer that opencode is told to leave room for, which it needs beside the context. */
const MAX_OUTPUT_TOKENS = 8_192;

/** Kinds that answer OpenAI's requests below `/v1`; other tools know the hosted services that do not by themselves. */
const SPEAKS_OPENAI: readonly BackendKind[] = [
  'ollama',
  'llama_server',
  'lm_studio',
  'vllm',
  'openai_compatible',
  'openai',
];

/**
 * What Cline, opencode, Aider and curl are given to use a served model, and the bare facts first. A user name or password
 * in the address and what follows its path are left out. Null where there is no address to give: the editor's own models,
 * or one that is none.
 */
export function endpointSnippets(endpoint: Endpoint, shell: Shell): readonly EndpointSnippet[] | null {
  const root = bareUrl(endpoint.url);
  if (root === null) return null;
  const facts: Facts = { ...endpoint, root, openai: `${root}/v1`, shell };
  const tools = SPEAKS_OPENAI.includes(endpoint.kind)
    ? (Object.keys(DRAFTS) as readonly SnippetTool[])
    : (['plain'] as const);
  return tools.flatMap((tool): readonly EndpointSnippet[] => {
    const draft = DRAFTS[tool](facts);
    return draft === null ? [] : [{ tool, label: LABELS[tool](), ...draft }];
  });
}

const DRAFTS: Readonly<Record<SnippetTool, (facts: Facts) => Draft>> = {
  plain: ({ kind, root, openai, modelId, contextTokens, wantsKey }) => ({
    text: lines([
      l10n.t('Base URL: {0}', SPEAKS_OPENAI.includes(kind) ? openai : root),
      l10n.t('Model id: {0}', modelId),
      contextTokens === undefined ? undefined : l10n.t('Context: {0} tokens', contextTokens),
      wantsKey ? l10n.t('API key: yours, it is not copied') : l10n.t('API key: none is needed'),
    ]),
    note: l10n.t('For any other tool'),
  }),
  // Cline has providers of its own for Ollama and LM Studio, which take the address without /v1; the other one with it
  // (docs.ollama.com/integrations/cline; docs.cline.bot/provider-config/openai-compatible).
  cline: ({ kind, root, openai, modelId, contextTokens, wantsKey }) => {
    const own = kind === 'ollama' ? 'Ollama' : kind === 'lm_studio' ? 'LM Studio' : undefined;
    return {
      text: lines([
        `API Provider: ${own ?? 'OpenAI Compatible'}`,
        `Base URL: ${own === undefined ? openai : root}`,
        own === undefined || wantsKey ? `API Key: ${wantsKey ? KEY_PLACEHOLDER : NO_KEY}` : undefined,
        `Model: ${modelId}`,
        contextTokens === undefined ? undefined : `Context Window: ${contextTokens}`,
      ]),
      note: wantsKey
        ? l10n.t("The fields of Cline's settings; put your key where {0} stands", KEY_PLACEHOLDER)
        : l10n.t("The fields of Cline's settings"),
    };
  },
  // opencode takes any server with an OpenAI endpoint through its `openai-compatible` package, and a key from a variable
  // of the environment (docs.ollama.com/integrations/opencode; opencode.ai/docs/providers).
  opencode: ({ backend, openai, modelId, contextTokens, wantsKey }) => {
    const variable = keyVariable(backend);
    const limit =
      contextTokens === undefined
        ? {}
        : {
            limit: {
              context: contextTokens,
              output: Math.min(MAX_OUTPUT_TOKENS, Math.floor(contextTokens / 2)),
            },
          };
    const provider = {
      npm: '@ai-sdk/openai-compatible',
      name: backend,
      options: { baseURL: openai, ...(wantsKey ? { apiKey: `{env:${variable}}` } : {}) },
      models: { [modelId]: { name: modelId, ...limit } },
    };
    const config = { $schema: 'https://opencode.ai/config.json', provider: { [backend]: provider } };
    return {
      text: JSON.stringify(config, null, 2),
      note: wantsKey
        ? l10n.t('For opencode.json; set {0} to your key', variable)
        : l10n.t('For opencode.json'),
    };
  },
  // Aider knows Ollama by `ollama_chat/` and its address without /v1, everything else by `openai/` and the address with it;
  // both are variables, which `--set-env` sets (aider.chat, "Ollama", "OpenAI compatible APIs", ".env").
  aider: ({ kind, root, openai, modelId, wantsKey, shell }) => {
    const words =
      kind === 'ollama'
        ? ['--set-env', `OLLAMA_API_BASE=${root}`, '--model', `ollama_chat/${modelId}`]
        : [
            ...['--set-env', `OPENAI_API_BASE=${openai}`],
            ...(wantsKey ? [] : ['--set-env', `OPENAI_API_KEY=${NO_KEY}`]),
            ...['--model', `openai/${modelId}`],
          ];
    const variable = kind === 'ollama' ? 'OLLAMA_API_KEY' : 'OPENAI_API_KEY';
    return command(
      ['aider', ...words],
      modelId,
      shell,
      wantsKey ? l10n.t('Set {0} to your key first', variable) : l10n.t('To run in your project'),
    );
  },
  curl: (facts) => curlDraft(facts),
};

/** A call that shows whether it answers; the question is ours, and nothing private. */
function curlDraft({ openai, modelId, wantsKey, shell }: Facts): Draft {
  const address = `${openai}/chat/completions`;
  const body = JSON.stringify({ model: modelId, messages: [{ role: 'user', content: 'Say hello.' }] });
  const note = wantsKey
    ? l10n.t('Asks one question; put your key where {0} stands', KEY_PLACEHOLDER)
    : l10n.t('Asks one question');
  const authorisation = `Authorization: Bearer ${KEY_PLACEHOLDER}`;
  if (shell === 'powershell') {
    // Windows PowerShell loses the quotes of JSON on the way to a program; its own command gets them as they are.
    if (/[^ -~]|'/.test(body + address)) return null;
    const headers = wantsKey ? ` -Headers @{ Authorization = 'Bearer ${KEY_PLACEHOLDER}' }` : '';
    return {
      text: `Invoke-RestMethod -Method Post -Uri '${address}'${headers} -ContentType 'application/json' -Body '${body}'`,
      note: `${note}. ${l10n.t("PowerShell's own command in place of curl")}`,
    };
  }
  // cmd has no safe quotes for JSON, whose own quotes end every argument.
  if (shell === 'cmd') return null;
  const words = ['curl', address, '-H', 'Content-Type: application/json'];
  return command([...words, ...(wantsKey ? ['-H', authorisation] : []), '-d', body], modelId, shell, note);
}

/** A command line for the shell; for one that is not known that of sh, which says so. Null where it cannot be written. */
function command(words: readonly string[], modelId: string, shell: Shell, note: string): Draft {
  const rendered = renderCommand(words, [modelId], shell === 'other' ? 'posix' : shell);
  if (typeof rendered !== 'string') return null;
  return {
    text: rendered,
    note: shell === 'other' ? `${note}. ${l10n.t('Written for sh, bash and zsh')}` : note,
  };
}

/** The name of a variable for a backend's key: `OPENROUTER_API_KEY`. Ids are lower-case letters, digits and `_`. */
function keyVariable(backend: string): string {
  return `${backend.toUpperCase()}_API_KEY`;
}

/** Scheme, host, port and path without `/v1`; null for what is no address of a web server. */
function bareUrl(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const { protocol, host, pathname } = new URL(url);
  return protocol === 'http:' || protocol === 'https:' ? baseUrl(`${protocol}//${host}${pathname}`) : null;
}

function lines(each: readonly (string | undefined)[]): string {
  return each.filter((line) => line !== undefined).join('\n');
}
