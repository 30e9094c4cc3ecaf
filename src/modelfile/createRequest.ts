import { namesFile } from './namedPath';
import { readParameters } from './parameterValues';
import type { ParameterValue } from './parameterValues';
import type { ModelfileCommand, ParsedModelfile } from './parse';

/** The body of Ollama's `POST /api/create`, without the name of the model. */
interface CreateRequest {
  readonly from: string;
  readonly template?: string;
  readonly system?: string;
  readonly license?: readonly string[];
  readonly renderer?: string;
  readonly parser?: string;
  readonly requires?: string;
  readonly parameters?: Readonly<Record<string, ParameterValue>>;
  readonly messages?: readonly { readonly role: string; readonly content: string }[];
}

export type CreateReading =
  | { readonly kind: 'request'; readonly request: CreateRequest }
  /** It names files, which Ollama's own program sends to its server. */
  | { readonly kind: 'files' }
  /** Ollama's parser refuses the file, with its own words. */
  | { readonly kind: 'refused'; readonly message: string };

/**
 * What Ollama's program asks its server to create from a Modelfile (v0.32.15). `localNames` are named as models are, and
 * lie beside the Modelfile; none for a text that lies in no folder.
 */
export function createRequest(
  { commands, failures }: ParsedModelfile,
  localNames: readonly string[] = [],
): CreateReading {
  const [failure] = failures;
  if (failure) return { kind: 'refused', message: failure.ollamaMessage };
  const { values, error, encodeError } = readParameters(commands);
  if (error !== null || encodeError !== null) return { kind: 'refused', message: error ?? encodeError ?? '' };
  const needsFiles = commands.some((command) => namesFile(command, localNames));
  const from = commands.findLast(({ name }) => name === 'model');
  if (!from || needsFiles) return { kind: 'files' };
  const licenses = commands.filter(({ name }) => name === 'license').map(({ args }) => args);
  const messages = commands.filter(({ name }) => name === 'message').map(messageOf);
  return {
    kind: 'request',
    request: {
      from: from.args,
      ...last(commands, 'template'),
      ...last(commands, 'system'),
      ...last(commands, 'renderer'),
      ...last(commands, 'parser'),
      ...last(commands, 'requires'),
      ...(licenses.length === 0 ? {} : { license: licenses }),
      ...(values.size === 0 ? {} : { parameters: Object.fromEntries(values) }),
      ...(messages.length === 0 ? {} : { messages }),
    },
  };
}

/** Of those that replace each other the last one counts; an empty one leaves the base's. */
function last<Name extends 'template' | 'system' | 'renderer' | 'parser' | 'requires'>(
  commands: readonly ModelfileCommand[],
  wanted: Name,
): Partial<Record<Name, string>> {
  const args = commands.findLast(({ name }) => name === wanted)?.args ?? '';
  const found: Partial<Record<Name, string>> = {};
  if (args !== '') found[wanted] = args;
  return found;
}

/** Ollama's parser hands on `role: text`, and its program cuts it at the first `: `. */
function messageOf({ args }: ModelfileCommand): { readonly role: string; readonly content: string } {
  const colon = args.indexOf(': ');
  if (colon < 0) return { role: args, content: '' };
  return { role: args.slice(0, colon), content: args.slice(colon + 2) };
}
