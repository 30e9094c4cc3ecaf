import type { BackendKind, ListedModel } from '../../../../src/backends/contract';

/** One kind of backend that is asked over HTTP, as the contract suite sees it. */
export interface ContractKind {
  readonly kind: BackendKind;
  /** What the server lists for one model. */
  readonly entry: (id: string) => unknown;
  /** The same with a name of its own; absent where the server tells none. */
  readonly named?: (id: string, name: string) => unknown;
  /** What the server answers by path and query when it lists these entries. */
  readonly answers: (entries: readonly unknown[]) => Readonly<Record<string, unknown>>;
  /** Answers as they are documented or were recorded, and what is made of them. */
  readonly documented: {
    readonly source: string;
    readonly answers: Readonly<Record<string, unknown>>;
    readonly models: readonly ListedModel[];
  };
  /** What a server that answers so is taken for where nobody says what it is. */
  readonly recognisedAs: BackendKind | null;
}

const DIGEST = 'c5c76530a7da874ddd1fcf3b40768cad0f4c543d86ccdc49311e70054a01e06d';

const ollama: ContractKind = {
  kind: 'ollama',
  entry: (name) => ({ name, size: 5, digest: name }),
  answers: (models) => ({
    '/api/version': { version: '0.32.15' },
    '/api/tags': { models },
    '/api/ps': { models: [] },
    '/v1/models': { object: 'list', data: null },
  }),
  documented: {
    source: 'recorded from `ollama serve` v0.32.15 on 2026-11-21, /api/show shortened',
    answers: {
      '/api/version': { version: '0.32.15' },
      '/api/tags': {
        models: [
          {
            name: 'scripted:latest',
            model: 'scripted:latest',
            modified_at: '2026-11-21T02:16:41.387540155Z',
            size: 11_296_374,
            digest: DIGEST,
            details: {
              parent_model: '',
              format: 'gguf',
              family: 'llama',
              families: ['llama'],
              parameter_size: '2.82M',
              quantization_level: 'unknown',
              context_length: 2048,
              embedding_length: 512,
            },
            capabilities: ['completion', 'tools', 'thinking'],
          },
        ],
      },
      '/api/ps': { models: [] },
      '/api/show': { capabilities: ['completion', 'tools', 'thinking'], model_info: {} },
      '/v1/models': {
        object: 'list',
        data: [{ id: 'scripted:latest', object: 'model', created: 1_795_227_401, owned_by: 'library' }],
      },
    },
    models: [
      {
        modelId: 'scripted:latest',
        displayName: 'scripted:latest',
        capabilities: {
          tools: true,
          vision: false,
          thinking: true,
          embedding: false,
          contextLength: 2048,
          parameterSize: '2.82M',
          sizeBytes: 11_296_374,
          digest: DIGEST,
          family: 'llama',
          modifiedAt: '2026-11-21T02:16:41.387540155Z',
        },
      },
    ],
  },
  recognisedAs: 'ollama',
};

const llamaServer: ContractKind = {
  kind: 'llama_server',
  entry: (id) => ({ id, object: 'model', owned_by: 'llamacpp', meta: { n_ctx: 512 } }),
  answers: (data) => ({ '/v1/models': { object: 'list', data } }),
  documented: {
    source: 'recorded from llama-server b11669 on 2026-11-21, /props shortened',
    answers: {
      '/v1/models': {
        models: [{ name: 'tiny', model: 'tiny', type: 'model', capabilities: ['completion'] }],
        object: 'list',
        data: [
          {
            id: 'tiny',
            aliases: ['tiny'],
            tags: [],
            object: 'model',
            architecture: { input_modalities: ['text'], output_modalities: ['text'] },
            created: 1_795_228_773,
            owned_by: 'llamacpp',
            meta: {
              vocab_type: 2,
              n_vocab: 352,
              n_ctx: 1024,
              n_ctx_train: 2048,
              n_embd: 128,
              n_params: 385_792,
              size: 773_120,
              ftype: 'F16',
            },
          },
        ],
      },
      '/props': {
        default_generation_settings: { n_ctx: 1024 },
        total_slots: 2,
        model_path: '/models/tiny-qwen3.gguf',
        modalities: { vision: false, audio: false },
        chat_template_caps: { supports_tools: true, supports_tool_calls: true },
        build_info: 'b11669-Debian',
      },
    },
    models: [
      {
        modelId: 'tiny',
        displayName: 'tiny',
        capabilities: {
          tools: true,
          vision: false,
          contextLength: 2048,
          allocatedContext: 1024,
          parameterSize: '386K',
          quant: 'F16',
          sizeBytes: 773_120,
        },
        running: { sizeBytes: 773_120, contextTokens: 1024 },
      },
    ],
  },
  recognisedAs: 'llama_server',
};

