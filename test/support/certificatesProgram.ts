/** Asks the https server on the loopback port in its argument as `models.test`, and prints what came of it, as JSON. */
import process from 'node:process';
import { Network } from '../../src/engine/network';
import { DEFAULT_NETWORK } from '../../src/engine/networkRules';
import { HttpClient } from '../../src/shared/http';

const network = new Network({
  settings: DEFAULT_NETWORK,
  env: {},
  lookup: (_name, options, callback) => {
    if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
    else callback(null, '127.0.0.1', 4);
  },
});

async function main(): Promise<void> {
  const http = new HttpClient(network.dispatcher);
  const answer = await http.text(`https://models.test:${process.argv[2] ?? ''}/`);
  process.stdout.write(JSON.stringify(answer));
  await network.dispose();
}

void main();
