import type { MachineFacts } from '../../../src/modelfile/protocol';

const GIB = 2 ** 30;

/** A machine with an 8 GiB card and 4 GiB of memory for models, and what it knows. */
export const MACHINE: MachineFacts = {
  models: [
    {
      ...{ name: 'llama3.2:3b', installed: true, sizeBytes: 2 * GIB, quant: 'Q4_K_M', licence: 'llama3.2' },
      maxContextTokens: 131_072,
      memory: [
        { contextTokens: 2_048, bytes: 3 * GIB },
        { contextTokens: 131_072, bytes: 20 * GIB },
      ],
      speed: { tokensPerSecond: 40, range: [30, 50], measured: false, contextTokens: 4_096 },
      smallerBuilds: ['llama3.2:1b'],
      ...{ rank: 2, evidence: 'Score 61 of 100, direct evidence, high confidence' },
    },
    {
      ...{ name: 'qwen3:8b', installed: false, rank: 1, licence: 'apache-2.0' },
      memory: [{ contextTokens: 2_048, bytes: 6 * GIB }],
      speed: { tokensPerSecond: 25, measured: true, contextTokens: 4_096 },
    },
    { name: 'llama3.2:1b', installed: false, rank: 3, memory: [{ contextTokens: 2_048, bytes: GIB }] },
    { name: 'hf.co/owner/repo-GGUF:Q4_K_M', installed: false, rank: 3 },
    { name: 'huge:400b', installed: false, memory: [{ contextTokens: 2_048, bytes: 250 * GIB }] },
  ],
  usableBytes: 12 * GIB,
  acceleratorBytes: 8 * GIB,
  defaultContextTokens: 4_096,
  machine: 'RTX 4060: 8 GiB VRAM',
};

/** A text with the cursor at `|`. */
export function marked(text: string): { readonly text: string; readonly offset: number } {
  const offset = text.indexOf('|');
  if (offset < 0) throw new Error(`no cursor in ${text}`);
  return { text: text.slice(0, offset) + text.slice(offset + 1), offset };
}
