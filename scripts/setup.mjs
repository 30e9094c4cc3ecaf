// Sets up everything that development and the tests need, and prints what it found and how long each part took.
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './setup/dependencies.mjs';
import { continueOnNewNode } from './setup/node.mjs';
import { toolsFile } from './setup/knownTools.mjs';
import { messageOf } from './setup/report.mjs';
import { ensureTools } from './setup/tools.mjs';

await continueOnNewNode(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));
try {
  console.log('Set-up');
  await ensureDependencies(root);
  await ensureTools(['codeServer', 'chromium', 'llamaServer', 'mbw', 'openssl', 'procps']);
  console.log(`The programs' paths are in ${toolsFile}`);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
