import type { Accelerator, AcceleratorGroup } from './profile';

/**
 * The ways to load a model on these accelerators: each single one in their order, then all equal ones together (same
 * vendor, name and memory), their memory added up. Those in `alone` are never put together with others.
 */
export function groupAccelerators(
  accelerators: readonly Accelerator[],
  alone: ReadonlySet<number>,
): readonly AcceleratorGroup[] {
  const equal = new Map<string, Accelerator[]>();
  for (const accelerator of accelerators) {
    if (alone.has(accelerator.index)) continue;
    const key = JSON.stringify([accelerator.vendor, accelerator.name, Math.round(accelerator.totalGib)]);
    equal.set(key, [...(equal.get(key) ?? []), accelerator]);
  }
  return [
    ...accelerators.map((accelerator) => groupOf([accelerator])),
    ...[...equal.values()].filter((cards) => cards.length > 1).map(groupOf),
  ];
}

/** The group with most memory, then with most bandwidth, then the first; null without any. */
export function bestGroup(groups: readonly AcceleratorGroup[]): AcceleratorGroup | null {
  return groups.reduce<AcceleratorGroup | null>(
    (best, group) =>
      best === null ||
      group.totalGib > best.totalGib ||
      (group.totalGib === best.totalGib && group.bandwidthGBps > best.bandwidthGBps)
        ? group
        : best,
    null,
  );
}

function groupOf(cards: readonly Accelerator[]): AcceleratorGroup {
  return {
    indexes: cards.map((card) => card.index),
    totalGib: cards.reduce((sum, card) => sum + card.totalGib, 0),
    bandwidthGBps: Math.min(...cards.map((card) => card.bandwidthGBps)),
  };
}
