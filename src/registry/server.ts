import type { BackendConfig } from '../backends/contract';
import { redactText } from '../shared/redact';

/** Which server goes under a backend's id. Rows and states are of one server; another one under its id starts anew. */
export interface Server {
  readonly backend: string;
  readonly kind: string;
  /** Its address without what may be secret in it: user, password and query. */
  readonly url: string;
}

export function serverOf({ id, kind, url }: Pick<BackendConfig, 'id' | 'kind' | 'url'>): Server {
  return { backend: id, kind, url: publicAddress(url) };
}

export function isSameServer(a: Server, b: Server): boolean {
  return a.kind === b.kind && a.url === b.url;
}

function publicAddress(url: string): string {
  if (!URL.canParse(url)) return redactText(url);
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
