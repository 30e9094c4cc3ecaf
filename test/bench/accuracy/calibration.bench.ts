import path from 'node:path';
import { loadFrozenSnapshot } from '../../../src/catalog/snapshot';
import {
  errorsAfter,
  peoplesAccelerators,
  systemMemories,
  unseenAccelerators,
} from '../../support/calibrationErrors';
import { repositoryRoot } from '../../support/repository';
import { median, percentile, printFigure } from '../figures';

/** How far estimates are off before and after 1, 2, 3 and 5 other models were measured on the same machine. */
async function measure(): Promise<void> {
  const file = path.join(repositoryRoot, 'data', 'snapshot.json');
  const { candidates } = (await loadFrozenSnapshot({ path: file })).snapshot;
  const groups = [
    { name: 'accelerators', machines: unseenAccelerators(candidates), limit: 12 },
    { name: "people's accelerators", machines: peoplesAccelerators(candidates), limit: 30 },
    { name: 'system memory', machines: systemMemories(candidates), limit: 20 },
  ];
  for (const { name, machines, limit } of groups) {
    for (const count of [1, 2, 3, 5]) {
      const { rows, before, after } = errorsAfter(count, machines);
      const title = `calibration: ${name}, n=${rows}, by ${count}`;
      printFigure(`${title}, median before`, median(before) * 100, '%', 100);
      printFigure(`${title}, median after`, median(after) * 100, '%', limit);
      printFigure(`${title}, 90th percentile before`, percentile(before, 0.9) * 100, '%', 1_000);
      printFigure(`${title}, 90th percentile after`, percentile(after, 0.9) * 100, '%', 1_000);
    }
  }
}

void measure();
