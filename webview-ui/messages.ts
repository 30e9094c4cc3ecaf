import { hostMessageSchema, pageMessageSchema } from '../src/shared/reportMessages';
import type { HostMessage, PageMessage } from '../src/shared/reportMessages';

/** The page's side of the wire: both directions are parsed with the schemas that the extension host uses. */

/** What VS Code gives a webview page, once. */
interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

export interface Host {
  /** False when the message is not one that the host would accept; nothing is sent then. */
  readonly send: (message: PageMessage) => boolean;
  /** Calls `handle` for every message that can be read and `unreadable` for every one that cannot. */
  listen(handle: (message: HostMessage) => void, unreadable: () => void): void;
  keptState(): unknown;
  keepState(state: unknown): void;
}

/** Connects to VS Code. May be called once per page. */
export function connectToHost(): Host {
  const api = acquireVsCodeApi();
  return {
    send(message) {
      const parsed = pageMessageSchema.safeParse(message);
      if (parsed.success) api.postMessage(parsed.data);
      return parsed.success;
    },
    listen(handle, unreadable) {
      window.addEventListener('message', (event: MessageEvent<unknown>) => {
        const parsed = hostMessageSchema.safeParse(event.data);
        try {
          if (parsed.success) handle(parsed.data);
          else unreadable();
        } finally {
          // The host holds back while too many are not confirmed.
          api.postMessage({ type: 'seen' } satisfies PageMessage);
        }
      });
    },
    keptState: () => api.getState(),
    keepState: (state) => api.setState(state),
  };
}
