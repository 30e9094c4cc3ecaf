import type { Layer, ModelDescription, ModelPackage, RegistryTrouble } from '../package';
import { describeModel, digestOf } from '../package';

/** The GGUF file behind most models of the capture. */
export const SHARED_WEIGHTS: Layer = layer(
  'model',
  '53081980b8eaa024b8802a88dff459a169c4384fbb6d056be850fd1da9c47809',
  604_256,
);

/** The middle-sized model's weights, which the capture damages and repairs. */
export const MID_WEIGHTS: Layer = layer(
  'model',
  '7fee3cdb6dba8af262f5b185a150dbb64610a06cd8a2b295c9fb3162f2cd34ba',
  40_604_256,
);

/** Weights whose transfer always breaks off. */
export const SHORT_WEIGHTS: Layer = layer(
  'model',
  'd6dc689f33d7287b1273f317fef4ad2665b1c30abce5621c59b60512d9d12848',
  3_000_000,
);

/** Second big layer of `localhost:5000/library/tiny`. */
export const TINY_SECOND_LAYER: Layer = layer(
  'data',
  'f79438b1f5d0817cc789656f40bba96fc234d6dbe0f585748975c5a04de3d70a',
  130_000_000,
);

/** The uploaded file that became `scripted`. */
export const SCRIPTED_FILE: Layer = layer(
  'data',
  '061c058359dd16b505cca6e0d6cbf47a793ed770b0f88d4b4863dc5368280564',
  11_295_584,
);

/** The uploaded file that became `emb`. */
export const EMBEDDING_FILE: Layer = layer(
  'data',
  'a9bdbdb81c8dd75eb3a89f60a78dbff2f18c73cd3e84bea40098f9206563c060',
  604_288,
);

const TEMPLATE = layer('template', '6dadd83719cf42ff86f49f5002995a1cddadbc1795335bc32a8d6d7ca105d088', 14);
const TINY_TEMPLATE = layer(
  'template',
  'b507b9c2f6ca642bffcd06665ea7c91f235fd32daeefdf875a0f938db05fb315',
  13,
);
const LICENSE = layer('license', 'ba57541f8db126469dea561ee349655414b063b1fe070ea368c580219cfaa357', 360);

/** Models of the registry: the file as it was uploaded. */
const PULLED_FACTS: ModelDescription = {
  parameterCount: 147_776,
  parameterSize: '151.04K',
  quantization: 'F32',
  contextLength: 2_048,
  embeddingLength: 64,
  headCount: 4,
  feedForwardLength: 128,
};

/** Models made here: Ollama has converted the file and calls it by other words. */
const TINY_FACTS: ModelDescription = {
  ...PULLED_FACTS,
  parameterSize: '148K',
  quantization: 'unknown',
  quantizationVersion: 2,
};

const SCRIPTED_FACTS: ModelDescription = {
  ...TINY_FACTS,
  parameterCount: 2_820_608,
  parameterSize: '2.82M',
  embeddingLength: 512,
  headCount: 8,
  feedForwardLength: 64,
};

const SCRIPTED_WEIGHTS = layer(
  'model',
  '4f3d29f7e55c2346c83ad482ba5710a014455d4d677e348dfa2f957dfef0bdf0',
  11_295_584,
);
const TINY_WEIGHTS = layer(
  'model',
  'dbb9b78f0ee00f3691b74545cae0b7a489952028d8abe416e1b09e1f88e0035c',
  604_256,
);

/** As the capture shows it: a mark for tools, one for thinking, one for plain answers. */
const SCRIPTED_TEMPLATE =
  '{{ if .System }}<|sys|>{{ .System }}{{ end }}{{ $last := "" }}{{ range .Messages }}{{ $last = .Role }}{{ if eq .Role "user" }}<|user|>{{ .Content }}{{ else if eq .Role "assistant" }}<|asst|>{{ if .Thinking }}<think>{{ .Thinking }}</think>{{ end }}{{ .Content }}{{ range .ToolCalls }}<tool_call>{"name": "{{ .Function.Name }}", "arguments": {{ .Function.Arguments }}}</tool_call>{{ end }}{{ else if eq .Role "tool" }}<|user|>{{ .Content }}{{ end }}{{ end }}{{ if and .Tools (eq $last "user") }}<|tool|>{{ else if and .IsThinkSet .Think }}<|think|>{{ else }}<|asst|>{{ end }}';