const lmStudio: ContractKind = {
  kind: 'lm_studio',
  entry: (id) => ({ id, object: 'model', type: 'llm', state: 'not-loaded', max_context_length: 4096 }),
  answers: (data) => ({ '/api/v0/models': { object: 'list', data } }),
  documented: {
    source:
      'lmstudio.ai/docs/developer/rest/endpoints; capabilities after its API changelog (0.3.16), loaded_context_length after public clients',
    answers: {
      // What it says to every route that it does not know, with status 200.
      '/api/version': { error: 'Unexpected endpoint or method. (GET /api/version)' },
      '/api/tags': { error: 'Unexpected endpoint or method. (GET /api/tags)' },
      '/api/v0/models': {
        object: 'list',
        data: [
          {
            id: 'qwen2-vl-7b-instruct',
            object: 'model',
            type: 'vlm',
            publisher: 'mlx-community',
            arch: 'qwen2_vl',
            compatibility_type: 'mlx',
            quantization: '4bit',
            state: 'not-loaded',
            max_context_length: 32_768,
          },
          {
            id: 'meta-llama-3.1-8b-instruct',
            object: 'model',
            type: 'llm',
            publisher: 'lmstudio-community',
            arch: 'llama',
            compatibility_type: 'gguf',
            quantization: 'Q4_K_M',
            state: 'loaded',
            max_context_length: 131_072,
            loaded_context_length: 8192,
            capabilities: ['tool_use'],
          },
          {
            id: 'text-embedding-nomic-embed-text-v1.5',
            object: 'model',
            type: 'embeddings',
            publisher: 'nomic-ai',
            arch: 'nomic-bert',
            compatibility_type: 'gguf',
            quantization: 'Q4_0',
            state: 'not-loaded',
            max_context_length: 2048,
          },
        ],
      },
      '/v1/models': {
        object: 'list',
        data: [
          { id: 'qwen2-vl-7b-instruct', object: 'model', owned_by: 'organization_owner' },
          { id: 'meta-llama-3.1-8b-instruct', object: 'model', owned_by: 'organization_owner' },
        ],
      },
    },
    models: [
      {
        modelId: 'meta-llama-3.1-8b-instruct',
        displayName: 'meta-llama-3.1-8b-instruct',
        provider: 'lmstudio-community',
        capabilities: {
          tools: true,
          vision: false,
          embedding: false,
          contextLength: 131_072,
          allocatedContext: 8192,
          quant: 'Q4_K_M',
          family: 'llama',
        },
        running: { contextTokens: 8192 },
      },
      {
        modelId: 'qwen2-vl-7b-instruct',
        displayName: 'qwen2-vl-7b-instruct',
        provider: 'mlx-community',
        capabilities: {
          vision: true,
          embedding: false,
          contextLength: 32_768,
          quant: '4bit',
          family: 'qwen2_vl',
        },
      },
      {
        modelId: 'text-embedding-nomic-embed-text-v1.5',
        displayName: 'text-embedding-nomic-embed-text-v1.5',
        provider: 'nomic-ai',
        capabilities: {
          vision: false,
          embedding: true,
          contextLength: 2048,
          quant: 'Q4_0',
          family: 'nomic-bert',
        },
      },
    ],
  },
  recognisedAs: 'lm_studio',
};

const vllm: ContractKind = {
  kind: 'vllm',
  entry: (id) => ({ id, object: 'model', owned_by: 'vllm', root: id, parent: null, max_model_len: 4096 }),
  answers: (data) => ({ '/v1/models': { object: 'list', data }, '/version': { version: '0.11.2' } }),
  documented: {
    source: 'ModelCard and ModelList of vLLM, vllm/entrypoints/openai/protocol.py',
    answers: {
      '/v1/models': {
        object: 'list',
        data: [
          {
            id: 'chat',
            object: 'model',
            created: 1_795_000_000,
            owned_by: 'vllm',
            root: 'Qwen/Qwen3-8B',
            parent: null,
            max_model_len: 32_768,
            permission: [{ id: 'modelperm-1', object: 'model_permission', organization: '*' }],
          },
        ],
      },
      '/version': { version: '0.11.2' },
    },
    models: [
      {
        modelId: 'chat',
        displayName: 'chat',
        provider: 'Qwen',
        capabilities: { allocatedContext: 32_768 },
        running: { contextTokens: 32_768 },
      },
    ],
  },
  recognisedAs: 'vllm',
};

