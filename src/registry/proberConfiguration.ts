import * as l10n from '@vscode/l10n';
import type { Backend, BackendKind } from '../backends/contract';
import { idPattern } from '../shared/settings';

export interface ProberConfiguration {
  readonly backends: readonly Backend[];
  /** Between two full probes of a local backend, in milliseconds: 10 s to 30 days. */
  readonly localIntervalMs: number;
  /** Between two probes of a hosted backend, in milliseconds: 1 h to 30 days. */
  readonly hostedIntervalMs: number;
  /** Whether backends of a kind belong to somebody else, who is not to be asked more often than must be. */
  readonly isHosted: (kind: BackendKind) => boolean;
}

export const DEFAULT_PROBER_CONFIGURATION: ProberConfiguration = {
  backends: [],
  localIntervalMs: 15 * 60_000,
  hostedIntervalMs: 24 * 60 * 60_000,
  isHosted: () => false,
};

export type ConfigureResult =
  | { readonly ok: true }
  /** Nothing of it was applied. */
  | { readonly ok: false; readonly problems: readonly ConfigurationProblem[] };

interface ConfigurationProblem {
  readonly key: string;
  /** Names the value and what it should be, for a person. */
  readonly message: string;
}

const MAX_INTERVAL_MS = 30 * 24 * 60 * 60_000;
const MIN_INTERVALS_MS = { localIntervalMs: 10_000, hostedIntervalMs: 60 * 60_000 } as const;

/** What of a configuration cannot be applied; nothing where all of it can. */
export function problemsOf(configuration: Partial<ProberConfiguration>): readonly ConfigurationProblem[] {
  const problems: ConfigurationProblem[] = [];
  for (const key of ['localIntervalMs', 'hostedIntervalMs'] as const) {
    const value = configuration[key];
    const least = MIN_INTERVALS_MS[key];
    if (value === undefined || (value >= least && value <= MAX_INTERVAL_MS)) continue;
    problems.push({
      key,
      message: l10n.t('{0} is not between {1} and {2} milliseconds.', value, least, MAX_INTERVAL_MS),
    });
  }
  const ids = new Set<string>();
  for (const [index, { config }] of (configuration.backends ?? []).entries()) {
    const { id } = config;
    const key = `backends[${index}].id`;
    if (!idPattern.test(id)) problems.push({ key, message: l10n.t('"{0}" is no id of a backend.', id) });
    else if (ids.has(id)) problems.push({ key, message: l10n.t('"{0}" is used twice.', id) });
    ids.add(id);
  }
  return problems;
}
