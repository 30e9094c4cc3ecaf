import { describe, expect, it } from 'vitest';
import { deviceNamed, noDeviceName, sameMachine } from '../../../webview-ui/imaginedText';

const device = (id: string, name: string) => ({ id, name, memoryGib: 24, sharesMemory: false });
const DEVICES = [
  device('rtx-3090', 'NVIDIA GeForce RTX 3090'),
  device('rtx-3090-ti', 'NVIDIA GeForce RTX 3090 Ti'),
  device('rtx-4090', 'NVIDIA GeForce RTX 4090'),
];

describe('the device that a reader means', () => {
  it('is the one of that name, whatever the case', () => {
    expect(deviceNamed(DEVICES, ' nvidia geforce rtx 3090 ')?.id).toBe('rtx-3090');
  });

  it('is the only one that has all of the words, and none where there are more', () => {
    expect(deviceNamed(DEVICES, '3090 ti')?.id).toBe('rtx-3090-ti');
    expect(deviceNamed(DEVICES, '4090')?.id).toBe('rtx-4090');
    expect(deviceNamed(DEVICES, '3090')).toBeNull();
    expect(deviceNamed(DEVICES, 'abacus')).toBeNull();
    expect(deviceNamed(DEVICES, ' ')).toBeNull();
  });

  it('may be none at all, whose only memory is that of the system', () => {
    expect(deviceNamed(DEVICES, noDeviceName())).toMatchObject({ id: 'cpu', sharesMemory: true });
  });
});

describe('two machines', () => {
  const machine = { device: 'rtx-3090', count: 2, ramGib: 64 };

  it('are the same when all of it is, or when neither is imagined', () => {
    expect(sameMachine(machine, { ...machine })).toBe(true);
    expect(sameMachine(null, null)).toBe(true);
    expect(sameMachine(machine, null)).toBe(false);
    expect(sameMachine(machine, { ...machine, count: 1 })).toBe(false);
    expect(sameMachine(machine, { ...machine, ramGib: 32 })).toBe(false);
  });
});
