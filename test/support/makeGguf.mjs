// Writes small (or real-shaped) GGUF models that llama.cpp really loads.
//   node test/support/makeGguf.mjs PRESET OUT.gguf [--type T] [--fill script|random|zero] [--name S] [--untied]
//        [--layers N --embd N --ff N --heads N --kv N --hd N --vocab N --ctx N --seed N ...]
// fill: `script` sets the weights so that real llama.cpp says a known text and stops (see gguf/weights.mjs);
//       `random` is seeded noise; `zero` is a sparse file, for figures of memory and for loading.
import process from 'node:process';
import { parseArgs } from 'node:util';
import { writeGguf } from './gguf/file.mjs';
import { listMetadata } from './gguf/metadata.mjs';
import { presets } from './gguf/shapes.mjs';
import { bytesOf, countOf, listTensors } from './gguf/tensors.mjs';
import { buildVocabulary } from './gguf/vocabulary.mjs';
import { fillTensors, seededRandom } from './gguf/weights.mjs';

const NUMBERS = /** @type {const} */ ([
  ...['layers', 'embd', 'ff', 'heads', 'kv', 'hd', 'vocab', 'ctx', 'swa', 'experts', 'used', 'ffexp'],
]);
const TYPES = /** @type {const} */ (['f16', 'f32', 'bf16', 'q8_0', 'q4_0', 'q4_k', 'q6_k', 'mixed']);
const FILLS = /** @type {const} */ (['script', 'random', 'zero']);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    type: { type: 'string', default: 'f16' },
    fill: { type: 'string' },
    name: { type: 'string' },
    seed: { type: 'string', default: '1' },
    untied: { type: 'boolean', default: false },
    ...Object.fromEntries(NUMBERS.map((name) => [name, { type: /** @type {const} */ ('string') }])),
  },
});
const [name = '', file] = positionals;
const preset = presets.get(name);
const type = TYPES.find((known) => known === values.type);
const fill = FILLS.find((known) => known === (values.fill ?? preset?.fill));
if (!preset || !file || !type || !fill) {
  console.error(
    `usage: makeGguf.mjs PRESET OUT.gguf [--type ${TYPES.join('|')}] [--fill ${FILLS.join('|')}]\n` +
      `presets: ${[...presets.keys()].join(' ')}`,
  );
  process.exit(2);
}

const numbers = /** @type {Record<string, unknown>} */ (values);
const changes = NUMBERS.filter((key) => numbers[key] !== undefined).map((key) => [key, Number(numbers[key])]);
/** @type {import('./gguf/shapes.mjs').Shape} */
const shape = {
  ...preset.shape,
  ...Object.fromEntries(changes),
  tied: preset.shape.tied && !values.untied,
};
const vocabulary = buildVocabulary(shape.vocab);
const tensors = listTensors(shape, type, vocabulary.tokens.length);
const fileBytes = writeGguf(
  file,
  listMetadata(values.name ?? name, shape, type, vocabulary),
  tensors,
  fill === 'zero'
    ? []
    : fillTensors(tensors, { embd: shape.embd, fill, random: seededRandom(Number(values.seed)), vocabulary }),
);
console.log(
  JSON.stringify({
    ...{ file, preset: name, arch: shape.arch, type, fill, vocabulary: vocabulary.tokens.length },
    tensors: tensors.length,
    parameters: tensors.reduce((sum, tensor) => sum + countOf(tensor), 0),
    tensorBytes: tensors.reduce((sum, tensor) => sum + bytesOf(tensor), 0),
    fileBytes,
  }),
);
