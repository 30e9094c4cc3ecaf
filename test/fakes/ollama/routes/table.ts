import type { Route } from '../world';
import { chatRoutes } from './chat';
import { createRoutes } from './create';
import { deleteRoutes } from './delete';
import { generateRoutes } from './generate';
import { psRoutes } from './ps';
import { pullRoutes } from './pull';
import { serverRoutes } from './server';
import { showRoutes } from './show';
import { tagsRoutes } from './tags';

/** Every route that is simulated. A new one is a file beside this one and a line here. */
export const ROUTES: readonly Route[] = [
  ...serverRoutes,
  ...tagsRoutes,
  ...showRoutes,
  ...psRoutes,
  ...pullRoutes,
  ...createRoutes,
  ...deleteRoutes,
  ...chatRoutes,
  ...generateRoutes,
];

/**
 * Routes that the real server has and this one does not simulate yet: they answer 501 with a clear text, so that no
 * test passes by mistake.
 */
export const LATER_ROUTES: readonly { readonly method: string; readonly path: RegExp }[] = [
  { method: 'POST', path: /^\/api\/(copy|push|embed|embeddings)$/ },
  { method: 'POST', path: /^\/api\/(blobs\/[^/]+|me|signout)$/ },
  { method: 'HEAD', path: /^\/api\/blobs\/[^/]+$/ },
  { method: 'GET', path: /^\/api\/experimental\/model-recommendations$/ },
  { method: 'POST', path: /^\/api\/experimental\/(web_search|web_fetch)$/ },
  { method: 'GET', path: /^\/v1\/models(\/[^/]+)?$/ },
  { method: 'POST', path: /^\/v1\/(chat\/completions|completions|embeddings|messages|responses)$/ },
];
