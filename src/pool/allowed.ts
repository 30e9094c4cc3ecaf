import type { PoolState } from './poolState';

/** What policy wants to install. */
export interface PolicyTarget {
  /** `<organisation>/<name>`. */
  readonly hfRepoId: string;
  readonly family?: string;
}

/**
 * Whether policy may install a model without a person's word: its organisation is on the list, case-sensitive, and so
 * is its family where that list has any, case-insensitive. An unknown family is then on no list. Without
 * organisations on the list nothing is allowed.
 */
export function isAllowed(
  bounds: Pick<PoolState, 'allowedOrgs' | 'allowedFamilies'>,
  target: PolicyTarget,
): boolean {
  const slash = target.hfRepoId.indexOf('/');
  if (slash <= 0 || !bounds.allowedOrgs.includes(target.hfRepoId.slice(0, slash))) return false;
  if (bounds.allowedFamilies.length === 0) return true;
  const family = target.family?.toLowerCase();
  return bounds.allowedFamilies.some((allowed) => allowed.toLowerCase() === family);
}
