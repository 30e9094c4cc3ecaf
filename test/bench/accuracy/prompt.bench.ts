import { promptError, promptMeasurements } from '../../support/promptMeasurements';
import type { PromptMeasurement } from '../../support/promptMeasurements';
import { median, percentile, printFigure } from '../figures';

/** How far estimated prompt rates are from measured ones, by group. Limits: what a class's spread allows. */
const GROUPS: Readonly<Record<string, (row: PromptMeasurement) => boolean>> = {
  'NVIDIA, dense': (row) => isNvidia(row) && !isSparse(row),
  'NVIDIA, experts': (row) => isNvidia(row) && isSparse(row),
  'Apple, dense': (row) => row.device.startsWith('Apple') && !isSparse(row),
  'Apple, experts': (row) => row.device.startsWith('Apple') && isSparse(row),
  AMD: (row) => row.cores === undefined && row.device.includes('AMD'),
  '8k and longer': (row) => row.promptTokens >= 8192,
  processors: (row) => row.cores !== undefined,
  'partly in system memory': (row) => row.offloadShare !== undefined,
};

function isNvidia({ device, cores }: PromptMeasurement): boolean {
  return cores === undefined && !/Apple|AMD/.test(device);
}

function isSparse({ activeB, paramsB }: PromptMeasurement): boolean {
  return activeB < 0.9 * paramsB;
}

const rows = promptMeasurements();
for (const [group, belongs] of Object.entries(GROUPS)) {
  const found = rows.filter(belongs);
  const errors = found.flatMap((row) => {
    const error = promptError(row);
    return error === undefined ? [] : [Math.abs(Math.expm1(error)) * 100];
  });
  const name = `prompt: ${group}, n=${errors.length}`;
  printFigure(`${name}, median`, median(errors), '%', 30);
  printFigure(`${name}, 90th percentile`, percentile(errors, 0.9), '%', 80);
  printFigure(`${name}, without a number`, found.length - errors.length, 'rows', 0);
}
