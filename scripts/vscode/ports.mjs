import { createServer } from 'node:net';

/**
 * Why a loopback port cannot be listened on now.
 *
 * @param {number} port
 * @returns {Promise<string | undefined>} such as `EADDRINUSE` or `EACCES`; undefined when it can
 */
export function whyPortIsRefused(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(undefined)));
  });
}

/**
 * A loopback port that nothing listens on at this moment.
 *
 * @returns {Promise<number>}
 */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
