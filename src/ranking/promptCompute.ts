/**
 * Usable compute for reading prompts, in TFLOPS: what llama.cpp reaches on dense models in 4 bits, not what the maker
 * says. Within one generation it goes with the memory's bandwidth, because makers scale both together; cards with
 * stacked memory (HBM) do not, and have their own figure. Fitted 2026-11 as the median of each class's devices on
 * `data/measurements/prompt.jsonl`. Devices of which no member was measured are not here: no figure is better than a
 * wrong one. The classes are finer than those of `deviceClass`, for devices that decode alike may compute five times
 * apart (with tensor cores and without). The first that matches holds.
 */
const ACCELERATORS: readonly ({ readonly matches: RegExp } & (
  { readonly tflops: number } | { readonly tflopsPerGBps: number }
))[] = [
  { matches: /\b(?:h100|h200|gh200)\b/, tflops: 115 },
  { matches: /\ba100\b/, tflops: 95 },
  { matches: /\ba30\b/, tflops: 40 },
  { matches: /\b(?:v100|titan v)\b/, tflops: 44 },
  { matches: /\bp100\b/, tflops: 8 },
  { matches: /\bmi300x\b/, tflops: 134 },
  { matches: /\bmi210\b/, tflops: 36 },
  { matches: /\bmi100\b/, tflops: 40 },
  { matches: /\bmi[56]0\b/, tflops: 18 },
  // Before the younger cards whose numbers contain theirs: an RTX 4000 is not of the 40 series.
  { matches: /\b(?:quadro|titan) rtx\b|\brtx 20\d\d\b(?! ada)|\bt4\b/, tflopsPerGBps: 0.059 },
  { matches: /\bada\b|\brtx 40\d\d\b|\bl4(?:0s?)?\b/, tflopsPerGBps: 0.131 },
  { matches: /\bgb10\b/, tflopsPerGBps: 0.16 },
  { matches: /\brtx pro\b.*\bblackwell\b|\brtx 50\d\d\b/, tflopsPerGBps: 0.108 },
  { matches: /\brtx 30\d\d\b|\brtx a\d{4}\b|\ba(?:10g?|40)\b/, tflopsPerGBps: 0.079 },
  { matches: /\bgtx 10\d\d\b|\bp40\b|\bquadro p\d000\b|\btitan xp\b/, tflopsPerGBps: 0.04 },
  { matches: /\brx 90\d\d\b|\br9700\b/, tflopsPerGBps: 0.113 },
  { matches: /\brx 7\d{3}\b|\bw7\d{3}\b/, tflopsPerGBps: 0.056 },
  { matches: /\b(?:780m|8[89]0m|80[56]0s)\b/, tflopsPerGBps: 0.04 },
  { matches: /\brx 6\d{3}\b|\bv620\b|\bw6\d{3}\b/, tflopsPerGBps: 0.051 },
  // The smallest M1 has a third of the Pro's bandwidth, but half of its cores.
  { matches: /\bapple m1$/, tflopsPerGBps: 0.0245 },
  { matches: /\bapple m1\b/, tflopsPerGBps: 0.0165 },
  { matches: /\bapple m2\b/, tflopsPerGBps: 0.0235 },
  { matches: /\bapple m3\b/, tflopsPerGBps: 0.0273 },
  { matches: /\bapple m4\b/, tflopsPerGBps: 0.0253 },
  { matches: /\bapple m5\b/, tflopsPerGBps: 0.0687 },
];

/** TFLOPS of one physical core in llama.cpp and llamafile; the first that matches holds. Same rows, same date. */
const PROCESSORS: readonly { readonly matches: RegExp; readonly tflopsPerCore: number }[] = [
  { matches: /\bryzen ai\b/, tflopsPerCore: 0.13 },
  { matches: /\bryzen \d (?:pro )?9\d{3}|\bepyc 9\d\d5/, tflopsPerCore: 0.24 },
  // The 7000 series mixes generations: the tens of a mobile part's number tell (7730U is older than 7840U).
  { matches: /\bryzen \d (?:pro )?(?:8\d{3}|7[69]\d\d|7700|78\d\d|7\d4\d)/, tflopsPerCore: 0.15 },
  { matches: /\bthreadripper (?:pro )?7\d{3}|\bepyc 9/, tflopsPerCore: 0.11 },
  { matches: /\bryzen\b|\bepyc\b|\bthreadripper\b/, tflopsPerCore: 0.08 },
  { matches: /\bintel\b.*\b(?:core|xeon)\b/, tflopsPerCore: 0.044 },
];

/** TFLOPS of an accelerator by its name, in any spelling of a driver; undefined where its class was not measured. */
export function acceleratorTflops(name: string, bandwidthGBps: number): number | undefined {
  const plain = plainName(name);
  const found = ACCELERATORS.find(({ matches }) => matches.test(plain));
  if (found === undefined) return undefined;
  return 'tflops' in found ? found.tflops : found.tflopsPerGBps * bandwidthGBps;
}

/** TFLOPS of a processor by its name and physical cores; undefined where its family was not measured. */
export function processorTflops(name: string, cores: number): number | undefined {
  const plain = plainName(name);
  const found = PROCESSORS.find(({ matches }) => matches.test(plain));
  return found && found.tflopsPerCore * cores;
}

function plainName(name: string): string {
  return name
    .toLowerCase()
    .replace(/\((?:r|tm|c)\)|[®™]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
