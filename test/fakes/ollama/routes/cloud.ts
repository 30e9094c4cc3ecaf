import { cloudRefusal } from '../modelLookup';
import type { ModelName } from '../names';
import { replyError, replyJson } from '../reply';
import type { Exchange, Route } from '../world';

/** What asks Ollama's own cloud, or tells of it; there is none here. */
export const cloudRoutes: readonly Route[] = [
  { method: 'GET', path: '/api/experimental/model-recommendations', handle: recommendations },
  {
    method: 'POST',
    path: '/api/experimental/web_search',
    handle: (exchange) => search(exchange, 'web search'),
  },
  {
    method: 'POST',
    path: '/api/experimental/web_fetch',
    handle: (exchange) => search(exchange, 'web fetch'),
  },
];

const RECOMMENDED = [
  { model: 'big:cloud', description: 'Runs elsewhere', context_length: 262_144, max_output_tokens: 131_072 },
  { model: 'small', description: 'Runs here', vram_bytes: 12_000_000_000 },
];

const CLOUD: ModelName = { host: 'ollama.com', namespace: 'library', model: 'any', tag: 'cloud' };

function recommendations({ response }: Exchange): void {
  replyJson(response, 200, { recommendations: RECOMMENDED });
}

function search({ request, response, world }: Exchange, what: string): void {
  if (world.settings.cloud === 'disabled') {
    return replyError(response, 403, `ollama cloud is disabled: ${what} is unavailable`);
  }
  const refusal = cloudRefusal(world, CLOUD, request.url ?? '');
  if (refusal !== null) replyError(response, refusal.status, refusal.error);
}
