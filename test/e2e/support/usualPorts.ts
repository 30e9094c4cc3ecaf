import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { eventually } from './eventually';

const OLLAMA_PORT = 11_434;
/** Whoever has it may have servers at usual addresses. */
const TURN_PORT = 19_434;
const TURN_LIMIT_MS = 300_000;

/**
 * Waits until no other file of tests has servers at the addresses where servers are looked for without being told: the
 * windows of both would find them.
 *
 * @returns what ends the turn
 */
export async function turnOnUsualPorts(): Promise<() => void> {
  const turn = createServer();
  await eventually('the turn on the usual ports', () => take(turn, TURN_PORT), TURN_LIMIT_MS);
  return () => turn.close();
}

/**
 * The port of Ollama's usual address on this machine, where it is looked for without being told.
 *
 * @throws when something has it: the test that needs it cannot run beside that.
 */
export async function portOfOllama(): Promise<number> {
  const probe = createServer();
  try {
    await take(probe, OLLAMA_PORT);
  } catch (thrown) {
    const who = 'This test stands in for Ollama at 127.0.0.1:11434';
    throw new Error(`${who}, which another program has: stop it (a real Ollama?) and run the test again.`, {
      cause: thrown,
    });
  }
  probe.close();
  await once(probe, 'close');
  return OLLAMA_PORT;
}

async function take(server: Server, port: number): Promise<true> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return true;
}
