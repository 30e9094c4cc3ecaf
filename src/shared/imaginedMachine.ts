import * as z from 'zod';

/** A machine that nobody has here: what would fit if. The report asks for a ranking on it by these. */

/** In place of a device: the processor alone. */
export const NO_DEVICE = 'cpu';

export const imaginedMachineSchema = z.object({
  /** Id of a row of the device table, or `NO_DEVICE`. */
  device: z.string().min(1).max(200),
  /** Of the device; a chip that shares the system's memory is always there once. */
  count: z.int().min(1).max(16),
  /** Of the system. */
  ramGib: z.number().min(1).max(4_096),
});
export type ImaginedMachine = Readonly<z.infer<typeof imaginedMachineSchema>>;

export const imaginableDeviceSchema = z.object({
  id: z.string(),
  name: z.string(),
  /** Of one, GiB; null for a chip that is sold with different amounts. */
  memoryGib: z.number().nullable(),
  /** Its memory is the system's. */
  sharesMemory: z.boolean(),
});
export type ImaginableDevice = Readonly<z.infer<typeof imaginableDeviceSchema>>;