const openaiCompatible: ContractKind = {
  kind: 'openai_compatible',
  entry: (id) => ({ id }),
  named: (id, name) => ({ id, name }),
  answers: (data) => ({ '/v1/models': { data } }),
  documented: {
    source:
      'openrouter.ai/docs/models (Models API Standard), and an entry with an id alone as LiteLLM lists it',
    answers: {
      '/v1/models': {
        data: [
          {
            id: 'google/gemini-2.5-pro-preview',
            canonical_slug: 'google/gemini-2.5-pro-preview-05-06',
            name: 'Google: Gemini 2.5 Pro Preview',
            created: 1_746_000_000,
            description: 'A model.',
            context_length: 1_048_576,
            architecture: {
              input_modalities: ['file', 'image', 'text'],
              output_modalities: ['text'],
              tokenizer: 'Gemini',
              instruct_type: null,
            },
            pricing: { prompt: '0.00000125' },
            top_provider: { context_length: 1_048_576, max_completion_tokens: 65_536, is_moderated: false },
            per_request_limits: null,
            supported_parameters: ['max_tokens', 'reasoning', 'tools'],
          },
          {
            id: 'black-forest-labs/flux',
            name: 'FLUX',
            architecture: { input_modalities: ['text'], output_modalities: ['image'] },
          },
          {
            id: 'openai/text-embedding-3-small',
            name: 'OpenAI: Text Embedding 3 Small',
            context_length: 8192,
            architecture: { input_modalities: ['text'], output_modalities: ['embeddings'] },
            supported_parameters: [],
          },
          { id: 'plain', object: 'model', created: 1_677_610_602, owned_by: 'openai' },
        ],
      },
    },
    models: [
      {
        modelId: 'google/gemini-2.5-pro-preview',
        displayName: 'Google: Gemini 2.5 Pro Preview',
        capabilities: {
          tools: true,
          thinking: true,
          vision: true,
          embedding: false,
          contextLength: 1_048_576,
        },
      },
      {
        modelId: 'openai/text-embedding-3-small',
        displayName: 'OpenAI: Text Embedding 3 Small',
        capabilities: {
          tools: false,
          thinking: false,
          vision: false,
          embedding: true,
          contextLength: 8192,
        },
      },
      { modelId: 'plain', displayName: 'plain', capabilities: {} },
    ],
  },
  recognisedAs: 'openai_compatible',
};

const openai: ContractKind = {
  kind: 'openai',
  entry: (id) => ({ id, object: 'model', created: 1, owned_by: 'openai', shutdown_date: null }),
  answers: (data) => ({ '/v1/models': { object: 'list', data } }),
  documented: {
    source: 'developers.openai.com/api/reference/resources/models/methods/list; ids of its model pages',
    answers: {
      '/v1/models': {
        object: 'list',
        data: [
          'gpt-6.2-sol',
          'gpt-6-luna',
          'gpt-5.3-codex',
          'o3-pro',
          'ft:gpt-4o-mini-2024-07-18:acme::abc123',
          'text-embedding-3-small',
          ...['tts-1-hd', 'whisper-1', 'gpt-4o-transcribe', 'gpt-4o-audio-preview', 'gpt-realtime'],
          ...['gpt-image-2', 'chatgpt-image-latest', 'dall-e-3', 'sora-2', 'omni-moderation-latest'],
          ...['davinci-002', 'babbage-002', 'gpt-3.5-turbo-instruct'],
        ].map((id) => ({
          id,
          object: 'model',
          created: 1_686_935_002,
          owned_by: 'openai',
          shutdown_date: null,
        })),
      },
    },
    models: [
      'ft:gpt-4o-mini-2024-07-18:acme::abc123',
      'gpt-5.3-codex',
      'gpt-6-luna',
      'gpt-6.2-sol',
      'o3-pro',
      'text-embedding-3-small',
    ].map((id) => ({
      modelId: id,
      displayName: id,
      capabilities: { embedding: id.startsWith('text-embedding') },
    })),
  },
  // Anywhere else than at its own host it is one of many that answer so.
  recognisedAs: 'openai_compatible',
};

const ANTHROPIC_LIST = '/v1/models?limit=1000';

