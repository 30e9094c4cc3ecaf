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

/** Under those that systems give to connections and to whoever asks for any port (32768 and up on Linux). */
const PORTS = { least: 20_000, count: 12_000 };
const MOST_TRIES = 100;

/**
 * A loopback port that nothing listens on, and that nobody gets by asking for any port: a server that is started with it
 * a moment later must still find it free.
 *
 * @returns {Promise<number>}
 */
export async function freePort() {
  for (let tried = 0; tried < MOST_TRIES; tried += 1) {
    const port = PORTS.least + Math.floor(Math.random() * PORTS.count);
    if ((await whyPortIsRefused(port)) === undefined) return port;
  }
  throw new Error(`Of ${MOST_TRIES} ports from ${PORTS.least} on, every one is taken or refused.`);
}