const RANDOM_WORDS = Array.from({ length: 40 }, (_, index) => `w0${index}`).join(' ');

/** `tiny`: random words, stopped by its own `num_predict`. */
export const TINY: ModelPackage = describeModel({
  ...TINY_FACTS,
  layers: [TINY_WEIGHTS, TINY_TEMPLATE, config('tiny', 244)],
  parameters: { num_predict: 20, seed: 1 },
  script: { answer: RANDOM_WORDS },
});

/** `x5`: made from `tiny` with an option of the wrong type. */
export const X5: ModelPackage = describeModel({
  ...TINY_FACTS,
  layers: [TINY_WEIGHTS, TINY_TEMPLATE, config('x5', 261)],
  parameters: { num_ctx: 'many' },
  parentModel: 'tiny:latest',
});

/** `scripted`: thinks, and answers with fixed words; at first its tool calls were not recognised. */
export function scripted(toolCallAsText: boolean): ModelPackage {
  return describeModel({
    ...SCRIPTED_FACTS,
    layers: [
      SCRIPTED_WEIGHTS,
      layer('template', digestHex(`scripted ${toolCallAsText}`), 760),
      config('scripted', toolCallAsText ? 30 : 58),
    ],
    capabilities: ['completion', 'tools', 'thinking'],
    template: SCRIPTED_TEMPLATE,
    script: { toolCall: { name: 'get_weather', arguments: { city: 'Paris' } }, toolCallAsText },
  });
}

/** `loop:v1`: made from `scripted`, never stops by itself. */
export const LOOP: ModelPackage = describeModel({
  ...SCRIPTED_FACTS,
  layers: [SCRIPTED_WEIGHTS, config('loop', 396)],
  template: '{{ range .Messages }}{{ .Content }}{{ end }}<|loop|>',
  system: 'You count.',
  license: 'MIT-ish',
  parameters: { stop: ['zzz', 'yyy'], temperature: 0.1 },
  messages: [
    { role: 'user', content: 'hi' },
    { role: 'assistant', content: 'yo' },
  ],
  parentModel: 'scripted:latest',
  script: { endless: true },
});

/** `emb`: an embedding model. */
export const EMBEDDING: ModelPackage = describeModel({
  ...TINY_FACTS,
  layers: [
    layer('model', 'a2f9a15626088139dd2ec83d1f6617103ee8168d7f362a77796a1c5bf75827f9', 604_288),
    TINY_TEMPLATE,
    config('emb', 203),
  ],
  capabilities: ['embedding'],
});

/** The middle-sized model as it was before its update: one layer more. */
export const MID_BEFORE_UPDATE: ModelPackage = pulled([
  MID_WEIGHTS,
  TEMPLATE,
  layer('license', digestHex('layer before the update'), 17),
  layer('config', 'bcfc84c860cf8d3157150d050e922c4b3434e5d5ea9f3565e24bfc097e7709e8', 338),
]);

