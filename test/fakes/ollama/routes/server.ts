import { replyBody, replyJson } from '../reply';
import type { Exchange, Route } from '../world';

/** What says that a server is there and which one. */
export const serverRoutes: readonly Route[] = [
  { method: 'HEAD', path: '/', handle: running },
  { method: 'GET', path: '/', handle: running },
  { method: 'HEAD', path: '/api/version', handle: version },
  { method: 'GET', path: '/api/version', handle: version },
  { method: 'GET', path: '/api/status', handle: status },
];

function running({ response }: Exchange): void {
  replyBody(response, 200, 'text/plain; charset=utf-8', 'Ollama is running');
}

function version({ response, world }: Exchange): void {
  replyJson(response, 200, { version: world.settings.version });
}

function status({ response, world }: Exchange): void {
  const disabled = world.settings.cloud === 'disabled';
  replyJson(response, 200, { cloud: { disabled, source: disabled ? 'env' : 'none' } });
}
