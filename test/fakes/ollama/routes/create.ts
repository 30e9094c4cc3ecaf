import { z } from 'zod';
import { decodeGoJson } from '../goJson';
import { findModel } from '../modelLookup';
import { parseModelName, shortName } from '../names';
import type { Layer, ModelFacts, ModelPackage } from '../package';
import { describeModel, weightsLayer } from '../package';
import { pause } from '../pause';
import { LineStream, replyError } from '../reply';
import type { Exchange, Route } from '../world';

/** For models made from models. Written from Ollama's API as it is known, with no capture to hold it to. */
export const createRoutes: readonly Route[] = [{ method: 'POST', path: '/api/create', handle: create }];

/** Between two lines, so that progress can be seen and cancelled. */
const STEP_MS = 30;

const bodySchema = z.object({
  model: z.string().default(''),
  from: z.string().default(''),
  template: z.string().optional(),
  system: z.string().optional(),
  license: z.union([z.string(), z.array(z.string())]).optional(),
  parameters: z
    .record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.array(z.string())]))
    .optional(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })).optional(),
});

async function create({ body, response, signal, world }: Exchange): Promise<void> {
  const decoded = decodeGoJson(body);
  if (!decoded.ok) return replyError(response, 400, decoded.error);
  const parsed = bodySchema.safeParse(decoded.value ?? {});
  if (!parsed.success) return replyError(response, 400, 'the fake Ollama cannot read this request');
  const name = parseModelName(parsed.data.model);
  const base = parseModelName(parsed.data.from);
  if (name === null) return replyError(response, 400, 'invalid model name');
  if (parsed.data.from === '') return replyError(response, 400, "neither 'from' or 'files' was specified");
  if (base === null) return replyError(response, 400, 'invalid model name');
  const stream = new LineStream(response, world.faults);
  const found = findModel(world, base, shortName(base));
  if (!found.ok) {
    stream.write({ status: 'pulling manifest' });
    stream.write({ error: 'pull model manifest: file does not exist' });
    return stream.end();
  }
  const { license, template, system, parameters, messages } = parsed.data;
  const made = madeFrom(found.model.package, {
    ...present({ template, system, parameters, messages }),
    ...(license === undefined ? {} : { license: [license].flat().join('\n') }),
    parentModel: shortName(base),
  });
  const known = new Set(found.model.package.layers.map(({ digest }) => digest));
  const lines = made.layers.map(
    ({ digest }) => `${known.has(digest) ? 'using existing layer' : 'creating new layer'} ${digest}`,
  );
  for (const status of [...lines, 'writing manifest']) {
    stream.write({ status });
    if ((await pause(STEP_MS, signal)) === 'aborted') return;
  }
  world.store.install(shortName(name), made);
  stream.write({ status: 'success' });
  stream.end();
}

/** A model with the weights of another one. */
function madeFrom(base: ModelPackage, changed: Partial<ModelFacts>): ModelPackage {
  const facts = { ...base.facts, ...changed };
  const weights: Layer | undefined = weightsLayer(base);
  return describeModel({
    ...facts,
    ...(weights === undefined ? {} : { weightsBytes: weights.size, weightsDigest: weights.digest }),
    ...(base.script === undefined ? {} : { script: base.script }),
  });
}

function present<T extends object>(value: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>;
  };
}
