import { cacheRoot } from './cache.mjs';

/** What programs, npm's and apt's messages and Node.js's own errors have in common, and what to do about it. */
const ADVICE = /** @type {const} */ ([
  {
    // First: a full disk makes npm and apt say much else.
    sign: /ENOSPC|no space left on device|don't have enough free space|EDQUOT/i,
    text: () =>
      `The disk is full. The tools take about 1 GB in ${cacheRoot}, node_modules 0.5 GB, npm's cache 0.4 GB. ` +
      'Free some space (or let XDG_CACHE_HOME name a folder on a larger disk) and run this again.',
  },
  {
    sign: /SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)|CERT_UNTRUSTED|self-signed certificate/i,
    text: () =>
      'The certificate of the npm registry, or of a proxy before it, is not trusted here. ' +
      'Give npm the file of its authority (`npm config set cafile FILE`) and run this again.',
  },
  {
    sign: /EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|Temporary failure resolving|Could not (resolve|connect)|Unable to connect/,
    text: () =>
      'The network, or the registry that packages come from, could not be reached. Check the connection and the proxy ' +
      '(`npm config list`), then run this again: what is finished is kept.',
  },
  {
    sign: /EACCES|EPERM|EROFS|permission denied|read-only file system/i,
    text: () =>
      'Something could not be written. Run this as the user whose folder it is, or let XDG_CACHE_HOME name a folder ' +
      `that you can write to (now it is below ${cacheRoot}).`,
  },
]);

/**
 * What a person can do about a failed piece of the set-up, judged by what the failing program said.
 *
 * @param {string} message
 * @returns {string | undefined} undefined when the message is of no known kind
 */
export function adviceFor(message) {
  return ADVICE.find(({ sign }) => sign.test(message))?.text();
}
