import * as z from 'zod';
import { parseJson } from '../shared/json';

/** What `lscpu -J` knows that Node does not. */
export interface LscpuFacts {
  readonly modelName?: string;
  readonly logicalCores?: number;
  readonly physicalCores?: number;
  readonly sockets?: number;
  /** The hypervisor's vendor, when this is a virtual machine. */
  readonly hypervisor?: string;
}

interface Field {
  readonly field: string;
  readonly data?: string | null | undefined;
  readonly children?: readonly Field[] | undefined;
}

const fieldSchema: z.ZodType<Field> = z.lazy(() =>
  z.object({ field: z.string(), data: z.string().nullish(), children: z.array(fieldSchema).optional() }),
);
const lscpuSchema = z.object({ lscpu: z.array(fieldSchema) });

/**
 * Reads the output of `lscpu -J`, flat as util-linux wrote it before 2.37 or nested as it does since. Null for anything
 * that is not that.
 */
export function parseLscpu(stdout: string): LscpuFacts | null {
  const parsed = lscpuSchema.safeParse(parseJson(stdout));
  if (!parsed.success) return null;
  const fields = new Map(flatten(parsed.data.lscpu));
  const sockets = count(fields.get('Socket(s)') ?? fields.get('Cluster(s)'));
  const coresEach = count(fields.get('Core(s) per socket') ?? fields.get('Core(s) per cluster'));
  const modelName = fields.get('Model name');
  const logicalCores = count(fields.get('CPU(s)'));
  const hypervisor = fields.get('Hypervisor vendor');
  // A host that runs Xen guests is no guest, though its hypervisor is listed.
  const guest = fields.get('Virtualization type') !== 'none';
  return {
    ...(modelName === undefined || modelName === '-' ? {} : { modelName }),
    ...(logicalCores === null ? {} : { logicalCores }),
    ...(sockets === null || coresEach === null ? {} : { physicalCores: sockets * coresEach }),
    ...(sockets === null ? {} : { sockets }),
    ...(hypervisor === undefined || !guest ? {} : { hypervisor }),
  };
}

function flatten(fields: readonly Field[]): (readonly [string, string])[] {
  return fields.flatMap(({ field, data, children }) => [
    ...(data === undefined || data === null ? [] : [[field.replace(/:$/, ''), data] as const]),
    ...flatten(children ?? []),
  ]);
}

function count(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,6}$/.test(text) && Number(text) > 0 ? Number(text) : null;
}
