import * as l10n from '@vscode/l10n';
import { ModelPoolError } from './errors';

/** What keeps a request from ever reaching its server, though the server may be well. */
type ConnectionFaultCode =
  'PROXY_UNREACHABLE' | 'PROXY_REFUSED' | 'PROXY_AUTHORIZATION' | 'PROXY_INVALID' | 'KEY_UNREADABLE';

/** Thrown below `HttpClient` where it is not the server that fails: it says by itself what the person can do. */
export class ConnectionFault extends ModelPoolError<ConnectionFaultCode> {
  constructor(
    code: ConnectionFaultCode,
    message: string,
    /** What the person can do, as a sentence. */
    readonly nextStep: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}

/** The failure of a proxy that wants to know who asks, whether it was asked to forward or to tunnel. */
export function proxyWantsName(): ConnectionFault {
  return new ConnectionFault(
    'PROXY_AUTHORIZATION',
    l10n.t('the proxy wants to know who asks, and refuses what it was told (status 407)'),
    l10n.t(
      'Put user and password into the setting http.proxy (http://user:password@host:port), or the whole header into http.proxyAuthorization.',
    ),
  );
}

interface TlsFault {
  readonly pattern: RegExp;
  readonly what: (origin: string) => string;
  readonly next: () => string;
}

/** Codes of Node's TLS, after `X509 certificate error codes` and `tls` in Node's documentation. */
const TLS_FAULTS: readonly TlsFault[] = [
  {
    pattern: /^(?:CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/,
    what: (origin) => l10n.t('the certificate of {0} is not valid today', origin),
    next: () => l10n.t('Have it renewed, and check the clock of this machine.'),
  },
  {
    pattern: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    what: (origin) => l10n.t('the certificate of {0} was made for another name', origin),
    next: () => l10n.t('Use the name that the certificate was made for.'),
  },
  {
    pattern:
      /^(?:UNABLE_TO_(?:GET_ISSUER_CERT(?:_LOCALLY)?|VERIFY_LEAF_SIGNATURE)|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|CERT_(?:UNTRUSTED|REJECTED|CHAIN_TOO_LONG|REVOKED)|INVALID_(?:CA|PURPOSE))$/,
    what: (origin) => l10n.t('the certificate of {0} comes from nobody that this machine trusts', origin),
    next: () =>
      l10n.t(
        "Add the authority that issued it to the system's trusted certificates, or name its file in the environment variable NODE_EXTRA_CA_CERTS, and start VS Code again.",
      ),
  },
  {
    pattern: /^(?:EPROTO|ERR_SSL_.*|ERR_TLS_.*)$/,
    what: (origin) => l10n.t('no secure connection to {0} comes about', origin),
    next: () => l10n.t('If the server speaks plain HTTP there, write http:// in its address.'),
  },
];

/** What a code of Node's TLS means for a person; null for every other code. */
export function tlsFaultOf(
  systemCode: string | undefined,
  origin: string,
): { readonly message: string; readonly nextStep: string } | null {
  const fault =
    systemCode === undefined ? undefined : TLS_FAULTS.find(({ pattern }) => pattern.test(systemCode));
  return fault ? { message: `${fault.what(origin)} (${systemCode})`, nextStep: fault.next() } : null;
}
