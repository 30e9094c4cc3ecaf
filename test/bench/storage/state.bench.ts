import { mkdtempSync, rmSync, statSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '../../../src/shared/clock';
import { silentLogger } from '../../../src/shared/logger';
import { ModelRegistry } from '../../../src/registry/registry';
import { SqlState } from '../../../src/storage/state/sqlState';
import { SQL_WASM } from '../../support/programs';
import { median, printFigure } from '../figures';

const STATE_BYTES = 2_000_000;
const TRANSACTIONS = 100;
const READS = 2_000_000;

/** spec/storage.md: an uncontended transaction on a state of 2 MB, and a keyed read of the registry. */
async function measure(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mpb-'));
  const state = new SqlState({ folder, wasmFile: SQL_WASM, clock: systemClock, logger: silentLogger });
  try {
    await state.open();
    await fill(state);
    const size = Math.max(...readdirSync(folder).map((name) => statSync(path.join(folder, name)).size));
    const times: number[] = [];
    for (let n = 0; n < TRANSACTIONS; n += 1) {
      const begun = performance.now();
      const result = await state.transaction('bench', (sql) =>
        sql.run('UPDATE registry_rows SET refreshed_at = ? WHERE provider = ?', [n, 'p0']),
      );
      times.push(performance.now() - begun);
      if (!result.ok) throw new Error(result.message);
    }
    printFigure(`transaction, ${(size / 1e6).toFixed(1)} MB state, p50`, median(times), 'ms', 15);
    printFigure('transaction, worst of 100', Math.max(...times), 'ms', 2_000);
    await measureReads(state);
  } finally {
    await state.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Rows of a model's real size until the file has the size that the spec names. */
async function fill(state: SqlState): Promise<void> {
  const capabilities = { tools: true, contextLength: 131_072, quant: 'Q4_K_M', digest: 'a'.repeat(64) };
  const models = JSON.stringify(
    Array.from({ length: 40 }, (_, n) => ({
      modelId: `model-${n}:latest`,
      displayName: `model-${n}:latest`,
      capabilities: { ...capabilities, sizeBytes: n * 1_000_000 },
    })),
  );
  const count = Math.ceil(STATE_BYTES / models.length);
  const result = await state.transaction('fill', (sql) => {
    for (let n = 0; n < count; n += 1) {
      sql.run(
        `INSERT INTO registry_rows(backend, provider, source, refreshed_at, refreshed_mono, boot_id, models)
         VALUES (?, ?, 'probe', ?, 1, 'boot', ?)`,
        ['ollama', `p${n}`, n, models],
      );
    }
  });
  if (!result.ok) throw new Error(result.message);
}

async function measureReads(state: SqlState): Promise<void> {
  const registry = new ModelRegistry({ state, clock: systemClock, logger: silentLogger });
  await registry.configureBackends([
    { id: 'ollama', kind: 'ollama', url: 'http://127.0.0.1:1', host: 'local', headers: {} },
  ]);
  if (!registry.find('ollama', 'p1', 'model-1:latest')) throw new Error('The row is not there.');
  const rounds: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    let found = 0;
    const begun = performance.now();
    for (let n = 0; n < READS; n += 1) if (registry.find('ollama', 'p1', 'model-1:latest')) found += 1;
    rounds.push(((performance.now() - begun) * 1_000) / READS);
    if (found !== READS) throw new Error('A read found nothing.');
  }
  printFigure('registry: keyed read, median of 5 rounds', median(rounds), 'µs', 1);
}

void measure();
