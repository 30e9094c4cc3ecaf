import { findNodeAtLocation, getNodeValue, parseTree, type Node as JsonNode } from 'jsonc-parser';
import { isMap, isPair, isScalar, isSeq, parseDocument, visit, type Pair } from 'yaml';
import { parseGoInteger } from './goNumbers';
import type { SourceRange } from './textEdit';

/** A name of a model in a file that is no Modelfile. */
interface ModelReference {
  /** The name alone, without quotes or the name of a provider before it. */
  readonly range: SourceRange;
  readonly name: string;
}

/** What a file that is no Modelfile says of models. */
export interface OtherFile {
  /** In the order of the text. */
  readonly references: readonly ModelReference[];
  /** From OLLAMA_CONTEXT_LENGTH, where the file sets it. */
  readonly contextTokens?: number;
}

const NOTHING: OtherFile = { references: [] };

/** Larger files are no configuration of models. */
const MOST_CHARACTERS = 1_000_000;

/** Variables of Ollama and of programs beside it that name a model; OLLAMA_MODELS is a folder. */
const MODEL_VARIABLE = /^OLLAMA_(?:\w+_)?MODEL$/;
const CONTEXT_VARIABLE = 'OLLAMA_CONTEXT_LENGTH';

type Reader = (text: string) => OtherFile;

/** The files that are looked at, by the end of their path. */
const READERS: readonly (readonly [RegExp, Reader])[] = [
  [/(?:^|[\\/])chatLanguageModels\.json$/, readChatModels],
  [/(?:^|[\\/])opencode\.jsonc?$/, readOpencode],
  [/(?:^|[\\/])(?:docker-)?compose(?:\.[\w-]+)*\.ya?ml$/, readCompose],
  [/(?:^|[\\/])(?:\.env(?:\.[\w-]+)*|[\w-]+\.env)$/, readEnv],
];

/** The models that a file names, by its path; none for other files, and for one that cannot be read. Never throws. */
export function readOtherFile(path: string, text: string): OtherFile {
  const reader = READERS.find(([pattern]) => pattern.test(path))?.[1];
  if (!reader || text.length > MOST_CHARACTERS) return NOTHING;
  try {
    const { references, ...rest } = reader(text);
    return { references: [...references].sort((a, b) => a.range.start - b.range.start), ...rest };
  } catch {
    // The parsers call themselves for each level: a file of a hundred thousand brackets is too much for them.
    return NOTHING;
  }
}

/** VS Code's list of chat models: providers with `models`, each with its `id`. */
function readChatModels(text: string): OtherFile {
  const providers = parseTree(text)?.children ?? [];
  const models = providers.flatMap((provider) => childrenAt(provider, ['models']));
  return { references: models.flatMap((model) => stringReference(findNodeAtLocation(model, ['id']), text)) };
}

/** opencode's configuration: `provider.<name>.models.<model>`, and `model` of the whole and of agents, with the provider. */
function readOpencode(text: string): OtherFile {
  const root = parseTree(text);
  if (!root) return NOTHING;
  const offered = childrenAt(root, ['provider'])
    .flatMap(({ children }) => (children?.[1] ? childrenAt(children[1], ['models']) : []))
    .flatMap(({ children }) => stringReference(children?.[0], text));
  const agents = childrenAt(root, ['agent']).flatMap(({ children }) => children?.[1] ?? []);
  const chosen = [root, ...agents].flatMap((node) =>
    ['model', 'small_model'].flatMap((key) =>
      stringReference(findNodeAtLocation(node, [key]), text, /^[^/]+\//),
    ),
  );
  return { references: [...offered, ...chosen] };
}

function childrenAt(node: JsonNode, path: readonly string[]): readonly JsonNode[] {
  return findNodeAtLocation(node, [...path])?.children ?? [];
}

/** The content of a string, after what `prefix` matches; only of one that is written as it reads. */
function stringReference(
  node: JsonNode | undefined,
  text: string,
  prefix?: RegExp,
): readonly ModelReference[] {
  if (node?.type !== 'string') return [];
  const value: unknown = getNodeValue(node);
  const written = text.slice(node.offset + 1, node.offset + node.length - 1);
  if (value !== written) return [];
  const skipped = prefix?.exec(written)?.[0].length ?? 0;
  return reference(written.slice(skipped), node.offset + 1 + skipped);
}

function reference(name: string, start: number): readonly ModelReference[] {
  return name === '' ? [] : [{ name, range: { start, end: start + name.length } }];
}

/** Variables of the services of a compose file, as a map or as a list of `NAME=value`. */
function readCompose(text: string): OtherFile {
  const found: EnvironmentEntry[] = [];
  visit(parseDocument(text, { logLevel: 'silent' }), {
    Pair: (_key, pair) => {
      if (keyOf(pair) === 'environment') found.push(...environmentOf(pair.value, text));
    },
  });
  return fromEnvironment(found);
}

interface EnvironmentEntry {
  readonly name: string;
  readonly value: string;
  /** Of the value's first character. */
  readonly start: number;
}

function keyOf({ key }: Pair): string | undefined {
  return isScalar(key) && typeof key.value === 'string' ? key.value : undefined;
}

function environmentOf(node: unknown, text: string): readonly EnvironmentEntry[] {
  if (isMap(node)) {
    return node.items.flatMap((pair) => {
      const name = isPair(pair) ? keyOf(pair) : undefined;
      const value = scalarText(pair.value, text);
      return name === undefined || !value ? [] : [{ name, ...value }];
    });
  }
  if (!isSeq(node)) return [];
  return node.items.flatMap((item) => {
    const whole = scalarText(item, text);
    const [, name, value = ''] = /^(\w+)=(.*)$/.exec(whole?.value ?? '') ?? [];
    if (!whole || name === undefined) return [];
    return [{ name, value, start: whole.start + name.length + 1 }];
  });
}

/** A scalar's text with its place; only of one that is written as it reads. */
function scalarText(node: unknown, text: string): Omit<EnvironmentEntry, 'name'> | undefined {
  if (!isScalar(node) || !node.range) return undefined;
  const value = String(node.value);
  const [from, to] = node.range;
  const start = text.indexOf(value, from);
  // Quotes may stand around it, and nothing else.
  return start < 0 || start - from > 1 || start + value.length > to ? undefined : { value, start };
}

function readEnv(text: string): OtherFile {
  const lines = /^([ \t]*(?:export[ \t]+)?(\w+)=(["']?))([^\r\n"'#]*?)\3[ \t]*(?:#.*)?$/gm;
  return fromEnvironment(
    [...text.matchAll(lines)].map(({ index, 1: before = '', 2: name = '', 4: value = '' }) => ({
      ...{ name, value },
      start: index + before.length,
    })),
  );
}

function fromEnvironment(entries: readonly EnvironmentEntry[]): OtherFile {
  const references = entries
    .filter(({ name }) => MODEL_VARIABLE.test(name))
    .flatMap(({ value, start }) => reference(value, start));
  const written = entries.findLast(({ name }) => name === CONTEXT_VARIABLE)?.value;
  const tokens = written === undefined ? null : parseGoInteger(written);
  return tokens === null || tokens <= 0 ? { references } : { references, contextTokens: tokens };
}
