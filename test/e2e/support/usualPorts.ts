import { createServer } from 'node:net';

const OLLAMA_PORT = 11_434;

/**
 * The port of Ollama's usual address on this machine, where it is looked for without being told.
 *
 * @throws when something has it: the test that needs it cannot run beside that.
 */
export async function portOfOllama(): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', () => {
      const who = 'This test stands in for Ollama at 127.0.0.1:11434';
      reject(
        new Error(`${who}, which another program has: stop it (a real Ollama?) and run the test again.`),
      );
    });
    probe.listen(OLLAMA_PORT, '127.0.0.1', () => probe.close(() => resolve()));
  });
  return OLLAMA_PORT;
}