const anthropic: ContractKind = {
  kind: 'anthropic',
  entry: (id) => ({ type: 'model', id, display_name: id, created_at: '2026-01-01T00:00:00Z' }),
  named: (id, name) => ({ type: 'model', id, display_name: name }),
  answers: (data) => ({ [ANTHROPIC_LIST]: { data, has_more: false, first_id: null, last_id: null } }),
  documented: {
    source:
      'platform.claude.com/docs/en/api/cli/models/list.md and src/resources/models.ts of anthropic-sdk-typescript; two pages',
    answers: {
      [ANTHROPIC_LIST]: {
        data: [
          {
            type: 'model',
            id: 'claude-opus-5-5',
            display_name: 'Claude Opus 5.5',
            created_at: '2026-09-01T00:00:00Z',
            max_input_tokens: 1_000_000,
            max_tokens: 128_000,
            line: 'opus',
            capabilities: {
              batch: { supported: true },
              image_input: { supported: true },
              thinking: { supported: true, types: { adaptive: { supported: true } } },
            },
          },
        ],
        first_id: 'claude-opus-5-5',
        last_id: 'claude-opus-5-5',
        has_more: true,
      },
      [`${ANTHROPIC_LIST}&after_id=claude-opus-5-5`]: {
        data: [
          {
            type: 'model',
            id: 'claude-haiku-4-5-20251001',
            display_name: 'Claude Haiku 4.5',
            created_at: '2025-10-01T00:00:00Z',
            max_input_tokens: null,
            max_tokens: null,
            capabilities: null,
          },
        ],
        first_id: 'claude-haiku-4-5-20251001',
        last_id: 'claude-haiku-4-5-20251001',
        has_more: false,
      },
    },
    models: [
      {
        modelId: 'claude-haiku-4-5-20251001',
        displayName: 'Claude Haiku 4.5',
        capabilities: {},
      },
      {
        modelId: 'claude-opus-5-5',
        displayName: 'Claude Opus 5.5',
        capabilities: { vision: true, thinking: true, contextLength: 1_000_000 },
      },
    ],
  },
  recognisedAs: null,
};

const GEMINI_LIST = '/v1beta/models?pageSize=1000';

const gemini: ContractKind = {
  kind: 'gemini',
  entry: (id) => ({ name: `models/${id}`, supportedGenerationMethods: ['generateContent'] }),
  named: (id, name) => ({
    name: `models/${id}`,
    displayName: name,
    supportedGenerationMethods: ['generateContent'],
  }),
  answers: (models) => ({ [GEMINI_LIST]: { models } }),
  documented: {
    source: 'ai.google.dev/api/models, and a list of 2025 that a public page shows; two pages',
    answers: {
      [GEMINI_LIST]: {
        models: [
          {
            name: 'models/gemini-2.5-flash',
            version: '001',
            displayName: 'Gemini 2.5 Flash',
            description: 'Stable version of Gemini 2.5 Flash.',
            inputTokenLimit: 1_048_576,
            outputTokenLimit: 65_536,
            supportedGenerationMethods: ['generateContent', 'countTokens', 'createCachedContent'],
            temperature: 1,
            topP: 0.95,
            topK: 64,
            maxTemperature: 2,
            thinking: true,
          },
          {
            name: 'models/gemini-2.5-flash-preview-tts',
            displayName: 'Gemini 2.5 Flash Preview TTS',
            supportedGenerationMethods: ['countTokens', 'generateContent'],
          },
          {
            name: 'models/gemini-3.1-flash-image',
            displayName: 'Nano Banana 2',
            supportedGenerationMethods: ['generateContent', 'countTokens'],
          },
          {
            name: 'models/gemini-3.5-transcribe',
            displayName: 'Gemini 3.5 Transcribe',
            supportedGenerationMethods: ['generateContent'],
          },
          {
            name: 'models/imagen-4.0-generate-001',
            displayName: 'Imagen 4',
            supportedGenerationMethods: ['predict'],
          },
        ],
        nextPageToken: 'a+b/c=',
      },
      [`${GEMINI_LIST}&pageToken=a%2Bb%2Fc%3D`]: {
        models: [
          {
            name: 'models/gemini-embedding-001',
            displayName: 'Gemini Embedding 001',
            inputTokenLimit: 2048,
            outputTokenLimit: 1,
            supportedGenerationMethods: ['embedContent', 'countTextTokens'],
          },
        ],
      },
    },
    models: [
      {
        modelId: 'gemini-2.5-flash',
        displayName: 'Gemini 2.5 Flash',
        capabilities: { thinking: true, embedding: false, contextLength: 1_048_576 },
      },
      {
        modelId: 'gemini-embedding-001',
        displayName: 'Gemini Embedding 001',
        capabilities: { embedding: true, contextLength: 2048 },
      },
    ],
  },
  recognisedAs: null,
};

/** Every kind that is asked over HTTP. */
export const CONTRACT_KINDS: readonly ContractKind[] = [
  ollama,
  llamaServer,
  lmStudio,
  vllm,
  openaiCompatible,
  openai,
  anthropic,
  gemini,
];
