import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { decodeModelfile } from '../../../src/modelfile/decode';

const Case = z.object({
  id: z.string(),
  input: z.string().optional(),
  input_b64: z.string().optional(),
  ok: z.boolean(),
  commands: z.array(z.object({ name: z.string(), args: z.string() })).optional(),
  error: z.string().optional(),
  errorLine: z.number().optional(),
  params: z.record(z.string(), z.union([z.number(), z.boolean(), z.array(z.string())])).optional(),
  paramsOk: z.boolean().optional(),
  paramsError: z.string().optional(),
  encodeError: z.string().optional(),
  warnings: z.array(z.string()).optional(),
  requiresOk: z.boolean().optional(),
  requiresError: z.string().optional(),
  templateOk: z.boolean().optional(),
  templateError: z.string().optional(),
  rendererKnown: z.boolean().optional(),
  parserKnown: z.boolean().optional(),
});

/** An input with the verdict of Ollama's own code; what was not asked of it is absent. */
type TruthCase = z.infer<typeof Case>;

/** The cases of one file of `test/fixtures/modelfile` (see its README), each with its decoded text. */
export function readCases(name: 'cases' | 'fuzz'): readonly (TruthCase & { readonly text: string })[] {
  const file = new URL(`../../fixtures/modelfile/${name}.jsonl`, import.meta.url);
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const truth = Case.parse(JSON.parse(line));
      return { ...truth, text: decodeModelfile(bytesOf(truth)) };
    });
}

function bytesOf({ input, input_b64 }: TruthCase): Uint8Array {
  return input === undefined ? Buffer.from(input_b64 ?? '', 'base64') : Buffer.from(input, 'utf8');
}
