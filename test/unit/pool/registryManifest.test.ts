import { describe, expect, it } from 'vitest';
import { askRegistry } from '../../../src/pool/registryManifest';
import { httpClient, closedUrl, serve, serveJson } from '../backends/loopback';

const MANIFEST = {
  schemaVersion: 2,
  mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
  config: { mediaType: 'application/vnd.docker.container.image.v1+json', digest: 'sha256:c', size: 487 },
  layers: [
    { mediaType: 'application/vnd.ollama.image.model', digest: 'sha256:w', size: 5_225_374_944 },
    { mediaType: 'application/vnd.ollama.image.license', digest: 'sha256:l', size: 11_338 },
  ],
};
const BLOBS = [
  { digest: 'sha256:w', bytes: 5_225_374_944 },
  { digest: 'sha256:l', bytes: 11_338 },
  { digest: 'sha256:c', bytes: 487 },
];

describe('asking a registry what a model holds', () => {
  it.each([
    ['qwen3:8b', 'registry.ollama.ai', '/v2/library/qwen3/manifests/8b'],
    ['mistral', 'registry.ollama.ai', '/v2/library/mistral/manifests/latest'],
    ['someone/model:tag', 'registry.ollama.ai', '/v2/someone/model/manifests/tag'],
    ['hf.co/unsloth/Qwen3-8B-GGUF:Q4_K_M', 'hf.co', '/v2/unsloth/Qwen3-8B-GGUF/manifests/Q4_K_M'],
    ['https://huggingface.co/a/b:Q8_0', 'hf.co', '/v2/a/b/manifests/Q8_0'],
  ])('asks for %s where Ollama would', async (name, host, path) => {
    const server = await serveJson({ [path]: MANIFEST });
    const asked: string[] = [];
    const addressOf = (registryHost: string): string => (asked.push(registryHost), server.url);
    expect(await askRegistry(name, { http: httpClient(), online: () => true, addressOf })).toEqual(BLOBS);
    expect(asked).toEqual([host]);
    expect(server.requests[0]?.headers.accept).toContain('manifest.v2+json');
  });

  it.each([401, 403])('takes a refusal of Hugging Face (%i) for a gated model', async (status) => {
    const server = await serve((_request, response) => void response.writeHead(status).end());
    const ask = (name: string): Promise<unknown> =>
      askRegistry(name, { http: httpClient(), online: () => true, addressOf: () => server.url });
    expect(await ask('hf.co/google/gemma-3-4b-it-qat-q4_0-gguf:Q4_0')).toBe('gated');
    expect(await ask('qwen3:8b')).toBeNull();
  });

  it('asks nobody where the user allows no outside host', async () => {
    const server = await serveJson({});
    const options = { http: httpClient(), online: () => false, addressOf: () => server.url };
    expect(await askRegistry('qwen3:8b', options)).toBeNull();
    expect(server.requests).toEqual([]);
  });

  it.each([
    ['a registry of its own', 'registry.example.com/a/b:c'],
    ['a path', '../../x:y'],
    ['nothing', ''],
  ])('asks nobody for %s', async (_what, name) => {
    const server = await serveJson({});
    const options = { http: httpClient(), online: () => true, addressOf: () => server.url };
    expect(await askRegistry(name, options)).toBeNull();
    expect(server.requests).toEqual([]);
  });

  it('knows nothing where the registry is away, has no such model, or answers with something else', async () => {
    const http = httpClient();
    const ask = (url: string): Promise<unknown> =>
      askRegistry('qwen3:8b', { http, online: () => true, addressOf: () => url });
    expect(await ask(await closedUrl())).toBeNull();
    expect(await ask((await serveJson({})).url)).toBeNull();
    const page = await serve((_request, response) => void response.end('<html>Sign in</html>'));
    expect(await ask(page.url)).toBeNull();
    const odd = await serveJson({
      '/v2/library/qwen3/manifests/8b': { layers: [{ digest: 'sha256:w', size: -1 }] },
    });
    expect(await ask(odd.url)).toBeNull();
  });
});
