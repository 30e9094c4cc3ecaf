/** One row of the series table; its columns are described at `SeriesRule`. */
type SeriesRow = readonly [
  family: string,
  line: string,
  series: string,
  pattern: RegExp,
  generation?: string,
  order?: number,
];

/** Rows of one maker: its organisations, separated by spaces, and its series. */
export type MakerRows = readonly [orgs: string, rows: readonly SeriesRow[]];

/** Series of the makers with few lines. */
export const OTHER_MAKERS: readonly MakerRows[] = [
  [
    'openai',
    [
      ['gpt-oss', 'gpt-oss-safeguard', 'gpt-oss-safeguard', /^gpt-oss-safeguard/, '1', 1],
      ['gpt-oss', 'gpt-oss', 'gpt-oss', /^gpt-oss/, '1', 1],
    ],
  ],
  [
    'zai-org THUDM',
    [
      ['GLM', 'glm-v', 'GLM-$V', /^glm-?(4(?:\.\d)?)v/],
      ['GLM', 'glm-small', 'GLM-$-Flash', /^glm-(\d\.\d)-flash/],
      ['GLM', 'glm-air', 'GLM-$-Air', /^glm-(\d\.\d)-air/],
      ['GLM', 'glm-z1', 'GLM-Z1', /^glm-z1/, '1', 1],
      ['GLM', 'glm-edge', 'glm-edge', /^glm-edge/, '1', 1],
      ['GLM', 'glm-small', 'GLM-4-0414', /^glm-4-\d+b-0414/, '4-0414', 4.1],
      ['GLM', 'glm-small', 'glm-4', /^glm-?4-?(?:9b|32b)|^glm4(?=:|$)/, '4', 4],
      ['GLM', 'glm', 'GLM-$', /^glm-(\d(?:\.\d)?)(?=$|-|:)/],
      ['GLM', 'codegeex', 'codegeex4', /^codegeex4/, '4', 4],
    ],
  ],
  [
    'moonshotai',
    [
      ['Kimi', 'kimi-vl', 'Kimi-VL', /^kimi-vl/, '1', 1],
      ['Kimi', 'kimi-linear', 'Kimi-Linear', /^kimi-linear/, '1', 1],
      ['Kimi', 'kimi-k', 'Kimi-K2-0905', /^kimi-k2-instruct-0905/, '2-0905', 2],
      ['Kimi', 'kimi-k', 'Kimi-K2-Thinking', /^kimi-k2-thinking/, '2-Thinking', 2],
      ['Kimi', 'kimi-k', 'Kimi-K$', /^kimi-k(\d(?:\.\d)?)/],
      ['Kimi', 'moonlight', 'Moonlight', /^moonlight/, '1', 1],
    ],
  ],
  [
    'MiniMaxAI',
    [
      ['MiniMax', 'minimax', 'MiniMax-M$', /^minimax-m(\d(?:\.\d)?)/],
      ['MiniMax', 'minimax', 'MiniMax-Text-01', /^minimax-text/, '01', 0.5],
    ],
  ],
  [
    'allenai',
    [
      ['Tulu', 'tulu', 'Tulu-3.1', /tulu-?3\.1/, '3.1', 3.1],
      ['Tulu', 'tulu', 'Tulu-3', /tulu-?3/, '3', 3],
      ['OLMo', 'olmoe', 'OLMoE-0125', /^olmoe.*-0125/, '0125', 2],
      ['OLMo', 'olmoe', 'OLMoE-0924', /^olmoe/, '0924', 1],
      ['OLMo', 'olmo-hybrid', 'Olmo-Hybrid', /^olmo-hybrid/, '1', 1],
      ['OLMo', 'olmo', 'Olmo-$', /^olmo-?(\d(?:\.\d)?)(?![\d.]*b)/],
      ['OLMo', 'olmo', 'OLMo', /^olmo-\d+b/, '1', 1],
      ['Molmo', 'molmo', 'Molmo$', /^molmo(\d)/],
      ['Molmo', 'molmo', 'Molmo', /^molmo/, '1', 1],
    ],
  ],
  [
    'LiquidAI',
    [
      ['LFM', 'lfm-vl', 'LFM$-VL', /^lfm(\d(?:\.\d)?)-vl/],
      ['LFM', 'lfm', 'LFM$', /^lfm(\d(?:\.\d)?)/],
    ],
  ],
  [
    'HuggingFaceTB',
    [
      ['SmolLM', 'smolvlm', 'SmolVLM$', /^smolvlm(\d)/],
      ['SmolLM', 'smolvlm', 'SmolVLM', /^smolvlm/, '1', 1],
      ['SmolLM', 'smollm', 'SmolLM$', /^smollm(\d)/],
      ['SmolLM', 'smollm', 'SmolLM', /^smollm/, '1', 1],
    ],
  ],
  [
    'tiiuae',
    [
      ['Falcon', 'falcon-h', 'Falcon-H1', /^falcon-h1/, '1', 1],
      ['Falcon', 'falcon-mamba', 'Falcon3-Mamba', /^falcon3-mamba/, '3', 3],
      ['Falcon', 'falcon-mamba', 'falcon-mamba', /^falcon-mamba/, '1', 1],
      ['Falcon', 'falcon', 'Falcon3', /^falcon3/, '3', 3],
      ['Falcon', 'falcon', 'falcon2', /^falcon(?:2|-11b)/, '2', 2],
      ['Falcon', 'falcon', 'falcon', /^falcon/, '1', 1],
    ],
  ],
  [
    '01-ai',
    [
      ['Yi', 'yi-coder', 'Yi-Coder', /^yi-coder/, '1', 1],
      ['Yi', 'yi', 'Yi-1.5', /^yi-1\.5/, '1.5', 1.5],
      ['Yi', 'yi', 'Yi', /^yi(?=-\d|:|$)/, '1', 1],
    ],
  ],
  [
    'internlm OpenGVLab',
    [
      ['InternVL', 'internvl', 'InternVL3.5', /^internvl3-5/, '3.5', 3.5],
      ['InternVL', 'internvl', 'InternVL3', /^internvl3/, '3', 3],
      ['InternLM', 'internlm', 'internlm2.5', /^internlm2-5/, '2.5', 2.5],
      ['InternLM', 'internlm', 'internlm$', /^internlm([23])/],
      ['InternLM', 'internlm', 'internlm', /^internlm/, '1', 1],
    ],
  ],
  [
    'LGAI-EXAONE',
    [
      ['EXAONE', 'exaone-k', 'K-EXAONE', /^k-exaone/, '1', 1],
      ['EXAONE', 'exaone-deep', 'EXAONE-Deep', /^exaone-deep/, '1', 1],
      ['EXAONE', 'exaone', 'EXAONE-$', /^exaone-?(\d\.\d)/],
    ],
  ],
  [
    'CohereLabs CohereForAI',
    [
      ['Cohere', 'command-r7b', 'command-r7b', /command-r7b/, '1', 1],
      ['Cohere', 'command-a', 'command-a', /command-a/, '2', 2],
      ['Cohere', 'command-a', 'command-r-plus-08-2024', /command-r-plus-08/, '1.1', 1.1],
      ['Cohere', 'command-a', 'command-r-plus', /command-r-plus/, '1', 1],
      ['Cohere', 'command-r', 'command-r-08-2024', /command-r-08/, '1.1', 1.1],
      ['Cohere', 'command-r', 'command-r', /command-r/, '1', 1],
      ['Cohere', 'aya', 'aya-expanse', /^aya-expanse/, '2', 2],
      ['Cohere', 'aya', 'aya-23', /^aya/, '1', 1],
      ['Cohere', 'tiny-aya', 'tiny-aya', /^tiny-aya/, '1', 1],
    ],
  ],
  [
    'NousResearch',
    [
      ['Hermes', 'hermes', 'DeepHermes-3', /^deephermes-3/, '3', 3],
      ['Hermes', 'hermes', 'Hermes-$', /^hermes-?([234])/],
      ['Hermes', 'hermes', 'Nous-Hermes-2', /^nous-hermes-?2/, '2', 2],
      ['Hermes', 'hermes', 'Nous-Hermes', /^nous-hermes/, '1', 1],
    ],
  ],
  [
    'openbmb OpenBMB',
    [
      ['MiniCPM', 'minicpm-v', 'MiniCPM-V-$', /^minicpm-(?:[vo]|llama3-v)-(\d(?:[.-]\d)?)/],
      ['MiniCPM', 'minicpm', 'MiniCPM$', /^minicpm(\d(?:\.\d)?)/],
      ['MiniCPM', 'minicpm', 'MiniCPM', /^minicpm-2b/, '1', 1],
    ],
  ],
  [
    'stabilityai',
    [
      ['StableLM', 'stablelm', 'stablelm-2', /^stablelm-?2/, '2', 2],
      ['StableLM', 'stablelm', 'stablelm', /^stablelm/, '1', 1],
    ],
  ],
  [
    'bigcode',
    [
      ['StarCoder', 'starcoder', 'starcoder2', /^starcoder2/, '2', 2],
      ['StarCoder', 'starcoder', 'starcoder', /^starcoder/, '1', 1],
    ],
  ],
  ['baidu', [['ERNIE', 'ernie', 'ERNIE-$', /^ernie-(\d\.\d)/]]],
  [
    'inclusionAI',
    [
      ['Ling', 'ling', 'Ling-3.0', /^ling-3\.0/, '3.0', 3],
      ['Ling', 'ling', 'Ling-2.0', /^ling-(?:mini|flash)-2\.0|^ling-1t/, '2.0', 2],
      ['Ling', 'ling', 'Ling-1.5', /^ling-lite-1\.5/, '1.5', 1.5],
      ['Ling', 'ling', 'Ling', /^ling/, '1', 1],
      ['Ling', 'ring', 'Ring-2.5', /^ring-2\.5/, '2.5', 2.5],
      ['Ling', 'ring', 'Ring-2.0', /^ring/, '2.0', 2],
      ['LLaDA', 'llada', 'LLaDA$', /^llada(\d\.\d)/],
    ],
  ],
  [
    'XiaomiMiMo',
    [
      ['MiMo', 'mimo', 'MiMo-V$', /^mimo-v(\d(?:\.\d)?)/],
      ['MiMo', 'mimo', 'MiMo', /^mimo/, '1', 1],
    ],
  ],
  ['stepfun-ai', [['Step', 'step', 'Step-$', /^step-?(3(?:\.\d)?)/]]],
  [
    'arcee-ai',
    [
      ['Arcee', 'trinity', 'Trinity', /^trinity/, '1', 1],
      ['Arcee', 'afm', 'AFM', /^afm/, '1', 1],
    ],
  ],
  [
    'ai21labs',
    [
      ['Jamba', 'jamba', 'Jamba-1.7', /^ai21-jamba-(?:large|mini)-1\.7/, '1.7', 1.7],
      ['Jamba', 'jamba', 'Jamba-1.5', /^ai21-jamba-1\.5|^ai21-jamba-(?:large|mini)-1\.5/, '1.5', 1.5],
      ['Jamba', 'jamba-reasoning', 'Jamba-Reasoning', /^ai21-jamba-reasoning/, '1', 1],
      ['Jamba', 'jamba', 'Jamba', /^jamba/, '1', 1],
    ],
  ],
  [
    'upstage',
    [
      ['Solar', 'solar', 'Solar-Open', /^solar-open/, '3', 3],
      ['Solar', 'solar', 'solar-pro', /^solar-pro/, '2', 2],
      ['Solar', 'solar', 'SOLAR', /^solar/, '1', 1],
    ],
  ],
  [
    'dphn cognitivecomputations',
    [
      ['Dolphin', 'dolphin', 'Dolphin3.0', /^dolphin-?3/, '3.0', 3],
      ['Dolphin', 'dolphin', 'dolphin-$', /^dolphin-(2(?:\.\d)?)/],
    ],
  ],
  [
    'deepcogito',
    [
      ['Cogito', 'cogito', 'cogito-v$', /^cogito-v(\d)/],
      ['Cogito', 'cogito', 'cogito-v1', /^cogito/, '1', 1],
    ],
  ],
  [
    'tencent',
    [
      ['Hunyuan', 'hunyuan', 'Hy3', /^hy3/, '3', 3],
      ['Hunyuan', 'hunyuan', 'Hunyuan-A13B', /^hunyuan-a13b/, '1', 1],
      ['Hunyuan', 'hunyuan-dense', 'Hunyuan', /^hunyuan/, '1', 1],
    ],
  ],
  [
    'baichuan-inc',
    [
      ['Baichuan', 'baichuan', 'Baichuan-M2', /^baichuan-m2/, 'M2', 3],
      ['Baichuan', 'baichuan', 'Baichuan2', /^baichuan2/, '2', 2],
      ['Baichuan', 'baichuan', 'Baichuan', /^baichuan/, '1', 1],
    ],
  ],
  [
    'speakleash',
    [
      ['Bielik', 'bielik', 'Bielik-v$', /^bielik-\d+(?:\.\d)?b-v(\d)/],
      ['Bielik', 'bielik', 'Bielik-v2', /^bielik/, '2', 2],
    ],
  ],
  ['utter-project', [['EuroLLM', 'eurollm', 'EuroLLM', /^eurollm/, '1', 1]]],
  ['open-thoughts', [['OpenThinker', 'openthinker', 'OpenThinker$', /^openthinker(\d)/]]],
  ['lmsys', [['Vicuna', 'vicuna', 'vicuna-v$', /^vicuna-\d+b-v(1\.\d)/]]],
  [
    'WizardLMTeam WizardLM',
    [
      ['WizardLM', 'wizardlm', 'WizardLM-1', /^wizardlm/, '1', 1],
      ['WizardCoder', 'wizardcoder', 'WizardCoder', /^wizardcoder/, '1', 1],
    ],
  ],
  [
    'openchat',
    [
      ['OpenChat', 'openchat', 'openchat-3.6', /^openchat-3\.6/, '3.6', 3.6],
      ['OpenChat', 'openchat', 'openchat-3.5', /^openchat-3\.5|^openchat(?=:|$)/, '3.5', 3.5],
      ['OpenChat', 'openchat', 'openchat-3.2', /^openchat/, '3.2', 3.2],
    ],
  ],
  ['HuggingFaceH4', [['Zephyr', 'zephyr', 'zephyr-7b', /^zephyr-7b-(?:alpha|beta)/, '1', 1]]],
  ['swiss-ai', [['Apertus', 'apertus', 'Apertus', /^apertus/, '1', 1]]],
  ['migtissera', [['Tess', 'tess', 'Tess-$', /^tess-([234])/]]],
  ['AIDC-AI', [['Ovis', 'ovis', 'Ovis$', /^ovis(\d(?:\.\d)?)/]]],
  ['Nanbeige', [['Nanbeige', 'nanbeige', 'Nanbeige$', /^nanbeige(\d(?:\.\d)?)/]]],
  ['WeiboAI', [['VibeThinker', 'vibethinker', 'VibeThinker', /^vibethinker/, '1', 1]]],
  ['ByteDance-Seed', [['Seed', 'seed-oss', 'Seed-OSS', /^seed-oss/, '1', 1]]],
  ['TinyLlama', [['TinyLlama', 'tinyllama', 'TinyLlama', /^tinyllama/, '1', 1]]],
  ['PrimeIntellect', [['INTELLECT', 'intellect', 'INTELLECT-$', /^intellect-(\d)/]]],
  ['Salesforce', [['xLAM', 'xlam', 'xLAM-2', /xlam-2/, '2', 2]]],
  ['Unbabel', [['Tower', 'tower', 'Tower-Plus', /^tower-plus/, '1', 1]]],
  ['Intel', [['neural-chat', 'neural-chat', 'neural-chat-v3', /^neural-chat/, '3', 3]]],
  ['JetBrains', [['Mellum', 'mellum', 'Mellum2', /^mellum2/, '2', 2]]],
  ['poolside', [['Laguna', 'laguna', 'Laguna-XS', /^laguna-xs/, '2', 2]]],
  [
    'abacusai',
    [
      ['Dracarys', 'dracarys', 'Dracarys2', /^dracarys2/, '2', 2],
      ['Dracarys', 'dracarys', 'Dracarys', /^dracarys/, '1', 1],
    ],
  ],
  [
    'naver-hyperclovax',
    [['HyperCLOVA', 'hyperclovax-think', 'HyperCLOVAX-SEED-Think', /^hyperclovax-seed-think/, '1', 1]],
  ],
];
