/** An organisation of Hugging Face: the provider id that its models are grouped under, and its earlier names. */
interface Organisation {
  readonly provider: string;
  readonly formerly?: readonly string[];
}

/**
 * Makers whose provider id is not simply their organisation in lower case. Several organisations of one maker share
 * a provider. Earlier names still stand in leaderboards and in people's folders.
 */
const ORGANISATIONS: Readonly<Record<string, Organisation>> = {
  Qwen: { provider: 'qwen' },
  'meta-llama': { provider: 'meta' },
  codellama: { provider: 'meta' },
  facebook: { provider: 'meta' },
  huggyllama: { provider: 'meta' },
  'meta-models': { provider: 'meta' },
  google: { provider: 'google' },
  mistralai: { provider: 'mistralai' },
  'mistral-community': { provider: 'mistralai' },
  'deepseek-ai': { provider: 'deepseek' },
  openai: { provider: 'openai' },
  'openai-community': { provider: 'openai' },
  microsoft: { provider: 'microsoft' },
  'ibm-granite': { provider: 'ibm' },
  ibm: { provider: 'ibm' },
  'ibm-research': { provider: 'ibm' },
  nvidia: { provider: 'nvidia' },
  'zai-org': { provider: 'zai', formerly: ['THUDM'] },
  CohereLabs: { provider: 'cohere', formerly: ['CohereForAI'] },
  dphn: { provider: 'dolphin', formerly: ['cognitivecomputations'] },
  WizardLMTeam: { provider: 'wizardlm', formerly: ['WizardLM'] },
  moonshotai: { provider: 'moonshot' },
  MiniMaxAI: { provider: 'minimax' },
  '01-ai': { provider: 'zero_one_ai' },
  'LGAI-EXAONE': { provider: 'lg' },
  OpenGVLab: { provider: 'internlm' },
  'ByteDance-Seed': { provider: 'bytedance' },
  'swiss-ai': { provider: 'swiss_ai' },
  'baichuan-inc': { provider: 'baichuan' },
  'stepfun-ai': { provider: 'stepfun' },
  XiaomiMiMo: { provider: 'xiaomi' },
  'naver-hyperclovax': { provider: 'naver' },
  ai21labs: { provider: 'ai21' },
  'arcee-ai': { provider: 'arcee' },
};

const PROVIDERS = new Map(
  Object.entries(ORGANISATIONS).flatMap(([org, { provider, formerly = [] }]) =>
    [org, ...formerly].map((name) => [name.toLowerCase(), provider]),
  ),
);

const RENAMED = new Map(
  Object.entries(ORGANISATIONS).flatMap(([org, { formerly = [] }]) =>
    formerly.map((name) => [name.toLowerCase(), org]),
  ),
);

/** The id with the organisation's present name: `THUDM/glm-4-9b-chat` becomes `zai-org/glm-4-9b-chat`. */
export function presentId(hfRepoId: string): string {
  const slash = hfRepoId.indexOf('/');
  const renamed = slash === -1 ? undefined : RENAMED.get(hfRepoId.slice(0, slash).toLowerCase());
  return renamed === undefined ? hfRepoId : `${renamed}${hfRepoId.slice(slash)}`;
}

const LONGEST_PROVIDER = 64;

/**
 * Provider id of an organisation or namespace, `^[a-z][a-z0-9_]*$`, at most 64 characters: from the table, else the
 * name itself in lower case with `_` for what is no letter or digit. Null where nothing usable is left of the name.
 */
export function providerOfOrganisation(org: string): string | null {
  const known = PROVIDERS.get(org.toLowerCase());
  if (known !== undefined) return known;
  const id = org
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  if (id === '') return null;
  return (/^[a-z]/.test(id) ? id : `org_${id}`).slice(0, LONGEST_PROVIDER);
}
