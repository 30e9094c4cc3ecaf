import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

/** On every Linux and macOS, and with Git for Windows. */
const OPENSSL = 'openssl';

export interface PrivateAuthority {
  /** Its own certificate, PEM. */
  readonly certificate: string;
  /** The file that the certificate is in. */
  readonly file: string;
  /** Key and certificate for a server of this name. */
  issue(name: string): { readonly key: string; readonly cert: string };
  /** Deletes its files. */
  forget(): void;
}

/** A certificate authority that nobody trusts, made with openssl. */
export function createAuthority(): PrivateAuthority {
  const folder = mkdtempSync(path.join(tmpdir(), 'authority-'));
  const at = (name: string): string => path.join(folder, name);
  const openssl = (...args: readonly string[]): void => {
    execFileSync(OPENSSL, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    ...['req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2'],
    ...['-subj', '/CN=Private Test Authority'],
  );
  return {
    certificate: readFileSync(at('ca.pem'), 'utf8'),
    file: at('ca.pem'),
    issue(name) {
      writeFileSync(at('names.cnf'), `subjectAltName=DNS:${name}\n`);
      openssl('req', ...newKey, '-keyout', 'server.key', '-out', 'server.csr', '-subj', `/CN=${name}`);
      openssl(
        ...['x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
        ...['-out', 'server.pem', '-days', '1', '-extfile', 'names.cnf'],
      );
      return { key: readFileSync(at('server.key'), 'utf8'), cert: readFileSync(at('server.pem'), 'utf8') };
    },
    forget: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A real https server on a free loopback port for the length of one test; returns the port. */
export async function serveSecurely(
  identity: { readonly key: string; readonly cert: string },
  answer: RequestListener,
): Promise<number> {
  const server = createServer(identity, answer);
  // A client that does not trust it ends the handshake.
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
