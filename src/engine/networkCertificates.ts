import type { SecureContext } from 'node:tls';
import { createSecureContext, getCACertificates } from 'node:tls';

/**
 * The certificates that this machine trusts: Node's own with those of NODE_EXTRA_CA_CERTS, and the system's. Undefined
 * where this Node cannot tell: then it uses its own. Reading the system's takes a while: never call it at start.
 */
export function trustedCertificates(): readonly string[] | undefined {
  const own = certificatesOf('default');
  return own && [...new Set([...own, ...(certificatesOf('system') ?? [])])];
}

function certificatesOf(store: 'default' | 'system'): readonly string[] | undefined {
  try {
    return getCACertificates(store);
  } catch {
    // An older Node has no such function, and some builds cannot read the system's store.
    return undefined;
  }
}

/** What TLS checks certificates against: made at the first use, then kept, for reading hundreds of them is slow. */
export function lazySecureContext(certificates: () => readonly string[] | undefined): () => SecureContext {
  let made: SecureContext | undefined;
  return () => {
    if (made) return made;
    const trusted = certificates();
    return (made = createSecureContext(trusted === undefined ? {} : { ca: [...trusted] }));
  };
}
