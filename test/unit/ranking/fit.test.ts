import { describe, expect, it } from 'vitest';
import {
  fitKind,
  poolFor,
  unfitSentence,
  usableMemory,
  usableSystemGib,
  usableTotalGib,
} from '../../../src/ranking/fit';
import { CPU_24, M3_MAX_36, RTX_4090, TWO_CARDS } from '../../fixtures/ranking/machines';

describe('usableMemory', () => {
  it('leaves an eighth of the RAM to the rest of the machine, from 2 to 8 GiB', () => {
    expect(usableSystemGib(8)).toBe(6);
    expect(usableSystemGib(24)).toBe(21);
    expect(usableSystemGib(256)).toBe(248);
    expect(usableSystemGib(1)).toBe(0);
    expect(usableSystemGib(NaN)).toBe(0);
  });

  it('counts RAM alone on a machine without accelerators', () => {
    expect(usableMemory(CPU_24)).toMatchObject({
      pools: [],
      acceleratorGib: 0,
      systemGib: 21,
      systemBandwidthGBps: 20,
    });
  });

  it('counts a GPU and, besides it, the RAM', () => {
    expect(usableMemory(RTX_4090)).toMatchObject({ acceleratorGib: 24, systemGib: 56, unified: false });
  });

  it('has no second pool where the GPU shares the RAM', () => {
    expect(usableMemory(M3_MAX_36)).toMatchObject({ acceleratorGib: 24, systemGib: 0, unified: true });
  });

  it('leaves a PC the rest of the RAM that its graphics share', () => {
    const [card] = TWO_CARDS.accelerators;
    const graphics = {
      ...card!,
      name: 'Intel Iris Xe',
      vendor: 'intel' as const,
      unified: true,
      totalGib: 8,
    };
    const laptop = {
      ...TWO_CARDS,
      platform: 'intel' as const,
      accelerators: [graphics],
      groups: [{ indexes: [0], totalGib: 8, bandwidthGBps: 51 }],
      memory: { ...TWO_CARDS.memory, totalGib: 16 },
    };
    expect(usableMemory(laptop)).toMatchObject({ acceleratorGib: 8, systemGib: 6, unified: true });
    expect(fitKind(13, usableMemory(laptop))).toBe('offload');
    const halo = { ...laptop, groups: [{ indexes: [0], totalGib: 112, bandwidthGBps: 256 }] };
    const wholly = { ...halo, accelerators: [{ ...graphics, totalGib: 112 }] };
    expect(usableMemory(wholly)).toMatchObject({ acceleratorGib: 112, systemGib: 0 });
  });

  it('keeps the RAM for itself where the graphics that share it stand beside a larger card', () => {
    const [card] = TWO_CARDS.accelerators;
    const beside = {
      ...TWO_CARDS,
      accelerators: [{ ...card!, unified: true, totalGib: 16 }, card!],
      groups: [
        { indexes: [0], totalGib: 16, bandwidthGBps: 120 },
        { indexes: [1], totalGib: 24, bandwidthGBps: 936 },
      ],
      memory: { ...TWO_CARDS.memory, totalGib: 64 },
    };
    expect(usableMemory(beside)).toMatchObject({ acceleratorGib: 24, systemGib: 56, unified: false });
  });

  it('takes the whole RAM of a Mac where it is asked to, as the peers do', () => {
    expect(usableMemory(M3_MAX_36, { wholeRamOnMac: true }).acceleratorGib).toBe(36);
    expect(usableMemory(RTX_4090, { wholeRamOnMac: true }).acceleratorGib).toBe(24);
  });

  it('counts of a Mac what the system lets the GPU wire, not the RAM that stands in `vramGb`', () => {
    const groups = [{ indexes: [0], totalGib: 24, bandwidthGBps: 300 }];
    const detected = { ...M3_MAX_36, vramGb: 36, groups };
    expect(usableMemory(detected)).toMatchObject({ acceleratorGib: 24, systemGib: 0, unified: true });
    expect(usableMemory(detected, { wholeRamOnMac: true }).acceleratorGib).toBe(36);
    expect(fitKind(24.1, usableMemory(detected))).toBe('none');

    const flat = (ramGb: number, vramGb = ramGb) =>
      usableMemory({ ...M3_MAX_36, vramGb, ramGb }).acceleratorGib;
    expect(flat(36)).toBe(24);
    expect(flat(64)).toBe(48);
    expect(flat(64, 60)).toBe(60);
  });

  it('loads a model on the fewest cards that hold it', () => {
    const memory = usableMemory(TWO_CARDS);
    expect(poolFor(memory, 20)?.cards).toBe(1);
    expect(poolFor(memory, 30)?.cards).toBe(2);
    expect(poolFor(memory, 100)?.cards).toBe(2);
    expect(usableTotalGib(memory)).toBe(104);
  });

  it('counts what makes no sense as nothing', () => {
    const broken = { ...RTX_4090, vramGb: NaN, ramGb: -5, bandwidthGbps: Infinity };
    expect(usableMemory(broken)).toMatchObject({ acceleratorGib: 0, systemGib: 0 });
  });
});

describe('fitKind', () => {
  it('tells where a model lies', () => {
    const gpu = usableMemory(RTX_4090);
    expect(fitKind(24, gpu)).toBe('gpu');
    expect(fitKind(24.1, gpu)).toBe('offload');
    expect(fitKind(80, gpu)).toBe('offload');
    expect(fitKind(80.1, gpu)).toBe('none');
    expect(fitKind(NaN, gpu)).toBe('none');
    expect(fitKind(21, usableMemory(CPU_24))).toBe('cpu');
    expect(fitKind(21.1, usableMemory(CPU_24))).toBe('none');
  });

  it('lets nothing overflow from unified memory', () => {
    expect(fitKind(24.1, usableMemory(M3_MAX_36))).toBe('none');
  });

  it('says what is missing', () => {
    expect(unfitSentence(41.23, 32_768, 22.5)).toBe('needs 41.2 GiB at 32k, 22.5 usable');
  });
});
