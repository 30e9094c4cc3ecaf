import { isModelName } from './modelName';
import { namesFile } from './namedPath';
import type { ParsedModelfile } from './parse';
import type { SourceRange } from './textEdit';

/** Where a FROM, ADAPTER or DRAFT leads: to a file, as it is written there, or to the page of a model. */
export type ModelfileLink =
  | { readonly kind: 'file'; readonly range: SourceRange; readonly path: string }
  | { readonly kind: 'page'; readonly range: SourceRange; readonly url: string };

/** Links of all commands that name a file or a model; `localNames` are named as models are, and lie beside the Modelfile. */
export function links(
  { commands }: ParsedModelfile,
  localNames: readonly string[] = [],
): readonly ModelfileLink[] {
  return commands.flatMap((command): readonly ModelfileLink[] => {
    const { name, args, value } = command;
    if ((name !== 'model' && name !== 'adapter' && name !== 'draft') || args === '') return [];
    const { content: range } = value;
    if (namesFile(command, localNames)) return [{ kind: 'file', range, path: args }];
    const url = modelPage(args);
    return url === undefined ? [] : [{ kind: 'page', range, url }];
  });
}

/** The page that describes a model; undefined for other registries, which have none that is known. */
export function modelPage(name: string): string | undefined {
  if (!isModelName(name)) return undefined;
  const [bare = ''] = name.replace(/^[a-z]+:\/\//, '').split('@', 1);
  const parts = bare.split('/');
  const model = parts.pop() ?? '';
  const [host, ...owner] = parts.length > 1 ? parts : ['', ...parts];
  const untagged = model.replace(/:.*$/, '');
  if (host === 'hf.co' || host === 'huggingface.co')
    return `https://huggingface.co/${[...owner, untagged].join('/')}`;
  if (host !== '' && !/^(?:registry\.)?ollama\.(?:ai|com)$/i.test(host ?? '')) return undefined;
  const namespace = owner[0] === undefined || owner[0] === '' ? 'library' : owner[0];
  return `https://ollama.com/${namespace}/${model}`;
}
