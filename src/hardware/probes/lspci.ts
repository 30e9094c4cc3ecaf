import { isMissing } from '../commandRunner';
import type { ProbeContext } from '../probe';
import { runTool } from '../probe';

/**
 * Names of the display devices by their PCI slots ("0000:03:00.0"), from `lspci -D -mm`; empty without the tool. All
 * devices are listed and the display classes picked, because `-d ::0300` leaves out cards without a connector.
 */
export async function readPciNames(context: ProbeContext): Promise<ReadonlyMap<string, string>> {
  const result = await runTool(context, 'lspci', ['-D', '-mm'], context.deadline);
  return isMissing(result) ? new Map() : parseLspci(result.stdout);
}

/** `slot "class" "vendor" "device" -r.. "subsystem vendor" "subsystem"`; other lines are skipped. */
function parseLspci(stdout: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const line of stdout.split(/\r?\n/)) {
    const [, slot, kind = '', device] =
      /^((?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.\d)\s+"([^"]*)"\s+"[^"]*"\s+"([^"]*)"/i.exec(line) ?? [];
    if (slot === undefined || device === undefined || !/VGA|3D|Display/i.test(kind)) continue;
    names.set((slot.split(':').length === 2 ? `0000:${slot}` : slot).toLowerCase(), device);
  }
  return names;
}
