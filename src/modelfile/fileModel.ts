import { factsOf } from './facts';
import { parseGoInteger } from './goNumbers';
import { namesFile } from './namedPath';
import type { ModelfileCommand, ParsedModelfile } from './parse';
import type { DescribedModel, MachineFacts } from './protocol';

/** The model that a Modelfile builds on, as this machine knows it. */
export interface FileModel {
  /** The FROM that counts. */
  readonly from: ModelfileCommand;
  readonly model: DescribedModel;
  /** What the built model gets, in tokens; undefined where neither the file nor the facts say. */
  readonly contextTokens: number | undefined;
}

/** The known model that the last FROM with a name builds on; undefined where it is a file or is not known. */
export function fileModelOf(parsed: ParsedModelfile, facts: MachineFacts | undefined): FileModel | undefined {
  const from = parsed.commands.findLast(
    (command) => command.name === 'model' && !namesFile(command, facts?.localNames),
  );
  const model = from && facts && factsOf(from.args, facts);
  if (!from || !facts || !model) return undefined;
  return { from, model, contextTokens: contextOf(parsed, model, facts) };
}

/** A num_ctx of 0 stands for the default, as none does; Ollama cuts one down to what the model was made for. */
function contextOf(
  { commands }: ParsedModelfile,
  { maxContextTokens }: DescribedModel,
  { defaultContextTokens }: MachineFacts,
): number | undefined {
  const command = commands.findLast(({ name }) => name === 'num_ctx');
  const written = command === undefined ? null : parseGoInteger(command.args);
  const tokens = written === null || written <= 0 ? defaultContextTokens : written;
  return tokens === undefined ? undefined : Math.min(tokens, maxContextTokens ?? tokens);
}
