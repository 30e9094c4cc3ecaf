import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { parseModelName, shortName } from '../names';
import type { ModelFacts, ModelPackage } from '../package';
import { describeModel, weightsLayer } from '../package';
import { pause } from '../pause';
import { pullModel } from '../pull';
import { LineStream, replyError, replyJson, replyStreamError } from '../reply';
import { namedModel, parseBody } from '../requests';
import { blobPath } from '../store';
import type { Exchange, Route, World } from '../world';

/** Models made from models, and from files that were uploaded. */
export const createRoutes: readonly Route[] = [{ method: 'POST', path: '/api/create', handle: create }];

/** Between two lines, so that progress can be seen and cancelled. */
const STEP_MS = 30;

const createSchema = z.object({
  model: z.string().nullish(),
  name: z.string().nullish(),
  from: z.string().nullish(),
  files: z.record(z.string(), z.string()).nullish(),
  template: z.string().optional(),
  system: z.string().optional(),
  license: z.union([z.string(), z.array(z.string())]).optional(),
  parameters: z
    .record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.array(z.string())]))
    .optional(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })).optional(),
  stream: z.boolean().nullish(),
});
type CreateBody = z.infer<typeof createSchema>;

type Source =
  | { readonly status: 'ready'; readonly package: ModelPackage; readonly parent?: string }
  | { readonly status: 'failed'; readonly error: string }
  | { readonly status: 'left' };

async function create({ body, response, signal, world }: Exchange): Promise<void> {
  const parsed = parseBody(body, 'CreateRequest', createSchema);
  if (!parsed.ok) return replyError(response, 400, parsed.error);
  const asked = parsed.value;
  const name = parseModelName(namedModel(asked));
  if (name === null) return replyError(response, 400, 'invalid model name');
  const [file] = Object.values(asked.files ?? {});
  if ((asked.from ?? '') === '' && file === undefined) {
    return replyStreamError(response, 400, "neither 'from' or 'files' was specified");
  }
  const template = asked.template === undefined ? null : unclosedAction(asked.template);
  if (template !== null) return replyStreamError(response, 400, `template error: ${template}`);
  const told = new Told(response, world, asked.stream ?? true);
  const say = (status: string): Promise<'over' | 'aborted'> => {
    told.line({ status });
    return pause(asked.stream === false ? 0 : STEP_MS, signal);
  };
  const source =
    file === undefined
      ? await modelSource(world, asked.from ?? '', (line) => told.line(line), signal)
      : await fileSource(world, file, say);
  if (source.status === 'left') return;
  if (source.status === 'failed') return told.end({ error: source.error });
  const made = madeFrom(source.package, asked, source.parent);
  for (const { role, digest } of made.layers) {
    if (role === 'config') continue;
    const known = world.store.blobs.has(digest);
    if ((await say(`${known ? 'using existing' : 'creating new'} layer ${digest}`)) === 'aborted') return;
  }
  if ((await say('writing manifest')) === 'aborted') return;
  world.store.install(shortName(name), made);
  told.end({ status: 'success' });
}

/** The model with that name, pulled where it is not here. */
async function modelSource(
  world: World,
  from: string,
  emit: (line: object) => void,
  signal: AbortSignal,
): Promise<Source> {
  const base = parseModelName(from);
  if (base === null) return { status: 'failed', error: 'invalid model name' };
  if (world.store.find(base) === undefined) {
    const end = await pullModel(world, base, false, emit, signal);
    if (end.status !== 'success') return end;
  }
  const model = world.store.find(base);
  if (model === undefined) return { status: 'failed', error: `model '${from}' not found` };
  return { status: 'ready', package: model.package, parent: shortName(base) };
}

async function fileSource(
  { store }: World,
  digest: string,
  say: (status: string) => Promise<'over' | 'aborted'>,
): Promise<Source> {
  if ((await say('parsing GGUF')) === 'aborted') return { status: 'left' };
  if (!/^sha256[:-][0-9a-f]{64}$/.test(digest)) return { status: 'failed', error: 'invalid digest format' };
  const file = store.blobs.get(digest.replace('-', ':'))?.file;
  if (file === undefined) {
    return { status: 'failed', error: `open ${blobPath(digest)}: no such file or directory` };
  }
  if (file === null) return { status: 'failed', error: 'supplied file was not in GGUF format' };
  if ((await say('verifying conversion')) === 'aborted') return { status: 'left' };
  return { status: 'ready', package: file };
}

/** A model with the weights of another one, whose parameters stay where they are not given anew. */
function madeFrom(base: ModelPackage, asked: CreateBody, parentModel: string | undefined): ModelPackage {
  const { license, template, system, parameters, messages } = asked;
  const changed: Partial<ModelFacts> = {
    ...(template === undefined ? {} : { template }),
    ...(system === undefined ? {} : { system }),
    ...(messages === undefined ? {} : { messages }),
    ...(license === undefined ? {} : { license: [license].flat().join('\n') }),
    ...(parentModel === undefined ? {} : { parentModel }),
    ...(parameters === undefined ? {} : { parameters: { ...base.facts.parameters, ...parameters } }),
  };
  const weights = weightsLayer(base);
  return describeModel({
    ...{ ...base.facts, ...changed },
    ...(weights === undefined ? {} : { weightsBytes: weights.size, weightsDigest: weights.digest }),
    ...(base.script === undefined ? {} : { script: base.script }),
  });
}

/** What Go's template parser says of an action without an end; null for none. It finds more faults than this one. */
function unclosedAction(template: string): string | null {
  const last = template.lastIndexOf('{{');
  if (last === -1 || template.includes('}}', last)) return null;
  return `template: :${template.slice(0, last).split('\n').length}: unclosed action`;
}

/** A stream of lines, or the last one alone. */
class Told {
  readonly #stream: LineStream | null;

  constructor(
    private readonly response: ServerResponse,
    world: World,
    streams: boolean,
  ) {
    this.#stream = streams ? new LineStream(response, world.faults) : null;
  }

  line(line: object): void {
    this.#stream?.write(line);
  }

  end(last: { readonly status: string } | { readonly error: string }): void {
    if (this.#stream === null) {
      return replyJson(this.response, 'error' in last ? 500 : 200, last, 'application/json');
    }
    this.#stream.write(last);
    this.#stream.end();
  }
}
