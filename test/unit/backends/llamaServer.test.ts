import { describe, expect, it } from 'vitest';
import type { ProbeResult } from '../../../src/backends/contract';
import { createLlamaServerBackend, quantOfFileName } from '../../../src/backends/llamaServer';
import { closedUrl, httpClient, keepingLogger, serve, serveJson } from './loopback';
import { containing } from './textMatchers';

/** Answers as llama-server b11669 gave them on 2026-11-21, long fields left out. */
const SINGLE = {
  models: [{ name: 'tiny', capabilities: ['completion'] }],
  object: 'list',
  data: [
    {
      id: 'tiny',
      aliases: ['tiny'],
      object: 'model',
      architecture: { input_modalities: ['text'], output_modalities: ['text'] },
      created: 1_795_228_773,
      owned_by: 'llamacpp',
      meta: {
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
};
const PROPS = {
  default_generation_settings: { n_ctx: 1024 },
  total_slots: 2,
  model_alias: 'tiny',
  model_ftype: 'F16',
  model_path: '/models/tiny-qwen3.gguf',
  modalities: { vision: false, video: false, audio: false },
  chat_template_caps: { supports_tool_calls: true, supports_tools: true },
  build_info: 'b11669-Debian',
};
const routerModel = (id: string, value: string, rest: object = {}) => ({
  id,
  object: 'model',
  owned_by: 'llamacpp',
  status: { value, args: [] },
  architecture: { input_modalities: ['text'] },
  context_length: 2048,
  ...rest,
});
const ROUTER_PROPS = {
  role: 'router',
  default_generation_settings: { n_ctx: 0 },
  build_info: 'b11669-Debian',
};
const LOADING = '{"error":{"message":"Loading model","type":"unavailable_error","code":503}}';

function probe(url: string, logger = keepingLogger()): Promise<ProbeResult> {
  const config = { id: 'llama_server', kind: 'llama_server', url, host: 'local', headers: {} } as const;
  return createLlamaServerBackend({ config, http: httpClient(), logger }).probe(new AbortController().signal);
}

describe('createLlamaServerBackend, one model', () => {
  it('tells the model with its allocated and its longest context', async () => {
    const server = await serveJson({ '/v1/models': SINGLE, '/props': PROPS });
    await expect(probe(server.url)).resolves.toEqual({
      readiness: 'ok',
      version: 'b11669-Debian',
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
    });
  });

  it('lists the model when /props is not to be had', async () => {
    const server = await serveJson({ '/v1/models': SINGLE });
    const result = await probe(server.url);
    expect(result).toMatchObject({
      readiness: 'ok',
      models: [{ capabilities: { allocatedContext: 1024, quant: 'F16' } }],
    });
    expect(result).not.toHaveProperty('version');
    expect(result).not.toHaveProperty('models.0.capabilities.tools');
  });

  it('lists nothing of a server that dies after it has listed its model', async () => {
    const server = await serve((request, response) => {
      if (request.path === '/props') response.destroy();
      else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(SINGLE));
    });
    const result = await probe(server.url);
    expect(result.readiness).toBe('unreachable');
    expect(result).not.toHaveProperty('models');
  });

  it('shows a model that is known by its path under its file name, and reads the quantisation off it', async () => {
    const { meta, ...rest } = SINGLE.data[0] ?? {};
    const { ftype, ...older } = meta ?? {};
    expect(ftype).toBe('F16');
    const data = [{ ...rest, id: '/models/Qwen3-8B-Q4_K_M.gguf', meta: older }];
    const server = await serveJson({ '/v1/models': { data }, '/props': { build_info: 'b5000' } });
    await expect(probe(server.url)).resolves.toMatchObject({
      models: [
        {
          modelId: '/models/Qwen3-8B-Q4_K_M.gguf',
          displayName: 'Qwen3-8B-Q4_K_M',
          capabilities: { quant: 'Q4_K_M' },
        },
      ],
    });
  });

  it('drops an entry that makes no sense, and keeps odd ones without what makes no sense', async () => {
    const data = [{}, 5, { id: 'odd', meta: 'x', status: 7, architecture: [] }];
    const logger = keepingLogger();
    const server = await serveJson({ '/v1/models': { data }, '/props': { modalities: 'none' } });
    await expect(probe(server.url, logger)).resolves.toMatchObject({
      models: [{ modelId: 'odd', capabilities: {} }],
    });
    expect(logger.lines.filter(({ event }) => event === 'backend.entry_dropped')).toHaveLength(2);
  });
});

describe('createLlamaServerBackend, router', () => {
  const models = [routerModel('b', 'unloaded'), routerModel('a', 'loaded'), routerModel('c', 'loading')];

  it('marks only loaded models as running and asks only them, without loading others', async () => {
    const server = await serveJson({
      '/v1/models': { data: models, object: 'list' },
      '/props': ROUTER_PROPS,
      '/props?model=a&autoload=false': { ...PROPS, default_generation_settings: { n_ctx: 512 } },
    });
    const result = await probe(server.url);
    expect(result).toMatchObject({
      readiness: 'ok',
      version: 'b11669-Debian',
      models: [
        {
          modelId: 'a',
          capabilities: { tools: true, allocatedContext: 512 },
          running: { contextTokens: 512 },
        },
        { modelId: 'b', capabilities: { contextLength: 2048 } },
        { modelId: 'c' },
      ],
    });
    if (result.readiness !== 'ok') throw new Error(result.message);
    expect(result.models.map((model) => 'running' in model)).toEqual([true, false, false]);
    expect(server.requests.map(({ path }) => path).filter((path) => path.includes('model='))).toEqual([
      '/props?model=a&autoload=false',
    ]);
  });

  it('lists a model that failed to load', async () => {
    const failed = routerModel('broken', 'unloaded', {
      status: { value: 'unloaded', failed: true, exit_code: 1 },
    });
    const server = await serveJson({ '/v1/models': { data: [failed] }, '/props': ROUTER_PROPS });
    await expect(probe(server.url)).resolves.toMatchObject({ models: [{ modelId: 'broken' }] });
  });

  it('takes an empty router for ready', async () => {
    const server = await serveJson({ '/v1/models': { data: [] }, '/props': ROUTER_PROPS });
    await expect(probe(server.url)).resolves.toMatchObject({ readiness: 'ok', models: [] });
  });
});

describe('createLlamaServerBackend, readiness', () => {
  it('says that a model is still loading', async () => {
    const server = await serve((_request, response) => void response.writeHead(503).end(LOADING));
    await expect(probe(server.url)).resolves.toEqual({
      readiness: 'bad_status',
      message: `llama-server at ${server.url} is still loading its model.`,
      nextStep: 'Wait: large models take minutes. It is asked again by itself.',
    });
  });

  it.each(['Service Unavailable', '{"error":{"type":"server_error"}}'])(
    'does not take every 503 for loading: %s',
    async (body) => {
      const server = await serve((_request, response) => void response.writeHead(503).end(body));
      const result = await probe(server.url);
      expect(result).toMatchObject({
        readiness: 'bad_status',
        message: containing('status 503'),
      });
    },
  );

  it('asks for its key where it wants one', async () => {
    const body = '{"error":{"message":"Invalid API Key","type":"authentication_error","code":401}}';
    const server = await serve((_request, response) => void response.writeHead(401).end(body));
    await expect(probe(server.url)).resolves.toMatchObject({
      readiness: 'unauthorized',
      nextStep: containing('Set API Key'),
    });
  });

  it('says how to start it where nothing listens', async () => {
    await expect(probe(await closedUrl())).resolves.toMatchObject({
      readiness: 'unreachable',
      nextStep: containing('llama-server -m'),
    });
  });

  it('is bad_response for a page and for Ollama, which answers this route in another shape', async () => {
    const page = await serve((_request, response) => void response.end('<html>'));
    await expect(probe(page.url)).resolves.toMatchObject({ readiness: 'bad_response' });
    const other = await serveJson({ '/v1/models': { models: [] } });
    await expect(probe(other.url)).resolves.toMatchObject({ readiness: 'bad_response' });
  });

  it('is invalid_url for what is no address', async () => {
    await expect(probe('8080')).resolves.toMatchObject({ readiness: 'invalid_url' });
  });
});

describe('quantOfFileName', () => {
  it.each([
    ['Qwen3-8B-Q4_K_M.gguf', 'Q4_K_M'],
    ['model.q8_0.gguf', 'Q8_0'],
    ['/models/UD-IQ2_XXS/big-UD-IQ2_XXS-00001-of-00003.gguf', 'UD-IQ2_XXS'],
    ['gpt-oss-20b-MXFP4.gguf', 'MXFP4'],
    ['llama-BF16.gguf', 'BF16'],
    ['model-TQ1_0.gguf', 'TQ1_0'],
    ['tiny-qwen3.gguf', undefined],
    ['Q.gguf', undefined],
    ['seq4_k.gguf', undefined],
  ])('%s states %s', (name, quant) => {
    expect(quantOfFileName(name)).toBe(quant);
  });
});
