import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { replyEmpty } from './reply';

const LOCAL_ORIGIN = /^https?:\/\/(localhost|127\.0\.0\.1|0\.0\.0\.0)(:\d+)?$/;
const APP_ORIGIN = /^(app|file|tauri|vscode-webview|vscode-file):\/\//;

const LOCAL_TLDS = ['.localhost', '.local', '.internal'];

const PREFLIGHT_HEADERS = {
  'Access-Control-Allow-Methods': 'GET,POST,PUT,PATCH,DELETE,HEAD,OPTIONS',
  'Access-Control-Allow-Headers':
    'Authorization,Content-Type,User-Agent,Accept,X-Requested-With,Openai-Beta,X-Stainless-Arch,' +
    'X-Stainless-Async,X-Stainless-Custom-Poll-Interval,X-Stainless-Helper-Method,X-Stainless-Lang,' +
    'X-Stainless-Os,X-Stainless-Package-Version,X-Stainless-Poll-Helper,X-Stainless-Retry-Count,' +
    'X-Stainless-Runtime,X-Stainless-Runtime-Version,X-Stainless-Timeout',
  'Access-Control-Max-Age': '43200',
  Vary: 'Access-Control-Request-Headers',
};

/**
 * What stands before every route of a server on loopback: web pages of other sites and requests under a foreign Host
 * get an empty 403. True where the request may pass; else it has been answered.
 */
export function passesGate(request: IncomingMessage, response: ServerResponse): boolean {
  const host = request.headers.host ?? '';
  const { origin } = request.headers;
  const crossOrigin = origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
  if (crossOrigin) {
    if (!LOCAL_ORIGIN.test(origin) && !APP_ORIGIN.test(origin)) {
      replyEmpty(response, 403);
      return false;
    }
    response.setHeader('Access-Control-Allow-Origin', origin);
    if (request.method === 'OPTIONS') {
      for (const [name, value] of Object.entries(PREFLIGHT_HEADERS)) response.setHeader(name, value);
      replyEmpty(response, 204);
      return false;
    }
    response.setHeader('Vary', 'Origin');
  }
  if (isLocalHost(host)) {
    if (request.method !== 'OPTIONS') return true;
    replyEmpty(response, 204);
    return false;
  }
  replyEmpty(response, 403);
  return false;
}

function isLocalHost(header: string): boolean {
  const host = header
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  if (isIP(host) !== 0) return isPrivateAddress(host);
  return host === '' || host === 'localhost' || LOCAL_TLDS.some((tld) => host.endsWith(tld));
}

function isPrivateAddress(address: string): boolean {
  return /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|0\.0\.0\.0$|::1?$|f[cd])/.test(address);
}
