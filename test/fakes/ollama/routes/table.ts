import type { Route } from '../world';
import { blobRoutes } from './blobs';
import { chatRoutes } from './chat';
import { cloudRoutes } from './cloud';
import { copyRoutes } from './copy';
import { createRoutes } from './create';
import { deleteRoutes } from './delete';
import { embedRoutes } from './embed';
import { generateRoutes } from './generate';
import { messageRoutes } from './messages';
import { psRoutes } from './ps';
import { pullRoutes } from './pull';
import { pushRoutes } from './push';
import { responseRoutes } from './responses';
import { serverRoutes } from './server';
import { showRoutes } from './show';
import { tagsRoutes } from './tags';
import { v1ChatRoutes } from './v1Chat';
import { v1CompletionRoutes } from './v1Completions';
import { v1EmbeddingRoutes } from './v1Embeddings';
import { v1ModelRoutes } from './v1Models';

/** Every route that is simulated. A new one is a file beside this one and a line here. */
export const ROUTES: readonly Route[] = [
  ...serverRoutes,
  ...tagsRoutes,
  ...showRoutes,
  ...psRoutes,
  ...pullRoutes,
  ...createRoutes,
  ...copyRoutes,
  ...deleteRoutes,
  ...blobRoutes,
  ...pushRoutes,
  ...chatRoutes,
  ...generateRoutes,
  ...embedRoutes,
  ...cloudRoutes,
  ...v1ModelRoutes,
  ...v1ChatRoutes,
  ...v1CompletionRoutes,
  ...v1EmbeddingRoutes,
  ...messageRoutes,
  ...responseRoutes,
];
