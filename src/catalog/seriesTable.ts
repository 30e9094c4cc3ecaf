import type { MakerRows } from './seriesTableOthers';
import { OTHER_MAKERS } from './seriesTableOthers';

/**
 * Series of models by name. A line is what replaces what: generations of one line are ordered by `order`, and a newer
 * one makes the older ones less interesting. A series is one generation of one line (sizes of one release), the unit
 * in which sizes may be compared.
 *
 * Columns: family, line, series (`$` = generation), pattern on the lower-case name with `-` for `_`, organisations
 * that release it (the first is the maker), and either a generation with its order or nothing, in which case the
 * pattern's first group is both. Rows are tried from the top; the first match wins.
 */
export interface SeriesRule {
  readonly family: string;
  readonly line: string;
  readonly series: string;
  readonly pattern: RegExp;
  readonly orgs: readonly string[];
  readonly generation?: string;
  readonly order?: number;
}

const BY_MAKER: readonly MakerRows[] = [
  [
    'Qwen',
    [
      ['Qwen', 'qwen-coder', 'Qwen3-Coder-Next', /^qwen3-coder-next/, '3', 3.2],
      ['Qwen', 'qwen-coder', 'Qwen$-Coder', /^qwen(\d(?:\.\d)?)-coder/],
      ['Qwen', 'qwen-coder', 'CodeQwen1.5', /^codeqwen/, '1.5', 1.5],
      ['Qwen', 'qwen-math', 'Qwen$-Math', /^qwen(\d(?:\.\d)?)-math/],
      ['Qwen', 'qwen-vl', 'Qwen$-VL', /^qwen(\d(?:\.\d)?)-?vl(?!-(?:embed|rerank))/],
      ['Qwen', 'qwen-vl', 'Qwen-VL', /^qwen-vl/, '1', 1],
      ['Qwen', 'qwen-vl', 'QVQ', /^qvq/, '2', 2],
      ['Qwen', 'qwen-omni', 'Qwen$-Omni', /^qwen(\d(?:\.\d)?)-omni/],
      ['Qwen', 'qwen-embedding', 'Qwen$-Embedding', /^qwen(\d)(?:-vl)?-(?:embedding|reranker)/],
      ['Qwen', 'qwen', 'QwQ', /^qwq/, '2.5', 2.5],
      ['Qwen', 'qwen', 'Qwen3-Next', /^qwen3-next/, '3', 3],
      ['Qwen', 'qwen', 'Qwen$-MoE', /^qwen(1\.5)-moe/],
      ['Qwen', 'qwen', 'Qwen$', /^qwen(\d(?:\.\d)?)(?![\d.])/],
      ['Qwen', 'qwen', 'Qwen', /^qwen(?=-\d|$|:)/, '1', 1],
    ],
  ],
  [
    'deepseek-ai',
    [
      ['DeepSeek', 'deepseek-distill', 'DeepSeek-R1-0528-Qwen3', /^deepseek-r1-0528-qwen3/, '0528', 2],
      ['DeepSeek', 'deepseek-distill', 'DeepSeek-R1-Distill-Qwen', /^deepseek-r1-distill-qwen/, '1', 1],
      ['DeepSeek', 'deepseek-distill', 'DeepSeek-R1-Distill-Llama', /^deepseek-r1-distill-llama/, '1', 1],
      ['DeepSeek', 'deepseek-r', 'DeepSeek-R1', /^deepseek-r1-zero/, '1', 1],
      ['DeepSeek', 'deepseek-r', 'DeepSeek-R1-0528', /^deepseek-r1-0528/, '1-0528', 1.1],
      ['DeepSeek', 'deepseek-r', 'DeepSeek-R1', /^deepseek-r1/, '1', 1],
      ['DeepSeek', 'deepseek-coder', 'DeepSeek-Coder-V2', /^deepseek-coder-v2/, '2', 2],
      ['DeepSeek', 'deepseek-coder', 'deepseek-coder', /^deepseek-coder/, '1', 1],
      ['DeepSeek', 'deepseek-vl', 'deepseek-vl$', /^deepseek-vl(\d)/],
      ['DeepSeek', 'deepseek-ocr', 'DeepSeek-OCR', /^deepseek-ocr/, '1', 1],
      ['DeepSeek', 'deepseek-math', 'deepseek-math', /^deepseek-math/, '1', 1],
      ['DeepSeek', 'deepseek-lite', 'deepseek-moe', /^deepseek-moe/, '1', 1],
      ['DeepSeek', 'deepseek-lite', 'DeepSeek-V2-Lite', /^deepseek-v2-lite/, '2', 2],
      ['DeepSeek', 'deepseek-v', 'DeepSeek-V$', /^deepseek-v(\d(?:\.\d)?)/],
      ['DeepSeek', 'deepseek-v', 'deepseek-llm', /^deepseek-llm/, '1', 1],
    ],
  ],
  [
    'meta-llama codellama meta-models',
    [
      ['Llama', 'codellama', 'CodeLlama', /^codellama/, '1', 1],
      ['Llama', 'llama-guard', 'Llama-Guard', /^llama-guard/, '1', 1],
      ['Llama', 'llama-vision', 'Llama-3.2-Vision', /^llama-?3\.2.*vision/, '3.2', 3.2],
      ['Llama', 'llama', 'Llama-4', /^llama-?4/, '4', 4],
      // 3.2 (small) and 3.3 (large) share the sizes of one release between them.
      ['Llama', 'llama', 'Llama-3.3', /^llama-?3\.3(?!.*nemotron)/, '3.3', 3.2],
      ['Llama', 'llama', 'Llama-3.2', /^llama-?3\.2/, '3.2', 3.2],
      ['Llama', 'llama', 'Llama-3.1', /^llama-?3\.1(?!.*(?:nemotron|tulu))/, '3.1', 3.1],
      ['Llama', 'llama', 'Llama-3', /^llama-?3(?![.\d])/, '3', 3],
      ['Llama', 'llama', 'Llama-2', /^llama-?2/, '2', 2],
      ['Llama', 'llama', 'LLaMA', /^llama-(?:7|13|30|65)b$/, '1', 1],
      ['Muse', 'muse-glimmer', 'Muse-Glimmer', /^muse-glimmer/, '1', 1],
    ],
  ],
  [
    'google',
    [
      ['Gemma', 'codegemma', 'codegemma', /^codegemma/, '1', 1],
      ['Gemma', 'medgemma', 'medgemma', /^medgemma/, '1', 1],
      ['Gemma', 'translategemma', 'translategemma', /^translategemma/, '1', 1],
      ['Gemma', 'recurrentgemma', 'recurrentgemma', /^recurrentgemma/, '1', 1],
      ['Gemma', 'functiongemma', 'functiongemma', /^functiongemma/, '1', 1],
      ['Gemma', 'embeddinggemma', 'embeddinggemma', /^embeddinggemma/, '1', 1],
      ['Gemma', 't5gemma', 't5gemma', /^t5gemma/, '2', 2],
      ['Gemma', 'gemma', 'gemma-3n', /^gemma-?3n/, '3n', 3],
      ['Gemma', 'gemma', 'gemma-1.1', /^gemma-1\.1/, '1.1', 1.1],
      ['Gemma', 'gemma', 'gemma-$', /^gemma-?([2-9](?:\.\d)?)(?![\d.]*b)/],
      ['Gemma', 'gemma', 'gemma', /^gemma(?=-\d|$|:)/, '1', 1],
      ['FLAN-T5', 'flan-t5', 'flan-t5', /^flan-(?:t5|ul2)/, '1', 1],
    ],
  ],
  [
    'mistralai mistral-community nv-mistralai',
    [
      ['Mistral', 'mixtral-8x22b', 'Mixtral-8x22B', /^mixtral-8x22b/, '0.1', 1],
      ['Mistral', 'mixtral-8x7b', 'Mixtral-8x7B', /^mixtral/, '0.1', 1],
      ['Mistral', 'codestral', 'Codestral', /^codestral/, '1', 1],
      ['Mistral', 'mathstral', 'Mathstral', /^mathstral/, '1', 1],
      ['Mistral', 'pixtral', 'Pixtral', /^pixtral/, '1', 1],
      ['Mistral', 'voxtral', 'Voxtral', /^voxtral/, '1', 1],
      ['Mistral', 'devstral-small', 'Devstral-Small-2', /^devstral-small-2(?!\d)/, '2', 2],
      ['Mistral', 'devstral-small', 'Devstral-Small-2507', /^devstral-small-2507/, '1.1', 1.1],
      ['Mistral', 'devstral', 'Devstral-2', /^devstral-2/, '2', 2],
      ['Mistral', 'devstral-small', 'Devstral-Small-2505', /^devstral/, '1', 1],
      ['Mistral', 'magistral-small', 'Magistral-Small-2509', /^magistral-small-2509/, '1.2', 1.2],
      ['Mistral', 'magistral-small', 'Magistral-Small-2507', /^magistral-small-2507/, '1.1', 1.1],
      ['Mistral', 'magistral-small', 'Magistral-Small-2506', /^magistral/, '1', 1],
      ['Mistral', 'ministral', 'Ministral-3', /^ministral-3(?=-)/, '3', 3],
      ['Mistral', 'ministral', 'Ministral', /^ministral/, '1', 1],
      // Three revisions of one model: small steps are not generations.
      ['Mistral', 'ministral', 'Mistral-7B-v0.1', /^mistral-7b-(?:instruct-)?v0\.1/, '0.1', 0.3],
      ['Mistral', 'ministral', 'Mistral-7B-v0.2', /^mistral-7b-(?:instruct-)?v0\.2/, '0.2', 0.3],
      ['Mistral', 'ministral', 'Mistral-7B-v0.3', /^mistral-7b-(?:instruct-)?v0\.3/, '0.3', 0.3],
      ['Mistral', 'ministral', 'Mistral-7B-v0.3', /^mistral(?=:|$)/, '0.3', 0.3],
      ['Mistral', 'mistral-nemo', 'Mistral-Nemo', /^mistral-nemo(?!-minitron)/, '1', 1],
      ['Mistral', 'mistral-small', 'Mistral-Small-4', /^mistral-small-?4(?=[-:]|$)/, '4', 4],
      ['Mistral', 'mistral-small', 'Mistral-Small-$', /^mistral-small-?(3\.\d)/],
      ['Mistral', 'mistral-small', 'Mistral-Small-3', /^mistral-small-24b/, '3', 3],
      ['Mistral', 'mistral-small', 'Mistral-Small-2409', /^mistral-small-instruct-2409/, '2', 2],
      ['Mistral', 'mistral-small', 'Mistral-Small-3', /^mistral-small/, '3', 3],
      ['Mistral', 'mistral-medium', 'Mistral-Medium-$', /^mistral-medium-(\d(?:\.\d)?)/],
      ['Mistral', 'mistral-large', 'Mistral-Large-3', /^mistral-large-3/, '3', 3],
      ['Mistral', 'mistral-large', 'Mistral-Large-2411', /^mistral-large-instruct-2411/, '2.1', 2.1],
      ['Mistral', 'mistral-large', 'Mistral-Large-2', /^mistral-large/, '2', 2],
    ],
  ],
  [
    'microsoft',
    [
      ['Phi', 'phi-moe', 'Phi-MoE', /^phi-(?:3\.5|mini|tiny)-moe/, '3.5', 3.5],
      ['Phi', 'phi-vision', 'Phi-$-vision', /^phi-(\d(?:\.\d)?)-(?:vision|multimodal|reasoning-vision)/],
      ['Phi', 'phi-mini', 'Phi-$-mini', /^phi-?(\d(?:\.\d)?)-mini/],
      ['Phi', 'phi-mini', 'Phi-3.5-mini', /^phi3\.5/, '3.5', 3.5],
      ['Phi', 'phi', 'phi-$', /^phi-?([2-9](?:\.\d)?)(?![\d.]*b)/],
      ['Phi', 'phi', 'phi-1.5', /^phi-1-5/, '1.5', 1.5],
      ['Phi', 'phi', 'phi-1', /^phi-1/, '1', 1],
      ['WizardLM', 'wizardlm', 'WizardLM-2', /^wizardlm-?2/, '2', 2],
      ['Fara', 'fara', 'Fara$', /^fara(\d(?:\.\d)?)/],
      ['Orca', 'orca', 'Orca-2', /^orca-2/, '2', 2],
    ],
  ],
  [
    'ibm-granite',
    [
      ['Granite', 'granite-embedding', 'granite-embedding', /^granite-embedding/, '1', 1],
      ['Granite', 'granite-vision', 'granite-vision-$', /^granite-vision-(\d\.\d)/],
      ['Granite', 'granite-vision', 'granite-vision-$', /^granite-?(\d\.\d)(?:-\d+b)?-vision/],
      ['Granite', 'granite-code', 'granite-code', /^granite-(?:code|\d+b-(?:code|functioncalling))/, '1', 1],
      ['Granite', 'granite', 'granite-$', /^granite-?(\d\.\d)/],
      ['Granite', 'granite', 'granite-4.0', /^granite4/, '4.0', 4],
      ['Granite', 'granite', 'granite-3.0', /^granite3/, '3.0', 3],
      ['Granite', 'granite', 'granite-7b', /^granite-7b/, '1', 1],
    ],
  ],
  [
    'nvidia',
    [
      ['Nemotron', 'nemotron-nano', 'Nemotron-$-Lightning', /nemotron-(3\.5)-lightning/],
      ['Nemotron', 'nemotron-omni', 'Nemotron-3-Nano-Omni', /nemotron-3-nano-omni/, '3', 3],
      ['Nemotron', 'nemotron-nano', 'Nemotron-3-Nano', /nemotron-3-nano/, '3', 3],
      ['Nemotron', 'nemotron-super', 'Nemotron-3-Super', /nemotron-3-super/, '3', 3],
      ['Nemotron', 'nemotron-ultra', 'Nemotron-3-Ultra', /nemotron-3-ultra/, '3', 3],
      ['Nemotron', 'nemotron-super', 'Llama-Nemotron-Super-v1.5', /nemotron-super-49b-v1[-.]5/, '1.5', 1.5],
      ['Nemotron', 'nemotron-super', 'Llama-Nemotron-Super', /nemotron-super/, '1', 1],
      ['Nemotron', 'nemotron-ultra', 'Llama-Nemotron-Ultra', /nemotron-ultra/, '1', 1],
      ['Nemotron', 'nemotron-vl', 'Nemotron-Nano-v2-VL', /nemotron-nano-\d+b-v2-vl/, '2', 2],
      ['Nemotron', 'nemotron-nano', 'Nemotron-Nano-v2', /nemotron-nano-\d+b-v2/, '2', 2],
      ['Nemotron', 'nemotron-nano', 'Llama-Nemotron-Nano', /nemotron-nano/, '1', 1],
      ['Nemotron', 'nemotron-cascade', 'Nemotron-Cascade-2', /nemotron-cascade-2/, '2', 2],
      ['Nemotron', 'nemotron-70b', 'Llama-Nemotron-70B', /nemotron-70b|^nemotron(?=:|$)/, '1', 1],
      ['Nemotron', 'nemotron-h', 'Nemotron-H', /^nemotron-h/, '1', 1],
      ['Nemotron', 'nemotron-mini', 'Nemotron-Mini', /^nemotron-mini/, '1', 1],
      ['AceMath', 'acemath', 'AceMath', /^acemath/, '1', 1],
      ['AceInstruct', 'aceinstruct', 'AceInstruct', /^aceinstruct/, '1', 1],
    ],
  ],
];

/** Every rule, larger makers first. */
export const SERIES_RULES: readonly SeriesRule[] = [...BY_MAKER, ...OTHER_MAKERS].flatMap(([orgs, rows]) =>
  rows.map(([family, line, series, pattern, generation, order]) => ({
    family,
    line,
    series,
    pattern,
    orgs: orgs.split(' '),
    ...(generation !== undefined && { generation }),
    ...(order !== undefined && { order }),
  })),
);
