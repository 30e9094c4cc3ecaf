import * as l10n from '@vscode/l10n';
import { NO_DEVICE } from '../src/shared/imaginedMachine';
import type { ImaginableDevice, ImaginedMachine } from '../src/shared/imaginedMachine';

/** Words for machines that are only imagined. Pure. */

export function noDeviceName(): string {
  return l10n.t('No GPU');
}

/** The device that a reader means: the one of this name, or the only one whose name has all of these words. */
export function deviceNamed(devices: readonly ImaginableDevice[], text: string): ImaginableDevice | null {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return null;
  if (wanted === noDeviceName().toLowerCase()) {
    return { id: NO_DEVICE, name: noDeviceName(), memoryGib: null, sharesMemory: true };
  }
  const exact = devices.find(({ name }) => name.toLowerCase() === wanted);
  if (exact) return exact;
  const words = wanted.split(/\s+/);
  const found = devices.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)));
  return found.length === 1 ? (found[0] ?? null) : null;
}

/** Whether two machines are the same, or neither is imagined. */
export function sameMachine(a: ImaginedMachine | null, b: ImaginedMachine | null): boolean {
  if (a === null || b === null) return a === b;
  return a.device === b.device && a.count === b.count && a.ramGib === b.ramGib;
}