/** What the registry on port 5000 of the capture offered, by model. */
export const REGISTRY: Readonly<Record<string, ModelPackage>> = Object.fromEntries(
  Object.entries({
    small: pulled([
      SHARED_WEIGHTS,
      TEMPLATE,
      LICENSE,
      layer('config', '5aba23e800513bb986795f20e0738bae832df3bfee166880ed2a2a8ee95e6e42', 412),
    ]),
    small2: pulled([SHARED_WEIGHTS, config('small2', 353)]),
    newfmt: pulled([SHARED_WEIGHTS, config('newfmt', 284)]),
    mid: pulled([
      MID_WEIGHTS,
      TEMPLATE,
      layer('config', 'bcfc84c860cf8d3157150d050e922c4b3434e5d5ea9f3565e24bfc097e7709e8', 338),
    ]),
    mid2: pulled([
      layer('model', '1f0eb7043be4b70c8f6753932cd61df8ff5eb70bd299dde69aba5eb6c30d3eb2', 40_604_256),
      TEMPLATE,
      config('mid2', 338),
    ]),
    tiny: describeModel({
      ...PULLED_FACTS,
      layers: [
        layer('model', 'a532487ec17372f648279ff5f2d1290215f2874e4b0a409c9dfc96e60eaeea67', 320_000_000),
        TINY_SECOND_LAYER,
        TINY_TEMPLATE,
        LICENSE,
        config('registry tiny', 598),
      ],
      license: 'test licence text\n'.repeat(20),
      parameters: { num_predict: 20, stop: ['<|user|>'] },
      script: { answer: RANDOM_WORDS },
    }),
    bad: troubled('27c01bd007889612a864c9f1d82b2cba98e35fc4ecb4103c48edcd6d8bd7a318', 5_000_000, {
      blob: 'digest-mismatch',
    }),
    wrongsize: describeModel({
      ...PULLED_FACTS,
      readable: false,
      layers: [
        {
          ...layer('model', 'b0efad6bded1639b9315a27e45825f3e23f5defc894f2feaf8b6de8b9434cf45', 1_000),
          transferBytes: 2_000_000,
        },
        config('wrongsize', 263),
      ],
    }),
    reset: troubled('224f05b114ffa37bae2529b9d305acd1617cd4c9570418b893ce03f44595dcf7', 20_000_000, {
      drops: { afterBytes: 4_800_000, times: 2 },
    }),
    stall: troubled('4f792c97f3b9fb6163cef421977236908b195018d50a270f93912704590a2f1b', 20_000_000, {
      stallAfterBytes: 6_000_000,
    }),
    short: describeModel({
      ...PULLED_FACTS,
      readable: false,
      trouble: { drops: { afterBytes: 2_000_000, times: Infinity } },
      layers: [SHORT_WEIGHTS, config('short', 264)],
    }),
    missingblob: troubled(digestHex('missing blob'), 1_000, { blob: 'missing' }),
    noloc: troubled(digestHex('no location'), 1_000, { blob: 'no-location' }),
    hang: troubled(digestHex('hang'), 1_000, { manifest: 'hang' }),
    err500: refused(500, 'internal oops'),
    err429: refused(429, '{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}'),
    forbid: refused(403, '{"errors":[{"code":"DENIED","message":"denied"}]}'),
    requires412: refused(412, '{"errors":[{"code":"NEWER","message":"requires a newer version of Ollama"}]}'),
    badjson: troubled(digestHex('bad JSON'), 1_000, {
      manifest: { text: "invalid character '<' looking for beginning of value" },
    }),
    auth: troubled(digestHex('auth'), 1_000, {
      manifest: { text: 'realm host "127.0.0.1:5000" does not match original host "localhost:5000"' },
    }),
  }).map(([name, model]) => [`localhost:5000/library/${name}`, model]),
);

function pulled(layers: readonly Layer[]): ModelPackage {
  return describeModel({ ...PULLED_FACTS, layers });
}

function troubled(weights: string, size: number, trouble: RegistryTrouble): ModelPackage {
  return describeModel({
    ...PULLED_FACTS,
    readable: false,
    trouble,
    layers: [layer('model', weights, size), config(weights, 264)],
  });
}

function refused(status: number, body: string): ModelPackage {
  return troubled(digestHex(`refused ${status}`), 1_000, { manifest: { status, body } });
}

function layer(role: Layer['role'], hex: string, size: number): Layer {
  return { role, digest: `sha256:${hex}`, size };
}

function config(of: string, size: number): Layer {
  return layer('config', digestHex(`config of ${of}`), size);
}

function digestHex(text: string): string {
  return digestOf(text).slice('sha256:'.length);
}
